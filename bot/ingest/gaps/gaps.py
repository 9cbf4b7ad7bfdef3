"""The list of gaps: what is missing is requested again at growing distances. Pure functions.

The plan, for one source:

- As planned, each name is requested once. A chunk of which less than half came ends the run, and
  the next one begins with names that have been tried less often: while nothing of the day is there,
  a try costs one chunk and not the whole list.
- A gap is requested again after 2 minutes, then after twice as long each time, at most after a day,
  until it is `FOR_HOW_LONG` old.
- Gaps alone make a run every `BETWEEN_RUNS` at most. It ends after the chunk with which it has
  requested `MOST_IN_VAIN` names, unless at least half of what it has requested came.
- A name of which the source has said three times in a row that it has nothing is gone: it is
  requested after a day, then after twice as long each time, at most after 16 days.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.domain.backoff import Backoff
from bot.domain.gap import Gap, Missing

PACE = Backoff(first=timedelta(minutes=2), most=timedelta(days=1))
"""How long after its tries a gap is requested again."""

FOR_HOW_LONG = timedelta(days=400)
"""How old a missing figure may be, in calendar days."""

SOON = timedelta(hours=1)
"""What is requested again after shorter pauses than this may still come within the evening."""

AWAITED_FOR = timedelta(minutes=90)
"""For how long a missing figure is awaited at most, also while its source does not answer."""

BETWEEN_RUNS = timedelta(minutes=5)
MOST_IN_VAIN = 50

GONE_AFTER = 3
"""How often in a row a source declines a name before it counts as gone. Once is not enough: Yahoo
calls tickers delisted for minutes."""

PACE_OF_GONE = Backoff(first=timedelta(days=1), most=timedelta(days=16))

RECENT = timedelta(days=30)
"""How far back every run is compared with its inventory; the weekly check looks at all days."""

BETWEEN_CHECKS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Requested:
    """The names that one run requested, those that the source gave anything of, and those that it declined.

    A source that declines most of what it was asked has failed; nothing is declined then.
    """

    names: frozenset[str] = frozenset()
    given: frozenset[str] = frozenset()
    declined: frozenset[str] = frozenset()


def follow(known: Iterable[Gap], missing: Iterable[Missing], requested: Requested, now: datetime) -> list[Gap]:
    """The list after a run: gaps that are still missing, and new ones.

    Args:
        known: The list before it, with the tries of this run (`tried`).
        missing: What is missing now.
        requested: What the run requested.
        now: The present.
    """
    before = {gap.missing: gap for gap in known}
    return [_followed(before.get(figure), figure, requested, now) for figure in missing]


def _followed(before: Gap | None, figure: Missing, requested: Requested, now: datetime) -> Gap:
    asked = figure.name in requested.names
    if before is None:
        gap = Gap(figure, noted_at=now, next_try=now)
        gap = tried(gap, now) if asked else gap
    else:
        gap = before
    if not asked:
        return gap
    if figure.name in requested.given:
        return replace(gap, declined=0)
    # Alone or among few a name is declined by any failure: that decides nothing that is not decided.
    if figure.name in requested.declined or gap.declined >= GONE_AFTER:
        gap = replace(gap, declined=gap.declined + 1)
    if gap.declined < GONE_AFTER:
        return gap
    pause = PACE_OF_GONE.after(gap.declined - GONE_AFTER + 1)
    return replace(gap, next_try=max(gap.next_try, now + pause))


def tried(gap: Gap, now: datetime) -> Gap:
    """The gap after one more try. It is counted before the request, so that a kill does not repeat it."""
    return replace(gap, tries=gap.tries + 1, next_try=now + PACE.after(gap.tries + 1))


def unanswered(gap: Gap, now: datetime) -> Gap:
    """The gap after a request that the source did not answer: no try, its job pauses as a whole."""
    return replace(gap, tries=max(gap.tries - 1, 0), next_try=now)


def due(known: Iterable[Gap], now: datetime) -> list[Gap]:
    """The gaps that may be requested at `now`, the most overdue first.

    A next try further ahead than any pause was recorded by a wrong clock and does not count.
    """
    ready = [gap for gap in known if not waits(gap, now)]
    return sorted(ready, key=lambda gap: (gap.next_try, gap.missing.name, gap.missing.day))


def waits(gap: Gap, now: datetime) -> bool:
    """Whether the pause of a gap still lasts."""
    return now < gap.next_try <= now + PACE_OF_GONE.most


def awaited(known: Iterable[Gap], day: date, now: datetime) -> frozenset[str]:
    """The names whose figure of a day is missing and requested again within minutes.

    Those that the source has declared gone are not, nor those whose pause has grown to hours.
    """
    return frozenset(
        gap.missing.name
        for gap in known
        if gap.missing.day == day
        and gap.declined < GONE_AFTER
        and PACE.after(gap.tries) < SOON
        and gap.noted_at <= now < gap.noted_at + AWAITED_FOR
    )


def in_vain(requested: int, filled: int) -> bool:
    """Whether a run for gaps ends here: many names were requested, and less than half of their gaps came."""
    return requested >= MOST_IN_VAIN and 2 * filled < requested


def oldest_days(ready: Iterable[Gap]) -> dict[str, date]:
    """The oldest of the due days of each name: its request begins there, and ends with the newest session."""
    oldest: dict[str, date] = {}
    for gap in ready:
        oldest[gap.missing.name] = min(gap.missing.day, oldest.get(gap.missing.name, gap.missing.day))
    return oldest


def covered(known: Iterable[Gap], oldest: Mapping[str, date]) -> list[Gap]:
    """The gaps that requests from these days on ask for, those among them that are not due yet."""
    return [gap for gap in known if gap.missing.day >= oldest.get(gap.missing.name, date.max)]


def is_gone(tail: Collection[Gap]) -> bool:
    """Whether the gaps after the newest day of one name say that the source has it no more."""
    return any(gap.declined >= GONE_AFTER for gap in tail)


def gone_names(known: Iterable[Gap], newest: Mapping[str, date]) -> frozenset[str]:
    """The names that the source has declared gone. `newest`: the newest stored day of each name."""
    return frozenset(
        gap.missing.name
        for gap in known
        if gap.declined >= GONE_AFTER and gap.missing.day > newest.get(gap.missing.name, date.min)
    )


def waiting(known: Iterable[Gap], newest: Mapping[str, date], session: date, now: datetime) -> frozenset[str]:
    """The names that a planned run leaves out: they were tried in vain and their pause still lasts.

    That is so where the newest session was tried, where the source has declared the name gone, and
    where the archive has nothing of it.
    """
    listed = list(known)
    gone_tickers = gone_names(listed, newest)
    return frozenset(
        gap.missing.name
        for gap in listed
        if waits(gap, now)
        and gap.missing.day > newest.get(gap.missing.name, date.min)
        and (gap.missing.day == session or gap.missing.name in gone_tickers or gap.missing.name not in newest)
    )
