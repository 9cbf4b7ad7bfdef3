"""Futures on the Fed, its projections and option chains of the simulated market: consistent with what it says elsewhere."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from bot.calendar.clock import Calendar
from bot.domain.fetched import FetchRequest
from bot.sources.simulated import SimulatedSource
from bot.sources.simulated.paths.economy import meetings
from signals import catalogue
from signals.asof import fomc_meetings
from signals.core.market import Market
from signals.core.panel import Panel
from signals.derivatives import fed_funds
from signals.families.options import PUT_CALL_SYMBOLS

IDS = (
    *("rates.priced_cuts", "rates.sep_gap", "capex.semis_capacity", "capex.computer_orders_yoy"),
    *(f"options.put_call.{symbol.lower()}" for symbol in PUT_CALL_SYMBOLS),
    *("options.skew_25d.qqq", "options.skew_25d.nvda"),
)
RANGES = {
    "rates.priced_cuts": (-8, 8),
    "rates.sep_gap": (-3, 3),
    "options.put_call": (0.1, 5),
    "options.skew_25d": (-5, 20),
    "capex.semis_capacity": (40, 95),
    "capex.computer_orders_yoy": (-30, 40),
}

HELD_UP = {
    "capex.semis_capacity": (("2025-11-17", "2025-12-02"), ("2025-12-17", "2025-12-22")),
    "capex.computer_orders_yoy": (
        ("2019-01-16", "2019-02-01"),
        ("2019-02-19", "2019-02-26"),
        ("2019-03-18", "2019-03-18"),
        ("2025-10-16", "2025-12-03"),
        ("2025-12-17", "2025-12-31"),
    ),
}


def test_every_signal_has_a_reading_on_every_session_and_none_is_absurd(decade: Market) -> None:
    for id, history in catalogue.compute(decade, IDS).items():
        low, high = next(limits for name, limits in RANGES.items() if id.startswith(name))
        assert history.values.between(low, high).mean() == history.values.notna().mean(), id
        # The days of release are the real ones: in the shutdowns the newest figures became too old.
        held_up = pd.concat([history.values.loc[first:last] for first, last in HELD_UP.get(id, ())] or [pd.Series()])
        assert held_up.isna().all(), id
        others = history.values.drop(held_up.index)
        # The first months of a yearly growth may lie before its first year.
        assert others.notna().mean() > 0.98, id
        assert others.iloc[-200:].notna().all(), id
        assert history.values.nunique() > 5, id


def test_the_simulated_meetings_replace_the_real_ones(decade: Market) -> None:
    position, days = fomc_meetings.plans(Panel(decade))[-1]
    assert position < len(decade.days)
    of = {year: [day for day in days if day.year == year] for year in (2016, 2020, 2025, 2026)}
    assert of == {year: meetings(year, year) for year in of}


def test_the_contract_of_a_month_that_is_over_is_the_mean_of_its_effective_rates(decade: Market) -> None:
    effective = decade.series["DFF"]["value"]
    for year, month in ((2018, 3), (2021, 7), (2024, 9)):
        prices = decade.close[fed_funds.contract(year, month)].dropna()
        mean = effective.loc[f"{year}-{month:02d}"].mean()
        last = prices.index[-1]
        assert last.month == month
        # What is left of the month after its last session, and the rounding to half a basis point.
        assert 100 - prices.iloc[-1] == pytest.approx(mean, abs=0.012)


def test_contracts_trade_for_18_months(decade: Market) -> None:
    prices = decade.close["ZQZ22.CBT"].dropna()
    assert prices.index[0] == pd.Timestamp("2021-07-01")
    assert prices.index[-1] == pd.Timestamp("2022-12-30")
    assert prices.notna().all()
    assert prices.between(90, 100).all()
    assert np.allclose(prices * 200, np.rint(prices * 200))


def test_what_is_priced_at_the_end_of_a_chain_is_where_the_simulated_fed_wants_to_be(decade: Market) -> None:
    found = fed_funds.outlook(Panel(decade))
    # The effective rate of the first session is known at the second.
    year_end = found.year_end[1:]
    assert not np.isnan(year_end).any()
    upper = decade.series["DFEDTARU"]["value"].reindex(decade.days).to_numpy()[1:]
    assert np.abs(year_end - upper).mean() < 1.0
    same_year = found.years[2:] == found.years[1:-1]
    assert np.quantile(np.abs(np.diff(year_end)[same_year]), 0.95) < 0.15


def test_projections_come_four_times_a_year_for_three_years_in_tenths(decade: Market) -> None:
    rows = decade.records["projections"]
    of_2024 = rows[rows["known_at"].dt.year == 2024]
    assert [str(day.date()) for day in of_2024["known_at"].drop_duplicates()] == [
        "2024-03-20",
        "2024-06-19",
        "2024-09-18",
        "2024-12-18",
    ]
    assert set(of_2024["year_end"].dt.year) == {2024, 2025, 2026}
    assert np.allclose(rows["median"] * 10, np.rint(rows["median"] * 10))


def test_skews_rise_and_puts_are_bought_when_the_market_falls(decade: Market) -> None:
    qqq = decade.records["options"].query("symbol == 'QQQ'").set_index("date")
    weekly = decade.close["QQQ"].pct_change(5)
    ratio = np.log(qqq["put_volume"] / qqq["call_volume"])
    assert ratio.corr(weekly) < -0.2
    assert qqq["skew_25d"].corr(decade.series["VXN"]["value"]) > 0.3


# The same through the source's own door


SESSION = date(2025, 6, 10)
AFTER = datetime(2025, 6, 10, 20, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def source(calendar: Calendar) -> SimulatedSource:
    return SimulatedSource(calendar)


async def test_records_are_handed_out_up_to_now_and_of_the_tickers_named(
    source: SimulatedSource, decade: Market
) -> None:
    request = FetchRequest(
        SESSION, SESSION, tickers=("QQQ",), records=("options", "projections", "meetings", "nothing")
    )

    (piece,) = source.split(request)
    early = await source.fetch(piece, datetime(2025, 6, 10, 19, 44, tzinfo=UTC))
    fetched = await source.fetch(piece, AFTER)

    rows = fetched.records["options"]
    assert set(rows["symbol"]) == {"QQQ"}
    assert rows["date"].max() == pd.Timestamp(SESSION)
    assert early.records["options"]["date"].max() == pd.Timestamp("2025-06-09")
    assert set(fetched.records) == {"options", "projections", "meetings"}
    assert (fetched.records["projections"]["known_at"] <= pd.Timestamp(AFTER)).all()
    assert fetched.bars == {}
    assert fetched.missing == {}
    mine = decade.records["options"].query("symbol == 'QQQ' and date == @SESSION").iloc[0]
    assert rows.iloc[-1]["put_volume"] == mine["put_volume"]


async def test_futures_are_tickers_like_the_others(source: SimulatedSource, decade: Market) -> None:
    request = FetchRequest(SESSION, SESSION, tickers=fed_funds.contracts(SESSION))

    fetched = await source.fetch(request, AFTER)

    assert len(fetched.bars) == 18
    assert fetched.bars["ZQZ25.CBT"]["close"].iloc[-1] == decade.close.loc[pd.Timestamp(SESSION), "ZQZ25.CBT"]
