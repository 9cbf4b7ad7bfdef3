"""The house formatter: expected texts are written out by hand."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.formatting import formats
from signals.catalogue import SIGNALS
from signals.core.model import Measure, Signal
from signals.core.units import Unit


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "text"),
    [
        (72.64, Unit.PERCENT, 1, "72.6%"),
        (1.923, Unit.PERCENT, 2, "1.92%"),
        (0.9, Unit.POINTS_PERCENT, 2, "+0.90 points"),
        (-0.9, Unit.POINTS_PERCENT, 1, "-0.9 points"),
        (85.88, Unit.USD, 2, "$85.88"),
        (3_210_000_000.0, Unit.USD, 2, "$3.2B"),
        (-410_000_000.0, Unit.USD, 2, "-$410M"),
        (8.0, Unit.SESSIONS, 0, "8 sessions"),
        (-1.0, Unit.SESSIONS, 0, "-1 session"),
        (1.0, Unit.MONTHS, 0, "1 month"),
        (1234.0, Unit.COUNT, 0, "1,234"),
        (2.0, Unit.SEVEN, 0, "2 of 7"),
        (1.0, Unit.FLAG, 0, "yes"),
        (0.0, Unit.FLAG, 0, "no"),
        (1.234, Unit.Z, 2, "+1.23 SD"),
        (3.5, Unit.RANK, 1, "rank 3.5"),
        (256.0, Unit.THOUSAND, 0, "+256 thousand"),
        (-0.001, Unit.POINTS_PERCENT, 2, "0.00 points"),
        (None, Unit.PERCENT, 1, "–"),
        (math.nan, Unit.COUNT, 0, "–"),
    ],
)
def test_a_value_stands_with_its_unit(value: float | None, unit: Unit, decimals: int, text: str) -> None:
    assert formats.number(value, unit, decimals) == text


def in_unit(unit: Unit, decimals: int) -> Signal:
    return replace(SIGNALS["breadth.sp500.above_50dma"], unit=unit, decimals=decimals)


@pytest.mark.parametrize(
    ("moved", "words"), [(0.1, "+10 bp"), (-0.034, "-3 bp"), (0.0, "0 bp"), (None, "–"), (math.nan, "–")]
)
def test_a_change_of_a_yield_is_given_in_basis_points_with_and_without_its_unit(
    moved: float | None, words: str
) -> None:
    for id in ("rates.real_10y", "rates.curve_10y2y", "rates.fed_upper"):
        assert formats.change(moved, SIGNALS[id]) == formats.change(moved, SIGNALS[id], with_unit=False) == words


def test_a_level_of_a_yields_change_keeps_the_decimals_that_were_typed() -> None:
    curve = SIGNALS["rates.curve_10y2y"]
    assert formats.level(0.25, curve, Measure.CHANGE_21D) == "+25 bp"
    assert formats.level(0.125, curve, Measure.CHANGE_21D) == "+12.5 bp"
    assert formats.level(0.25, curve, Measure.VALUE) == "+0.25 points"


@pytest.mark.parametrize(
    ("change", "unit", "decimals", "text"),
    [
        (4.6, Unit.PERCENT, 1, "+4.6 points"),
        (-0.05, Unit.PERCENT, 2, "-0.05 points"),
        (2.0, Unit.COUNT, 0, "+2"),
        (1.0, Unit.SESSIONS, 0, "+1 session"),
        (-1.5, Unit.USD, 2, "-$1.50"),
        (2e9, Unit.USD, 0, "+$2.0B"),
        (0.0, Unit.RATIO, 2, "0.00"),
    ],
)
def test_a_change_has_its_sign_and_a_per_cent_value_changes_by_points(
    change: float, unit: Unit, decimals: int, text: str
) -> None:
    assert formats.change(change, in_unit(unit, decimals)) == text


def test_levels_keep_the_decimals_that_were_typed() -> None:
    silver = SIGNALS["havens.silver"]
    assert formats.level(90, silver, Measure.VALUE) == "$90"
    assert formats.level(90.125, silver, Measure.VALUE) == "$90.125"
    assert formats.level(95, silver, Measure.PERCENTILE_1Y) == "95%"
    assert formats.level(7, SIGNALS["size.russell_sp500.streak"], Measure.VALUE) == "7"


def test_shares_that_are_not_all_or_nothing_never_read_so() -> None:
    assert formats.share(99.97) == "99%"
    assert formats.share(0.02) == "1%"
    assert formats.share(100) == "100%"


def test_days_leave_out_the_year_of_today() -> None:
    assert formats.day(date(2026, 1, 13), today=date(2026, 2, 1)) == "Tue, Jan 13"
    assert formats.day(date(2025, 11, 21), today=date(2026, 2, 1)) == "Fri, Nov 21, 2025"


@pytest.mark.parametrize(
    ("at", "zone", "text"),
    [
        (time(16, 20), formats.NEW_YORK, "4:20 p.m. ET"),
        (time(0, 5), formats.NEW_YORK, "12:05 a.m. ET"),
        (time(12), formats.NEW_YORK, "12:00 p.m. ET"),
        (time(9, 30), "Europe/Berlin", "9:30 a.m. Central European Time"),
    ],
)
def test_times_of_day_are_those_of_a_desk(at: time, zone: str, text: str) -> None:
    assert formats.clock(at, zone) == text


def test_an_instant_is_shown_in_new_york() -> None:
    assert formats.instant(datetime(2026, 1, 14, 1, 5, tzinfo=UTC)) == "Tue, Jan 13, 2026, 8:05 p.m. ET"


def test_small_words() -> None:
    assert formats.ordinal(9) == "ninth"
    assert [formats.ordinal(n) for n in (13, 21, 22, 23, 112)] == ["13th", "21st", "22nd", "23rd", "112th"]
    assert formats.listed(["a", "b", "c"]) == "a, b and c"
    assert formats.counted(1, "alert") == "1 alert"
    assert formats.bar(70) == "███████░░░"
    assert [formats.age(s) for s in (5, 240, 7200, 200_000)] == ["just now", "4 min", "2 h", "2 days"]


@given(st.floats(), st.sampled_from(list(Unit)), st.integers(0, 3))
def test_no_number_is_ever_minus_zero_nan_or_infinite(value: float, unit: Unit, decimals: int) -> None:
    for text in (formats.number(value, unit, decimals), formats.change(value, in_unit(unit, decimals))):
        assert "nan" not in text
        assert "inf" not in text
        assert not re.match(r"(z )?-0(\.0+)?(?![.\d])", text)
