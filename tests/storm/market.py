"""The market of the storm, and what must be read of it: an oracle that shares no code with the engine.

A few signals walk at random, each close is an integer. Alerts are a level and a side; a level that has been crossed
is watched again once the value is `BAND` back.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

FIRST_DAY = date(2020, 1, 1)
SIGNALS = ("one", "two", "three", "four")
BAND = 2


@dataclass(frozen=True)
class Wish:
    """One alert: `above` or below a level of a signal; `channels` are told."""

    signal: str
    above: bool
    level: int
    channels: tuple[int, ...]


@dataclass(frozen=True)
class Story:
    """Values of all signals on consecutive days, and the alerts that watch them."""

    values: dict[str, list[int]]
    wishes: list[Wish]

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
    return Story(values, wishes)


def day(number: int) -> date:
    return FIRST_DAY + timedelta(days=number)


def expected(told: Story) -> list[str]:
    """Every line that somebody must read, once: `ALERT/DAY/CHANNEL`, alerts counted from 0."""
    lines = []
    for number, wish in enumerate(told.wishes):
        sign = 1 if wish.above else -1
        level, crossed = sign * wish.level, True
        for index, value in enumerate(told.values[wish.signal]):
            height = sign * value
            if index == 0:
                crossed = height > level
            elif not crossed and height > level:
                crossed = True
                lines += [f"{number}/{index}/{channel}" for channel in wish.channels]
            elif crossed and height <= level - BAND:
                crossed = False
    return sorted(lines)
