"""Planner: the requests of a job, given what the archive has.

Pure, so that a restart resumes after a kill.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from zlib import crc32

from bot.calendar.clock import Calendar
from bot.domain.fetched import FetchRequest
from bot.domain.job import Job
from bot.ingest.worker_tasks import ArchiveInventory
from signals import catalogue
from signals.asof.series import monthly_lag
from signals.core.instruments import REFERENCE_TICKERS
from signals.derivatives.fed_funds import contracts

PRICE_OVERLAP = timedelta(days=10)
"""Days of bars that every update fetches again, so that a split or a corrected close is noticed."""

TURNS = 21
"""In so many weekdays, a month, each ticker is requested once with its whole history: a distribution that the source
enters or corrects weeks later, or a stored history that is on a wrong scale, is not in the newest days."""

SERIES_OVERLAP = timedelta(days=400)
"""The same for series: payrolls are revised for months, seasonal factors for a year, and the
response is small."""

RATIO_OVERLAP = timedelta(days=10)
"""The same for put/call ratios, which come as one file a session and are not revised."""

PUT_CALL_PREFIX = "CBOE_"
POLICY_RATES = ("DFF", "DFEDTAR")
"""They have a value for every day of the calendar, days to come included, so they do not show how
old the others are."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which part of a job is requested.

    Attributes:
        planned: Everything that it keeps up to date; else only what `gaps` names.
        gaps: The oldest missing day of each name whose gaps are due: its request begins before it.
        waiting: Names that are left out, because they were requested in vain a moment ago.
        tries: How often the newest session of a ticker has been requested in vain; the least tried
            are requested first.
    """

    planned: bool = True
    gaps: Mapping[str, date] = field(default_factory=dict)
    waiting: Collection[str] = ()
    tries: Mapping[str, int] = field(default_factory=dict)


def tickers(inventory: ArchiveInventory, session: date | None = None) -> list[str]:
    """Indices and funds of the catalogue and their twins first, then members and own tickers, without repeats.

    With a session the Fed funds futures follow.
    """
    futures = contracts(session) if session is not None else ()
    return list(dict.fromkeys((*built_in(inventory), *inventory.own, *futures)))


def built_in(inventory: ArchiveInventory) -> tuple[str, ...]:
    """The tickers that the catalogue needs, whoever watches what."""
    return (*catalogue.tickers(), *REFERENCE_TICKERS, *inventory.members)


def series_of(job: Job) -> list[str]:
    """The series ids that a job keeps up to date, in the catalogue's order.

    None for jobs of prices.
    """
    return [name for name in catalogue.series_ids() if name.startswith(job.series)]


def daily_series_of(job: Job) -> list[str]:
    """Those of `series_of` that have a value for every session or bond day."""
    return [name for name in series_of(job) if monthly_lag(name) is None and not name.startswith(POLICY_RATES)]


def requests(
    job: Job,
    inventory: ArchiveInventory,
    session: date,
    *,
    backfill: timedelta,
    calendar: Calendar,
    today: date,
    since: date | None = None,
    done: Collection[str] = (),
    scope: Scope = Scope(),
) -> list[FetchRequest]:
    """The requests of a job up to `session`: whole histories of what is missing, then updates.

    A ticker that has its bar of `session` and no due gap is not requested again, so a retry only
    fetches what the first try missed. Those whose turn it is (`has_turn`) are requested with their
    whole history. A job that fills gaps only requests series that lack the bond day before
    `session`.

    Args:
        job: The job.
        inventory: What the archive has.
        session: The last session to fetch.
        backfill: How far back whole histories reach.
        calendar: The calendar of sessions.
        today: The date in New York, up to which records are requested.
        since: The day of the last success; records are requested from some days before it, the
            first time (None) from further back.
        done: Names that are left out.
        scope: Which part of the job is requested.
    """
    done = {*done, *scope.waiting}
    begin = session - backfill
    if job.name == "universe":
        planned = [] if done or not scope.planned else [FetchRequest(session, session, universe=True)]
    elif job.name == "prices":
        asked = list(_tickers_to_request(inventory, session, done, scope))
        newest = _before_gaps(inventory.tickers, scope.gaps)
        whole = [name for name in asked if scope.planned and name in newest and has_turn(name, session)]
        updates = [name for name in asked if name not in whole]
        planned = _by_start(updates, newest, begin, session, lambda _: PRICE_OVERLAP, _of_tickers)
        # Last: while nothing of the session is there, the updates before them end the run.
        planned += [whole_histories(whole, session, backfill=backfill)] if whole else []
    else:
        names = _series_to_request(job, inventory, calendar.before(session), done, scope)
        planned = _by_start(names, _before_gaps(inventory.series, scope.gaps), begin, session, _overlap, _of_series)
    if job.records and not set(job.records) & done and (scope.planned or set(job.records) & scope.gaps.keys()):
        start = today - job.first if since is None else since - job.back if job.back else today
        start = min([start, *(day for name, day in scope.gaps.items() if name in job.records and job.back)])
        planned.append(FetchRequest(start, today, tickers=job.subjects, records=job.records))
    return planned


def has_turn(ticker: str, session: date) -> bool:
    """Whether the stored history of a ticker is compared as a whole with the source's on this session."""
    weeks, weekday = divmod(session.toordinal() - 1, 7)
    return (5 * weeks + weekday) % TURNS == crc32(ticker.encode()) % TURNS


