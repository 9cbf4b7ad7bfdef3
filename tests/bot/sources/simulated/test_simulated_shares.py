"""Shares of funds in the simulated market: flows exist, follow the giants late, and are the same however they are asked for."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from bot.calendar.clock import Calendar
from bot.sources.simulated import simulate
from signals import catalogue
from signals.core.market import FINAL_AFTER, Market

CALENDAR = Calendar(date(2023, 1, 1), date(2026, 12, 31))


@pytest.fixture(scope="module")
def market() -> Market:
    return simulate(CALENDAR, date(2023, 2, 1), date(2026, 6, 30))


def test_every_signal_of_flows_has_a_value_once_its_window_is_full(market: Market) -> None:
    flows = [id for id in catalogue.SIGNALS if id.startswith("flows.")]
    histories = catalogue.compute(market, flows)
    assert len(flows) == 24
    for id, history in histories.items():
        assert history.values.iloc[50:].notna().all(), id
    tech = histories["flows.tech_4w"].values.dropna()
    assert 0.5 < tech.std() < 4
    assert histories["flows.tech_4w_usd"].values.abs().max() < 60e9


def test_nothing_is_public_before_the_morning_after_its_day(market: Market) -> None:
    rows = market.records["funds"]
    assert (rows["known_at"] <= market.ends[-2] + FINAL_AFTER).all()
    assert (rows["known_at"] >= rows["date"].dt.tz_localize("UTC") + pd.Timedelta(hours=37)).all()
    assert rows["known_at"].is_monotonic_increasing
    assert (rows["shares_outstanding"] % 50_000 == 0).all()


def test_a_day_has_the_same_counts_whatever_span_is_asked_for(market: Market) -> None:
    long, short = market.records["funds"], simulate(CALENDAR, date(2024, 5, 2), date(2024, 6, 28)).records["funds"]
    assert len(short) > 100
    same = long[long["date"].isin(short["date"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(same, short.reset_index(drop=True))


def test_money_follows_the_giants_and_leaves_the_rest(market: Market) -> None:
    found = catalogue.compute(market, ["flows.tech_8w", "flows.equal_weight_4w"])
    lead = (market.adj_close["QQQ"] / market.adj_close["RSP"]).pct_change(63)
    assert np.corrcoef(*pd.DataFrame([lead, found["flows.tech_8w"].values]).dropna(axis=1).to_numpy())[0, 1] > 0.3
    assert np.corrcoef(*pd.DataFrame([lead, found["flows.equal_weight_4w"].values]).dropna(axis=1).to_numpy())[0, 1] < 0
