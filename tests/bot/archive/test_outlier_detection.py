"""What a jump looks like, also on recorded mistakes of a real source."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.archive.outlier_detection import back_adjusted, suspicious


@pytest.mark.parametrize(
    ("close", "word"),
    [
        (50.4, "a split of 2 "),
        (199.0, "a split of 2 "),
        (66.5, "a split of 1.5 "),
        (10.5, "a split of 10 "),
        (1.02, "a unit error of 100 "),
        (9800.0, "a unit error of 100 "),
    ],
)
def test_a_jump_of_the_size_of_a_split_or_a_unit_is_suspicious(close: float, word: str) -> None:
    sentence = suspicious([99.0, 100.0], close)
    assert sentence is not None
    assert f"went from 100 to {close:.6g}" in sentence
    assert word in sentence


@pytest.mark.parametrize("close", [100.0, 80.0, 75.0, 61.0, 55.0, 125.0, 161.0, 190.0])
def test_ordinary_and_violent_days_are_not(close: float) -> None:
    assert suspicious([100.0], close) is None


def test_the_sources_own_split_explains_a_jump() -> None:
    assert suspicious([100.0], 50.0, [2.0]) is None
    assert suspicious([100.0], 50.0, [3.0]) is not None
    assert suspicious([100.0], 100 / 6, [2.0, 3.0]) is None


@pytest.mark.parametrize(
    ("previous", "close"), [([], 5.0), ([np.nan], 5.0), ([-37.6], 10.0), ([18.0], -37.6), ([0.0], 5.0)]
)
def test_without_a_positive_past_nothing_is_suspicious(previous: list[float], close: float) -> None:
    assert suspicious(previous, close) is None


def test_a_gap_is_judged_against_the_last_known_close() -> None:
    assert suspicious([100.0, np.nan], 50.0) is not None


@given(st.floats(0.01, 1e5), st.floats(0.01, 1e5))
def test_up_and_down_are_judged_alike(first: float, second: float) -> None:
    assert (suspicious([first], second) is None) == (suspicious([second], first) is None)


def test_splits_are_applied_only_where_the_source_forgot_them() -> None:
    days = np.array([10, 11, 12, 13])
    forgotten = back_adjusted(days, np.array([100.0, 102.0, 51.5, 52.0]), [(12, 2.0)])
    assert list(forgotten) == [50.0, 51.0, 51.5, 52.0]
    done = np.array([50.0, 51.0, 51.5, 52.0])
    assert list(back_adjusted(days, done, [(12, 2.0), (13, 1.05), (99, 3.0)])) == list(done)


def _recorded(shared: Path, name: str) -> pd.Series:
    frame = pd.read_csv(shared / "data" / "http" / "yfinance_price_repair" / f"{name}.csv", index_col=0)
    frame.index = pd.DatetimeIndex([text[:10] for text in frame.index])
    return frame.sort_index()["Close"]


def _doubts(closes: pd.Series) -> list[str]:
    values = closes.to_numpy(dtype=float)
    return [str(closes.index[at].date()) for at in range(1, len(values)) if suspicious(values[:at], values[at])]


@pytest.mark.parametrize(
    ("closes", "days", "mended"),
    [
        # Pence for pounds on one day: it and the way back.
        ([50.0, 51.0, 5080.0, 50.6, 50.9], ["2024-03-06", "2024-03-07"], [50.0, 51.0, 50.8, 50.6, 50.9]),
        # All older days in cents.
        ([3501.0, 3480.0, 35.35, 34.9, 35.1], ["2024-03-06"], [35.01, 34.8, 35.35, 34.9, 35.1]),
        # A consolidation of ten to one that one day already has.
        ([4.0, 4.1, 4.05, 41.0, 4.2], ["2024-03-07", "2024-03-08"], [4.0, 4.1, 4.05, 4.1, 4.2]),
        # A split of two for one that the older days have not.
        ([80.0, 81.0, 40.6, 40.9, 41.0], ["2024-03-06"], [40.0, 40.5, 40.6, 40.9, 41.0]),
        # A thousandth.
        ([30.0, 0.0305, 30.2, 30.4, 30.1], ["2024-03-05", "2024-03-06"], [30.0, 30.5, 30.2, 30.4, 30.1]),
        # A dividend of 4 % that nothing tells of is no jump.
        ([25.0, 25.1, 24.1, 24.2, 24.0], [], [24.0, 24.1, 24.1, 24.2, 24.0]),
        # A consolidation by 0.44 is neither a split ratio nor a unit: only its report helps.
        ([10.0, 10.1, 4.45, 4.4, 4.5], [], [4.4, 4.444, 4.45, 4.4, 4.5]),
    ],
)
def test_mistakes_inside_a_history_are_found_on_their_days_and_mended_copies_pass(
    closes: list[float], days: list[str], mended: list[float]
) -> None:
    index = pd.bdate_range("2024-03-04", periods=5)
    assert _doubts(pd.Series(closes, index)) == days
    assert _doubts(pd.Series(mended, index)) == []


def test_recorded_mistakes_are_found_and_their_mended_copies_pass(shared: Path) -> None:
    for name, days in {
        "AET-L-1d-100x-error": ["2022-05-09", "2022-05-20"],
        "SSW-JO-1d-100x-error": ["2023-06-01"],
        "LA-V-1d-bad-stock-split": ["2020-08-26", "2020-08-27"],
        "MOB-ST-1d-bad-stock-split": ["2023-05-22", "2023-05-23"],
        "4063-T-1d-bad-stock-split": ["2023-03-29"],
        "ASAI-L-1h-bad-unit": ["2024-10-24", "2024-10-25"],
        "8TRA-DE-1d-missing-div-adjust": [],
        # A consolidation by 0.4406, missing in the older half.
        "DEX-AX-1d-bad-stock-split": [],
    }.items():
        assert _doubts(_recorded(shared, name)) == days, name
        assert _doubts(_recorded(shared, f"{name}-fixed")) == [], name