def _tickers_to_request(
    inventory: ArchiveInventory, session: date, done: Collection[str], scope: Scope
) -> Iterable[str]:
    names = [name for name in tickers(inventory, session) if name not in done]
    lacking = {name for name in names if scope.planned and inventory.tickers.get(name, date.min) < session}
    return sorted((name for name in names if name in lacking or name in scope.gaps), key=_tries(scope))


def _series_to_request(
    job: Job, inventory: ArchiveInventory, late: date, done: Collection[str], scope: Scope
) -> Iterable[str]:
    names = [name for name in series_of(job) if name not in done]
    if not scope.planned:
        return [name for name in names if name in scope.gaps]
    if job.fills_gaps:
        return [name for name in names if inventory.series.get(name, date.min) < late or name in scope.gaps]
    return names


def _tries(scope: Scope) -> Callable[[str], int]:
    return lambda name: scope.tries.get(name, 0)


def _before_gaps(newest: Mapping[str, date], gaps: Mapping[str, date]) -> dict[str, date]:
    """The newest day of each name after which nothing is missing that is due."""
    return {name: min(day, gaps[name] - timedelta(days=1)) if name in gaps else day for name, day in newest.items()}


def _overlap(series: str) -> timedelta:
    return RATIO_OVERLAP if series.startswith(PUT_CALL_PREFIX) else SERIES_OVERLAP


def whole_histories(names: Iterable[str], session: date, *, backfill: timedelta) -> FetchRequest:
    """The request of the whole histories of tickers."""
    return FetchRequest(session - backfill, session, tickers=tuple(names))


def _by_start(
    names: Iterable[str],
    newest: Mapping[str, date],
    beginning: date,
    end: date,
    overlap: Callable[[str], timedelta],
    make: Callable[[date, date, tuple[str, ...]], FetchRequest],
) -> list[FetchRequest]:
    """One request for all names that begin on the same day, the earliest first."""
    groups: dict[date, list[str]] = {}
    for name in names:
        last = newest.get(name)
        start = beginning if last is None else max(min(last, end) - overlap(name), beginning)
        groups.setdefault(start, []).append(name)
    return [make(start, end, tuple(group)) for start, group in sorted(groups.items())]


def _of_tickers(start: date, end: date, names: tuple[str, ...]) -> FetchRequest:
    return FetchRequest(start, end, tickers=names)


def _of_series(start: date, end: date, names: tuple[str, ...]) -> FetchRequest:
    return FetchRequest(start, end, series=names)
