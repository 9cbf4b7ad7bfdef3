"""What the courier posts: first line, embeds and buttons of alerts, summaries and notices."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.alerts.topics import TOPICS
from bot.alerts.validation import LEVEL_MOST
from bot.commands.alerts.texts import first_line
from bot.commands.context import Core
from bot.commands.reply import Tone
from bot.database.readings import facts_of
from bot.discord_app import embeds, limits
from bot.discord_app.delivery.messages import payloads
from bot.domain.chart_request import ChartRequest
from bot.domain.model import Destination, DestinationKind, DestinationState, Direction, ItemKind, OutboxItem
from bot.formatting import formats
from bot.outbox.message import NotReadyError, Payload
from signals.catalogue import SIGNALS
from signals.core.model import Measure, State
from tests.support import core_without_store, sample_readings

CHANNEL = Destination(1, DestinationKind.CHANNEL, None, 100, 1, DestinationState.ACTIVE, None, None)
DM = Destination(2, DestinationKind.DM, 11, 1100, None, DestinationState.ACTIVE, None, None)


@pytest.fixture
def core() -> Core:
    """Rendering needs no store."""
    return core_without_store()


def item(signal: str = sample_readings.STREAK, number: int = 1, **changes: object) -> OutboxItem:
    reading = sample_readings.snapshot().readings[signal]
    made = OutboxItem(
        id=number,
        key=str(number),
        kind=ItemKind.ALERT,
        destination_id=1,
        session=sample_readings.SESSION,
        created_at=sample_readings.NOW,
        alert_id=number,
        owner_id=11,
        signal=signal,
        measure=Measure.VALUE,
        direction=Direction.ABOVE,
        level=7.0,
        value=reading.value,
        reading=facts_of(reading),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def labels(payload: Payload) -> list[str]:
    return [part.get("label", part.get("placeholder")) for row in payload.components for part in row["components"]]


def test_the_mark_of_simulated_numbers_counts_before_a_first_line_is_shortened(core: Core) -> None:
    simulated, whole, cut = replace(core, simulated=True), 0, 0
    for signal in sample_readings.snapshot().readings:
        alert = item(signal, measure=Measure.PERCENTILE_1Y, value=97.5, level=95.0)
        plain, marked = (payloads(each)(DM, [alert]).content for each in (core, simulated))
        assert len(marked) <= first_line.MAX_LENGTH
        words = marked.removeprefix("[simulated] ")
        assert words != marked
        if words == plain:
            whole += 1
        else:
            # Without the level in brackets, or at a word.
            assert plain.startswith(f"{words.removesuffix('…')} ")
            cut += 1
    assert whole
    assert cut


def test_an_alert_looks_like_the_sketch(core: Core) -> None:
    shown = payloads(core)(DM, [item()])
    assert shown.content == "Russell 2000 has beaten the S&P 500 for 8 sessions in a row (your level: more than 7)"
    [embed] = shown.embeds
    assert embed["title"] == f"{SIGNALS[sample_readings.STREAK].label}: 8 sessions"
    assert embed["description"].splitlines() == [
        "final, Tue, Jan 13 · votes for rotation out of big tech",
        "Day before 7 · normal range −1 to 2 · the highest of the past 5 years",
    ]
    assert embed["footer"]["text"] == "From ^RUT and ^GSPC, Yahoo · Information, not investment advice"
    assert embed["timestamp"] == "2026-01-13T21:20:00+00:00"
    assert embed["color"] == embeds.COLOURS[Tone.BROADENING]
    assert labels(shown) == ["Details", "Study", "Edit", "Remove", "Snooze"]


def test_a_topic_in_a_channel_mentions_its_role_and_cannot_be_edited(core: Core) -> None:
    shown = payloads(core)(CHANNEL, [item(topic="russell-streak", owner_id=None, role_id=77)])
    assert shown.mention_roles == (77,)
    assert "preset level: more than 7" in shown.content
    assert labels(shown) == ["Details", "Study", "Remove", "Snooze"]


def test_a_state_that_turned_is_called_by_its_name_and_shows_the_states(core: Core) -> None:
    name = "scenario.recovery_state"
    facts = {**facts_of(sample_readings.snapshot().readings[name]), "value": -1.0}
    change: dict[str, object] = {
        "measure": Measure.CHANGE_1D,
        "direction": Direction.BELOW,
        "level": -0.5,
        "value": -1.0,
    }
    shown = payloads(core)(CHANNEL, [item(name, reading=facts, topic="recovery-change", owner_id=None, **change)])
    assert shown.content == (
        "Tech recovery has moved from the base to the bear case (−23.1; bull from +33, bear from −33)"
    )
    [embed], [drawn] = shown.embeds, shown.pictures
    assert embed["title"] == "Tech recovery: bear"
    first, recovery = embed["description"].splitlines()
    assert first == "final, Tue, Jan 13"
    assert recovery.startswith("For it: cloud capex, safe havens; against: ")
    sketch = ChartRequest.from_json(drawn)
    assert (sketch.names, sketch.measure, sketch.below) == ((name,), Measure.VALUE, None)


def test_a_turn_of_the_rotation_brings_the_yardsticks_and_what_past_turns_were_worth(core: Core) -> None:
    facts = {**facts_of(sample_readings.snapshot().readings["rotation.state"]), "value": -1.0}
    change: dict[str, object] = {
        "measure": Measure.CHANGE_1D,
        "direction": Direction.BELOW,
        "level": -0.5,
        "value": -2.0,
    }
    turn = item("rotation.state", reading=facts, topic="rotation-turn", owner_id=None, **change)
    [embed] = payloads(core)(CHANNEL, [turn]).embeds
    assert "5 of 6 yardsticks say so: equal weight" in embed["description"]
    assert (
        "How often equal weight (RSP) lagged the S&P 500 (SPY) after past turns back into big tech (since 2021)"
        in embed["description"]
    )
    before = sample_readings.history().index[-3].date()
    [embed] = payloads(core)(CHANNEL, [replace(turn, session=before)]).embeds
    assert "past turns" not in embed["description"]


def test_a_role_is_never_mentioned_in_a_dm(core: Core) -> None:
    assert payloads(core)(DM, [item(role_id=77)]).mention_roles == ()


def test_several_alerts_are_counted_in_the_first_line_and_share_one_menu(core: Core) -> None:
    found = [
        item(topic="russell-streak", owner_id=None),
        item(sample_readings.SILVER, 2, level=80.0),
        item(sample_readings.SPREAD, 3, topic="equal-weight-day", owner_id=None, level=0.8),
    ]
    shown = payloads(core)(CHANNEL, found)
    assert shown.content == "3 alerts: Russell streak, Silver above $80, Equal-weight day"
    assert len(shown.embeds) == 3
    [menu] = shown.components[0]["components"]
    assert [option["value"] for option in menu["options"]] == ["t1", "a2", "t3"]


def test_simulated_numbers_say_so_in_every_message(core: Core) -> None:
    core = replace(core, simulated=True)
    for shown in (payloads(core)(DM, [item()]), payloads(core)(CHANNEL, [summary()])):
        assert shown.content.startswith("[simulated] ")
        assert all("simulated" in embed["footer"]["text"] for embed in shown.embeds)


def test_a_provisional_alert_says_so_and_carries_its_own_instant(core: Core) -> None:
    facts = {**facts_of(sample_readings.snapshot().readings[sample_readings.STREAK]), "state": State.PROVISIONAL.value}
    noon = sample_readings.NOW - timedelta(hours=4)
    [embed] = payloads(core)(DM, [item(reading=facts, created_at=noon)]).embeds
    assert embed["description"].startswith("provisional, Tue, Jan 13")
    assert embed["timestamp"] == noon.isoformat()


def test_an_older_session_is_compared_with_its_own_past(core: Core) -> None:
    session = sample_readings.history().index[-3].date()
    [embed] = payloads(core)(DM, [item(session=session, value=6.0)]).embeds
    assert "Day before 5" in embed["description"]
    assert formats.day(session, today=core.today()) in embed["description"]


def test_a_signal_that_is_no_longer_computed_is_said_plainly(core: Core) -> None:
    gone = replace(item(), signal="flows.gone")
    assert "no longer computed" in payloads(core)(DM, [gone]).content


def summary(session: object = sample_readings.SESSION) -> OutboxItem:
    return replace(item(), kind=ItemKind.SUMMARY, signal=None, alert_id=None, session=session)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [ItemKind.SUMMARY, ItemKind.LETTER, ItemKind.BOARD])
def test_before_the_first_check_what_is_made_of_its_readings_is_not_rendered(core: Core, kind: ItemKind) -> None:
    core.readings.snapshot = None
    with pytest.raises(NotReadyError):
        payloads(core)(CHANNEL, [replace(summary(), kind=kind)])


def test_a_summary_tells_its_story_in_the_first_line_and_describes_its_own_session(core: Core) -> None:
    shown = payloads(core)(CHANNEL, [summary()])
    assert shown.content.startswith("Equal weight beat the S&P 500 by 0.9 points")
    assert shown.embeds[0]["title"] == "Market summary, Tue, Jan 13, 2026"
    older = sample_readings.history().index[-4].date()
    assert payloads(core)(CHANNEL, [summary(older)]).embeds[0]["title"] == f"Market summary, {formats.day(older)}"


def test_nothing_to_render_is_an_error(core: Core) -> None:
    with pytest.raises(ValueError, match="nothing to render"):
        payloads(core)(DM, [])


@pytest.mark.parametrize("topic", [topic.key for topic in TOPICS])
def test_every_topic_has_a_first_line_that_fits(core: Core, topic: str) -> None:
    spec = next(each.specs[0] for each in TOPICS if each.key == topic)
    found = item(spec.signal, topic=topic, owner_id=None, measure=spec.measure, level=spec.level, value=spec.level + 1)
    shown = payloads(core)(CHANNEL, [found])
    assert 20 < len(shown.content) <= first_line.MAX_LENGTH


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(SIGNALS)),
            st.sampled_from(list(Measure)),
            st.floats(allow_nan=False, allow_infinity=False),
        ),
        min_size=1,
        max_size=10,
    )
)
def test_no_message_exceeds_discords_limits(core: Core, found: list[tuple[str, Measure, float]]) -> None:
    items = [
        item(signal, number, measure=which, value=value, level=min(max(value, -LEVEL_MOST), LEVEL_MOST))
        for number, (signal, which, value) in enumerate(found)
    ]
    shown = payloads(core)(CHANNEL, items)
    assert 0 < limits.length(shown.content) <= first_line.MAX_LENGTH
    assert len(shown.embeds) == len(items)
    assert sum(limits.embed_length(embed) for embed in shown.embeds) <= limits.EMBED_TOTAL
    assert Payload.from_json(shown.to_json()).content == shown.content
