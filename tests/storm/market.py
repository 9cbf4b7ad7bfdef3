"""The market of the storm, and what must be read of it: an oracle that shares no code with the engine.

A few signals walk at random, each close is an integer. Alerts are a level and a side; a level that has been crossed
is watched again once the value is `BAND` back. Some tell that it is back, some remind while it lasts. Combinations fire
when enough alerts have crossed and are not back. Channels get a letter a week, a reminder and a line for each release, a
live board, and now and then a thread for one topic, which is an alert like the others. A person has alerts of their own.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

FIRST_DAY = date(2020, 1, 1)
SIGNALS = ("one", "two", "three", "four")
BAND = 2
REMIND_EVERY = 3
TOLD_BACK, REMINDED = ("one", "two"), ("three",)
"""Signals whose alerts tell that the value is back, or remind."""
BOARDS, LETTERS, REMINDED_CHANNELS = (0, 1), (1, 2), (2, 3)
"""Channels with a live board, with letters, and those that are reminded of releases."""
PERSON = "dm"
RELEASE_EVERY = 9
THREAD_EVERY = 24
TOPIC_LEVEL = 1
FRIDAY = 4


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
class Thread:
    """From a day on a topic, by its number, has a thread of its own in a channel."""

    day: int
    topic: int
    channel: int


@dataclass(frozen=True)
class Story:
    """Values of all signals on consecutive days, the alerts that watch them, combinations of those, and threads.

    `private` are the alerts of a person, who is told by DM or mentioned where that is refused.
    """

    values: dict[str, list[int]]
    wishes: list[Wish]
    combined: list[Combined]
    private: list[Wish]
    threads: list[Thread]

    @property
    def days(self) -> int:
        return len(next(iter(self.values.values())))


def story(seed: int, *, days: int, channels: int, topics: int) -> Story:
    """The story of a seed, with so many channels and topics; the same in every process."""
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
    threads = [
        Thread(day, number % topics, (number % topics + number // topics) % channels)
        for number, day in enumerate(range(1, days, THREAD_EVERY))
        if number < topics * channels
    ]
    private = [Wish(signal, above, 0, ()) for signal in SIGNALS for above in (True, False)]
    return Story(values, wishes, combined, private, threads)


def topic_wish(topic: int) -> Wish:
    """What a topic watches; nobody is told of it but in its threads."""
    return Wish(SIGNALS[topic % len(SIGNALS)], topic % 2 == 0, TOPIC_LEVEL, ())


def has_release(number: int) -> bool:
    """Whether something is released on that day."""
    return number % RELEASE_EVERY == 1


def day(number: int) -> date:
    return FIRST_DAY + timedelta(days=number)


def expected(told: Story) -> list[str]:
    """Every line that somebody must read, once, with the place where it stands: `ALERT/DAY@CHANNEL`, alerts from 0.

    Also what else an alert tells, letters by their week, reminders and releases by their day. A thread is
    `CHANNEL>TOPIC`, the person `PERSON`, wherever they are told.
    """
    lines: list[str] = []
    beyond = []
    for number, wish in enumerate(told.wishes):
        crossed, events = _life(wish, told.values[wish.signal])
        beyond.append(crossed)
        lines += [f"{number}/{index}{what}@{channel}" for index, what in events for channel in wish.channels]
    for number, combined in enumerate(told.combined, start=len(told.wishes)):
        counts = [sum(beyond[member][index] for member in combined.members) for index in range(told.days)]
        for index in range(1, told.days):
            if counts[index] >= combined.at_least > counts[index - 1]:
                lines.append(f"{number}/{index}@{combined.channel}")
    for number, wish in enumerate(told.private, start=len(told.wishes) + len(told.combined)):
        lines += [f"{number}/{index}{what}@{PERSON}" for index, what in _life(wish, told.values[wish.signal])[1]]
    first = len(told.wishes) + len(told.combined) + len(told.private)
    for thread in told.threads:
        wish = topic_wish(thread.topic)
        # A topic tells nothing but that it fires.
        events = _life(wish, told.values[wish.signal])[1]
        fired = [index for index, what in events if not what and index >= thread.day]
        lines += [f"{first + thread.topic}/{index}@{thread.channel}>{thread.topic}" for index in fired]
    weeks = [day(number).isocalendar()[:2] for number in range(1, told.days) if day(number).weekday() == FRIDAY]
    lines += [f"letter/{year}-{week}@{channel}" for year, week in weeks for channel in LETTERS]
    releases = [number for number in range(told.days) if has_release(number)]
    lines += [
        f"{what}/{number}@{channel}"
        for what in ("reminder", "release")
        for number in releases
        for channel in REMINDED_CHANNELS
    ]
    return sorted(lines)


def _life(wish: Wish, values: list[int]) -> tuple[list[bool], list[tuple[int, str]]]:
    """For each day whether an alert has crossed and is not back, and what it tells: on which day, and what."""
    sign = 1 if wish.above else -1
    level, crossed, due, was_told = sign * wish.level, True, 0, False
    beyond, events = [], []
    for index, value in enumerate(values):
        height = sign * value
        if index == 0:
            crossed = height > level
        elif not crossed and height > level:
            crossed, was_told, due = True, True, index + REMIND_EVERY
            events.append((index, ""))
        elif crossed and height <= level - BAND:
            crossed = False
            if was_told and wish.signal in TOLD_BACK:
                events.append((index, "/back"))
        elif crossed and was_told and wish.signal in REMINDED and index >= due and height > level:
            due = index + REMIND_EVERY
            events.append((index, "/reminder"))
        beyond.append(crossed)
    return beyond, events
