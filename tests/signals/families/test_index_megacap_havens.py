"""Days on which all indices fall, the seven giants, and metals."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from signals.asof.watched_names import SEVEN
from tests.signals.markets import last, last_value, market, values

NAN = float("nan")


def test_all_three_must_fall_and_one_that_does_not_ends_the_streak() -> None:
    closes = {"^GSPC": [10, 9, 8, 7, 7, 6], "^IXIC": [10, 9, 8, 7, 6, 5], "^DJI": [10, 9, 8, 9, 8, 7]}
    assert values(market(close=closes), "index.all_down_streak") == [None, 1, 2, 0, 0, 1]


def test_dia_stands_in_with_adjusted_closes_where_the_dow_is_missing() -> None:
    closes = {"^GSPC": [10, 9, 8], "^IXIC": [10, 9, 8], "^DJI": [10, NAN, NAN], "DIA": [10, 11, 12]}
    found = market(close=closes, adjusted={"DIA": [10, 9, 8]})
    assert values(found, "index.all_down_streak") == [None, 1, 2]
    assert values(
        market(close={**closes, "^DJI": [10, 11, 12]}, adjusted={"DIA": [10, 9, 8]}), "index.all_down_streak"
    ) == [
        None,
        0,
        0,
    ]


def test_without_dow_and_dia_the_reading_is_withheld_and_names_both() -> None:
    found = market(close={"^GSPC": [10, 9], "^IXIC": [10, 9]})
    assert last(found, "index.all_down_streak").reason == "^DJI has no close, and DIA has no adjusted close"
    assert last(market(close={"^IXIC": [10, 9]}), "index.all_down_streak").reason == "^GSPC has no close"


def seven(**changed: list[float]) -> dict[str, list[float]]:
    """All seven flat at 100 over two sessions unless told otherwise."""
    return {ticker: changed.get(ticker, [100.0, 100.0]) for ticker in SEVEN}


def test_giants_ahead_of_the_index_this_year_are_counted() -> None:
    closes = seven(AAPL=[100, 106], MSFT=[100, 105], NVDA=[100, 200]) | {"^GSPC": [1000, 1050]}
    # Apple and Nvidia; Microsoft ties.
    assert last_value(market("2023-12-29", close=closes), "megacap.count_beating_ytd") == 2.0


def test_the_count_needs_all_seven_and_the_index() -> None:
    closes = seven(META=[NAN, 100]) | {"^GSPC": [1000, 1050]}
    found = last(market("2023-12-29", close=closes), "megacap.count_beating_ytd")
    assert found.reason == "META has no close before 2024-01-02"
    assert last(market("2023-12-29", close=seven()), "megacap.count_beating_ytd").reason == "^GSPC has no close"


def test_a_fall_of_exactly_two_percent_counts() -> None:
    closes = seven(AAPL=[5.0, 4.9], MSFT=[100, 98], NVDA=[100, 98.01], TSLA=[100, 50])
    assert last_value(market(close=closes), "megacap.down_2pct") == 3.0
    assert last_value(market(close=seven(TSLA=[100, NAN])), "megacap.down_2pct") is None


def test_the_basket_compounds_the_mean_of_the_daily_returns() -> None:
    # Day 1: one of seven gains 7 %: basket + 1 %. Day 2: all fall 1 %. SPY gains 1 % in all.
    paths = {ticker: [100.0] + [100.0] * 19 + [100.0, 99.0] for ticker in SEVEN}
    paths["AAPL"] = [100.0] * 20 + [107.0, 107.0 * 0.99]
    found = market(close=paths | {"SPY": [100.0] * 21 + [101.0]})
    assert last_value(found, "megacap.spread_1d") == pytest.approx(-1 - 1)
    assert last_value(found, "megacap.spread_21d") == pytest.approx(100 * (1.01 * 0.99 - 1) - 1)


def test_one_day_without_one_of_the_seven_breaks_the_compounding() -> None:
    paths = {ticker: [100.0 + place for place in range(22)] for ticker in SEVEN}
    paths["META"][10] = NAN
    found = market(close=paths | {"SPY": [100.0] * 22})
    assert last(found, "megacap.spread_21d").reason == f"META has no adjusted close for {found.days[10].date()}"
    assert last_value(found, "megacap.spread_1d") is not None
    assert last(found, "megacap.spread_63d").reason == "needs 64 sessions, 22 are known since 2024-01-02"
    assert last(market(close=seven()), "megacap.spread_1d").reason == "SPY has no adjusted close"


def months(closes_at_month_ends: list[float], *, extra: int = 0):
    """MAGS from 2 January 2024 with a close at each month end, held between them, and sessions into the next month."""
    whole = market("2024-01-02", count=21 * (len(closes_at_month_ends) + 1))
    ends = whole.days.to_series().groupby(whole.days.to_period("M")).max()[: len(closes_at_month_ends)]
    count = int(whole.days.get_loc(ends.iloc[-1])) + 1 + extra
    path = np.full(count, NAN)
    for end, close in zip(ends, closes_at_month_ends, strict=True):
        path[whole.days.get_loc(end)] = close
    filled = [close if close == close else 7.0 for close in path]
    return market("2024-01-02", close={"MAGS": filled})


def test_losing_months_count_at_the_last_session_of_a_month_and_hold_until_the_next() -> None:
    found = months([10, 9, 8, 8], extra=5)
    readings = values(found, "megacap.mags_losing_months")
    by_day = dict(zip((str(day.date()) for day in found.days), readings, strict=True))
    assert by_day["2024-01-31"] is None
    assert by_day["2024-02-28"] is None
    # February and March lost; April, unchanged, did not.
    assert by_day["2024-02-29"] == 1.0
    assert by_day["2024-03-27"] == 1.0
    assert by_day["2024-03-28"] == 2.0
    assert by_day["2024-04-30"] == 0.0
    assert by_day["2024-05-07"] == 0.0
    assert last(found, "megacap.mags_losing_months").observed == date(2024, 4, 30)


def test_the_month_of_the_first_close_has_no_return() -> None:
    early = months([10], extra=3)
    assert (
        last(early, "megacap.mags_losing_months").reason
        == "needs two ends of months, sessions are known since 2024-01-02"
    )
    found = months([NAN, 10, 9])
    found.close.iloc[:25] = NAN
    found.close.iloc[-1] = 9.0
    assert last_value(found, "megacap.mags_losing_months") is not None


def test_a_month_end_without_a_close_leaves_two_months_unknown() -> None:
    found = months([10, 9, 8, 7, 6])
    march = found.days.get_loc("2024-03-28")
    found.close.iloc[march] = NAN
    readings = values(found, "megacap.mags_losing_months")
    by_day = dict(zip((str(day.date()) for day in found.days), readings, strict=True))
    assert by_day["2024-03-27"] == 1.0
    assert by_day["2024-03-28"] is None
    assert by_day["2024-04-30"] is None
    assert by_day["2024-05-31"] == 1.0
    assert (
        last(found.until(date(2024, 3, 28)), "megacap.mags_losing_months").reason == "MAGS has no close for 2024-03-28"
    )
    assert (
        last(found.until(date(2024, 4, 30)), "megacap.mags_losing_months").reason == "MAGS has no close for 2024-03-28"
    )


def test_metals_and_oil_are_closes_and_gold_over_silver_needs_both() -> None:
    found = market(close={"GC=F": [2000, 2100], "SI=F": [25, 30], "CL=F": [70, -37.63]})
    assert last_value(found, "havens.gold") == 2100
    assert last_value(found, "havens.silver") == 30
    assert last_value(found, "havens.oil") == -37.63
    assert last_value(found, "havens.gold_silver") == 70.0
    half = market(close={"GC=F": [2000, 2100], "SI=F": [25, NAN]})
    assert last(half, "havens.gold_silver").reason == "SI=F has no close for 2024-01-03"
    assert last(market(close={"GC=F": [2000], "SI=F": [0.0]}), "havens.gold_silver").reason == (
        "what it is divided by stands at 0"
    )
