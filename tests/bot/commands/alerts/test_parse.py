"""From what was typed to an alert that makes sense, with a sentence for everything that does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.validation import ValidatedSpec
from bot.commands.alerts import parse
from bot.commands.alerts.draft import AlertDraft, pack_draft, unpack_draft, validated_spec
from bot.commands.alerts.parse import AlertChange, AlertRequest
from bot.commands.context import Core
from bot.domain.model import AlertSpec, Condition, Repeat, Timing
from bot.errors import UserError
from signals.catalogue import SIGNALS
from signals.core.model import Measure
from tests.support.sample_readings import SILVER


def refused(spec: AlertSpec) -> str:
    with pytest.raises(UserError) as caught:
        validated_spec(SIGNALS, spec)
    return str(caught.value)


def spec(signal: str = SILVER, condition: Condition = Condition.ABOVE, level: float = 90, **more: object) -> AlertSpec:
    return AlertSpec(signal, Measure.VALUE, condition, level, **more)  # type: ignore[arg-type]


def test_a_spec_is_checked_against_its_signal() -> None:
    assert "No signal “nope”" in refused(spec(signal="nope"))
    assert refused(spec("megacap.down_2pct", level=9)) == (
        f"{SIGNALS['megacap.down_2pct'].label} cannot be above 9. Try a level between 0 and 7."
    )
    assert "cannot be live" in refused(spec(confirm=2, timing=Timing.LIVE))


def test_words_are_matched_to_the_nearest_known() -> None:
    with pytest.raises(UserError, match="Did you mean below"):
        parse.choice("belwo", Condition, "condition")
    with pytest.raises(UserError, match="Choose from above, below, crosses, outside"):
        parse.choice("🚀", Condition, "condition")


def test_an_edit_changes_what_was_given_and_keeps_the_rest() -> None:
    stored = spec(cooldown_days=3, repeat=Repeat.ONCE)
    found = parse.changed(SIGNALS, stored, AlertChange(level="95", timing="live")).spec
    assert (found.level, found.timing, found.cooldown_days, found.repeat) == (95, Timing.LIVE, 3, Repeat.ONCE)
    with pytest.raises(UserError, match="Nothing to change"):
        parse.changed(SIGNALS, stored, AlertChange())


def test_an_edit_that_makes_no_sense_with_what_is_stored_is_refused() -> None:
    with pytest.raises(UserError, match="cannot be live"):
        parse.changed(SIGNALS, spec(confirm=3), AlertChange(timing="live"))


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


def made(make: Callable[[], AlertDraft]) -> AlertDraft | str:
    """The draft, or the sentence with which its spec is refused."""
    try:
        return make()
    except UserError as error:
        return str(error)


@given(specs, snowflakes, snowflakes)
def test_a_draft_survives_the_journey_inside_its_buttons(
    wanted: AlertSpec, channel_id: int | None, role_id: int | None
) -> None:
    """One that makes no sense is refused when it comes back, as it would have been before."""
    words = pack_draft(wanted, channel_id, role_id)
    assert made(lambda: unpack_draft(SIGNALS, words)) == made(
        lambda: AlertDraft(ValidatedSpec(wanted, SIGNALS[wanted.signal]), channel_id, role_id)
    )


@given(st.lists(st.text(max_size=20), max_size=8))
def test_a_forged_draft_is_refused_and_never_crashes(words: list[str]) -> None:
    with pytest.raises(ValueError, match=r".*"):
        unpack_draft(SIGNALS, tuple(words))


def test_a_request_becomes_a_draft(core: Core) -> None:
    request = AlertRequest(signal=SILVER, condition="outside", level="20", upper="90", measure="value", confirm=2)
    found = parse.draft(core, request)
    assert found.spec == AlertSpec(SILVER, Measure.VALUE, Condition.OUTSIDE, 20, 90, confirm=2)


def test_what_is_typed_or_edited_has_the_places_of_values(core: Core) -> None:
    typed = parse.draft(core, AlertRequest(signal="megacap.down_2pct", condition="above", level="4.999999999")).spec
    edited = parse.changed(SIGNALS, typed, AlertChange(condition="outside", level="1.000000001", upper="5.999999999"))
    assert typed.level == 5
    assert (edited.spec.level, edited.spec.level_high) == (1, 6)


def test_a_level_that_is_none_any_more_is_refused_as_what_it_is(core: Core) -> None:
    request = AlertRequest(signal="megacap.down_2pct", condition="below", level="0.000000001")
    with pytest.raises(UserError, match=r"cannot be below 0\. Try a level between 0 and 7\."):
        parse.draft(core, request)
    with pytest.raises(UserError, match="Both levels are 1"):
        parse.draft(core, AlertRequest(signal=SILVER, condition="outside", level="1.000000001", upper="1.000000002"))
