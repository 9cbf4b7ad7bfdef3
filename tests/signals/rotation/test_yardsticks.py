"""The yardsticks: ratios of adjusted closes, and the basket of the seven over sessions on which one is missing."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from signals.asof.watched_names import SEVEN
from signals.core.panel import Panel
from signals.rotation.yardsticks import ROTATION, TECH, TICKERS, against_the_seven, changes_of, ratio
from tests.signals.markets import market

NAN = math.nan


def test_a_ratio_is_of_adjusted_closes_and_missing_where_a_leg_is() -> None:
    made = market(close={"RSP": [1, 1, 1], "SPY": [1, 1, 1]}, adjusted={"RSP": [10, NAN, 12], "SPY": [20, 20, 16]})
    np.testing.assert_array_equal(ratio(Panel(made), "RSP", "SPY"), [0.5, NAN, 0.75])


def test_the_basket_is_one_on_the_first_session_of_all_seven_and_skips_a_gap() -> None:
    """Six rise by 10% a session; the seventh starts on the second and has no price on the third.

    From the second to the fourth session six gain 21 % and the seventh 7 %: the mean is 19 %.
    """
    closes: dict[str, list[float]] = {name: [100, 110, 121, 133.1] for name in SEVEN[:-1]}
    closes[SEVEN[-1]] = [NAN, 50, NAN, 53.5]
    made = market(adjusted={**closes, "SPY": [200, 200, 200, 238]})
    np.testing.assert_allclose(against_the_seven(Panel(made), "SPY"), [NAN, 200, NAN, 200])


def test_the_thresholds_are_those_of_the_register() -> None:
    assert [(yardstick.name, yardstick.threshold) for yardstick in (*ROTATION, *TECH)] == [
        ("equal_weight", 3.0),
        ("small_caps", 6.0),
        ("value", 5.0),
        ("ex_tech", 5.0),
        ("nasdaq_equal", 4.0),
        ("ex_mag7", 8.5),
        ("tech", 10.0),
        ("nasdaq", 10.0),
        ("semis", 15.0),
        ("software", 12.0),
        ("average_tech", 10.0),
    ]
    assert set(TICKERS) == {*SEVEN, "RSP", "SPY", "IWM", "IVE", "IVW", "XLK", "QQQE", "QQQ", "SMH", "IGV", "RSPT"}


def test_the_past_before_a_tail_counts() -> None:
    """The low lies before the tail: within the tail alone XLK has risen by 5%, from the low by 15.5%."""
    tail = market("2024-01-08", adjusted={"XLK": [100, 105]})
    days = pd.DatetimeIndex(["2024-01-03", "2024-01-04", "2024-01-05"])
    whole = market(
        "2024-01-08", adjusted={"XLK": [100, 105]}, earlier=pd.DataFrame({"XLK": [92.0, 91, 93]}, index=days)
    )
    tech = TECH[0]
    assert changes_of(Panel(tail), tech).direction.tolist() == [0, 0]
    panel = Panel(whole)
    assert panel.whole_past_dates.astype(str).tolist()[2:] == ["2024-01-05", "2024-01-08", "2024-01-09"]
    changes = changes_of(panel, tech)
    assert changes.direction.tolist() == [0, 0, 0, 0, 1]
    assert changes.move[-1] == pytest.approx(100 * (105 / 91 - 1))
