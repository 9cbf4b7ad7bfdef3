"""Levels that people type and specs that cannot be, each with its sentence."""

from __future__ import annotations

import contextlib
import math
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts import validation
from bot.domain.model import After, AlertSpec, Condition, Repeat, Timing
from bot.errors import UserError
from signals import catalogue
from signals.core.model import Family, History, Measure, Signal
from signals.core.units import Unit

NAN = math.nan
ABOVE_90 = AlertSpec("x", Measure.VALUE, Condition.ABOVE, 90.0)


def a_signal(unit: Unit = Unit.USD, *, name: str = "havens.silver", family: Family = Family.HAVENS) -> Signal:
    return Signal(
        id=name,
        label="Silver",
        family=family,
        unit=unit,
        decimals=2,
        meaning="",
        inputs=(),
        compute=lambda market: History(pd.Series(dtype=float)),
        lookback=1,
    )


def test_a_measure_that_a_signal_does_not_have_is_refused() -> None:
    spec = AlertSpec("index.sp500.ytd", Measure.PERCENTILE_1Y, Condition.ABOVE, 95)
    with pytest.raises(
        UserError, match=r"S&P 500, year to date starts afresh, so it has no 1-year percentile. Try its value."
    ):
        validation.validate(spec, catalogue.signal(spec.signal))
    flag = AlertSpec("breadth.sp500.thrust_signal", Measure.Z_1Y, Condition.ABOVE, 1)
    with pytest.raises(UserError, match="only names a state, so it has no 1-year z-score"):
        validation.validate(flag, catalogue.signal(flag.signal))
    validation.validate(replace(spec, measure=Measure.CHANGE_5D, level=2), catalogue.signal(spec.signal))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0.57 mn", 570_000.0),
        ("4.35k", 4350.0),
        ("90", 90.0),
        (" 90.5 ", 90.5),
        ("90,5", 90.5),
        ("-0.5", -0.5),
        ("+3", 3.0),
        ("\N{MINUS SIGN}2", -2.0),
        ("90%", 90.0),
        ("25 bp", 0.25),
        ("-12.5bps", -0.125),
        ("90\N{THIN SPACE}%", 90.0),
        ("90\N{NARROW NO-BREAK SPACE}%", 90.0),
        ("1 234.5", 1234.5),
        ("\N{LEFT-TO-RIGHT MARK}9\N{ZERO WIDTH SPACE}0", 90.0),
        ("-1\N{NO-BREAK SPACE}234 567", -1234567.0),
        ("1,234.5", 1234.5),
        ("1,234,567", 1234567.0),
        ("12,50", 12.5),
        ("0,125", 0.125),
        ("$90", 90.0),
        ("-$90", -90.0),
        ("0.25 pp", 0.25),
        (".5", 0.5),
        ("8 sessions", 8.0),
        ("3.2 bn", 3.2e9),
        ("-410 m", -4.1e8),
    ],
)
def test_levels_are_read_the_way_people_write_them(text: str, number: float) -> None:
    assert validation.parse_level(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "9o",
        "",
        "nan",
        "inf",
        "-inf",
        "1e5",
        "1_000",
        "ninety",
        "90\N{FIRE}",
        "９０",
        "90²",
        "--5",
        "1 1",
        "9 0.5",
        "80, 90",
        "1 2345",
        "1 234 5",
        "1.2.3",
        "1,2,3",
        "%",
        "-",
    ],
)
def test_what_is_no_number_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UserError) as refused:
        validation.parse_level(text)
    assert str(refused.value) == f"“{text}” is not a number. Type a level such as 90 or 90.5."


def test_a_long_text_is_cut_in_the_sentence() -> None:
    with pytest.raises(UserError) as refused:
        validation.parse_level("x" * 5000)
    assert len(str(refused.value)) < 100


def test_a_comma_that_may_be_either_is_asked_about() -> None:
    with pytest.raises(UserError) as refused:
        validation.parse_level("-1,500")
    assert str(refused.value) == "“-1,500” can be read two ways. Try -1500 or -1.5."


