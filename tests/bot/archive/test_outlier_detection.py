"""What a jump looks like, also on recorded mistakes of a real source."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.archive.date_encoding import ordinals
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


def _recorded(shared: Path, name: str) -> pd.DataFrame:
    frame = pd.read_csv(shared / "data" / "http" / "yfinance_price_repair" / f"{name}.csv", index_col=0)
    frame.index = pd.DatetimeIndex([text[:10] for text in frame.index])
    return frame.sort_index()


def _doubts(closes: pd.Series) -> list[str]:
    values = closes.to_numpy(dtype=float)
    return [str(closes.index[at].date()) for at in range(1, len(values)) if suspicious(values[:at], values[at])]


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("AET-L-1d-100x-error", ["2022-05-09", "2022-05-20"]),
        ("SSW-JO-1d-100x-error", ["2023-06-01"]),
        ("LA-V-1d-bad-stock-split", ["2020-08-26", "2020-08-27"]),
        ("MOB-ST-1d-bad-stock-split", ["2023-05-22", "2023-05-23"]),
        ("4063-T-1d-bad-stock-split", ["2023-03-29"]),
        ("ASAI-L-1h-bad-unit", ["2024-10-24", "2024-10-25"]),
        ("8TRA-DE-1d-missing-div-adjust", []),
    ],
)
def test_recorded_mistakes_are_found_and_their_mended_copies_pass(shared: Path, name: str, days: list[str]) -> None:
    assert _doubts(_recorded(shared, name)["Close"]) == days
    assert _doubts(_recorded(shared, f"{name}-fixed")["Close"]) == []


def test_a_recorded_odd_ratio_is_beyond_this_check(shared: Path) -> None:
    """A consolidation by 0.4406, missing in the older half: neither a split ratio nor a unit, so only its report helps."""
    frame = _recorded(shared, "DEX-AX-1d-bad-stock-split")
    assert _doubts(frame["Close"]) == []
    assert ordinals(pd.DatetimeIndex(frame.index)).shape == frame["Close"].shape
