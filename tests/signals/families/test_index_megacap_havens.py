"""Days on which all indices fall, the Magnificent Seven, and metals."""

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
    """MAGS from January 2, 2024 with a close at each month end, held between them, and sessions into the next month."""
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


def of_mags(first: str, closes: list[float]):
    return market(first, close={"MAGS": closes})


def test_the_month_so_far_is_held_against_the_last_close_of_the_month_before() -> None:
    found = of_mags("2024-02-28", [50, 40, 41, 39])
    assert values(found, "megacap.mags_mtd") == [None, None, 2.5, -2.5]
    first = last(found.until(date(2024, 2, 28)), "megacap.mags_mtd")
    assert first.reason == "needs the last session before 2024-02, sessions are known since 2024-02-28"


def test_a_third_losing_month_is_told_from_its_tenth_session_on_while_it_is_lost() -> None:
    # January 100; February 90 and March 80 are lost; April has 22 sessions: below 80 but on the eleventh.
    whole = market("2024-01-31", count=100)
    month = whole.days.month.tolist()
    april = [number for number, each in enumerate(month) if each == 4]
    path = {1: 100.0, 2: 90.0, 3: 80.0, 4: 79.0, 5: 70.0}
    closes = [path[each] for each in month if each <= 5]
    closes[april[10]] = 80.0
    found = of_mags("2024-01-31", closes)
    flags = values(found, "megacap.mags_third_month")
    assert [flags[place] for place in april] == [0.0] * 9 + [1.0, 0.0] + [1.0] * (len(april) - 11)
    # The month's own last session still counts February and March alone; May begins at 0 again.
    assert values(found, "megacap.mags_losing_months")[april[-1]] == 3.0
    may = [number for number, each in enumerate(month) if each == 5]
    assert [flags[place] for place in may[:11]] == [0.0] * 9 + [1.0, 1.0]


def test_two_lost_months_must_lie_before_the_one_that_is_told() -> None:
    whole = market("2024-01-31", count=60)
    path = {1: 100.0, 2: 110.0, 3: 80.0, 4: 70.0}
    found = of_mags("2024-01-31", [path[month] for month in whole.days.month.tolist() if month in path])
    assert set(values(found, "megacap.mags_third_month")[25:]) == {0.0}
    early = last(found.until(date(2024, 2, 20)), "megacap.mags_third_month")
    assert early.reason == "needs the month before the last one, sessions are known since 2024-01-31"
    assert last(market(close={"^GSPC": [1.0]}), "megacap.mags_third_month").reason == "MAGS has no close"


def test_returns_of_an_index_are_on_closes() -> None:
    closes = {"^DJI": [100, 101, 102, 103, 104, 110], "^NDX": [200, 200, 200, 200, 200, 190]}
    found = market(close=closes, adjusted={"^DJI": [1] * 6, "^NDX": [1] * 6})
    assert last_value(found, "index.dow.return_5d") == 10.0
    assert last_value(found, "index.dow.return_1d") == pytest.approx(100 * 6 / 104, abs=5e-9)
    assert last_value(found, "index.ndx.return_1d") == last_value(found, "index.ndx.return_5d") == -5.0
    assert last(found, "index.russell.return_1d").reason == "^RUT has no close"


def test_a_drawdown_is_from_the_highest_close_of_252_sessions_and_needs_all_of_them() -> None:
    path = [200.0, *[100.0] * 250, 120.0, 90.0]
    found = market("2024-01-02", close={"^IXIC": path, "NVDA": path})
    # On the 252nd session the high of 200 is in the window, on the next one it is not.
    assert values(found, "index.nasdaq.drawdown")[251:] == [-40.0, -25.0]
    assert values(found, "megacap.nvda.drawdown")[251:] == [-40.0, -25.0]
    gap = market("2024-01-02", close={"^IXIC": [*path[:100], NAN, *path[101:]]})
    assert last(gap, "index.nasdaq.drawdown").reason == (
        f"needs 252 closes without a gap: ^IXIC has no close for {gap.days[100].date()}"
    )
    early = last(found.until(found.days[250].date()), "index.nasdaq.drawdown")
    assert early.reason == "needs 252 sessions, 251 are known since 2024-01-02"


def test_the_year_of_one_of_the_seven_is_on_closes_and_changes_only_within_it() -> None:
    found = market("2023-12-28", close={"TSLA": [100, 200, 210, 220]}, adjusted={"TSLA": [1, 2, 3, 4]})
    reading = last(found, "megacap.tsla.ytd")
    assert (reading.value, reading.measures.change_1d) == (10.0, 5.0)
    assert last(found.until(date(2024, 1, 2)), "megacap.tsla.ytd").measures.change_1d is None


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
