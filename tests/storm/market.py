"""The market of the storm, and what must be read of it: an oracle that shares no code with the engine.

A few signals walk at random, each close is an integer. Alerts are a level and a side; a level that has been crossed
is watched again once the value is `BAND` back. Some tell that it is back, some remind while it lasts. Combinations fire
when enough alerts have crossed and are not back.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

FIRST_DAY = date(2020, 1, 1)
SIGNALS = ("one", "two", "three", "four")
BAND = 2
REMIND_EVERY = 3
TOLD_BACK, REMINDED = ("one", "two"), ("three",)
"""Signals whose alerts tell that the value is back, or remind."""


@dataclass(frozen=True)
class Wish:
    """One alert: `above` or below a level of a signal; `channels` are told."""

    signal: str
    above: bool
    level: int
    channels: tuple[int, ...]


@dataclass(frozen=True)
class Combined:
    """A combination: `at_least` of these alerts, by their numbers; one channel is told."""

    members: tuple[int, ...]
    at_least: int
    channel: int


@dataclass(frozen=True)
class Story:
    """Values of all signals on consecutive days, the alerts that watch them, and combinations of those."""

    values: dict[str, list[int]]
    wishes: list[Wish]
    combined: list[Combined]

    @property
    def days(self) -> int:
        return len(next(iter(self.values.values())))


def story(seed: int, *, days: int, channels: int) -> Story:
    """The story of a seed; the same in every process."""
    chance = random.Random(seed)
    values: dict[str, list[int]] = {}
    for signal in SIGNALS:
        value, walk = 0, []
        for _ in range(days):
            value = max(-8, min(8, value + chance.choice((-3, -1, 0, 1, 3))))
            walk.append(value)
        values[signal] = walk
    wishes = [
        Wish(signal, above, level, tuple(sorted(chance.sample(range(channels), 2))))
        for signal in SIGNALS
        for above in (True, False)
        for level in (-2, 1, 4)
    ]
    combined = [
        Combined(tuple(chance.sample(range(len(wishes)), 3)), at_least, chance.randrange(channels))
        for at_least in (1, 2, 2, 3)
    ]
    return Story(values, wishes, combined)


def day(number: int) -> date:
    return FIRST_DAY + timedelta(days=number)


def expected(told: Story) -> list[str]:
    """Every line that somebody must read, once: `ALERT/DAY/CHANNEL` and what else it tells, alerts counted from 0."""
    lines: list[str] = []
    beyond = [list(_alert(told, number, lines)) for number in range(len(told.wishes))]
    for number, combined in enumerate(told.combined, start=len(told.wishes)):
        counts = [sum(beyond[member][day] for member in combined.members) for day in range(told.days)]
        for day in range(1, told.days):
            if counts[day] >= combined.at_least > counts[day - 1]:
                lines.append(f"{number}/{day}/{combined.channel}")
    return sorted(lines)


def _alert(told: Story, number: int, lines: list[str]) -> Iterator[bool]:
    """For each day whether an alert has crossed and is not back; its lines are added."""
    wish = told.wishes[number]
    sign = 1 if wish.above else -1
    level, crossed, due = sign * wish.level, True, 0

    def tell(day: int, what: str = "") -> None:
        lines.extend(f"{number}/{day}/{channel}{what}" for channel in wish.channels)

    was_told = False
    for index, value in enumerate(told.values[wish.signal]):
        height = sign * value
        if index == 0:
            crossed = height > level
        elif not crossed and height > level:
            crossed, was_told, due = True, True, index + REMIND_EVERY
            tell(index)
        elif crossed and height <= level - BAND:
            crossed = False
            if was_told and wish.signal in TOLD_BACK:
                tell(index, "/back")
        elif crossed and was_told and wish.signal in REMINDED and index >= due and height > level:
            due = index + REMIND_EVERY
            tell(index, "/reminder")
        yield crossed