def test_a_level_beyond_all_reason_is_refused() -> None:
    with pytest.raises(UserError, match="too large"):
        validation.parse_level("9" * 40)


@given(st.text(max_size=30))
def test_any_text_gives_a_finite_number_or_a_sentence(text: str) -> None:
    with contextlib.suppress(UserError):
        assert math.isfinite(validation.parse_level(text))


@given(st.floats(-1e6, 1e6).map(lambda number: round(number, 4)))
def test_a_printed_number_is_read_back(number: float) -> None:
    assert validation.parse_level(f"{number:.4f}") == pytest.approx(number)


OUTSIDE = AlertSpec("x", Measure.VALUE, Condition.OUTSIDE, 20.0, 80.0)


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        (replace(ABOVE_90, level=NAN), "A level must be a number. Try 90 or 90.5."),
        (replace(ABOVE_90, level=math.inf), "A level must be a number. Try 90 or 90.5."),
        (replace(ABOVE_90, level=1e16), "A level must be a number. Try 90 or 90.5."),
        (replace(ABOVE_90, level_high=95.0), "Above takes one level. Try outside for two."),
        (replace(OUTSIDE, level_high=None), "Outside needs two levels. Try 20 and 80."),
        (replace(OUTSIDE, level_high=20.0), "Both levels are 20. Try crosses 20, or two different levels."),
        (replace(OUTSIDE, level_high=10.5), "The lower level 20 is above the upper level 10.5. Try 10.5 and 20."),
        (replace(ABOVE_90, confirm=0), "Confirmation over 0 sessions is not possible. Try 1 to 20."),
        (replace(ABOVE_90, confirm=21), "Confirmation over 21 sessions is not possible. Try 1 to 20."),
        (
            replace(ABOVE_90, confirm=2, timing=Timing.LIVE),
            "Confirmation counts closes, so it cannot be live. Try timing close, or confirm 1.",
        ),
        (replace(ABOVE_90, cooldown_days=-1), "A pause of -1 days is not possible. Try 0 to 365."),
        (replace(ABOVE_90, cooldown_days=366), "A pause of 366 days is not possible. Try 0 to 365."),
        (replace(ABOVE_90, band=-1.0), "Band -1 is not possible. Try 0 or a positive number."),
        (replace(ABOVE_90, band=NAN), "Band nan is not possible. Try 0 or a positive number."),
        (
            replace(ABOVE_90, measure=Measure.PERCENTILE_1Y, level=100.0),
            "Silver, 1-year percentile, cannot be above 100. Try a level between 0 and 100.",
        ),
        (
            replace(ABOVE_90, measure=Measure.PERCENTILE_1Y, level=-1.0),
            "Silver, 1-year percentile, cannot be above -1. Try a level between 0 and 100.",
        ),
    ],
)
def test_a_wrong_spec_is_refused_with_what_would_be_right(spec: AlertSpec, sentence: str) -> None:
    with pytest.raises(UserError) as refused:
        validation.validate(spec, a_signal())
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    "spec",
    [
        ABOVE_90,
        OUTSIDE,
        replace(ABOVE_90, level=-37.0, condition=Condition.BELOW),
        replace(ABOVE_90, confirm=20, cooldown_days=365, band=3.0),
        replace(ABOVE_90, timing=Timing.LIVE, repeat=Repeat.ONCE),
        replace(ABOVE_90, measure=Measure.Z_1Y, level=-2.5),
        replace(ABOVE_90, measure=Measure.PERCENTILE_1Y, level=0.0),
    ],
)
def test_a_right_spec_passes(spec: AlertSpec) -> None:
    validation.validate(spec, a_signal())


