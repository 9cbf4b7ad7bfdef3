"""What a weekly letter tells of the alerts of its place: those that fired in the week, and what followed last week's."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bot.commands.alerts.texts.describe import describe
from bot.commands.context import Core
from bot.domain.model import AlertSpec, Condition, Direction
from bot.formatting import formats
from bot.formatting.conditions import has_level
from signals.core.model import Measure

LISTED = 6
"""Firings that are listed; further ones are counted."""


@dataclass(frozen=True, slots=True)
class PlaceFiring:
    """One firing as it is stored with a letter; `members`: of how many a combination counts, 0 for other alerts."""

    session: date
    number: int
    spec: AlertSpec
    direction: Direction
    value: float
    members: int


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """What a place has of its own: the firings of its alerts, oldest first, and the topics that it follows."""

    fired: tuple[PlaceFiring, ...] = ()
    topics: frozenset[str] = frozenset()


def read(facts: str | None) -> PlaceFacts:
    """What is stored with a letter; nothing for one that was enqueued without. Version 0.2.0 stored firings alone."""
    stored = json.loads(facts or "[]")
    if isinstance(stored, list):
        stored = {"alerts": stored, "topics": []}
    return PlaceFacts(tuple(_firing(row) for row in stored["alerts"]), frozenset(stored["topics"]))


def _firing(facts: Mapping[str, Any]) -> PlaceFiring:
    spec = AlertSpec(
        facts["signal"], Measure(facts["measure"]), Condition(facts["condition"]), facts["level"], facts["level_high"]
    )
    return PlaceFiring(
        date.fromordinal(facts["session"]),
        facts["number"],
        spec,
        Direction(facts["direction"]),
        facts["value"],
        facts["members"],
    )


def of_week(fired: Sequence[PlaceFiring], session: date) -> tuple[list[PlaceFiring], list[PlaceFiring]]:
    """The firings of the week that ends with a session, and those of the week before."""
    monday = session - timedelta(days=session.weekday())
    return (
        [one for one in fired if one.session >= monday],
        [one for one in fired if monday - timedelta(days=7) <= one.session < monday],
    )


def fired_lines(core: Core, fired: Sequence[PlaceFiring]) -> list[str]:
    """`Wed, Jan 7: alert 3, Silver above $90: $96.20`."""
    lines = []
    for one in fired[:LISTED]:
        words = _value_words(core, one)
        lines.append(f"{_begin(core, one)}{f': {words}' if words else ''}")
    return [*lines, *_more(fired)]


def followed_lines(core: Core, fired: Sequence[PlaceFiring], since: Callable[[date], Mapping[str, str]]) -> list[str]:
    """`Wed, Dec 31: alert 3, Silver above $90 · S&P 500 +0.6%, Nasdaq +0.5% since`.

    `since`: the moves of indices from a session to the end of the week, by name.
    """
    lines = []
    for one in fired[:LISTED]:
        moves = [f"{name} {move}" for name, move in since(one.session).items()]
        words = f"{', '.join(moves)} since" if moves else "what followed is not known"
        lines.append(f"{_begin(core, one)} · {words}")
    return [*lines, *_more(fired)]


def _begin(core: Core, one: PlaceFiring) -> str:
    day = formats.day(one.session, today=core.today())
    if one.members:
        return f"{day}: **alert {one.number}**, {one.value:.0f} of {one.members} held"
    return f"{day}: **alert {one.number}**, {describe(core, one.spec)}"


def _value_words(core: Core, one: PlaceFiring) -> str:
    signal = core.signals.get(one.spec.signal)
    if one.members or signal is None or not has_level(one.spec.measure):
        return ""
    return formats.measured(one.value, signal, one.spec.measure)


def _more(fired: Sequence[PlaceFiring]) -> list[str]:
    return [f"and {len(fired) - LISTED} more"] if len(fired) > LISTED else []
