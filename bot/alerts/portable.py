"""People's alerts as rows that can leave the database and come back: everything that a person has set, by its number.

What a trigger has seen is not in a row: an alert that comes back waits for its next crossing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields, replace
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.alerts import composites
from bot.alerts.rules import new_triggers
from bot.alerts.topics import TOPICS
from bot.alerts.validation import NOTE_MOST, REMIND_MOST, ValidatedSpec
from bot.database import Database
from bot.database.alerts import alert_manner, alerts
from bot.database.places import destinations, subscriptions
from bot.domain.model import (
    After,
    Alert,
    AlertSpec,
    Combination,
    Condition,
    Destination,
    DestinationKind,
    Loudness,
    Manner,
    Repeat,
    Timing,
)
from bot.errors import UserError
from bot.settings.discord_ids import IdText
from signals import catalogue
from signals.core.model import Measure

_SPEC = tuple(field.name for field in fields(AlertSpec))
LARGEST_NUMBER = 1_000_000_000
"""More alerts than a person ever sets; the number after it is stored as well."""

TOPIC_KEYS = frozenset(topic.key for topic in TOPICS)


class PlacedRow(BaseModel):
    """What every alert has: who has set it, its number, where it posts and how."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    owner: IdText
    number: int | None = Field(default=None, ge=1, le=LARGEST_NUMBER)
    channel: IdText | None = None
    server: IdText | None = None
    role: IdText | None = None
    note: str | None = Field(default=None, min_length=1, max_length=NOTE_MOST)
    loudness: Loudness = Loudness.NORMAL
    expires: date | None = None
    state: Literal["active", "paused", "ended"] = "active"

    @property
    def manner(self) -> Manner:
        """How it notifies."""
        return Manner(self.note, self.loudness, self.expires)

    @property
    def server_id(self) -> int | None:
        """The server of its channel, None for a DM."""
        return None if self.server is None else int(self.server)


class AlertRow(PlacedRow):
    """An alert on a signal."""

    signal: str
    measure: Measure = Measure.VALUE
    condition: Condition
    level: float = Field(allow_inf_nan=False)
    level_high: float | None = Field(default=None, allow_inf_nan=False)
    timing: Timing = Timing.CLOSE
    confirm: int = Field(default=1, ge=1)
    repeat: Repeat = Repeat.EVERY
    cooldown_days: int = Field(default=0, ge=0)
    band: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    after: After = After.NOTHING
    remind_every: int = Field(default=0, ge=0, le=REMIND_MOST)

    @property
    def spec(self) -> AlertSpec:
        """What it asks for."""
        return AlertSpec(**{name: getattr(self, name) for name in _SPEC})


class CombinationRow(PlacedRow):
    """A combination: its members are numbers of alerts of the same person, and topics.

    One that has lost members may have one left.
    """

    at_least: int = Field(ge=1)
    within: int = Field(default=1, ge=1, le=composites.MOST_WITHIN)
    members: tuple[str, ...] = Field(min_length=1, max_length=composites.MOST_MEMBERS)


Row = AlertRow | CombinationRow


def model_of(content: Any) -> type[AlertRow] | type[CombinationRow]:
    """What a row of a file is to be read as."""
    return CombinationRow if isinstance(content, dict) and "members" in content else AlertRow


def read(content: Any) -> Row:
    """A row as `rows_of` wrote it. Raises ValidationError and UserError for what is none."""
    row = model_of(content).model_validate(content)
    if (row.channel is None) != (row.server is None):
        raise UserError("channel and server belong together; a DM has neither")
    if isinstance(row, AlertRow):
        signal = catalogue.SIGNALS.get(row.signal)
        if signal is None:
            raise UserError(f'there is no signal "{row.signal[:60]}"; `rotation-bot signals` lists all')
        ValidatedSpec(row.spec, signal)
        return row
    if row.at_least > len(row.members) or len(set(row.members)) < len(row.members):
        raise UserError(f"at least {row.at_least} of {len(row.members)} different members is not possible")
    for member in row.members:
        if not member.isdecimal() and member not in TOPIC_KEYS:
            raise UserError(f'member "{member[:60]}" is neither the number of an alert nor a topic')
    return row


