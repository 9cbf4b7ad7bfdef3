"""From what was typed to an alert that makes sense, with a sentence for everything that does not."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import drafts, wishes
from bot.commands.drafts import Draft
from bot.commands.wishes import Change, Wish
from bot.errors import UserError
from bot.model import AlertSpec, Condition, Repeat, Timing
from signals.catalogue import SIGNALS
from signals.reading import Measure
from tests.bot.commands.world import SILVER


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("90", 90.0),
        (" 90.5 ", 90.5),
        ("-0,5", -0.5),
        ("−3", -3.0),
        ("1,250.5", 1250.5),
        ("20 %", 20.0),
        ("85.88 USD", 85.88),
        ("$90", 90.0),
        ("3.2 bn", 3.2e9),
        ("+.5", 0.5),
    ],
)
def test_levels_are_read_as_people_write_them(typed: str, value: float) -> None:
    assert wishes.parse_level(typed) == value


@pytest.mark.parametrize(
    "typed", ["", "🚀", "nan", "inf", "1e400", "1e5", "9 0", "--3", "½", "٣", "90;drop", "1" * 30, "x" * 5000]
)
def test_what_is_no_number_is_refused_in_a_sentence(typed: str) -> None:
    with pytest.raises(UserError, match="Level"):
        wishes.parse_level(typed)


def test_a_letter_for_a_digit_is_guessed() -> None:
    with pytest.raises(UserError) as caught:
        wishes.parse_level("9o")
    assert str(caught.value) == 'Level "9o" is not a number. Try 90 or 90.5.'


@given(st.floats(-1e9, 1e9))
def test_a_level_survives_being_written_and_read(value: float) -> None:
    level = float(f"{value:.4f}")
    assert wishes.parse_level(f"{level:.4f}") == pytest.approx(level, rel=1e-9)


def refused(spec: AlertSpec) -> str:
    with pytest.raises(UserError) as caught:
        wishes.checked(SIGNALS, spec)
    return str(caught.value)


def spec(signal: str = SILVER, condition: Condition = Condition.ABOVE, level: float = 90, **more: object) -> AlertSpec:
    return AlertSpec(signal, Measure.VALUE, condition, level, **more)  # type: ignore[arg-type]


def test_ranges_are_checked_here_because_discord_only_hints_at_them() -> None:
    assert "1 to 20 sessions in a row, not 400" in refused(spec(confirm=400))
    assert "0 to 365 days, not -1" in refused(spec(cooldown_days=-1))
    assert "needs two levels" in refused(spec(condition=Condition.OUTSIDE))
    assert "is not below the upper level" in refused(spec(condition=Condition.OUTSIDE, level=9, level_high=3))
    assert "takes one level" in refused(spec(level_high=95))
    assert "not a number that can be reached" in refused(spec(level=math.nan))
    assert 'No signal "nope"' in refused(spec(signal="nope"))


def test_levels_that_can_never_be_reached_are_refused_with_those_that_can() -> None:
    assert refused(spec("megacap.down_2pct", level=9)) == (
        f"{SIGNALS['megacap.down_2pct'].label} never reaches 9. Levels of 0 to 7 make sense."
    )
    assert "0 to 100" in refused(spec("breadth.sp500.above_50dma", level=140))
    assert "0 or more" in refused(spec("breadth.sp500.new_highs", level=-1))
    percentile = AlertSpec(SILVER, Measure.PERCENTILE_1Y, Condition.ABOVE, 101)
    assert "The one-year percentile never reaches 101" in refused(percentile)


def test_words_are_matched_to_the_nearest_known() -> None:
    with pytest.raises(UserError, match="Did you mean below"):
        wishes.choice("belwo", Condition, "condition")
    with pytest.raises(UserError, match="Known are above, below, crosses, outside"):
        wishes.choice("🚀", Condition, "condition")


def test_an_edit_changes_what_was_given_and_keeps_the_rest() -> None:
    stored = spec(confirm=3, repeat=Repeat.ONCE)
    found = wishes.changed(stored, Change(level="95", timing="live"))
    assert (found.level, found.timing, found.confirm, found.repeat) == (95, Timing.LIVE, 3, Repeat.ONCE)
    with pytest.raises(UserError, match="Nothing to change"):
        wishes.changed(stored, Change())


specs = st.builds(
    AlertSpec,
    st.sampled_from(list(SIGNALS)),
    st.sampled_from(list(Measure)),
    st.sampled_from(list(Condition)),
    st.floats(-1e6, 1e6).map(lambda value: float(f"{value:.6g}")),
    st.none() | st.floats(-1e6, 1e6).map(lambda value: float(f"{value:.6g}")),
    timing=st.sampled_from(list(Timing)),
    repeat=st.sampled_from(list(Repeat)),
    confirm=st.integers(1, 20),
    cooldown_days=st.integers(0, 365),
)
snowflakes = st.none() | st.integers(0, 2**64 - 1)


@given(st.builds(Draft, specs, snowflakes, snowflakes))
def test_a_draft_survives_the_journey_inside_its_buttons(draft: Draft) -> None:
    assert drafts.unpack(drafts.pack(draft)) == draft


@given(st.lists(st.text(max_size=20), max_size=8))
def test_a_forged_draft_is_refused_and_never_crashes(words: list[str]) -> None:
    with pytest.raises(ValueError, match=r".*"):
        drafts.unpack(tuple(words))


def test_a_wish_becomes_a_draft(core: object) -> None:
    found = wishes.draft(core, Wish(SILVER, "outside", "20", "90", measure="value", confirm=2))  # type: ignore[arg-type]
    assert found.spec == AlertSpec(SILVER, Measure.VALUE, Condition.OUTSIDE, 20, 90, confirm=2)
