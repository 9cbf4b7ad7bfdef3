"""Alerts as rows of their table."""

from __future__ import annotations

from dataclasses import fields
from datetime import date

from bot.database.codec import Row, instant, instant_or_none
from bot.domain.model import After, Alert, AlertSpec, Combination, Condition, Loudness, Manner, Repeat, Timing
from signals.core.model import Measure

_SPEC = tuple(field.name for field in fields(AlertSpec))


def alert_of(record: Row) -> Alert:
    """An alert from a row that has all columns of its table, spec included."""
    spec = AlertSpec(
        **{
            **{name: record[name] for name in _SPEC},
            "measure": Measure(record["measure"]),
            "condition": Condition(record["condition"]),
            "timing": Timing(record["timing"]),
            "repeat": Repeat(record["repeat"]),
            "after": After(record["after"]),
        }
    )
    expires = record["expires"]
    return Alert(
        id=record["id"],
        spec=spec,
        owner_id=record["owner_id"],
        guild_id=record["guild_id"],
        topic=record["topic"],
        part=record["part"],
        created_at=instant(record["created_at"]),
        ended_at=instant_or_none(record["ended_at"]),
        number=record["number"],
        manner=Manner(
            record["note"], Loudness(record["loudness"]), None if expires is None else date.fromordinal(expires)
        ),
        paused_at=instant_or_none(record["paused_at"]),
        combination=_combination(record),
    )


def _combination(record: Row) -> Combination | None:
    if record["at_least"] is None:
        return None
    members: list[int | str] = []
    numbers: list[int | str] = []
    for name in (record["members"] or "").split(",") if record["members"] else ():
        id, alert, number = name.partition("#")
        members.append(int(id) if alert else id)
        numbers.append(int(number) if alert else id)
    return Combination(record["at_least"], record["within"], tuple(members), tuple(numbers))
