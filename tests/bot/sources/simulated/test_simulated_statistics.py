"""What someone who watches markets would check on the simulated one; bounds are those of real decades, widened."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from bot.alerts.rules import default_band, firings
from bot.alerts.topics import TOPICS
from bot.calendar.clock import Calendar
from bot.sources.simulated import DEMO_START, SEED, simulate
from bot.sources.simulated.instruments import read_instruments
from signals import catalogue
from signals.core.market import Market
from signals.core.measures import measure_of

SEEDS = (SEED, 7)


@pytest.fixture(scope="module", params=SEEDS)
def any_decade(request: pytest.FixtureRequest, calendar: Calendar, decade: Market) -> Market:
    if request.param == SEED:
        return decade
    return simulate(calendar, date(2016, 1, 1), date(2025, 12, 31), seed=request.param)


def moves(market: Market, ticker: str) -> pd.Series:
    return np.log(market.close[ticker]).diff().iloc[1:]


def value(market: Market, name: str) -> pd.Series:
    return market.series[name]["value"]


def test_the_index_swings_as_much_as_it_should_with_fat_tails_that_come_in_clusters(any_decade: Market):
    daily = moves(any_decade, "SPY")
    assert 0.008 < daily.std() < 0.014
    assert daily.kurt() + 3 > 4
    assert daily.abs().autocorr(1) > 0.1
    assert daily.abs().autocorr(20) > 0.03
    assert abs(daily.autocorr(1)) < 0.12


def test_volatility_indices_rise_when_the_market_falls(any_decade: Market):
    for name in ("VIX", "VIX9D", "VIX3M", "VXN"):
        level = value(any_decade, name)
        assert level.between(6, 95).all(), name
        assert np.log(level).diff().corr(moves(any_decade, "SPY")) < -0.4, name
    assert 13 < value(any_decade, "VIX").mean() < 22
    assert value(any_decade, "VIX").max() > 35
    assert (value(any_decade, "VXN") > value(any_decade, "VIX")).mean() > 0.98
    assert value(any_decade, "SKEW").between(100, 180).all()


def test_put_call_ratios_rise_after_falls_and_stay_in_their_range(any_decade: Market):
    fall = -moves(any_decade, "SPY").rolling(5).sum()
    for name, low, high in (("EQUITY", 0.1, 1.8), ("TOTAL", 0.3, 2.2), ("INDEX", 0.2, 2.8)):
        ratio = value(any_decade, f"CBOE_{name}_PC")
        assert ratio.between(low, high).all(), name
    assert value(any_decade, "CBOE_EQUITY_PC").corr(fall) > 0.2


def test_members_move_together_but_not_too_much(any_decade: Market):
    daily = np.log(any_decade.close[any_decade.members("sp500")]).diff().iloc[-750:]
    table = daily.corr().to_numpy()
    assert 0.18 < np.nanmean(table[np.triu_indices_from(table, 1)]) < 0.42
    assert 0.013 < daily.std().median() < 0.025


def test_breadth_wanders_from_wash_out_to_nearly_all(any_decade: Market):
    above = catalogue.compute(any_decade, ["breadth.sp500.above_50dma"])["breadth.sp500.above_50dma"].values.dropna()
    assert above.min() < 10
    assert above.max() > 92
    assert 40 < above.mean() < 65
    assert above.autocorr(1) > 0.9


def test_yields_and_prices_stay_where_they_are_believed(any_decade: Market):
    assert value(any_decade, "DFII10").between(-2, 4).all()
    assert value(any_decade, "DGS10").between(0.3, 7).all()
    assert value(any_decade, "DGS2").between(0.0, 7).all()
    assert value(any_decade, "T10YIE").between(1.4, 3.1).all()
    assert 0.03 < value(any_decade, "DFII10").diff().std() < 0.07
    assert value(any_decade, "UNRATE").between(3, 11).all()
    assert 100 < any_decade.close["SPY"].min() < any_decade.close["SPY"].max() < 1500
    assert any_decade.close.max().drop("^DJI").max() < 60_000
    assert any_decade.close["NVDA"].max() < 2_000
    inflation = (value(any_decade, "CPILFESL").pct_change(12) * 100).dropna()
    assert inflation.between(-1, 8).all()


def test_ten_companies_become_a_quarter_to_a_half_of_the_index(decade: Market):
    instruments = read_instruments()
    worth = (decade.close.iloc[[0, -1]][list(instruments.tickers)] * instruments.shares)[decade.members("sp500")]
    share = worth.apply(lambda day: day.nlargest(10).sum() / day.sum() * 100, axis=1)
    assert share.iloc[0] < share.iloc[-1]
    assert 25 < share.iloc[-1] < 50


def test_equal_weight_leads_for_a_while_and_lags_for_a_while(any_decade: Market):
    half_a_year = (any_decade.adj_close["RSP"] / any_decade.adj_close["SPY"]).pct_change(126).dropna()
    assert half_a_year.min() < -0.04
    assert half_a_year.max() > 0.04


def topic_firings(market: Market) -> dict[str, list[date]]:
    """Topic -> sessions on which any of its parts fires, with the house's bands."""
    histories = catalogue.compute(market, sorted({spec.signal for topic in TOPICS for spec in topic.specs}))
    told: dict[str, list[date]] = {}
    for topic in TOPICS:
        days: set[date] = set()
        for spec in topic.specs:
            values = measure_of(catalogue.signal(spec.signal), histories[spec.signal], spec.measure)
            band = default_band(values, catalogue.signal(spec.signal).unit, spec.measure)
            days.update(firings(values, replace(spec, band=band)))
        told[topic.key] = sorted(days)
    return told


@pytest.fixture(scope="module")
def fired(calendar: Calendar) -> dict[str, list[date]]:
    """Topic -> sessions on which it fires, in eleven years of the default seed."""
    market = simulate(calendar, date(2016, 1, 1), date(2026, 12, 31))
    return topic_firings(market)


@pytest.mark.parametrize("topic", [topic.key for topic in TOPICS])
def test_every_topic_fires_now_and_then_but_not_every_week(fired: dict[str, list[date]], topic: str):
    assert 2 <= len(fired[topic]) <= 300


def test_the_demonstration_has_its_first_alert_within_five_sessions_and_many_kinds_within_thirty(
    calendar: Calendar, fired: dict[str, list[date]]
):
    sessions = calendar.between(DEMO_START + timedelta(days=1), date(2026, 12, 31))[:30]
    kinds = {key for key, days in fired.items() if set(days) & set(sessions)}
    first = min(day for days in fired.values() for day in days if day in sessions)
    assert first in sessions[:5]
    assert {"russell-streak", "mag7-red-day", "rotation-turn"} <= kinds
    assert len(kinds) >= 7
