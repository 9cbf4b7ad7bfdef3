"""The simulated market behind the interface of the live sources."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bot.archive import Archive
from bot.calendar.clock import Calendar
from bot.domain.fetched import FetchRequest, HealthState
from bot.errors import SourceError
from bot.sources.base import QuoteSource
from bot.sources.simulated import SimulatedSource, simulate

AFTERNOON = datetime(2025, 6, 11, 18, 0, tzinfo=UTC)
"""14:00 in New York on a Wednesday, while the exchange is open."""
EVENING = datetime(2025, 6, 11, 22, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def year() -> Calendar:
    return Calendar(date(2024, 12, 2), date(2025, 7, 1))


@pytest.fixture(scope="module")
def source(year: Calendar) -> QuoteSource:
    return SimulatedSource(year)


def request(start: date, end: date, **more: object) -> FetchRequest:
    return FetchRequest(start, end, **more)  # type: ignore[arg-type]


async def test_bars_are_those_of_the_market(source: QuoteSource, year: Calendar):
    market = simulate(year, date(2025, 6, 2), date(2025, 6, 6))
    answer = await source.fetch(request(date(2025, 6, 2), date(2025, 6, 6), tickers=("SPY", "KO")), EVENING)
    assert answer.source == "simulated"
    assert answer.fetched_at == EVENING
    assert answer.partial_day is None
    assert not answer.missing
    for ticker in ("SPY", "KO"):
        expected = pd.DataFrame({"close": market.close[ticker], "adj_close": market.adj_close[ticker]})
        pd.testing.assert_frame_equal(answer.bars[ticker], expected, check_freq=False)


async def test_a_running_session_is_not_told_as_a_bar_and_a_final_one_is(source: QuoteSource):
    asked = request(date(2025, 6, 9), date(2025, 6, 30), tickers=("SPY",))
    running = await source.fetch(asked, AFTERNOON)
    final = await source.fetch(asked, EVENING)
    assert running.bars["SPY"].index[-1] == pd.Timestamp("2025-06-10")
    assert final.bars["SPY"].index[-1] == pd.Timestamp("2025-06-11")


async def test_observations_after_now_are_not_told_and_months_not_before_their_release(source: QuoteSource):
    answer = await source.fetch(
        request(date(2025, 3, 20), date(2025, 6, 30), series=("DGS10", "CPILFESL", "UNRATE", "DFF")), EVENING
    )
    assert answer.observations["DGS10"].index[-1] == pd.Timestamp("2025-06-11")
    assert list(answer.observations["CPILFESL"].index) == [pd.Timestamp("2025-04-01")]
    assert list(answer.observations["UNRATE"].index) == [pd.Timestamp("2025-04-01"), pd.Timestamp("2025-05-01")]
    assert answer.observations["DFF"].index[0] == pd.Timestamp("2025-03-20")


async def test_strangers_are_missing_with_a_reason_and_spoil_nothing(source: QuoteSource):
    answer = await source.fetch(
        request(date(2025, 6, 9), date(2025, 6, 10), tickers=("NOPE", "SPY"), series=("XYZ",)), EVENING
    )
    assert set(answer.missing) == {"NOPE", "XYZ"}
    assert set(answer.bars) == {"SPY"}


async def test_the_list_of_members_comes_only_when_asked_for(source: QuoteSource):
    with_list = await source.fetch(request(date(2025, 6, 10), date(2025, 6, 10), universe=True), EVENING)
    without = await source.fetch(request(date(2025, 6, 10), date(2025, 6, 10), tickers=("SPY",)), EVENING)
    assert with_list.universe is not None
    assert list(with_list.universe.columns) == ["ticker", "name", "sector", "industry", "groups"]
    assert without.universe is None


def test_funds_come_before_members_and_nothing_is_lost_in_the_split(source: QuoteSource):
    members = tuple(f"M{number}" for number in range(300))
    whole = request(
        date(2025, 6, 9), date(2025, 6, 10), tickers=(*members, "SPY", "^RUT"), series=("VIX",), universe=True
    )
    pieces = source.split(whole)
    assert [piece.universe for piece in pieces] == [True, False, False, False, False, False]
    assert pieces[1].series == ("VIX",)
    assert pieces[2].tickers == ("SPY", "^RUT")
    assert tuple(ticker for piece in pieces[3:] for ticker in piece.tickers) == members
    assert all(len(piece.tickers) <= 120 for piece in pieces)


def test_nothing_wanted_makes_no_pieces(source: QuoteSource):
    assert list(source.split(request(date(2025, 6, 9), date(2025, 6, 10)))) == []


async def test_quotes_lie_between_two_closes_by_the_time_of_the_session(source: QuoteSource, year: Calendar):
    market = simulate(year, date(2025, 6, 10), date(2025, 6, 11))
    before, after = market.close["NVDA"]
    opening = year.open_at(date(2025, 6, 11))
    early = await source.quotes(["NVDA"], opening)
    # Open 9:30 to 16:00: 14:00 is 270 of 390 minutes in.
    later = await source.quotes(["NVDA", "NOPE"], AFTERNOON)
    ended = await source.quotes(["NVDA"], year.close_at(date(2025, 6, 11)) + timedelta(minutes=10))
    assert early.bars["NVDA"]["close"].iloc[0] == pytest.approx(before)
    assert later.bars["NVDA"]["close"].iloc[0] == pytest.approx(before + 270 / 390 * (after - before))
    assert ended.bars["NVDA"]["close"].iloc[0] == pytest.approx(after)
    assert later.partial_day == date(2025, 6, 11)
    assert set(later.missing) == {"NOPE"}


async def test_quotes_of_a_closed_exchange_are_refused(source: QuoteSource):
    with pytest.raises(SourceError, match="closed"):
        await source.quotes(["SPY"], EVENING)


async def test_a_source_says_that_it_is_fresh_only_after_its_first_answer(year: Calendar):
    fresh = SimulatedSource(year)
    assert fresh.health.state is HealthState.UNKNOWN
    await fresh.fetch(request(date(2025, 6, 9), date(2025, 6, 10), tickers=("SPY",)), EVENING)
    assert fresh.health.state is HealthState.OK
    assert fresh.health.last_success == EVENING


async def test_pieces_fetched_one_after_the_other_make_the_same_market_in_the_archive(
    source: QuoteSource, year: Calendar, tmp_path: Path
):
    market = simulate(year, date(2025, 5, 1), date(2025, 6, 11))
    tickers = ("SPY", "KO", "NVDA", "SI=F")
    with Archive.open(tmp_path / "market.db") as archive:
        for start, end in ((date(2025, 5, 1), date(2025, 5, 30)), (date(2025, 5, 20), date(2025, 6, 11))):
            whole = request(start, end, tickers=tickers, series=("VIX", "DFII10"), universe=True)
            for piece in source.split(whole):
                archive.store(await source.fetch(piece, EVENING), year)
        kept = archive.market(year)
    assert not kept.suspicious
    assert kept.last == market.last
    for ticker in tickers:
        assert np.allclose(kept.close[ticker], market.close[ticker], rtol=1e-12)
        assert np.allclose(kept.adj_close[ticker], market.adj_close[ticker], rtol=1e-9)
    assert kept.series["DFII10"]["value"].equals(market.series["DFII10"]["value"])
    assert len(kept.universe) == len(market.universe)
