"""What a job has to fetch, given what the archive has: pure, so that a restart goes on where a kill stopped it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, timedelta

from bot.calendar.clock import Calendar
from bot.domain.fetched import FetchRequest
from bot.domain.job import Job
from bot.ingest.worker_tasks import ArchiveInventory
from signals import catalogue
from signals.asof.series import monthly_lag
from signals.derivatives.fed_funds import contracts

PRICE_OVERLAP = timedelta(days=10)
"""Days of bars fetched again with every update, so that a split or a corrected close is seen."""

SERIES_OVERLAP = timedelta(days=400)
"""The same for series: payrolls are revised for months, seasonal factors for a year, and the answer is small."""

RATIO_OVERLAP = timedelta(days=10)
"""And for put/call ratios, which come one file a session and are not revised."""

PUT_CALL_PREFIX = "CBOE_"
POLICY_RATES = ("DFF", "DFEDTAR")
"""Every day of the calendar has its value, those to come as well, so they do not tell how old the others are."""


def tickers(known: ArchiveInventory, session: date | None = None) -> list[str]:
    """Indices and funds of the register first, then the members, without repeats; with a session the Fed's futures last."""
    futures = contracts(session) if session is not None else ()
    return list(dict.fromkeys((*catalogue.tickers(), *known.members, *futures)))


def series_of(job: Job) -> list[str]:
    """The series ids that a job keeps up to date, in the register's order; none for jobs of prices."""
    return [name for name in catalogue.series_ids() if name.startswith(job.series)]


def daily_series_of(job: Job) -> list[str]:
    """Those of `series_of` that have a value for every session or bond day."""
    return [name for name in series_of(job) if monthly_lag(name) is None and not name.startswith(POLICY_RATES)]


def requests(
    job: Job,
    known: ArchiveInventory,
    session: date,
    *,
    backfill: timedelta,
    calendar: Calendar,
    today: date,
    since: date | None = None,
    done: Collection[str] = (),
) -> list[FetchRequest]:
    """What to ask for up to `session`: whole histories of what is missing first, then updates. Names in `done` are left out.

    A ticker that has its bar of `session` is not asked for again, so a repeated try costs only what the first one missed.

    A job that fills gaps asks only for series that lack the bond day before `session`. Records are asked for up to
    `today` in New York, from some days before `since`, the day of the last success; the first time (None) from further back.
    """
    found = _of_prices_and_series(job, known, session, backfill=backfill, calendar=calendar, done=done)
    if job.records and not set(job.records) & set(done):
        start = today - job.first if since is None else since - job.back if job.back else today
        found.append(FetchRequest(start, today, tickers=job.subjects, records=job.records))
    return found


def _of_prices_and_series(
    job: Job, known: ArchiveInventory, session: date, *, backfill: timedelta, calendar: Calendar, done: Collection[str]
) -> list[FetchRequest]:
    if job.name == "universe":
        return [] if done else [FetchRequest(session, session, universe=True)]
    if job.name == "prices":
        missing = (name for name in tickers(known, session) if known.tickers.get(name, date.min) < session)
        names = [name for name in missing if name not in done]
        return _by_start(names, known.tickers, session - backfill, session, lambda _: PRICE_OVERLAP, _of_tickers)
    names = [name for name in series_of(job) if name not in done]
    if job.fills_gaps:
        late = calendar.before(session)
        names = [name for name in names if known.series.get(name, date.min) < late]
    return _by_start(names, known.series, session - backfill, session, _overlap, _of_series)


def _overlap(series: str) -> timedelta:
    return RATIO_OVERLAP if series.startswith(PUT_CALL_PREFIX) else SERIES_OVERLAP


def whole_histories(names: Iterable[str], session: date, *, backfill: timedelta) -> FetchRequest:
    """The whole histories of tickers."""
    return FetchRequest(session - backfill, session, tickers=tuple(names))


def _by_start(
    names: Iterable[str],
    newest: Mapping[str, date],
    beginning: date,
    end: date,
    overlap: Callable[[str], timedelta],
    make: Callable[[date, date, tuple[str, ...]], FetchRequest],
) -> list[FetchRequest]:
    """One request for all names that begin on the same day, the earliest beginning first, names in their order."""
    groups: dict[date, list[str]] = {}
    for name in names:
        have = newest.get(name)
        start = beginning if have is None else max(min(have, end) - overlap(name), beginning)
        groups.setdefault(start, []).append(name)
    return [make(start, end, tuple(group)) for start, group in sorted(groups.items())]


def _of_tickers(start: date, end: date, names: tuple[str, ...]) -> FetchRequest:
    return FetchRequest(start, end, tickers=names)


def _of_series(start: date, end: date, names: tuple[str, ...]) -> FetchRequest:
    return FetchRequest(start, end, series=names)
