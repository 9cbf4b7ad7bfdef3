"""Planner: the requests of a job, given what the archive has.

Pure, so that a restart resumes after a kill.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, timedelta

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

SERIES_OVERLAP = timedelta(days=400)
"""The same for series: payrolls are revised for months, seasonal factors for a year, and the
response is small."""

RATIO_OVERLAP = timedelta(days=10)
"""The same for put/call ratios, which come as one file a session and are not revised."""

PUT_CALL_PREFIX = "CBOE_"
POLICY_RATES = ("DFF", "DFEDTAR")
"""They have a value for every day of the calendar, days to come included, so they do not show how
old the others are."""


def tickers(inventory: ArchiveInventory, session: date | None = None) -> list[str]:
    """Indices and funds of the catalogue and their twins first, then the members, without repeats.

    With a session the Fed funds futures follow.
    """
    futures = contracts(session) if session is not None else ()
    return list(dict.fromkeys((*catalogue.tickers(), *REFERENCE_TICKERS, *inventory.members, *futures)))


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
) -> list[FetchRequest]:
    """The requests of a job up to `session`: whole histories of what is missing, then updates.

    A ticker that has its bar of `session` is not requested again, so a retry only fetches what the
    first try missed. A job that fills gaps only requests series that lack the bond day before
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
    """
    planned = _of_prices_and_series(job, inventory, session, backfill=backfill, calendar=calendar, done=done)
    if job.records and not set(job.records) & set(done):
        start = today - job.first if since is None else since - job.back if job.back else today
        planned.append(FetchRequest(start, today, tickers=job.subjects, records=job.records))
    return planned


def _of_prices_and_series(
    job: Job,
    inventory: ArchiveInventory,
    session: date,
    *,
    backfill: timedelta,
    calendar: Calendar,
    done: Collection[str],
) -> list[FetchRequest]:
    if job.name == "universe":
        return [] if done else [FetchRequest(session, session, universe=True)]
    if job.name == "prices":
        missing = (name for name in tickers(inventory, session) if inventory.tickers.get(name, date.min) < session)
        names = [name for name in missing if name not in done]
        return _by_start(names, inventory.tickers, session - backfill, session, lambda _: PRICE_OVERLAP, _of_tickers)
    names = [name for name in series_of(job) if name not in done]
    if job.fills_gaps:
        late = calendar.before(session)
        names = [name for name in names if inventory.series.get(name, date.min) < late]
    return _by_start(names, inventory.series, session - backfill, session, _overlap, _of_series)


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
