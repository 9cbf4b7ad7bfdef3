"""Funds and indices held against each other: spreads, z of ratios, streaks and gaps since New Year."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest

from tests.signals.markets import last, last_value, market, values

NAN = float("nan")


def test_a_spread_is_the_difference_of_returns_on_adjusted_closes_in_points() -> None:
    found = market(close={"RSP": [1, 1], "SPY": [1, 1]}, adjusted={"RSP": [100, 103], "SPY": [200, 202]})
    assert last_value(found, "weighting.rsp_spy.spread_1d") == pytest.approx(3 - 1)


def test_a_spread_over_21_sessions_needs_both_ends_and_nothing_between() -> None:
    first, second = [100.0, *[NAN] * 20, 110.0], [50.0, *[51.0] * 20, 52.0]
    found = market(close={"RSP": first, "SPY": second})
    assert last_value(found, "weighting.rsp_spy.spread_21d") == pytest.approx(10 - 4)
    assert last(found, "weighting.rsp_spy.spread_63d").reason == "needs 64 sessions, 22 are known since 2024-01-02"
    assert last(found, "weighting.rsp_spy.spread_1d").reason == "RSP has no adjusted close for 2024-01-31"


def test_a_missing_leg_is_named() -> None:
    found = market(close={"RSP": [100, NAN], "SPY": [50, 51]})
    assert last(found, "weighting.rsp_spy.spread_1d").reason == "RSP has no adjusted close for 2024-01-03"
    assert last(market(close={"SPY": [50, 51]}), "weighting.rsp_spy.spread_1d").reason == "RSP has no adjusted close"


def test_a_leg_that_could_not_be_confirmed_withholds_with_its_sentence() -> None:
    found = market(close={"RSP": [100, 50], "SPY": [50, 51]}, suspicious={"RSP": "RSP halved and no split is known."})
    assert last(found, "weighting.rsp_spy.spread_1d").reason == "RSP halved and no split is known."
    assert last(found, "weighting.rsp_spy.z_252d").reason == "RSP halved and no split is known."


def ratio_market(ratios: list[float], pair: tuple[str, str] = ("RSP", "SPY")):
    return market("2022-01-03", close={pair[0]: [100 * ratio for ratio in ratios], pair[1]: [100.0] * len(ratios)})


@pytest.mark.parametrize(
    ("id", "pair"),
    [
        ("weighting.rsp_spy.z_252d", ("RSP", "SPY")),
        ("weighting.qqqe_qqq.z_252d", ("QQQE", "QQQ")),
        ("weighting.rspt_xlk.z_252d", ("RSPT", "XLK")),
        ("size.iwm_spy.z_252d", ("IWM", "SPY")),
        ("size.value_growth.z_252d", ("IVE", "IVW")),
        ("capex.smh_spy.z_252d", ("SMH", "SPY")),
        ("havens.gld_spy.z_252d", ("GLD", "SPY")),
    ],
)
def test_z_of_the_log_ratio_over_252_sessions(id: str, pair: tuple[str, str]) -> None:
    ratios = [9.0, *(1.0 + 0.001 * (place % 7) for place in range(251)), 1.02]
    logs = [math.log(ratio) for ratio in ratios[1:]]
    expected = (logs[-1] - statistics.mean(logs)) / statistics.stdev(logs)
    assert last_value(ratio_market(ratios, pair), id) == pytest.approx(expected, abs=6e-9)


def test_the_252_pairs_reach_further_back_over_sessions_that_lack_a_leg() -> None:
    ratios = [9.0] * 30 + [1.0 + 0.001 * (place % 7) for place in range(292)]
    for place in range(80, 120):
        ratios[place] = NAN
    logs = [math.log(ratio) for ratio in ratios[30:] if ratio == ratio]
    assert len(logs) == 252
    expected = (logs[-1] - statistics.mean(logs)) / statistics.stdev(logs)
    assert last_value(ratio_market(ratios), "weighting.rsp_spy.z_252d") == pytest.approx(expected, abs=6e-9)


def test_z_needs_200_pairs_and_says_how_many_there_are() -> None:
    ratios = [1.0 + 0.001 * (place % 7) for place in range(200)]
    assert values(ratio_market(ratios), "weighting.rsp_spy.z_252d")[198:] == [None, pytest.approx(last_z(ratios))]
    assert last(ratio_market(ratios[:199]), "weighting.rsp_spy.z_252d").reason == (
        "needs 200 sessions with both RSP and SPY, 199 are known"
    )


def last_z(ratios: list[float]) -> float:
    logs = [math.log(ratio) for ratio in ratios]
    return (logs[-1] - statistics.mean(logs)) / statistics.stdev(logs)


def test_a_ratio_that_never_moved_has_no_z() -> None:
    assert (
        last(ratio_market([0.3] * 252), "weighting.rsp_spy.z_252d").reason
        == "RSP over SPY did not move in 252 sessions"
    )


def streak_of(first: list[float], second: list[float]) -> list[float | None]:
    return values(market(close={"^RUT": first, "^GSPC": second}), "size.russell_sp500.streak")


def test_a_streak_grows_while_the_return_is_higher_and_turns_negative_when_lower() -> None:
    assert streak_of([100, 102, 104, 103, 101], [100, 101, 102, 103, 104]) == [None, 1, 2, -1, -2]


def test_a_tie_ends_a_streak_at_zero_even_if_rounding_hides_it() -> None:
    # 30.3/30 and 50.5/50 are both 1.01.
    assert streak_of([29, 30, 30.3, 31], [50, 50, 50.5, 50.5]) == [None, 1, 0, 1]


def test_a_streak_does_not_reach_across_a_session_that_lacks_a_leg() -> None:
    assert streak_of([100, 102, 104, NAN, 106, 108], [100, 100, 100, 100, 100, 100]) == [None, 1, 2, None, None, 1]


def test_the_streak_of_funds_uses_adjusted_closes() -> None:
    found = market(close={"IWM": [100, 99], "SPY": [100, 100]}, adjusted={"IWM": [98, 99], "SPY": [100, 100]})
    assert last_value(found, "size.iwm_spy.streak") == 1.0


def test_gaps_since_new_year_start_at_the_last_session_of_the_year_before() -> None:
    # Sessions: 27, 28, 29 December 2023, 2, 3 January 2024.
    closes = {
        "IWM": [1, 1, 100, 90, 105],
        "SPY": [1, 1, 200, 210, 204],
        "IJH": [1, 1, 50, 50, 51],
        "^RUT": [1, 1, 10, 10, 11],
    }
    closes |= {"^GSPC": [1, 1, 10, 10, 10.5], "^IXIC": [1, 1, 20, 20, 19]}
    found = market("2023-12-27", close=closes)
    assert last_value(found, "size.iwm_spy.ytd_gap") == pytest.approx(5 - 2)
    assert last_value(found, "size.ijh_spy.ytd_gap") == pytest.approx(2 - 2)
    assert last_value(found, "size.russell_sp500.ytd_gap") == pytest.approx(10 - 5)
    assert last_value(found, "size.russell_nasdaq.ytd_gap") == pytest.approx(10 + 5)
    assert values(found, "size.iwm_spy.ytd_gap")[:3] == [None] * 3


def test_without_a_close_on_that_very_session_there_is_no_year_to_date() -> None:
    found = market("2023-12-28", close={"^GSPC": [100, NAN, 110]})
    assert last(found, "index.sp500.ytd").reason == "^GSPC has no close for 2023-12-29"
    fresh = last(market("2024-01-02", close={"^GSPC": [100, 110]}), "index.sp500.ytd")
    assert fresh.reason == "needs the last session before 2024, sessions are known since 2024-01-02"


def test_index_returns_are_in_percent_on_closes() -> None:
    closes = {"^GSPC": [100, 104], "^IXIC": [200, 190], "^RUT": [50, 50]}
    found = market("2023-12-29", close=closes)
    assert last_value(found, "index.sp500.ytd") == pytest.approx(4)
    assert last_value(found, "index.nasdaq.ytd") == pytest.approx(-5)
    assert last_value(found, "index.russell.ytd") == 0.0


def test_a_spread_of_value_and_growth_and_of_gold() -> None:
    path = np.linspace(0, 1, 22)
    closes = {"IVE": 100 + 5 * path, "IVW": 100 + 2 * path, "GLD": 100 - 4 * path, "SPY": 100 + 1 * path}
    found = market(close={ticker: list(prices) for ticker, prices in closes.items()})
    assert last_value(found, "size.value_growth.spread_21d") == pytest.approx(3)
    assert last_value(found, "havens.gld_spy.spread_21d") == pytest.approx(-5)


def test_a_base_of_zero_gives_no_return_but_a_reason() -> None:
    found = market(close={"RSP": [0.0, 50], "SPY": [50, 51]})
    assert last(found, "weighting.rsp_spy.spread_1d").reason == "RSP stood at 0, no return can be taken from it"
    year = market("2023-12-29", close={"^GSPC": [0.0, 5.0]})
    assert last(year, "index.sp500.ytd").reason == "^GSPC stood at 0, no return can be taken from it"