def test_a_validated_spec_cannot_be_made_of_a_wrong_one() -> None:
    signal = a_signal()
    assert validation.ValidatedSpec(ABOVE_90, signal).spec == ABOVE_90
    with pytest.raises(UserError, match="Above takes one level"):
        validation.ValidatedSpec(replace(ABOVE_90, level_high=95.0), signal)


@pytest.mark.parametrize(
    ("unit", "which", "expected"),
    [
        (Unit.SEVEN, Measure.VALUE, (0.0, 7.0)),
        (Unit.SEVEN, Measure.CHANGE_5D, (-7.0, 7.0)),
        (Unit.SEVEN, Measure.Z_1Y, (-math.inf, math.inf)),
        (Unit.SEVEN, Measure.PERCENTILE_1Y, (0.0, 100.0)),
        (Unit.COUNT, Measure.VALUE, (0.0, math.inf)),
        (Unit.COUNT, Measure.CHANGE_1D, (-math.inf, math.inf)),
        (Unit.PERCENT, Measure.VALUE, (-math.inf, math.inf)),
    ],
)
def test_what_a_measure_can_be_follows_from_its_unit(unit: Unit, which: Measure, expected: tuple[float, float]) -> None:
    assert validation.possible(a_signal(unit), which) == expected


def test_shares_of_members_stay_within_a_hundred_per_cent() -> None:
    share = a_signal(Unit.PERCENT, name="breadth.tech.above_50dma", family=Family.BREADTH)
    balance = a_signal(Unit.PERCENT, name="breadth.sp500.high_low", family=Family.BREADTH)
    assert validation.possible(share, Measure.VALUE) == (0.0, 100.0)
    assert validation.possible(balance, Measure.VALUE) == (-100.0, 100.0)


def test_a_count_below_zero_can_never_come() -> None:
    with pytest.raises(UserError) as refused:
        validation.validate(replace(ABOVE_90, condition=Condition.BELOW, level=0.0), a_signal(Unit.COUNT))
    assert str(refused.value) == "Silver cannot be below 0. Try a level above 0."


def test_counts_of_one_thing_less_another_can_be_negative() -> None:
    net = a_signal(Unit.COUNT, name="earnings.net_guidance", family=Family.EARNINGS)
    assert validation.possible(net, Measure.VALUE) == (-math.inf, math.inf)


def test_the_agreement_of_the_families_is_a_share() -> None:
    agreement = a_signal(Unit.PERCENT, name="scenario.rotation_concordance", family=Family.SCENARIO)
    assert validation.possible(agreement, Measure.VALUE) == (0.0, 100.0)


def test_new_highs_and_named_states_are_refused_where_there_are_none() -> None:
    high = AlertSpec("index.sp500.ytd", Measure.HIGH_63D, Condition.ABOVE, 0)
    with pytest.raises(UserError, match="S&P 500, year to date starts afresh, so it has no new highs and lows"):
        validation.validate(high, catalogue.signal(high.signal))
    state = AlertSpec("rotation.state", Measure.IS_0, Condition.ABOVE, 0.5)
    with pytest.raises(UserError, match="has no such state"):
        validation.validate(state, catalogue.signal(state.signal))
    validation.validate(replace(state, measure=Measure.IS_1), catalogue.signal(state.signal))
    assert validation.possible(catalogue.signal(state.signal), Measure.IS_1) == (0.0, 1.0)


def test_what_follows_a_firing_must_fit_the_condition() -> None:
    back = replace(ABOVE_90, after=After.BACK)
    remind = replace(ABOVE_90, after=After.REMIND, remind_every=5)
    for spec in (back, remind):
        validation.validate(spec, a_signal())
    refused = {
        "fires once ends when it fires": replace(back, repeat=Repeat.ONCE),
        "already alerts on the way back": replace(back, condition=Condition.CROSSES),
        "Reminders every 0 sessions are not possible. Try 1 to 63.": replace(remind, remind_every=0),
    }
    for sentence, spec in refused.items():
        with pytest.raises(UserError, match=sentence):
            validation.validate(spec, a_signal())
