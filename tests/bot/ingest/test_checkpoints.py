"""What a download that was cut off has left: written down, read again, and joined with what is wanted on a later day."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.database.connection import Store
from bot.domain.arrival import Arrival
from bot.domain.fetched import FetchRequest
from bot.domain.job import Job
from bot.ingest.checkpoints import Checkpoints, Unfinished, lasting, merged
from tests.helpers import utc

JOB = Job("yields", "treasury")
NOON = utc("2026-01-13 17:00")


def request(start: str, end: str, **what: tuple[str, ...]) -> FetchRequest:
    return FetchRequest(date.fromisoformat(start), date.fromisoformat(end), **what)  # type: ignore[arg-type]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store.open(tmp_path / "bot.db") as opened:
        yield opened


async def test_what_is_left_is_read_as_it_was_written_and_gone_after_a_success(store: Store, tmp_path: Path) -> None:
    archive = tmp_path / "market.db"
    archive.touch()
    book = Checkpoints(store, archive)
    left = Unfinished(
        NOON,
        (
            request("2025-01-01", "2025-12-31", series=("DGS2", "DGS10")),
            request("2016-01-01", "2026-01-13", tickers=("QQQ",), records=("funds",)),
        ),
    )
    assert await book.unfinished(JOB) is None
    await book.leave(JOB, left)
    assert await Checkpoints(store, archive).unfinished(JOB) == left
    assert await Checkpoints(store, tmp_path / "market-simulated.db").unfinished(JOB) is None
    await book.succeeded(JOB, NOON)
    assert await book.unfinished(JOB) is None
    assert await book.open([JOB]) == {"yields": NOON}


async def test_when_prices_came_and_when_all_was_checked_is_kept_for_one_archive(store: Store, tmp_path: Path) -> None:
    archive = tmp_path / "market.db"
    archive.touch()
    book = Checkpoints(store, archive)
    assert (await book.arrivals(), await book.checked_at()) == ({}, None)
    arrivals = {date(2026, 1, 12): Arrival(NOON, NOON + timedelta(hours=1)), date(2026, 1, 13): Arrival(NOON)}
    await book.put_arrivals(arrivals)
    await book.checked(NOON)
    again = Checkpoints(store, archive)
    assert (await again.arrivals(), await again.checked_at()) == (arrivals, NOON)
    assert await Checkpoints(store, tmp_path / "market-simulated.db").arrivals() == {}
    archive.unlink()
    await book.open([JOB])
    assert (await book.arrivals(), await book.checked_at()) == ({}, None)


async def test_with_the_archive_everything_written_about_it_is_gone(store: Store, tmp_path: Path) -> None:
    archive = tmp_path / "market.db"
    book = Checkpoints(store, archive)
    await book.succeeded(JOB, NOON)
    await book.leave(JOB, Unfinished(NOON))
    assert await book.open([JOB]) == {}
    archive.touch()
    assert await book.open([JOB]) == {}
    assert await book.unfinished(JOB) is None


def test_prices_and_lists_of_members_are_not_remembered() -> None:
    day = ("2026-01-01", "2026-01-13")
    series, records = request(*day, series=("DGS2",)), request(*day, records=("funds",))
    prices, members = request(*day, tickers=("SPY",)), FetchRequest(*map(date.fromisoformat, day), universe=True)
    assert lasting([prices, series, members, records]) == (series, records)


def test_what_overlaps_is_asked_once_over_the_days_of_both() -> None:
    left = [
        request("2026-01-01", "2026-01-13", series=("DGS2",)),
        request("2025-01-01", "2025-12-31", series=("DGS2",)),
    ]
    fresh = [
        request("2026-01-05", "2026-01-20", series=("DGS2",)),
        request("2026-01-05", "2026-01-20", series=("DGS10",)),
    ]
    assert merged(left, fresh) == [
        request("2026-01-01", "2026-01-20", series=("DGS2",)),
        request("2025-01-01", "2025-12-31", series=("DGS2",)),
        request("2026-01-05", "2026-01-20", series=("DGS10",)),
    ]


SPANS = st.builds(
    lambda at, length, name: FetchRequest(
        date(2026, 1, 1) + timedelta(days=at), date(2026, 1, 1) + timedelta(days=at + length), series=(name,)
    ),
    st.integers(0, 40),
    st.integers(0, 20),
    st.sampled_from(("DGS2", "DGS10")),
)


def days(chunks: list[FetchRequest]) -> set[tuple[str, date]]:
    return {
        (chunk.series[0], chunk.start + timedelta(days=offset))
        for chunk in chunks
        for offset in range((chunk.end - chunk.start).days + 1)
    }


@given(st.lists(SPANS, max_size=5), st.lists(SPANS, max_size=5))
def test_joining_asks_for_every_day_that_was_wanted_and_for_no_other(
    left: list[FetchRequest], fresh: list[FetchRequest]
) -> None:
    assert days(merged(left, fresh)) == days([*left, *fresh])
    assert len(merged(left, fresh)) <= len(left) + len(fresh)
