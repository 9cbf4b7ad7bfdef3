"""A review compares the archive with what is expected, in one transaction, whatever interrupts it."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from bot.archive import Archive
from bot.archive.location import ArchiveLocation
from bot.calendar.clock import Calendar
from bot.domain.fetched import Fetched
from bot.domain.gap import Gap
from bot.ingest import worker_tasks
from bot.ingest.gaps import gaps
from bot.ingest.gaps.gaps import Requested
from bot.ingest.review import review
from bot.ingest.schedule import timetable
from signals import catalogue
from tests.helpers import utc

FIRST, LAST = date(2024, 6, 3), date(2026, 3, 31)
CALENDAR = Calendar(FIRST, LAST)
NOW = utc("2025-10-31 22:00")
PRICES = next(job for job in timetable(0) if job.name == "prices")
YIELDS = next(job for job in timetable(0) if job.name == "yields")
SHARES = [name for name in catalogue.tickers() if "=" not in name]
SESSIONS = CALENDAR.between(date(2024, 9, 3), date(2025, 10, 31))
CLOSED, HOLE, OLD_HOLE = date(2025, 10, 15), date(2025, 10, 21), date(2024, 11, 5)


def bars(days: Sequence[date]) -> pd.DataFrame:
    return pd.DataFrame({"close": 100.0, "adj_close": 100.0}, index=pd.DatetimeIndex(days))


@pytest.fixture
def location(tmp_path: Path) -> ArchiveLocation:
    """All shares and indices of the catalogue, no future, no bar of the closed day, and two holes of SPY."""
    made = ArchiveLocation(tmp_path / "market.db", FIRST, LAST)
    open_days = [day for day in SESSIONS if day != CLOSED]
    with made.open() as archive:
        frames = {name: bars(open_days) for name in SHARES}
        frames["SPY"] = bars([day for day in open_days if day not in (HOLE, OLD_HOLE)])
        archive.store(Fetched("yahoo", NOW, bars=frames), CALENDAR, live=False)
    return made


def of_spy(found: Sequence[Gap]) -> list[date]:
    return [gap.missing.day for gap in found if gap.missing.name == "SPY" and gap.missing.day != CLOSED]


def test_a_run_finds_the_holes_of_a_month_and_the_weekly_check_those_of_400_days(location: ArchiveLocation) -> None:
    known = review(location, [PRICES], NOW, requested=Requested())
    assert of_spy(known.state.gaps) == [HOLE]
    # 5 November 2024 lies 360 days back.
    assert of_spy(review(location, [PRICES], NOW, requested=Requested(), full=True).state.gaps) == [OLD_HOLE, HOLE]
    # Known once, a gap stays on the list although it is old.
    assert of_spy(review(location, [PRICES], NOW, requested=Requested()).state.gaps) == [OLD_HOLE, HOLE]
    later = utc("2025-12-12 22:00")
    listed = review(location, [PRICES], later, requested=Requested()).state.gaps
    assert date(2024, 11, 5) not in of_spy(listed)  # 402 days back


def test_a_hole_that_is_filled_is_taken_off(location: ArchiveLocation) -> None:
    review(location, [PRICES], NOW, requested=Requested())
    with location.open() as archive:
        archive.store(Fetched("yahoo", NOW, bars={"SPY": bars(SESSIONS[-30:])}), CALENDAR)
    assert of_spy(review(location, [PRICES], NOW, requested=Requested()).state.gaps) == []


def test_a_closure_is_nobodys_gap_but_of_those_that_could_take_it_back(location: ArchiveLocation) -> None:
    seen = review(location, [PRICES], NOW, requested=Requested())
    assert (seen.change.learned, seen.state.closures) == ((CLOSED,), {CLOSED})
    assert [gap.missing.name for gap in seen.state.gaps if gap.missing.day == CLOSED] == ["SPY", "^GSPC"]
    with location.open() as archive:
        archive.store(Fetched("yahoo", NOW, bars={"^GSPC": bars(SESSIONS[-30:])}), CALENDAR)
    seen = review(location, [PRICES], NOW, requested=Requested())
    assert (seen.change.withdrawn, seen.state.closures) == ((CLOSED,), frozenset())
    listed = {gap.missing.name for gap in seen.state.gaps if gap.missing.day == CLOSED}
    assert listed == set(SHARES) - {"^GSPC"}


def test_each_job_keeps_its_own_list(location: ArchiveLocation) -> None:
    review(location, [PRICES], NOW, requested=Requested())
    seen = review(location, [YIELDS], NOW, requested=Requested(frozenset({"DGS2"})))
    # 2 and 10 years and the real yield, of Thursday: nothing is stored of them.
    of_yields = {gap.missing.name: gap.tries for gap in seen.state.gaps if gap.missing.job == "yields"}
    assert of_yields == {"DFII10": 0, "DGS10": 0, "DGS2": 1}
    assert of_spy(seen.state.gaps) == [HOLE]


def test_tries_are_counted_and_taken_back(location: ArchiveLocation) -> None:
    seen = review(location, [PRICES], NOW, requested=Requested())
    (hole,) = (gap for gap in seen.state.gaps if gap.missing.day == HOLE)
    worker_tasks.note_tries(location, "prices", {hole.missing}, NOW)
    (noted,) = (gap for gap in worker_tasks.state(location).gaps if gap.missing == hole.missing)
    assert noted == gaps.tried(hole, NOW)
    worker_tasks.note_tries(location, "prices", {hole.missing}, NOW, answered=False)
    (noted,) = (gap for gap in worker_tasks.state(location).gaps if gap.missing == hole.missing)
    assert noted == hole


@dataclass(frozen=True, slots=True)
class Stopping(ArchiveLocation):
    """An archive whose work ends after so many steps of SQLite, as by a kill."""

    steps: int = 0

    @contextlib.contextmanager
    def open(self) -> Iterator[Archive]:
        with ArchiveLocation.open(self) as archive:
            archive.db.set_progress_handler(lambda: 1, self.steps)
            yield archive


def interrupted_at(location: ArchiveLocation, steps: int, now: datetime) -> bool:
    """Whether a review stops before its end."""
    try:
        review(
            Stopping(location.path, location.first, location.last, steps=steps),
            [PRICES],
            now,
            requested=Requested(frozenset(SHARES)),
            full=True,
        )
    except sqlite3.OperationalError:
        return True
    return False


def test_a_review_that_is_killed_at_any_step_leaves_nothing_of_itself(location: ArchiveLocation) -> None:
    with location.open() as archive:
        archive.store(Fetched("yahoo", NOW, bars={"XLB": bars(SESSIONS[:-1])}), CALENDAR, live=False)
    before = worker_tasks.state(location)
    stopped, steps = 0, 10
    while interrupted_at(location, steps, NOW + timedelta(minutes=steps % 7)):
        assert worker_tasks.state(location) == before
        stopped, steps = stopped + 1, steps * 2
    assert stopped > 5
    after = worker_tasks.state(location)
    assert (of_spy(after.gaps), after.closures) == ([OLD_HOLE, HOLE], {CLOSED})
