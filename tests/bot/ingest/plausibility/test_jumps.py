"""What a jump looks like, and what the next session says of it."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from typing import TextIO

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.doubt import DoubtRule
from bot.ingest.plausibility import jumps
from tests.conftest import SHARED
from tests.recorded import where_present

QUIET = [100.0 * (1.01 if at % 2 else 1.0) for at in range(253)]
"""Returns of +1 % and -0.99 % by turns: a standard deviation of 1 %, so the band is 12 %."""


@pytest.mark.parametrize(
    ("close", "rule"),
    [
        (107.9, None),
        (111.9, None),
        (113.0, DoubtRule.BAND),
        (87.5, DoubtRule.BAND),
        (50.0, DoubtRule.RATIO),
        (50.24, DoubtRule.RATIO),
        (50.4, DoubtRule.BAND),
        (200.0, DoubtRule.RATIO),
        (75.1, DoubtRule.RATIO),
        (80.3, DoubtRule.RATIO),
        (125.5, DoubtRule.RATIO),
        (9300.0, DoubtRule.UNIT),
        (1.0, DoubtRule.UNIT),
        (0.0001, DoubtRule.UNIT),
        (100_000.0, DoubtRule.UNIT),
        (0.0, DoubtRule.BAND),
    ],
)
def test_a_move_is_held_against_split_ratios_units_and_the_band_of_a_year(close: float, rule: DoubtRule | None) -> None:
    assert jumps.doubt(100.0, close, QUIET) is rule


@pytest.mark.parametrize("ratio", [2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 20.0, 3 / 2, 4 / 3, 5 / 4])
def test_the_ratio_of_every_usual_split_is_doubted_within_half_a_percent_up_and_down(ratio: float) -> None:
    without_band = frozenset({DoubtRule.BAND})
    for factor in (ratio, 1 / ratio):
        for near in (0.996, 1.0, 1.004):
            assert jumps.doubt(100.0, 100.0 * factor * near, QUIET, off=without_band) is DoubtRule.RATIO
        for beside in (0.993, 1.007):
            assert jumps.doubt(100.0, 100.0 * factor * beside, QUIET, off=without_band) is None


def test_in_a_wild_year_a_wild_day_is_ordinary() -> None:
    wild = [100.0 * (1.05 if at % 2 else 1.0) for at in range(253)]
    assert jumps.doubt(100.0, 62.0, wild) is None


def test_fewer_than_sixty_returns_are_no_band_so_only_half_the_price_is_doubted() -> None:
    assert jumps.doubt(100.0, 62.0, QUIET[:60]) is None
    assert jumps.doubt(100.0, 160.0, QUIET[:60]) is DoubtRule.BAND


def test_the_sources_own_split_explains_a_jump_and_another_does_not() -> None:
    assert jumps.doubt(100.0, 10.0, QUIET, [10.0]) is None
    assert jumps.doubt(100.0, 10.0, QUIET, [2.0]) is DoubtRule.RATIO


@pytest.mark.parametrize("rule", [DoubtRule.UNIT, DoubtRule.RATIO, DoubtRule.BAND])
def test_a_rule_that_is_off_doubts_nothing(rule: DoubtRule) -> None:
    for close in (1.0, 50.0, 130.0):
        assert jumps.doubt(100.0, close, QUIET, off=frozenset({rule})) is not rule
    assert jumps.doubt(100.0, 50.0, QUIET, off=frozenset({DoubtRule.UNIT, DoubtRule.RATIO, DoubtRule.BAND})) is None


def test_a_future_below_zero_is_held_against_its_band() -> None:
    assert jumps.move(18.27, -37.63) == pytest.approx(-3.0597, abs=1e-4)
    assert jumps.doubt(18.27, -37.63, QUIET) is DoubtRule.BAND
    assert jumps.move(-37.63, 10.01) == pytest.approx(1.266, abs=1e-3)


@pytest.mark.parametrize("factor", [100.0, 95.0, 107.0, 1000.0, 0.01, 10.0, 9.3, 0.1, 0.107])
def test_factors_of_ten_a_hundred_and_a_thousand_are_never_believed(factor: float) -> None:
    assert jumps.is_never_believed(50.0, 50.0 * factor)


@pytest.mark.parametrize("factor", [0.5, 4.0, 7.0, 0.06, 20.0])
def test_other_factors_may_be(factor: float) -> None:
    assert not jumps.is_never_believed(50.0, 50.0 * factor)


@pytest.mark.parametrize(
    ("before", "close", "following", "there"),
    [
        (100.0, 70.0, 72.0, True),
        (100.0, 70.0, 82.0, True),
        (100.0, 70.0, 85.0, False),
        (100.0, 160.0, 101.0, False),
        (100.0, 50.0, 5000.0, False),
        (18.27, -37.63, 10.01, False),
    ],
)
def test_the_next_session_trades_where_it_is_nearer(before: float, close: float, following: float, there: bool) -> None:
    assert jumps.trades_there(before, close, following, future=False) is there


def test_a_future_need_only_have_moved_the_same_way() -> None:
    assert jumps.trades_there(18.27, -37.63, 10.01, future=True)
    assert not jumps.trades_there(18.27, -37.63, 18.5, future=True)
    assert not jumps.trades_there(18.27, 30.0, 10.01, future=True)


@given(st.floats(0.01, 1e5), st.floats(0.01, 1e5))
def test_ratios_up_and_down_are_judged_alike(first: float, second: float) -> None:
    assert jumps.is_split_ratio(second / first) == jumps.is_split_ratio(first / second)
    assert jumps.is_unit_error(second / first) == jumps.is_unit_error(first / second)


HEADING = "Date,Open,High,Low,Close,Adj Close,Volume,Dividends,Stock Splits"
SESSIONS = pd.bdate_range("2026-03-02", "2026-03-27")
ORDINARY = [
    *(41.2, 41.5, 40.9, 41.1, 41.8, 42.3, 42.0, 41.4, 41.9, 42.6),
    *(43.0, 42.7, 42.1, 42.4, 42.9, 43.3, 42.8, 43.5, 43.9, 43.6),
]
"""Invented closes of those twenty sessions; none is more than 1.8 % away from the one before."""


Mistakes = Mapping[range, float]
"""Places of sessions in `ORDINARY`, and the factor by which their closes are wrong."""


def _made(mistakes: Mistakes) -> TextIO:
    """Daily bars as the price library writes them: newest first, with the hour of midnight, as single-precision floats."""
    rows = []
    for at, (day, close) in enumerate(zip(SESSIONS, ORDINARY, strict=True)):
        wrong = np.float32(close * math.prod(factor for places, factor in mistakes.items() if at in places))
        rows.append(f"{day:%Y-%m-%d} 00:00:00-05:00,{wrong},{wrong},{wrong},{wrong},{wrong},1000,0.0,0.0")
    return io.StringIO("\n".join([HEADING, *reversed(rows)]))


def _closes(recording: str | Mistakes, *, mended: bool) -> pd.Series:
    """Closes with their mistakes or without: of a recorded pair of files, or hand-made ones."""
    if isinstance(recording, str):
        name = f"{recording}-fixed.csv" if mended else f"{recording}.csv"
        frame = pd.read_csv(SHARED / "data" / "http" / "yfinance_price_repair" / name, index_col=0)
    else:
        frame = pd.read_csv(_made({} if mended else recording), index_col=0)
    frame.index = pd.DatetimeIndex([text[:10] for text in frame.index])
    return frame.sort_index()["Close"]


def _doubts(closes: pd.Series) -> list[str]:
    values = [float(close) for close in closes]
    return [
        str(closes.index[at].date())
        for at in range(1, len(values))
        if not math.isnan(values[at]) and jumps.doubt(values[at - 1], values[at], values[:at])
    ]


@pytest.mark.parametrize(
    ("recording", "days"),
    [
        # Mon 9 to Fri 13 March in cents; so the Monday after looks as wrong against them.
        ({range(5, 10): 100.0}, ["2026-03-09", "2026-03-16"]),
        ({range(12): 0.01}, ["2026-03-18"]),
        # A split of 2 for 1 that is missing before Wed 11 March; then that day alone divided by three.
        ({range(7): 2.0}, ["2026-03-11"]),
        ({range(7, 8): 1 / 3}, ["2026-03-11", "2026-03-12"]),
        # A consolidation by 0.4406, missing in the older half: no ratio of a split, but beyond any band.
        ({range(11): 0.4406}, ["2026-03-17"]),
        # A dividend of 3 % that is missing passes for a day's move.
        ({range(13): 1.03}, []),
        *where_present(
            ("AET-L-1d-100x-error", ["2022-05-09", "2022-05-20"]),
            ("SSW-JO-1d-100x-error", ["2023-06-01"]),
            ("LA-V-1d-bad-stock-split", ["2020-08-26", "2020-08-27"]),
            ("MOB-ST-1d-bad-stock-split", ["2023-05-22", "2023-05-23"]),
            ("4063-T-1d-bad-stock-split", ["2023-03-29"]),
            ("8TRA-DE-1d-missing-div-adjust", []),
            ("DEX-AX-1d-bad-stock-split", ["2023-05-22"]),
        ),
    ],
)
def test_mistakes_are_doubted_on_their_days_and_mended_copies_pass(recording: str | Mistakes, days: list[str]) -> None:
    assert _doubts(_closes(recording, mended=False)) == days
    assert _doubts(_closes(recording, mended=True)) == []


def test_the_quiet_year_is_as_quiet_as_it_says() -> None:
    assert np.std(np.diff(QUIET[:-1]) / np.array(QUIET[:-2]), ddof=1) == pytest.approx(0.01, rel=0.01)