def rows_of(db: Database, alert: Alert) -> Iterator[dict[str, Any]]:
    """A person's alert as rows, JSON-ready: one for each place."""
    for subscription in subscriptions.of_alert(db, alert.id):
        place = destinations.existing(db, subscription.destination_id)
        in_channel = place.kind is DestinationKind.CHANNEL
        manner, asked = alert.manner, alert.combination
        yield {
            "owner": str(alert.owner_id),
            "number": alert.number,
            "channel": str(place.channel_id) if in_channel else None,
            "server": str(place.guild_id) if in_channel else None,
            "role": None if subscription.role_id is None else str(subscription.role_id),
            "note": manner.note,
            "loudness": manner.loudness.value,
            "expires": None if manner.expires is None else manner.expires.isoformat(),
            "state": "ended" if alert.ended_at is not None else "paused" if alert.paused_at is not None else "active",
            **(asdict(alert.spec) if asked is None else _asked(asked)),
        }


def _asked(asked: Combination) -> dict[str, Any]:
    return {"at_least": asked.at_least, "within": asked.within, "members": [str(one) for one in asked.numbers]}


def put(
    db: Database,
    row: Row,
    called: Mapping[str, int],
    *,
    session: date,
    now: datetime,
    value: float | None = None,
) -> tuple[int, bool]:
    """Set an alert of a row, with its number where its owner has none of that; an equal one is left as it is.

    Args:
        db: The database, inside a transaction.
        row: The alert.
        called: Ids of its owner's alerts by the numbers that members name.
        session: The newest session; it does not fire before the next.
        now: The present.
        value: What it watches has that value; without one it waits for its first reading.

    Returns:
        The id of the alert, and whether it was set now.

    Raises:
        UserError: A member is no alert of its owner's any more, or has no state to combine.
    """
    if row.channel is not None and row.server_id is not None:
        place = destinations.channel_destination(db, int(row.channel), row.server_id, now=now)
    else:
        place = destinations.dm_destination(db, int(row.owner), now=now)
    asked = row.spec if isinstance(row, AlertRow) else _combination(db, row, called)
    equal = _equal(db, row, asked, place)
    if equal is not None:
        return equal, False
    owner, role = int(row.owner), None if row.role is None else int(row.role)
    where: dict[str, Any] = {
        "owner_id": owner, "guild_id": row.server_id, "destination_id": place.id, "role_id": role, "now": now
    }  # fmt: skip
    if isinstance(asked, Combination):
        alert = composites.create(db, asked, session=session, **where)
        alert_manner.set_manner(db, alert.id, row.manner, now=now)
    else:
        alert = alerts.add(db, asked, new_triggers(asked, value, session), manner=row.manner, **where)
    if row.number is not None:
        alerts.renumber(db, alert.id, owner, row.number)
    if row.state == "paused":
        alert_manner.pause(db, alert.id, now=now)
    elif row.state == "ended":
        alert_manner.end(db, alert.id, now=now)
        composites.settle(db, alert.id)
    return alert.id, True


def _combination(db: Database, row: CombinationRow, called: Mapping[str, int]) -> Combination:
    members: list[int | str] = []
    for name in row.members:
        if not name.isdecimal():
            members.append(name)
            continue
        member = alerts.get(db, called[name]) if name in called else alerts.numbered(db, int(row.owner), int(name))
        if member is None:
            raise UserError(f"Alert {name}, one of its members, does not exist. Set that one first.")
        if member.combination is not None or member.spec.condition is Condition.CROSSES:
            why = "is itself a combination" if member.combination is not None else "fires in both directions"
            raise UserError(f"Alert {name} cannot be a member: it {why}.")
        members.append(member.id)
    return Combination(row.at_least, row.within, tuple(members))


def _equal(db: Database, row: Row, asked: AlertSpec | Combination, place: Destination) -> int | None:
    """The id of an alert of the same person that asks for the same at that place."""
    for alert in alerts.list_for(db, int(row.owner)):
        if (alert.ended_at is None) != (row.state != "ended"):
            continue
        own = alert.spec if alert.combination is None else replace(alert.combination, numbers=())
        if own == asked and any(target.destination_id == place.id for target in subscriptions.of_alert(db, alert.id)):
            return alert.id
    return None
