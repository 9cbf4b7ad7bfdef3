"""The expected inventory of each job, and what of it is missing. Pure functions.

Expected are a close of every ticker on every session, a value of every daily series on every day of
its market, and rows of every daily dataset. What comes when it comes (filings, plans, lists of
members, monthly figures) has no day on which it could be missing.

Expected days end with the newest planned run, so that nothing is missing before it was requested.
They begin with the first day that the archive has of a name. Of a name that it has nothing of, the
newest day stands for all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.archive.dataset_status import DAILY
from bot.archive.tables.gap_tables import StoredDays
from bot.calendar.bond_market import bond_day_before, is_bond_day
from bot.calendar.clock import Calendar, new_york_date
from bot.domain.gap import Gap, Missing
from bot.domain.job import ExpectedDay, Job
from bot.ingest import planner
from bot.ingest.gaps import gaps
from bot.ingest.schedule import newest_planned
from bot.ingest.worker_tasks import ArchiveInventory

PRICES = "prices"

ENOUGH_PRICES = 0.95
"""The share of the tickers whose close of the newest session makes the job of prices complete."""

ENOUGH = 0.5
"""The same for series; a signal waits for its own (`bot.readings.completeness`)."""

FULL_DAY = 0.5
"""A dataset has a day when it has at least this share of the rows of its fullest day."""

_BOND_DAYS = (ExpectedDay.BOND_DAY_BEFORE, ExpectedDay.SECOND_BOND_DAY_BEFORE)


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a job should have brought, and what the archive has of it.

    Attributes:
        job: Name of the job.
        names: Everything that it brings each day.
        days: The days on which it should have, ascending; empty when none is expected.
        stored: What the archive has of each name.
        beside: Names without which the job is complete: tickers that only own signals read.
    """

    job: str
    names: Sequence[str]
    days: Sequence[date]
    stored: Mapping[str, StoredDays]
    beside: Collection[str] = ()

    @property
    def newest(self) -> date | None:
        """The newest expected day."""
        return self.days[-1] if self.days else None


@dataclass(frozen=True, slots=True)
class DayVerdict:
    """What a job has of its newest expected day: `there` of `expected` names, gone ones left out."""

    day: date
    there: int
    expected: int
    enough: float

    @property
    def complete(self) -> bool:
        """Whether it has enough of it to have succeeded."""
        return self.there >= self.enough * self.expected


def newest_expected(job: Job, calendar: Calendar, now: datetime) -> date | None:
    """The newest day that the newest planned run should give; None where no day can be expected."""
    planned = newest_planned(job, calendar, now)
    if planned is None:
        return None
    day = new_york_date(planned)
    match job.expected:
        case ExpectedDay.NONE:
            return None
        case ExpectedDay.SESSION:
            return calendar.at_or_before(day)
        case ExpectedDay.SESSION_BEFORE:
            return calendar.before(day)
        case ExpectedDay.BOND_DAY_BEFORE:
            return bond_day_before(day, calendar)
        case ExpectedDay.SECOND_BOND_DAY_BEFORE:
            return bond_day_before(bond_day_before(day, calendar), calendar)


def expected_days(job: Job, calendar: Calendar, now: datetime, since: date) -> list[date]:
    """The days from `since` on of which a job should have figures at `now`, ascending.

    Of a dataset that shows only the present it is the newest one alone, on the date of its run: another
    day cannot be had any more. Of another one it is the days that its updates request.
    """
    planned, newest = newest_planned(job, calendar, now), newest_expected(job, calendar, now)
    if planned is None or newest is None:
        return []
    if job.records and not job.back:
        return [newest] if new_york_date(planned) == new_york_date(now) else []
    days = calendar.between(max(since, newest - job.back) if job.records else since, newest)
    return [day for day in days if is_bond_day(day, calendar)] if job.expected in _BOND_DAYS else days


def daily_datasets(job: Job) -> list[str]:
    """The datasets of a job that have rows of every session."""
    return [dataset for dataset in job.records if dataset in DAILY]


def full_days(counts: Mapping[date, int]) -> StoredDays | None:
    """The days of which a dataset has most of the rows that it usually has; None without rows."""
    if not counts:
        return None
    usual = max(counts.values())
    days = frozenset(day for day, count in counts.items() if count >= FULL_DAY * usual)
    return StoredDays(min(days), max(days), days)


def missing(inventory: Inventory, known: Collection[Gap]) -> list[Missing]:
    """What is missing of an inventory.

    Of a name that the source has declared gone, one gap after its newest day stands for all that
    follow.
    """
    by_name: dict[str, list[Gap]] = {}
    for gap in known:
        by_name.setdefault(gap.missing.name, []).append(gap)
    days = inventory.days
    return [
        Missing(inventory.job, name, day)
        for name in inventory.names
        for day in (_missing_days(inventory.stored.get(name), days, by_name.get(name, ())) if days else ())
    ]


def _missing_days(stored: StoredDays | None, days: Sequence[date], known: Sequence[Gap]) -> Iterator[date]:
    tail = [gap for gap in known if stored is None or gap.missing.day > stored.newest]
    gone = gaps.is_gone(tail)
    if gone:
        yield min(gap.missing.day for gap in tail if gap.declined >= gaps.GONE_AFTER)
    elif stored is None:
        yield days[-1]
    if stored is not None:
        for day in days:
            if stored.first < day and day not in stored.days and not (gone and day > stored.newest):
                yield day


def verdict(inventory: Inventory, known: Collection[Gap]) -> DayVerdict | None:
    """What the archive has of the newest expected day; None where none is expected.

    Names that the source has declared gone are not expected.
    """
    newest = inventory.newest
    if newest is None or not inventory.names:
        return None
    gone = gaps.gone_names(known, {name: stored.newest for name, stored in inventory.stored.items()})
    names = [name for name in inventory.names if name not in gone and name not in inventory.beside]
    there = sum(1 for name in names if name in inventory.stored and newest in inventory.stored[name].days)
    return DayVerdict(newest, there, len(names), ENOUGH_PRICES if inventory.job == PRICES else ENOUGH)


def names_of(job: Job, members: ArchiveInventory, session: date) -> list[str]:
    """What a job brings each day: tickers, daily series, daily datasets."""
    if job.name == PRICES:
        return planner.tickers(members, session)
    return [*planner.daily_series_of(job), *daily_datasets(job)]
