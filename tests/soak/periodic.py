"""What comes by itself: one summary of each session, and one letter of each week, to every place that asked for them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from tests.discord_server.world import Json
from tests.soak.wire import kind_of

_DAY = re.compile(r"(?:Mon|Tue|Wed|Thu|Fri), ([A-Z][a-z]{2} \d{1,2})(?:, (\d{4}))?")
_FRIDAY = 4


def dated(messages: Iterable[Json], kind: str) -> Counter[tuple[int, date]]:
    """How often each place has read a summary or letter (`kind`) of each day."""
    read: Counter[tuple[int, date]] = Counter()
    for message in messages:
        if kind_of(message) != kind:
            continue
        for embed in message["embeds"]:
            if match := _DAY.search(str(embed["title"])):
                year = match[2] or datetime.fromisoformat(message["timestamp"]).year
                read[
                    int(message["channel_id"]), datetime.strptime(f"{match[1]} {year} +0000", "%b %d %Y %z").date()
                ] += 1
    return read


def week_ends(sessions: Sequence[date]) -> list[date]:
    """The sessions after which a week is over; of the last one it is known on a Friday only."""
    following = [*sessions[1:], sessions[-1] + timedelta(days=3 if sessions[-1].weekday() == _FRIDAY else 0)]
    return [
        day for day, after in zip(sessions, following, strict=True) if day.isocalendar()[:2] != after.isocalendar()[:2]
    ]


def irregular(
    read: Counter[tuple[int, date]], kind: str, places: Iterable[int], days: Sequence[date], *, until: date
) -> list[str]:
    """What a place has read more or less often than once. `until`: of later days something may still come."""
    wrong = [f"{count} times the {kind} of {day} in {place}" for (place, day), count in read.items() if count > 1]
    for place in places:
        wrong += [f"no {kind} of {day} in {place}" for day in days if day <= until and not read[place, day]]
        unasked = [day for there, day in read if there == place and day not in days]
        wrong += [f"a {kind} of {day} in {place}, which was not due" for day in unasked]
    return wrong
