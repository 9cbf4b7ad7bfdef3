"""A split that the source reports, over the evenings after it: applied once, by whoever applies it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from bot.archive import Archive
from bot.archive.location import ArchiveLocation
from bot.domain.doubt import DoubtRule, DoubtState
from bot.domain.fetched import Fetched
from bot.ingest import worker_tasks
from bot.ingest.plausibility.decisions import decide

SPLIT_DAY = date(2025, 4, 1)
OVERLAP = 8
"""Sessions that an update asks for."""


@pytest.fixture
def location(tmp_path: Path) -> ArchiveLocation:
    return ArchiveLocation(tmp_path / "market.db", date(2024, 1, 1), date(2025, 12, 31))


@pytest.fixture
def archive(location: ArchiveLocation) -> Iterator[Archive]:
    with location.open() as opened:
        yield opened


def new_scale(location: ArchiveLocation, fall: float, evenings: int) -> pd.Series:
    """Closes on the scale after the split: 100 and 101 by turns (a band of 12 %), the fall, then steps of 1 %."""
    before = location.calendar.between(date(2024, 10, 1), SPLIT_DAY - timedelta(days=1))
    after = location.calendar.between(SPLIT_DAY, date(2025, 4, 30))[:evenings]
    closes = [100.0 + (len(before) - at) % 2 for at in range(len(before))]
    fallen = [closes[-1] * (1 - fall) * (1.01 if at % 2 else 1.0) for at in range(evenings)]
    return pd.Series([*closes, *fallen], index=pd.DatetimeIndex([*before, *after]))


def update(
    location: ArchiveLocation, closes: pd.Series, factor: float, day: date, minutes: int = 5, ticker: str = "WDC"
) -> None:
    """Store what the source gives on the evening of a day, with the split from its day on."""
    bars = {ticker: pd.DataFrame({"close": closes, "adj_close": closes, "volume": 1e6})}
    reported = day >= SPLIT_DAY and factor != 1.0
    splits = {ticker: pd.Series([factor], index=pd.DatetimeIndex([SPLIT_DAY]))} if reported else {}
    at = location.calendar.final_at(day) + timedelta(minutes=minutes)
    worker_tasks.store(location, Fetched("yahoo", at, bars=bars, splits=splits))


def store_before(location: ArchiveLocation, true: pd.Series, factor: float, ticker: str = "WDC") -> pd.Series:
    """Store the history up to the session before the split, on the old scale; returns it."""
    before = true[true.index < pd.Timestamp(SPLIT_DAY)] * factor
    update(location, before, factor, before.index[-1].date(), ticker=ticker)
    return before


def stored(archive: Archive, ticker: str = "WDC") -> list[float]:
    return archive.tail(ticker, 1000).closes.tolist()


@pytest.mark.parametrize(
    ("factor", "fall"), [(1.253, 0.13), (1.253, 0.16), (1.25, 0.2), (1.5, 0.2), (2.0, 0.31), (10.0, 0.02), (0.1, -0.3)]
)
def test_a_split_that_the_source_has_applied_is_not_applied_again_however_far_the_day_moved(
    location: ArchiveLocation, archive: Archive, factor: float, fall: float
) -> None:
    true = new_scale(location, fall, 4)
    store_before(location, true, factor)
    for end in range(len(true) - 3, len(true) + 1):
        rows = true.iloc[end - OVERLAP : end]
        update(location, rows, factor, rows.index[-1].date())
    assert stored(archive) == pytest.approx(true.tolist())


@pytest.mark.parametrize(("factor", "fall"), [(2.0, 0.02), (1.253, 0.06), (1.5, -0.04), (0.1, 0.1)])
def test_a_split_that_the_source_applies_three_evenings_late_is_applied_at_once_and_once(
    location: ArchiveLocation, archive: Archive, factor: float, fall: float
) -> None:
    true = new_scale(location, fall, 4)
    old = store_before(location, true, factor)
    given = pd.concat([old, true[len(old) :]])
    for end in range(len(true) - 3, len(true)):
        rows = given.iloc[end - OVERLAP : end]
        update(location, rows, factor, rows.index[-1].date())
        assert stored(archive) == pytest.approx(true.iloc[:end].tolist())
    update(location, true.iloc[-OVERLAP:], factor, true.index[-1].date())
    assert stored(archive) == pytest.approx(true.tolist())


def test_the_archive_changes_its_scale_with_the_first_bar_of_the_day_of_the_split(
    location: ArchiveLocation, archive: Archive
) -> None:
    """The newest bar is late: that evening the source has a past that is split already."""
    true = new_scale(location, 0.16, 1)
    old = store_before(location, true, 1.253)
    update(location, true.iloc[-OVERLAP:-1], 1.253, SPLIT_DAY)
    assert stored(archive) == pytest.approx(old.tolist())
    update(location, true.iloc[-OVERLAP:], 1.253, SPLIT_DAY, minutes=60)
    # A fall of 16 % is beyond the band of 12 %, so its bar waits for the next session.
    [doubt] = archive.doubts()
    assert doubt.doubt.rule is DoubtRule.BAND
    assert doubt.doubt.before == pytest.approx(true.iloc[-2])
    assert stored(archive) == pytest.approx(old.tolist())


def test_an_accepted_bar_on_a_new_scale_is_stored_when_it_comes_with_the_bars_before_it(
    location: ArchiveLocation, archive: Archive
) -> None:
    true = new_scale(location, 0.16, 1)
    old = store_before(location, true, 2.0)
    update(location, true.iloc[-OVERLAP:], 2.0, SPLIT_DAY)
    now = location.calendar.final_at(SPLIT_DAY) + timedelta(minutes=30)
    doubt, is_stored = decide(archive, archive.doubts()[0].id, DoubtState.ACCEPTED, location.calendar, now)
    assert (doubt.state, is_stored) == (DoubtState.ACCEPTED, False)
    assert stored(archive) == pytest.approx(old.tolist())
    update(location, true.iloc[-OVERLAP:], 2.0, SPLIT_DAY, minutes=60)
    assert stored(archive) == pytest.approx(true.tolist())


def test_a_bar_on_a_new_scale_that_its_twin_bears_out_comes_in_with_the_bars_before_it(
    location: ArchiveLocation, archive: Archive
) -> None:
    true, twin = new_scale(location, 0.125, 1), new_scale(location, 0.115, 1)
    old = store_before(location, true, 2.0, "SPY")
    store_before(location, twin, 1.0, "IVV")
    update(location, true.iloc[-OVERLAP:], 2.0, SPLIT_DAY, ticker="SPY")
    assert [doubt.doubt.subject for doubt in archive.doubts()] == ["SPY"]
    update(location, twin.iloc[-OVERLAP:], 1.0, SPLIT_DAY, 30, "IVV")
    assert stored(archive, "IVV") == pytest.approx(twin.tolist())
    assert stored(archive, "SPY") == pytest.approx(old.tolist())
    update(location, true.iloc[-OVERLAP:], 2.0, SPLIT_DAY, 60, "SPY")
    assert stored(archive, "SPY") == pytest.approx(true.tolist())
    assert archive.doubts() == []
