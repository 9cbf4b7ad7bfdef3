"""What the calendar owes to those who asked for reminders: one before each decision of the Fed, and one line after it.

Other releases come from sources that are off.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.calendar.clock import NEW_YORK
from tests.discord_server.world import Json
from tests.soak.wire import numbers_in, shows

_DECISIONS = {
    2026: "01-28 03-18 04-29 06-17 07-29 09-16 10-28 12-09",
    2027: "01-27 03-17 04-28 06-09 07-28 09-15 10-27 12-08",
}
DECISIONS = frozenset(date.fromisoformat(f"{year}-{day}") for year, days in _DECISIONS.items() for day in days.split())
"""Second days of the meetings (federalreserve.gov/monetarypolicy/fomccalendars.htm, read on November 29, 2026)."""

DECIDED, AHEAD = time(14), timedelta(hours=1)
INDICES = {"S&P 500": "index.sp500.return_1d", "Nasdaq": "index.nasdaq.return_1d"}
"""How the market moved, as the line after a decision says it: the signals that have it."""

_REMINDER = re.compile(r"Fed decision: (?P<verb>due|was due) at <t:(?P<at>\d+):t>")
_RELEASE = re.compile(r"Fed decision, \w{3}, (?P<day>\w{3} \d{1,2})[.:] (?P<rest>.*)")


@dataclass(frozen=True)
class Read:
    """One line about a decision that a place has read."""

    place: int
    day: date
    at: datetime
    text: str
    release: bool


def announced(messages: Iterable[Json]) -> list[Read]:
    """Every reminder and every line after a decision."""
    lines = []
    for message in messages:
        place, at = int(message["channel_id"]), datetime.fromisoformat(message["timestamp"])
        for line in str(message["content"]).splitlines():
            if match := _REMINDER.search(line):
                day = datetime.fromtimestamp(int(match["at"]), UTC).astimezone(NEW_YORK).date()
                lines.append(Read(place, day, at, line, release=False))
            elif match := _RELEASE.search(line):
                day = datetime.strptime(f"{match['day']} {at.year} +0000", "%b %d %Y %z").date()
                lines.append(Read(place, day, at, match["rest"], release=True))
    return lines


def misannounced(
    read: Sequence[Read],
    places: Mapping[int, date],
    days: Iterable[date],
    moves: Mapping[date, Mapping[str, float]],
    *,
    late: Iterable[tuple[int, date]] = (),
) -> list[str]:
    """What is lost, doubled or wrong of the decisions on `days`.

    Args:
        read: What was read.
        places: Who asked, with the last session on which they were still there.
        days: The decisions that are over.
        moves: By decision, how each of `INDICES` moved, in percent.
        late: Places whose reminder was still being retried at the end of its hour: it may come late, or not at all
            beside the line of the decision.
    """
    wrong, count = [], defaultdict(list)
    for line in read:
        count[line.place, line.day, line.release].append(line)
    for day in days:
        at = datetime.combine(day, DECIDED, NEW_YORK)
        for place in (place for place, last in places.items() if last >= day):
            reminders, releases = count.pop((place, day, False), []), count.pop((place, day, True), [])
            may_lack = (place, day) in late
            if len(reminders) > 1 or (not reminders and not may_lack):
                wrong.append(f"{len(reminders)} reminders of the decision on {day} in {place}")
            if any(not may_lack and not at - AHEAD <= reminder.at < at for reminder in reminders):
                wrong.append(f"the reminder of {day} in {place} came at {reminders[0].at:%F %T}")
            if len(releases) != 1:
                wrong.append(f"{len(releases)} lines of the decision on {day} in {place}")
            wrong += [f"{day} in {place}: {line.text}" for line in releases if not _right(line, at, moves[day])]
    wrong += [f"nobody asked for it: {lines[0]}" for (_, day, _), lines in count.items() if day in DECISIONS and lines]
    return wrong


def _right(line: Read, decided: datetime, moves: Mapping[str, float]) -> bool:
    """Whether it came after the decision and says how each index moved."""
    parts = {name: line.text.partition(f"{name} ")[2].split(",")[0] for name in moves}
    return line.at >= decided and all(shows(numbers_in(parts[name]), value) for name, value in moves.items())
