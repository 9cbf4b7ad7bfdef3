"""Review of jobs, a task of the worker process: what they have brought is compared with what they should have.

One transaction learns closures from prices, compares the archive with the expected inventory, and
writes the list of gaps. A kill leaves all of it or nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.archive import Archive, Connection
from bot.archive.location import ArchiveLocation
from bot.archive.tables import gap_tables, observed_closures
from bot.archive.tables.gap_tables import StoredDays
from bot.archive.tables.observed_closures import ClosureChange
from bot.calendar.clock import Calendar, new_york_date
from bot.domain.gap import Gap, Missing
from bot.domain.job import Job
from bot.ingest.gaps import gaps
from bot.ingest.gaps.gaps import Requested
from bot.ingest.gaps.inventory import (
    PRICES,
    DayVerdict,
    Inventory,
    daily_datasets,
    expected_days,
    full_days,
    missing,
    names_of,
    verdict,
)
from bot.ingest.planner import built_in, daily_series_of
from bot.ingest.worker_tasks import ArchiveInventory, ArchiveState, inventory_of

OF_A_CLOSURE = ("^GSPC", "SPY")
"""Tickers that stay on the list of gaps for a learned closure: a bar of one takes it back."""


@dataclass(frozen=True, slots=True)
class Review:
    """The archive after a review.

    Attributes:
        state: What it has, with all gaps and closures.
        verdicts: Of each reviewed job what it has of its newest expected day, None where none is
            expected.
        change: Closures that were learned or taken back.
    """

    state: ArchiveState
    verdicts: Mapping[str, DayVerdict | None]
    change: ClosureChange


def review(
    location: ArchiveLocation,
    jobs: Sequence[Job],
    now: datetime,
    *,
    requested: Requested,
    full: bool = False,
    own: Sequence[str] = (),
) -> Review:
    """Compare the archive with the inventory of jobs and store their gaps.

    Args:
        location: The archive.
        jobs: The jobs; with prices among them closures are learned as well.
        now: The present.
        requested: What the run before it requested of these jobs.
        full: Look at all days of the list of gaps, and for closures at all days; else at recent
            days and the known gaps.
        own: Tickers of own signals.
    """
    with location.open() as archive:
        members = inventory_of(archive, own)
        return _reviewed(archive, location.calendar, members, jobs, now, requested, full=full)


def _reviewed(
    archive: Archive,
    installed: Calendar,
    members: ArchiveInventory,
    jobs: Sequence[Job],
    now: datetime,
    requested: Requested,
    *,
    full: bool,
) -> Review:
    with archive.writing() as db:
        change = ClosureChange()
        if any(job.name == PRICES for job in jobs):
            since = None if full else _since(gap_tables.gaps(db, [PRICES]), now, full=False)
            change = observed_closures.learn(db, installed, now=now, since=since)
        learned = observed_closures.stored(db)
        calendar = installed.without(learned)
        verdicts = {}
        for job in jobs:
            stored_gaps = gap_tables.gaps(db, [job.name])
            inventory = _inventory(db, job, members, calendar, now, _since(stored_gaps, now, full=full))
            at = now.replace(microsecond=0)  # whole seconds, as the archive has them
            listed = gaps.follow(stored_gaps, missing(inventory, stored_gaps), requested, at)
            # Of names that this run has shown to be gone one gap is left.
            listed = gaps.follow(listed, missing(inventory, listed), Requested(), at)
            listed += gaps.follow(stored_gaps, _of_closures(inventory, learned, now), requested, at)
            gap_tables.replace(db, [job.name], listed)
            verdicts[job.name] = verdict(inventory, listed)
        state = ArchiveState(members, gap_tables.gaps(db), learned)
    return Review(state, verdicts, change)


def _since(known: Sequence[Gap], now: datetime, *, full: bool) -> date:
    """The first day that is compared: 400 days ago, or the older of a month ago and the oldest gap."""
    today = new_york_date(now)
    earliest = today - gaps.FOR_HOW_LONG
    if full:
        return earliest
    return max(earliest, min([today - gaps.RECENT, *(gap.missing.day for gap in known)]))


def _inventory(
    db: Connection, job: Job, members: ArchiveInventory, calendar: Calendar, now: datetime, since: date
) -> Inventory:
    days = expected_days(job, calendar, now, since)
    if not days:
        return Inventory(job.name, (), (), {})
    names = names_of(job, members, days[-1])
    if job.name == PRICES:
        stored = gap_tables.bar_days(db, names, since)
    else:
        stored = gap_tables.observation_days(db, daily_series_of(job), since) | _datasets(db, job, since)
    beside = frozenset(members.own) - frozenset(built_in(members)) if job.name == PRICES else frozenset()
    return Inventory(job.name, names, days, stored, beside)


def _datasets(db: Connection, job: Job, since: date) -> dict[str, StoredDays]:
    stored = {}
    for dataset in daily_datasets(job):
        # Each fund issuer gives only its own funds; other datasets are one whatever source gave them.
        counts = gap_tables.record_days(db, dataset, job.source if dataset == "funds" else None, since)
        if (days := full_days(counts)) is not None:
            stored[dataset] = days
    return stored


def _of_closures(inventory: Inventory, learned: frozenset[date], now: datetime) -> list[Missing]:
    if inventory.job != PRICES:
        return []
    earliest = new_york_date(now) - gaps.FOR_HOW_LONG
    names = [name for name in OF_A_CLOSURE if name in inventory.stored]
    return [Missing(PRICES, name, day) for name in names for day in sorted(learned) if day >= earliest]
