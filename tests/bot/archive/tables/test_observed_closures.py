"""Closures in the archive: learned from its bars, taken back by them, and left out of every market."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bot.archive import Archive
from bot.archive.tables.observed_closures import ClosureChange, is_future, learn, stored
from bot.calendar.clock import Calendar
from bot.domain.doubt import Doubt, DoubtKind, DoubtRule, DoubtState
from bot.domain.fetched import Fetched
from tests.helpers import utc

CALENDAR = Calendar(date(2025, 8, 1), date(2025, 12, 31))
DAYS = CALENDAR.between(date(2025, 9, 2), date(2025, 10, 31))
CLOSED = date(2025, 10, 15)
NOW = utc("2025-11-03 12:00")
SHARES = [f"S{chr(65 + place)}" for place in range(22)]


def bars(days: Sequence[date]) -> pd.DataFrame:
    closes = np.arange(100.0, 100.0 + len(days))
    return pd.DataFrame({"close": closes, "adj_close": closes}, index=pd.DatetimeIndex(days))


def keep(archive: Archive, tickers: Sequence[str], days: Sequence[date]) -> None:
    archive.store(Fetched("yahoo", NOW, bars={ticker: bars(days) for ticker in tickers}), CALENDAR, live=False)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """22 shares and an index without a bar of the closed day, futures with one."""
    with Archive.open(tmp_path / "market.db") as opened:
        keep(opened, [*SHARES, "^GSPC"], [day for day in DAYS if day != CLOSED])
        keep(opened, ["SI=F", "ZQZ25.CBT"], DAYS)
        yield opened


def look(archive: Archive, since: date | None = None) -> ClosureChange:
    with archive.writing() as db:
        return learn(db, CALENDAR, now=NOW, since=since)


def test_a_closure_is_learned_once_and_no_market_has_the_day(archive: Archive) -> None:
    assert archive.market(CALENDAR).close.loc[str(CLOSED), SHARES].isna().all()
    assert look(archive) == ClosureChange(learned=(CLOSED,))
    assert look(archive) == ClosureChange()
    market = archive.market(CALENDAR)
    assert pd.Timestamp(CLOSED) not in market.days
    assert market.close[SHARES].notna().all(axis=None)
    assert archive.market(CALENDAR, as_of=CLOSED).last.date() == date(2025, 10, 14)
    assert archive.closures() == {CLOSED}


def test_the_index_alone_takes_it_back(archive: Archive) -> None:
    look(archive)
    keep(archive, ["^GSPC"], DAYS)
    assert look(archive) == ClosureChange(withdrawn=(CLOSED,))
    assert archive.closures() == frozenset()
    assert pd.Timestamp(CLOSED) in archive.market(CALENDAR).days


def doubts(tickers: Sequence[str], state: DoubtState = DoubtState.OPEN) -> list[Doubt]:
    return [
        Doubt(DoubtKind.PRICE, ticker, CLOSED, DoubtRule.NO_ANSWER, 1.0, "it repeats", "yahoo", state=state)
        for ticker in tickers
    ]


@pytest.mark.parametrize("tickers", [["^GSPC"], SHARES], ids=["the index", "the shares"])
@pytest.mark.parametrize("state", [DoubtState.OPEN, DoubtState.REFUTED, DoubtState.REJECTED])
def test_a_day_whose_prices_are_not_believed_is_no_closure(
    archive: Archive, tickers: list[str], state: DoubtState
) -> None:
    archive.store(Fetched("yahoo", NOW), CALENDAR, doubts=doubts(tickers, state))
    assert look(archive) == ClosureChange()
    assert pd.Timestamp(CLOSED) in archive.market(CALENDAR).days


def test_prices_that_a_source_no_longer_gives_say_nothing_of_their_day(archive: Archive) -> None:
    archive.store(Fetched("yahoo", NOW), CALENDAR, doubts=doubts([*SHARES, "^GSPC"]))
    assert look(archive) == ClosureChange()
    archive.store(Fetched("yahoo", NOW), CALENDAR, doubts=doubts([*SHARES, "^GSPC"], DoubtState.REPLACED))
    assert look(archive) == ClosureChange(learned=(CLOSED,))


def test_a_doubted_bar_of_a_future_says_nothing_of_the_exchange(archive: Archive) -> None:
    archive.store(Fetched("yahoo", NOW), CALENDAR, doubts=doubts(["SI=F", "ZQZ25.CBT"]))
    assert look(archive) == ClosureChange(learned=(CLOSED,))


def test_each_bar_that_one_doubt_holds_back_counts(archive: Archive) -> None:
    before = date(2025, 10, 14)
    held = tuple((day.toordinal(), 1.0, None) for day in (before, CLOSED))
    doubt = Doubt(DoubtKind.PRICE, "^GSPC", before, DoubtRule.UNIT, 1.0, "another unit", "yahoo", held=held)
    archive.store(Fetched("yahoo", NOW), CALENDAR, doubts=[doubt])
    assert look(archive) == ClosureChange()


@pytest.mark.parametrize("since", [CLOSED, CLOSED - timedelta(days=10), CLOSED + timedelta(days=1)])
def test_a_look_at_recent_days_takes_nothing_back(archive: Archive, since: date) -> None:
    look(archive)
    assert look(archive, since) == ClosureChange()
    assert archive.closures() == {CLOSED}


def test_a_closure_that_a_person_knows_is_left_out_without_prices(archive: Archive, tmp_path: Path) -> None:
    known = date(2025, 9, 30)
    with Archive.open(tmp_path / "market.db", closures=[known]) as again:
        assert pd.Timestamp(known) not in again.market(CALENDAR).days
        assert again.closures() == {known}


def test_an_archive_without_the_table_has_none() -> None:
    assert stored(sqlite3.connect(":memory:")) == frozenset()


def test_futures_are_told_from_shares_and_indices() -> None:
    assert [name for name in ("SI=F", "ZQZ26.CBT", "BRK-B", "^GSPC", "SPY") if is_future(name)] == ["SI=F", "ZQZ26.CBT"]
