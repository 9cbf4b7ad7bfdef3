"""Sector funds: returns, the rank of tech, dispersion and the weekly RRG-style numbers."""

from __future__ import annotations

import dataclasses
import statistics
from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from signals import catalogue
from signals.families.sectors import SECTORS
from tests.signals.markets import last, last_value, market, values

NAN = float("nan")


def eleven(final: dict[str, float]):
    """All eleven at 100 for 21 sessions, then their final close; 100 unless told otherwise."""
    return market(close={ticker: [100.0] * 21 + [final.get(ticker, 100.0)] for ticker in SECTORS})


def test_returns_over_1_5_and_21_sessions_and_this_year_in_percent() -> None:
    path = [100.0, *np.linspace(80, 99, 20), 110.0]
    found = market("2023-12-29", close={"XLE": path})
    assert last_value(found, "sectors.xle.return_1d") == pytest.approx(100 * (110 / 99 - 1))
    assert last_value(found, "sectors.xle.return_5d") == pytest.approx(100 * (110 / path[-6] - 1))
    assert last_value(found, "sectors.xle.return_21d") == pytest.approx(10.0)
    assert last_value(found, "sectors.xle.return_ytd") == pytest.approx(10.0)


def test_returns_are_taken_on_adjusted_closes() -> None:
    found = market(close={"XLP": [100, 99]}, adjusted={"XLP": [98, 99]})
    assert last_value(found, "sectors.xlp.return_1d") == pytest.approx(100 / 98)


def test_the_rank_of_tech_is_the_mean_of_two_ranks() -> None:
    # XLK first, XLC last of eleven: (1 + 11)/2.
    assert last_value(eleven({"XLK": 120, "XLC": 80}), "sectors.tech_rank_21d") == 6.0
    # XLE best, XLK second; XLC ties with eight others for ranks 3 to 11: mean 7. (2 + 7)/2.
    assert last_value(eleven({"XLE": 130, "XLK": 120}), "sectors.tech_rank_21d") == 4.5
    assert last_value(eleven({}), "sectors.tech_rank_21d") == 6.0


def test_the_rank_of_defensives_is_the_mean_of_three_ranks() -> None:
    # XLP first, XLU second, XLV last: (1 + 2 + 11)/3.
    found = last_value(eleven({"XLP": 130, "XLU": 120, "XLV": 70}), "sectors.defensive_rank_21d")
    assert found == 4.66666667
    assert last_value(eleven({}), "sectors.defensive_rank_21d") == 6.0


def test_returns_that_are_the_same_decimal_tie() -> None:
    # 110/100 and 55/50 are both 10 %, though their binary quotients may differ.
    paths = {ticker: [50.0] * 21 + [55.0] for ticker in SECTORS} | {"XLK": [30.0] * 21 + [33.0]}
    assert last_value(market(close=paths), "sectors.tech_rank_21d") == 6.0


def test_software_chips_and_banks_are_compared_on_adjusted_closes() -> None:
    paths = {"IGV": [100.0] * 21 + [90.0], "SMH": [100.0] * 21 + [104.0], "KRE": [100.0] * 21 + [103.0]}
    found = market(close=dict.fromkeys((*paths, "SPY"), [1.0] * 22), adjusted=paths | {"SPY": [100.0] * 22})
    assert last_value(found, "sectors.igv_smh.spread_21d") == -14.0
    assert last_value(found, "sectors.kre_spy.spread_21d") == 3.0


def test_dispersion_is_best_less_worst_in_points() -> None:
    assert last_value(eleven({"XLE": 112, "XLU": 95}), "sectors.dispersion_21d") == pytest.approx(17.0)


def test_ranks_and_dispersion_need_all_eleven() -> None:
    found = eleven({"XLRE": NAN})
    for id in ("sectors.tech_rank_21d", "sectors.dispersion_21d"):
        assert last(found, id).reason == f"XLRE has no adjusted close for {found.days[-1].date()}"


def weekly(ratios: list[float], *, extra: int = 0, first: str = "2024-01-02"):
    """XLK over SPY takes one value a week, at its last session; on other sessions 50, which must not matter."""
    whole = market(first, count=5 * len(ratios) + 10)
    weeks = whole.days.to_series().groupby(whole.days.to_period("W-SUN")).max()[: len(ratios)]
    count = int(whole.days.get_loc(weeks.iloc[-1])) + 1 + extra
    path = np.full(count, 50.0)
    for end, ratio in zip(weeks, ratios, strict=True):
        path[whole.days.get_loc(end)] = 100 * ratio
    return market(first, close={"XLK": list(path), "SPY": [100.0] * count})


