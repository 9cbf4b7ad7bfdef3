"""Breadth: who counts, what is withheld, and the formulas on a handful of members."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest

from signals import catalogue
from signals.core.market import Market
from tests.signals.markets import last, last_value, market, random_market, values

NAN = float("nan")
TECH, BANK = "Information Technology", "Financials"


def members(closes: dict[str, Sequence[float]], *, sector: str = BANK, **others: object) -> Market:
    """All of them in sp500 and of one sector unless their name begins with T."""
    universe = [(ticker, TECH if ticker.startswith("T") else sector, "sp500") for ticker in closes]
    return market(close=closes, universe=universe, **others)


def flat_then(ending: Sequence[float], flat: int) -> list[float]:
    """`flat` closes of 10, then an ending."""
    return [10.0] * flat + list(ending)


def moves(up: int, down: int, same: int = 0) -> list[float]:
    """Final closes of members that stood at 10: so many higher, lower, unchanged."""
    return [11.0] * up + [9.0] * down + [10.0] * same


def one_day(finals: Sequence[float]) -> Market:
    return members({f"B{place}": [10.0, final] for place, final in enumerate(finals)})


def test_advancers_over_decliners() -> None:
    assert last_value(one_day(moves(6, 3, 1)), "breadth.sp500.advance_decline") == 2.0


def test_without_decliners_the_ratio_is_the_number_of_advancers() -> None:
    assert last_value(one_day(moves(4, 0, 2)), "breadth.sp500.advance_decline") == 4.0


def test_share_above_the_average_includes_today_and_needs_all_50_closes() -> None:
    # 49 x 10 then 11: mean 10.02 < 11. 49 x 10 then 9: above neither. A flat one stands on its mean, which is not above.
    found = members(
        {"B1": flat_then([11], 49), "B2": flat_then([9], 49), "B3": flat_then([10], 49), "T1": flat_then([12], 49)}
    )
    assert last_value(found, "breadth.sp500.above_50dma") == 50.0
    assert last_value(found.until(found.days[-2].date()), "breadth.sp500.above_50dma") is None


def test_a_price_that_never_moved_is_not_above_its_average_whatever_rounding_says() -> None:
    found = members({f"B{place}": [0.1 * place + 0.7] * 260 for place in range(40)})
    assert last_value(found, "breadth.sp500.above_50dma") == 0.0
    assert last_value(found, "breadth.sp500.above_200dma") == 0.0


def test_a_gap_in_the_window_leaves_a_member_uncounted() -> None:
    closes = {f"B{place}": flat_then([11], 49) for place in range(20)}
    closes["B0"] = [10.0] * 30 + [NAN] + [10.0] * 18 + [11.0]
    reading = last(members(closes), "breadth.sp500.above_50dma")
    assert reading.value == 100.0
    assert (reading.coverage.counted, reading.coverage.listed) == (19, 20)


def test_a_member_that_lacks_yesterday_is_not_counted_as_unchanged() -> None:
    closes = {f"B{place}": [10.0, 10.0, 11.0] for place in range(19)} | {"B19": [10.0, NAN, 5.0]}
    reading = last(members(closes), "breadth.sp500.advance_decline")
    assert reading.value == 19.0
    assert (reading.coverage.counted, reading.coverage.listed) == (19, 20)


def test_nine_of_ten_are_enough_and_less_is_withheld_with_the_figures() -> None:
    closes = {f"B{place}": [10.0, 11.0] for place in range(9)} | {"B9": [10.0, NAN]}
    assert last_value(members(closes), "breadth.sp500.advance_decline") == 9.0
    reading = last(members(closes | {"B8": [10.0, NAN]}), "breadth.sp500.advance_decline")
    assert reading.value is None
    assert reading.reason == (
        "only 8 of 10 members have a price of the day and of the session before (80%, at least 90% needed)"
    )


def test_a_member_is_listed_from_its_first_close_and_for_good() -> None:
    closes = {f"B{place}": [10.0, 11.0, 12.0, 13.0] for place in range(18)}
    closes |= {"NEW": [NAN, NAN, 10.0, 11.0], "GONE": [10.0, 11.0, NAN, NAN], "NEVER": [NAN] * 4}
    history = catalogue.compute(members(closes), ["breadth.sp500.advance_decline"])["breadth.sp500.advance_decline"]
    assert history.listed.tolist() == [19, 19, 20, 20]
    assert history.counted.tolist() == [0, 19, 18, 19]


def test_a_first_close_before_the_frame_lists_a_member() -> None:
    closes = {f"B{place}": [10.0, 11.0] for place in range(8)} | {"GONE": [NAN, NAN]}
    assert last_value(members(closes), "breadth.sp500.advance_decline") == 8.0
    reading = last(members(closes, first_close={"GONE": date(2020, 1, 2)}), "breadth.sp500.advance_decline")
    assert reading.value is None
    assert (reading.coverage.counted, reading.coverage.listed) == (8, 9)


def test_duplicates_in_the_universe_count_once_and_unknown_tickers_not_at_all() -> None:
    found = market(
        close={"B1": [10.0, 11.0], "B2": [10.0, 9.0]},
        universe=[("B1", BANK, "sp500"), ("B1", BANK, "sp500"), ("B2", BANK, "sp500 ndx100"), ("X", BANK, "sp500")],
    )
    reading = last(found, "breadth.sp500.advance_decline")
    assert reading.value == 1.0
    assert (reading.coverage.counted, reading.coverage.listed) == (2, 2)


def test_nobody_listed_is_withheld() -> None:
    assert last(market(count=3), "breadth.ndx100.above_50dma").reason == "no member of ndx100 has a price yet"


def test_an_unconfirmed_last_bar_leaves_its_member_uncounted_on_that_day_alone() -> None:
    closes = {f"B{place}": [10.0, 11.0, 12.0] for place in range(20)}
    found = members(closes, suspicious={"B3": "B3 jumped from 11 to 12."})
    history = catalogue.compute(found, ["breadth.sp500.advance_decline"])["breadth.sp500.advance_decline"]
    assert history.counted.tolist() == [0, 20, 19]


def test_highs_and_lows_of_252_sessions_and_what_ties_do() -> None:
    rising = list(np.linspace(10, 20, 252))
    found = members(
        {
            "UP": rising,
            "DOWN": rising[::-1],
            "TIED": [12.0, *[11.0] * 250, 12.0],
            "MIDDLE": [10.0, 14.0, *[12.0] * 250],
            "FLAT": [10.0] * 252,
        }
    )
    # Up, tied and flat stand at their highest; down and flat at their lowest.
    assert last_value(found, "breadth.sp500.new_highs") == 3.0
    assert last_value(found, "breadth.sp500.new_lows") == 2.0
    assert last_value(found, "breadth.sp500.high_low") == pytest.approx(100 * 1 / 5)
    assert values(found, "breadth.sp500.new_highs")[:251] == [None] * 251


def test_a_high_older_than_252_sessions_is_forgotten() -> None:
    found = members({"B": [50.0, *np.linspace(10, 20, 252)]})
    assert last_value(found, "breadth.sp500.new_highs") == 1.0


def test_the_slope_is_the_mean_of_21_days_of_advancers_less_decliners() -> None:
    # 21 changes: one member rises 20 times and falls once; the other never moves: (20 - 1)/21.
    path = [*np.linspace(10, 12, 21), 11.0]
    found = members({"B1": path, "B2": [5.0] * 22})
    assert last_value(found, "breadth.sp500.ad_slope_21d") == pytest.approx(19 / 21)
    early = last(found.until(found.days[20].date()), "breadth.sp500.ad_slope_21d")
    assert early.reason == "needs 22 sessions, 21 are known since 2024-01-02"


def test_a_day_without_coverage_withholds_the_slope_for_21_sessions() -> None:
    dark = [*np.linspace(10, 12, 30)]
    dark[5] = NAN
    found = members({"B1": dark, "B2": [5.0] * 30})
    slopes = values(found, "breadth.sp500.ad_slope_21d")
    # Changes of sessions 5 and 6 are unknown; the first window without them ends at 27.
    assert slopes[:27] == [None] * 27
    assert slopes[27:] == [1.0] * 3
    reason = last(found.until(found.days[26].date()), "breadth.sp500.ad_slope_21d").reason
    assert reason is not None
    assert reason.startswith(f"no advances and declines on {found.days[6].date()}: only 1 of 2 members")


def test_mcclellan_worked_out_by_hand() -> None:
    # Day 1: 3 up, 1 down: RANA 500, both means start there: oscillator 0, sum 1000 + 0 - (5000 - 10000) = 6000.
    # Day 2: 1 up, 3 down: RANA -500; fast 500 - 0.1 x 1000 = 400, slow 500 - 0.05 x 1000 = 450: -50.
    # Sum: 1000 - 50 - (4000 - 9000) = 5950, which is 50 less: the running sum.
    closes = {"B1": [10, 11, 12], "B2": [10, 11, 10], "B3": [10, 11, 10], "B4": [10, 9, 8]}
    found = members(closes)
    assert values(found, "breadth.sp500.mcclellan") == [None, 0.0, pytest.approx(-50)]
    assert values(found, "breadth.sp500.mcclellan_sum") == [None, 6000.0, pytest.approx(5950)]


def test_a_day_on_which_nobody_moves_counts_as_balance() -> None:
    closes = {"B1": [10, 11, 11], "B2": [10, 11, 11]}
    # RANA 1000 then 0: fast 900, slow 950. Thrust 1 then 0.5: 1 - 2/11 x 0.5.
    assert values(members(closes), "breadth.sp500.mcclellan")[-1] == pytest.approx(-50)
    assert values(members(closes), "breadth.sp500.thrust")[-1] == pytest.approx(1 - 1 / 11)


def test_a_day_without_coverage_leaves_the_means_as_they_were_and_has_no_reading() -> None:
    closes = {
        "B1": [10, 11, 12, 13, 12, 11],
        "B2": [10, 11, NAN, NAN, 10, 11],
    }
    # Sessions 2, 3 and 4 lack the change of B2. Session 1: 1000, session 5: 1 up, 1 down: 0.
    found = values(members(closes), "breadth.sp500.mcclellan")
    assert found == [None, 0.0, None, None, None, pytest.approx(900 - 950)]


def test_the_running_sum_of_the_oscillator_is_the_summation_but_for_a_constant() -> None:
    found = random_market(5, count=200)
    oscillator = np.array(values(found, "breadth.sp500.mcclellan")[1:], dtype=float)
    total = np.array(values(found, "breadth.sp500.mcclellan_sum")[1:], dtype=float)
    apart = total - np.cumsum(oscillator)
    np.testing.assert_allclose(apart, apart[0], atol=2e-6)


def thrusting(shares: Sequence[float], *, of: int = 20) -> Market:
    """A market of `of` members of which a share rises on each session after the first and the others fall."""
    closes = {f"B{place}": [100.0] for place in range(of)}
    for share in shares:
        for place in range(of):
            closes[f"B{place}"].append(closes[f"B{place}"][-1] * (1.01 if place < share * of else 0.99))
    return members(closes)


def test_a_breadth_thrust_fires_once_on_the_day_it_completes() -> None:
    # Thrust starts at 0.3; then 1 each day: 0.427, 0.531, 0.616: above 0.615 on the third, with 0.3 three sessions before.
    found = thrusting([0.3, 1, 1, 1, 1, 1])
    thrust = values(found, "breadth.sp500.thrust")
    assert thrust[1] == pytest.approx(0.3)
    assert thrust[4] == pytest.approx(1 - 0.7 * (9 / 11) ** 3)
    assert values(found, "breadth.sp500.thrust_signal") == [None, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0]


def test_a_thrust_is_told_once_a_spell_which_ends_under_a_half() -> None:
    # Above 0.615 on session 4, 0.580 after two sessions at 0.42, above it again on session 7, with 0.3 six sessions before.
    again = thrusting([0.3, 1, 1, 1, 0.4, 0.6, 1, 1])
    thrust = values(again, "breadth.sp500.thrust")
    assert [value > 0.615 for value in thrust[4:]] == [True, False, False, True, True]
    assert min(thrust[4:]) > 0.5
    assert sum(values(again, "breadth.sp500.thrust_signal")[1:]) == 1.0
    # Under 0.40 in between the spell is over, and a second thrust is one.
    both = thrusting([0.3, 1, 1, 1, *[0] * 5, 1, 1, 1, 1])
    flags = values(both, "breadth.sp500.thrust_signal")
    assert [place for place, flag in enumerate(flags) if flag] == [4, 13]


def test_a_slow_rise_is_no_thrust() -> None:
    # Under 0.40 only on the first session; ten sessions at 0.5 lie between it and the crossing.
    found = thrusting([0.3, *[0.5] * 12, 1, 1, 1])
    thrust = values(found, "breadth.sp500.thrust")
    assert thrust[-1] > 0.615
    assert max(values(found, "breadth.sp500.thrust_signal")[1:]) == 0.0


@pytest.mark.parametrize(("quiet", "fired"), [(11, 1.0), (12, 0.0)])
def test_the_low_may_lie_ten_sessions_back_but_not_eleven(quiet: int, fired: float) -> None:
    # From 0.3 with 0.5 a day the thrust is 0.390 after three days and 0.410 after four; two days of 1 then take it over 0.615.
    found = thrusting([0.3, *[0.5] * quiet, 1, 1])
    thrust = values(found, "breadth.sp500.thrust")[1:]
    assert [value < 0.40 for value in thrust[:5]] == [True, True, True, True, False]
    assert [value > 0.615 for value in thrust[-3:]] == [False, False, True]
    assert len(thrust) - 1 - 3 == quiet - 1
    assert values(found, "breadth.sp500.thrust_signal")[-1] == fired


def test_rest_minus_tech_compares_both_parts_of_the_index() -> None:
    up, down = flat_then([11], 49), flat_then([9], 49)
    found = members({"B1": up, "B2": up, "B3": up, "B4": down, "T1": up, "T2": down})
    reading = last(found, "breadth.rest_minus_tech")
    assert reading.value == 75.0 - 50.0
    assert (reading.coverage.counted, reading.coverage.listed) == (6, 6)
    assert last_value(found, "breadth.tech.above_50dma") == 50.0


def test_rest_minus_tech_needs_each_part_to_be_covered() -> None:
    closes = {f"B{place}": flat_then([11], 49) for place in range(30)} | {
        "T1": flat_then([11], 49),
        "T2": [NAN, *[10.0] * 49],
    }
    reading = last(members(closes), "breadth.rest_minus_tech")
    assert reading.value is None
    assert reading.reason == "only 1 of 2 members have 50 prices without a gap (50%, at least 90% needed)"


def test_tech_is_technology_and_communication_inside_the_index() -> None:
    found = market(
        close={"A": [10, 11], "B": [10, 11], "C": [10, 9], "D": [10, 9]},
        universe=[
            ("A", "Information Technology", "sp500"),
            ("B", "Communication Services", "sp500 ndx100"),
            ("C", "Energy", "sp500"),
            ("D", "Information Technology", "ndx100"),
        ],
    )
    reading = last(found, "breadth.tech.advance_decline")
    assert reading.value == 2.0
    assert reading.notes == ("today's members",)
