"""Headlines compare with all years that the archive has, and load all members only where that can matter."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pandas as pd
import pytest

from bot.readings.superlatives import OF_FEW_PRICES, OF_MEMBERS, SUPERLATIVES, all_years, of_histories, without_equal
from signals import catalogue
from signals.core.market import Market
from signals.core.model import History
from tests.signals.markets import random_market

HIGHS = "breadth.sp500.new_highs"


@cache
def whole() -> tuple[Market, dict[str, History]]:
    market = random_market(21, count=700)
    return market, catalogue.compute(market, SUPERLATIVES)


def tail(sessions: int) -> Market:
    """The same market without its beginning."""
    market = whole()[0]
    first = len(market.days) - sessions
    return replace(
        market,
        sessions=market.sessions[first:],
        ends=market.ends[first:],
        close=market.close.iloc[first:],
        adj_close=market.adj_close.iloc[first:],
    )


def with_last(histories: dict[str, History], name: str, value: float) -> dict[str, History]:
    values = histories[name].values.copy()
    values.iloc[-1] = value
    return {**histories, name: replace(histories[name], values=values)}


def refused() -> Market:
    raise AssertionError("all members were loaded although the newest value has its equal")


def test_signals_of_few_prices_reach_back_to_the_first_year() -> None:
    market, histories = whole()
    short = tail(330)
    ordinary = catalogue.compute(short, SUPERLATIVES)
    for name in OF_MEMBERS:
        known = ordinary[name].values.dropna()
        ordinary = with_last(ordinary, name, float(known.iloc[:-1].median()))
    found = all_years(short, ordinary, market, everything=refused)
    assert list(found.index) == list(market.days)
    for name in OF_FEW_PRICES:
        pd.testing.assert_series_equal(found[name], histories[name].values, check_names=False)


def test_breadth_without_an_equal_is_looked_up_in_all_years() -> None:
    market, histories = whole()
    short = tail(330)
    ordinary = catalogue.compute(short, SUPERLATIVES)
    assert ordinary[HIGHS].values.count() < histories[HIGHS].values.count()
    for name in OF_MEMBERS:
        known = ordinary[name].values.dropna()
        ordinary = with_last(ordinary, name, 1e6 if name == HIGHS else float(known.iloc[:-1].median()))
    loaded: list[int] = []

    def everything() -> Market:
        loaded.append(1)
        return market

    found = all_years(short, ordinary, market, everything=everything)
    assert loaded == [1]
    pd.testing.assert_series_equal(found[HIGHS], histories[HIGHS].values, check_names=False)


def test_where_all_years_are_loaded_already_nothing_more_is() -> None:
    market, histories = whole()
    found = all_years(market, with_last(histories, HIGHS, 1e6), market, everything=refused)
    assert found[HIGHS].iloc[-1] == 1e6
    assert list(of_histories(histories)) == list(SUPERLATIVES)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2, 3], True),
        ([3, 2, 1], True),
        ([1, 3, 2], False),
        ([1, 3, 3], False),
        ([float("nan"), 3], False),
        ([1, float("nan")], False),
        ([1, float("nan"), 2], True),
        ([], False),
    ],
)
def test_a_value_without_an_equal_is_beyond_all_before(values: list[float], expected: bool) -> None:
    assert without_equal(pd.Series(values, dtype=float)) is expected