def test_each_of_the_eleven_has_its_ratio_and_momentum() -> None:
    ids = {f"sectors.{ticker.lower()}.{name}" for ticker in SECTORS for name in ("rrg_ratio", "rrg_momentum")}
    assert ids <= set(catalogue.SIGNALS)
    found = weekly(RATIOS)
    other = dataclasses.replace(
        found,
        close=found.close.rename(columns={"XLK": "XLU"}),
        adj_close=found.adj_close.rename(columns={"XLK": "XLU"}),
    )
    for name in ("rrg_ratio", "rrg_momentum"):
        assert last_value(other, f"sectors.xlu.{name}") == last_value(found, f"sectors.xlk.{name}")
    assert {id for id in ids if catalogue.signal(id).votes} == {"sectors.xlk.rrg_ratio", "sectors.xlk.rrg_momentum"}


def standard(window: list[float]) -> float:
    return 100 + (window[-1] - statistics.mean(window)) / statistics.stdev(window)


RATIOS = [1 + 0.01 * ((7 * week) % 11) + 0.002 * week for week in range(32)]


def test_the_ratio_is_standardised_over_14_completed_weeks_and_held_within_the_week() -> None:
    strength = [100 * ratio for ratio in RATIOS]
    found = weekly(RATIOS[:20], extra=3)
    assert last_value(found, "sectors.xlk.rrg_ratio") == pytest.approx(standard(strength[6:20]), abs=6e-9)
    friday = date(2024, 5, 17)
    assert last(found, "sectors.xlk.rrg_ratio").observed == friday
    at_end = found.until(friday)
    assert last_value(at_end, "sectors.xlk.rrg_ratio") == pytest.approx(standard(strength[6:20]), abs=6e-9)
    before = found.until(date(2024, 5, 16))
    assert last_value(before, "sectors.xlk.rrg_ratio") == pytest.approx(standard(strength[5:19]), abs=6e-9)


def test_momentum_standardises_the_weekly_rate_of_the_ratio() -> None:
    strength = [100 * ratio for ratio in RATIOS]
    ratio = [standard(strength[week - 13 : week + 1]) for week in range(13, 32)]
    rate = [now / before - 1 for before, now in pairwise(ratio)]
    assert last_value(weekly(RATIOS), "sectors.xlk.rrg_momentum") == pytest.approx(standard(rate[-14:]), abs=6e-9)


def test_a_week_that_ends_on_a_holiday_is_complete_on_thursday() -> None:
    # Good Friday 29 March 2024: Thursday is the last session of its week.
    found = weekly(RATIOS[:13])
    assert str(found.last.date()) == "2024-03-28"
    assert last(found, "sectors.xlk.rrg_ratio").reason == "needs 14 completed weeks, 13 are known since 2024-01-02"
    assert last(found, "sectors.xlk.rrg_ratio").observed == date(2024, 3, 28)


def test_fourteen_weeks_are_enough_for_the_ratio_and_28_for_momentum() -> None:
    assert last_value(weekly(RATIOS[:14]), "sectors.xlk.rrg_ratio") is not None
    assert last_value(weekly(RATIOS[:28]), "sectors.xlk.rrg_momentum") is not None
    assert last(weekly(RATIOS[:27]), "sectors.xlk.rrg_momentum").reason == (
        "needs 28 completed weeks, 27 are known since 2024-01-02"
    )
    assert last(weekly(RATIOS[:3]).until(date(2024, 1, 3)), "sectors.xlk.rrg_ratio").reason == (
        "needs 14 completed weeks, 0 are known since 2024-01-02"
    )


def test_a_week_end_without_a_leg_spoils_the_windows_that_contain_it() -> None:
    found = weekly(RATIOS[:30])
    gap = found.days.get_loc("2024-05-17")
    found.adj_close.iloc[gap, found.adj_close.columns.get_loc("SPY")] = NAN
    readings = values(found, "sectors.xlk.rrg_ratio")
    assert readings[gap - 1] is not None
    assert readings[gap] is None
    assert last(found.until(date(2024, 6, 14)), "sectors.xlk.rrg_ratio").reason == (
        "needs 14 weeks: SPY has no adjusted close for 2024-05-17"
    )
    # Fourteen weeks later the gap has left the window: week 19 is gone, week 33 would be needed; 30 weeks are not enough.
    assert readings[-1] is None


def test_strength_that_never_moves_has_no_ratio() -> None:
    found = weekly([1.0] * 15)
    assert last(found, "sectors.xlk.rrg_ratio").reason == "XLK over SPY did not move for 14 weeks"
