"""The house formatter: expected texts are written out by hand."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.validation import parse_level
from bot.formatting import formats, numerals
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
    assert formats.level(95, silver, Measure.PERCENTILE_1Y) == "the 95th"
    assert formats.level(99.5, silver, Measure.PERCENTILE_1Y) == "the 99.5th"
    assert formats.level(25.5, silver, Measure.VALUE) == "$25.50"
    assert formats.level(33, SIGNALS["scenario.recovery"], Measure.VALUE) == "+33", "the scale stands with the value"
    assert formats.level(2, SIGNALS["sectors.tech_rank_21d"], Measure.VALUE) == "2"
    assert formats.level(7, SIGNALS["size.russell_sp500.streak"], Measure.VALUE) == "7"


@pytest.mark.parametrize(
    ("level", "typed"),
    [
        (0.00000001, "0.00000001"),
        (-0.00005, "-0.00005"),
        (0.1 + 0.2, "0.3"),
        (90.0, "90"),
        (1234567.891, "1234567.891"),
        (1e15, "1000000000000000"),
    ],
)
def test_a_level_is_written_as_a_person_can_type_it(level: float, typed: str) -> None:
    assert formats.bare_level(level) == typed
    assert parse_level(typed) == pytest.approx(level, rel=1e-15)


def test_a_level_has_as_many_places_as_values() -> None:
    silver = SIGNALS["havens.silver"]
    assert formats.level(0.00000001, silver, Measure.VALUE) == "$0.00000001"
    assert formats.level(-0.0000125, silver, Measure.Z_1Y) == "-0.0000125 SD"


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
    assert numerals.ordinal(9) == "ninth"
    assert [numerals.ordinal(n) for n in (13, 21, 22, 23, 112)] == ["13th", "21st", "22nd", "23rd", "112th"]
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


@pytest.mark.parametrize(
    ("signal", "which", "value", "level", "text"),
    [
        ("options.vix_term", Measure.VALUE, 1.0004, 1.0, "1.0004"),
        ("options.vix_term", Measure.VALUE, 1.018, 1.0, "1.018"),
        ("rates.real_10y", Measure.PERCENTILE_1Y, 95.04, 95.0, "95.04th"),
        ("rates.curve_10y2y", Measure.CHANGE_21D, 0.2504, 0.25, "+25.04 bp"),
        ("breadth.sp500.above_50dma", Measure.VALUE, 19.98, 20.0, "19.98%"),
        ("breadth.sp500.above_50dma", Measure.VALUE, 11.72, 20.0, "11.7%"),
        ("breadth.sp500.above_50dma", Measure.VALUE, 20.0, 20.0, "20.0%"),
        ("size.russell_sp500.streak", Measure.VALUE, 8.0, 7.0, "8 sessions"),
        ("rotation.state", Measure.VALUE, 1.0, 0.5, "rotating out of big tech"),
    ],
)
def test_a_value_past_a_level_never_rounds_onto_it(
    signal: str, which: Measure, value: float, level: float, text: str
) -> None:
    assert formats.beyond(value, level, SIGNALS[signal], which) == text


def test_a_change_of_a_z_score_has_its_unit() -> None:
    z = SIGNALS["size.iwm_spy.z_252d"]
    assert formats.change(0.74, z) == "+0.74 SD"
    assert formats.change(0.74, z, with_unit=False) == "+0.74"


def test_one_point_is_singular_and_a_range_is_not() -> None:
    gap = SIGNALS["weighting.rsp_spy.spread_21d"]
    assert formats.level(1, gap, Measure.VALUE) == "+1 point"
    assert formats.level(-1, gap, Measure.CHANGE_5D) == "-1 point"
    assert formats.measured(1.0, gap, Measure.VALUE) == "+1.00 points"
    assert formats.span_of("-1 point", "+1 point") == "-1 to +1 points"
    assert formats.span_of("-0.5 points", "+1 point") == "-0.5 to +1 points"


def test_percentiles_are_ordinals_and_never_the_0th_or_the_100th() -> None:
    assert [numerals.percentile(value) for value in (88, 1, 2.4, 93, 11, 112.0)] == [
        "88th", "1st", "2nd", "93rd", "11th", "112th",
    ]  # fmt: skip
    assert [numerals.percentile(value) for value in (99.8, 99.97, 0.4, 0.01, 99.0, 99.008)] == [
        "99.8th", "99.9th", "0.4th", "0.1st", "99th", "99th",
    ]  # fmt: skip
