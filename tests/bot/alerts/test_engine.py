"""The engine over stored triggers, by sequences worked out by hand."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts import engine, rules
from bot.alerts.engine import CheckCounts
from bot.database import readings as kept
from bot.database.alerts import alerts
from bot.database.codec import scalar
from bot.database.connection import connect, transaction
from bot.database.places import destinations, guilds, subscriptions
from bot.domain.model import AlertSpec, Condition, Repeat, Timing, TriggerState
from signals.core.model import Measure, Measures, Reading, State
from tests.bot.alerts.watching import ABOVE_90, DAY, SILVER, Watch, day, final


def test_a_crossing_is_enqueued_once_with_its_facts(watch: Watch) -> None:
    alert = watch.add(ABOVE_90)
    (trigger,) = alerts.triggers_of(watch.db, alert.id)
    reading = Reading(SILVER, DAY, 91.9, State.FINAL, sources=("Yahoo",), measures=Measures(change_1d=6.0))
    assert watch.see({SILVER: reading}) == CheckCounts(fired=1, enqueued=1)
    (row,) = watch.enqueued()
    facts = {
        name: row[name] for name in ("kind", "alert_id", "topic", "owner_id", "role_id", "destination_id", "state")
    }
    assert facts == {
        "kind": "alert",
        "alert_id": alert.id,
        "topic": None,
        "owner_id": 7,
        "role_id": None,
        "destination_id": watch.dm.id,
        "state": "due",
    }
    assert (row["signal"], row["measure"], row["direction"], row["level"], row["value"]) == (
        SILVER,
        "value",
        "above",
        90.0,
        91.9,
    )
    assert row["key"] == f"alert:{trigger.id}:1:{watch.dm.id}"
    assert row["session"] == DAY.toordinal()
    stored = scalar(watch.db, "SELECT facts FROM reading WHERE id = ?", (row["reading_id"],))
    assert stored == kept.encode(reading)
    assert watch.states(alert) == [TriggerState.FIRED]


def test_the_level_itself_is_not_beyond_it(watch: Watch) -> None:
    watch.add(ABOVE_90)
    assert watch.closes([90.0, 90.0]) == []


def test_a_value_dancing_on_the_level_sends_one_message(watch: Watch) -> None:
    watch.add(ABOVE_90)
    assert watch.closes([91, 89.6, 91, 89.6, 91, 89.5, 91]) == [0, 6]


def test_below_mirrors_above(watch: Watch) -> None:
    watch.add(replace(ABOVE_90, condition=Condition.BELOW), known=95.0)
    assert watch.closes([89, 90.4, 89, 90.5, 89]) == [0, 4]


def test_crosses_fires_both_ways(watch: Watch) -> None:
    watch.add(replace(ABOVE_90, condition=Condition.CROSSES, band=0.0))
    assert watch.closes([91, 89, 92]) == [0, 1, 2]
    assert [each["direction"] for each in watch.enqueued()] == ["above", "below", "above"]


def test_outside_fires_at_either_end(watch: Watch) -> None:
    watch.add(AlertSpec(SILVER, Measure.VALUE, Condition.OUTSIDE, 20, 80), known=50.0)
    assert watch.closes([81, 50, 19, 81]) == [0, 2, 3]
    assert [each["level"] for each in watch.enqueued()] == [80.0, 20.0, 80.0]


def test_an_alert_made_on_the_far_side_waits_for_the_next_crossing(watch: Watch) -> None:
    alert = watch.add(ABOVE_90, known=91.9)
    assert watch.states(alert) == [TriggerState.FIRED]
    assert watch.closes([92, 89.5, 91]) == [2]


def test_the_first_reading_of_all_only_sets_the_side(watch: Watch) -> None:
    far, near = watch.add(ABOVE_90, known=None), watch.add(replace(ABOVE_90, level=95.0), known=None)
    assert watch.see(final(91.0)) == CheckCounts(initialized=2)
    assert watch.states(far) == [TriggerState.FIRED]
    assert watch.states(near) == [TriggerState.ARMED]


def test_a_measure_is_watched_apart_from_the_value(watch: Watch) -> None:
    watch.add(replace(ABOVE_90, measure=Measure.PERCENTILE_1Y), known=50.0)
    reading = Reading(SILVER, DAY, 91.0, State.FINAL, measures=Measures(percentile_1y=89.0))
    assert watch.see({SILVER: reading}) == CheckCounts()
    later = Reading(SILVER, day(1), 20.0, State.FINAL, measures=Measures(percentile_1y=90.5))
    assert watch.see({SILVER: later}).enqueued == 1
    assert watch.enqueued()[0]["value"] == 90.5


@pytest.mark.parametrize(("value", "percentile"), [(95.0, 50.0), (50.0, 95.0)])
def test_the_first_value_of_its_own_measure_sets_the_side(watch: Watch, value: float, percentile: float) -> None:
    watch.add(ABOVE_90, known=None)
    watch.add(replace(ABOVE_90, measure=Measure.PERCENTILE_1Y), known=None)
    reading = Reading(SILVER, DAY, value, State.FINAL, measures=Measures(percentile_1y=percentile))
    assert watch.see({SILVER: reading}) == CheckCounts(initialized=2)


def test_a_fired_alert_watches_again_by_its_own_measure(watch: Watch) -> None:
    value = watch.add(ABOVE_90, known=95.0)
    percentile = watch.add(replace(ABOVE_90, measure=Measure.PERCENTILE_1Y), known=95.0)
    watch.see({SILVER: Reading(SILVER, DAY, 80.0, State.FINAL, measures=Measures(percentile_1y=95.0))})
    assert [watch.states(alert) for alert in (value, percentile)] == [[TriggerState.ARMED], [TriggerState.FIRED]]


@pytest.mark.parametrize("condition", [Condition.ABOVE, Condition.BELOW])
def test_a_first_value_on_the_level_is_not_beyond_it(watch: Watch, condition: Condition) -> None:
    alert = watch.add(replace(ABOVE_90, condition=condition), known=None)
    watch.see(final(90.0))
    assert watch.states(alert) == [TriggerState.ARMED]


def test_a_measure_without_a_value_leaves_its_alerts_alone(watch: Watch) -> None:
    alert = watch.add(replace(ABOVE_90, measure=Measure.Z_1Y), known=None)
    assert watch.see(final(91.0)) == CheckCounts()
    assert watch.states(alert) == [TriggerState.NEW]


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_value_that_is_no_number_counts_as_withheld(watch: Watch, value: float) -> None:
    watch.add(ABOVE_90)
    assert watch.see(final(value)) == CheckCounts()
    assert kept.evaluated(watch.db) == {}


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
def test_a_measure_that_is_no_number_holds_up_no_message(watch: Watch, odd: float) -> None:
    watch.add(ABOVE_90)
    reading = Reading(SILVER, DAY, 95.0, State.FINAL, measures=Measures(change_1d=odd, z_1y=odd))
    assert watch.see({SILVER: reading}).enqueued == 1
    facts = json.loads(scalar(watch.db, "SELECT facts FROM reading"))
    assert (facts["value"], facts["measures"]["change_1d"], facts["measures"]["z_1y"]) == (95.0, None, None)


def test_confirmation_counts_sessions_in_a_row(watch: Watch) -> None:
    watch.add(replace(ABOVE_90, confirm=3))
    assert watch.closes([91, 91, 89, 91, 91, 91, 91]) == [5]


def test_a_session_that_only_confirms_is_no_firing(watch: Watch) -> None:
    alert = watch.add(replace(ABOVE_90, confirm=2))
    watch.see(final(91))
    assert [trigger.fired_session for trigger in alerts.triggers_of(watch.db, alert.id)] == [None]
    watch.see(final(91, day(1)))
    assert [trigger.fired_session for trigger in alerts.triggers_of(watch.db, alert.id)] == [day(1)]


def test_withheld_sessions_neither_count_nor_break_a_confirmation(watch: Watch) -> None:
    watch.add(replace(ABOVE_90, confirm=3))
    assert watch.closes([91, None, 91, None, None, 91]) == [5]


def test_an_alert_asked_for_once_ends_with_its_message(watch: Watch, now: datetime) -> None:
    alert = watch.add(replace(ABOVE_90, condition=Condition.CROSSES, repeat=Repeat.ONCE))
    assert watch.closes([91, 80, 95]) == [0]
    assert watch.states(alert) == [TriggerState.ENDED, TriggerState.ENDED]
    stored = alerts.get(watch.db, alert.id)
    assert stored is not None
    assert stored.ended_at == now
    assert alerts.count_owned(watch.db, 7) == 0


def test_an_alert_asked_for_once_ends_no_other(watch: Watch) -> None:
    once = watch.add(replace(ABOVE_90, repeat=Repeat.ONCE))
    again = watch.add(ABOVE_90)
    higher = watch.add(replace(ABOVE_90, level=95.0, repeat=Repeat.ONCE))
    watch.see(final(91.0))
    ended = {alert.id for alert in (once, again, higher) if _ended(watch, alert.id)}
    assert ended == {once.id}
    assert [watch.states(alert) for alert in (again, higher)] == [[TriggerState.FIRED], [TriggerState.ARMED]]


def _ended(watch: Watch, alert_id: int) -> bool:
    stored = alerts.get(watch.db, alert_id)
    return stored is not None and stored.ended_at is not None


def test_an_alert_asked_for_once_ends_with_a_message_that_is_held_back(watch: Watch, now: datetime) -> None:
    alert = watch.add(replace(ABOVE_90, repeat=Repeat.ONCE))
    subscriptions.snooze(watch.db, alert.id, watch.dm.id, now + timedelta(days=1))
    assert watch.see(final(91.0)) == CheckCounts(fired=1, enqueued=1)
    assert watch.closes([91, 89, 91, 89, 91], first=1) == []


def test_a_cooldown_is_that_of_the_alert_that_fired(watch: Watch) -> None:
    watch.add(replace(ABOVE_90, cooldown_days=3))
    higher = watch.add(replace(ABOVE_90, level=95.0, cooldown_days=3))
    assert watch.closes([91, 96]) == [0, 1]
    assert watch.enqueued()[-1]["alert_id"] == higher.id


def test_a_cooldown_suppresses_messages_but_not_the_state(watch: Watch) -> None:
    """Fires on day 0; day 2 falls into the 3 days, day 3 is just outside but nothing crosses; day 5 does."""
    watch.add(replace(ABOVE_90, cooldown_days=3))
    assert watch.closes([91, 89, 91, 92, 89, 91]) == [0, 5]


def test_a_cooldown_ends_on_the_day_named(watch: Watch) -> None:
    watch.add(replace(ABOVE_90, cooldown_days=3))
    assert watch.closes([91, 89, None, 91]) == [0, 3]


def test_a_cooldown_covers_both_sides_of_an_alert(watch: Watch) -> None:
    watch.add(replace(ABOVE_90, condition=Condition.CROSSES, band=0.0, cooldown_days=2))
    assert watch.closes([91, 89, 91]) == [0, 2]


def test_for_a_snoozed_destination_the_message_is_held_back_and_the_others_get_it(watch: Watch, now: datetime) -> None:
    topic = watch.add_topic("silver-90", ABOVE_90)
    channel = destinations.channel_destination(watch.db, 9, 5, now=now)
    subscriptions.subscribe(watch.db, "silver-90", channel.id, created_by=8, role_id=33, now=now)
    subscriptions.subscribe(watch.db, "silver-90", watch.dm.id, created_by=7, now=now)
    subscriptions.snooze(watch.db, topic.id, watch.dm.id, now + timedelta(seconds=1))
    assert watch.see(final(91.0)) == CheckCounts(fired=1, enqueued=2)
    held, row = watch.enqueued()
    assert (row["destination_id"], row["role_id"], row["topic"], row["owner_id"]) == (channel.id, 33, "silver-90", None)
    assert row["held_until"] is None
    assert (held["destination_id"], held["held_until"]) == (watch.dm.id, int(now.timestamp()) + 1)


def test_a_snooze_is_over_at_its_instant(watch: Watch, now: datetime) -> None:
    alert = watch.add(ABOVE_90)
    subscriptions.snooze(watch.db, alert.id, watch.dm.id, now)
    assert watch.see(final(91.0)).enqueued == 1
    assert watch.enqueued()[0]["held_until"] is None


def test_nothing_is_enqueued_for_parked_or_paused_places_and_the_state_moves(watch: Watch, now: datetime) -> None:
    guilds.joined(watch.db, 5, "House", now=now)
    channel = destinations.channel_destination(watch.db, 9, 5, now=now)
    alert = watch.add(ABOVE_90)
    watch.add_topic("silver-90", ABOVE_90)
    subscriptions.subscribe(watch.db, "silver-90", channel.id, created_by=8, now=now)
    destinations.park(watch.db, watch.dm.id, "refused", now=now)
    guilds.left(watch.db, 5, now=now)
    assert watch.see(final(91.0)) == CheckCounts(fired=2)
    assert watch.enqueued() == []
    assert watch.states(alert) == [TriggerState.FIRED]


def test_a_suppressed_evaluation_moves_states_and_enqueues_nothing(watch: Watch) -> None:
    alert = watch.add(replace(ABOVE_90, repeat=Repeat.ONCE, cooldown_days=9))
    assert watch.see(final(91.0), notify=False) == CheckCounts(fired=1)
    assert watch.states(alert) == [TriggerState.FIRED]
    assert watch.closes([89, 91], first=1) == [2]


def test_a_reading_of_another_session_is_an_error(watch: Watch) -> None:
    with pytest.raises(ValueError, match="not of 2026-01-13"), transaction(watch.db):
        engine.evaluate(watch.db, day(1), final(91.0), now=watch.now)


def test_an_edited_alert_fires_again_under_a_key_of_its_own(watch: Watch) -> None:
    alert = watch.add(ABOVE_90)
    watch.see(final(91.0))
    spec = replace(ABOVE_90, level=95.0)
    alerts.edit(watch.db, alert.id, spec, rules.new_triggers(spec, 91.0, day(1)))
    assert watch.closes([96], first=1) == [1]
    assert len({each["key"] for each in watch.enqueued()}) == 2


def test_a_crash_between_moving_and_enqueuing_leaves_everything_as_it_was(watch: Watch) -> None:
    """The insert into the outbox is made to fail after the triggers have been moved in the same transaction."""
    alert = watch.add(ABOVE_90)
    watch.db.execute("CREATE TEMP TRIGGER crash BEFORE INSERT ON outbox BEGIN SELECT raise(ABORT, 'power cut'); END")
    with pytest.raises(Exception, match="power cut"):
        watch.see(final(91.0))
    assert watch.states(alert) == [TriggerState.ARMED]
    assert kept.evaluated(watch.db) == {}
    watch.db.execute("DROP TRIGGER crash")
    assert watch.see(final(91.0)).enqueued == 1


def test_many_alerts_on_many_signals_fire_in_one_check(watch: Watch) -> None:
    for number in range(40):
        watch.add(replace(ABOVE_90, signal=f"s.{number % 4}", level=80.0 + number), known=50.0)
    readings = {f"s.{n}": Reading(f"s.{n}", DAY, 99.5, State.FINAL) for n in range(3)}
    with transaction(watch.db):
        outcome = engine.evaluate(watch.db, DAY, readings, now=watch.now)
    expected = [number for number in range(40) if number % 4 < 3 and 80 + number < 99.5]
    assert outcome == CheckCounts(fired=len(expected), enqueued=len(expected))
    assert scalar(watch.db, "SELECT count(*) FROM reading") == 3
    assert all(row["signal"] == f"s.{(row['level'] - 80) % 4:.0f}" for row in watch.enqueued())


def test_a_check_in_which_nothing_moves_writes_no_trigger(watch: Watch) -> None:
    for level in range(60, 120):
        watch.add(replace(ABOVE_90, level=float(level)), known=85.25)
    watch.see(final(85.25))
    before = watch.db.conn.total_changes
    assert watch.see(final(85.25, day(1))) == CheckCounts()
    # One value lined up and taken away again, one checkpoint.
    assert watch.db.conn.total_changes - before <= 4


@pytest.mark.parametrize(
    ("condition", "level", "rearm", "values"),
    [
        (Condition.ABOVE, 90.0, 95.0, [85.0, 93.0, 93.0, 93.0, 93.0]),
        (Condition.BELOW, 90.0, 85.0, [95.0, 87.0, 87.0, 87.0, 87.0]),
    ],
)
def test_an_alert_that_contradicts_itself_takes_one_step_a_check_and_holds_up_no_other(
    watch: Watch, condition: Condition, level: float, rearm: float, values: list[float]
) -> None:
    """Its re-arm level is past its level, so every value of the session is past the one and back at the other."""
    odd = watch.add(replace(ABOVE_90, condition=condition, level=level), known=values[0])
    watch.db.execute("UPDATE trigger SET rearm = ?", (rearm,))
    crossed = watch.add(replace(ABOVE_90, condition=Condition.CROSSES), known=values[0])
    assert watch.closes(values) == [1, 3]
    told = [(each["alert_id"], each["session"] - DAY.toordinal()) for each in watch.enqueued()]
    assert told == [(odd.id, 1), (crossed.id, 1), (odd.id, 3)]


@pytest.mark.parametrize("rearm", [90.0, 95.0])
def test_a_first_value_sets_the_side_and_nothing_else(watch: Watch, rearm: float) -> None:
    alert = watch.add(ABOVE_90, known=None)
    watch.db.execute("UPDATE trigger SET rearm = ?", (rearm,))
    watch.see(final(93.0))
    assert watch.states(alert) == [TriggerState.FIRED]


def test_a_level_beside_a_whole_number_is_that_number(watch: Watch) -> None:
    """Of a signal in whole steps, whose band is 0: past 5 is 6."""
    watch.add(replace(ABOVE_90, level=4.999999999, band=0.0), known=3.0)
    assert watch.closes([3.0, 5.0, 5.0, 6.0, 5.0, 5.0, 6.0]) == [3, 6]


VALUES = st.one_of(st.integers(0, 8).map(float), st.sampled_from([0.3, 2.99999999]), st.just(math.nan))
SPECS = st.builds(
    AlertSpec,
    st.just(SILVER),
    st.just(Measure.VALUE),
    st.sampled_from(Condition),
    st.sampled_from([0.000000001, 0.1 + 0.2, 2.999999999, 3.0, 3.000000001]),
    level_high=st.sampled_from([4.999999999, 5.0]),
    timing=st.just(Timing.CLOSE),
    confirm=st.integers(1, 3),
    repeat=st.sampled_from(Repeat),
    cooldown_days=st.integers(0, 4),
    band=st.sampled_from([0.0, 0.000000001, 0.1 + 0.2, 0.5, 1.0, 3.0]),
)


@given(st.lists(VALUES, max_size=30), st.lists(SPECS, min_size=1, max_size=4))
def test_the_engine_fires_on_exactly_the_sessions_that_the_rules_name(
    values: list[float], specs: list[AlertSpec]
) -> None:
    db = connect(Path(":memory:"))
    watch = Watch(db, datetime(2026, 1, 13, tzinfo=UTC))
    stored = [watch.add(spec, known=None) for spec in specs]
    for number, value in enumerate(values):
        watch.see(final(None if math.isnan(value) else value, day(number)))
    series = pd.Series(values, index=pd.date_range(DAY, periods=len(values)), dtype=float)
    for alert in stored:
        notified = [date.fromordinal(each["session"]) for each in watch.enqueued() if each["alert_id"] == alert.id]
        assert notified == rules.firings(series, alert.spec)
    db.close()


def test_a_new_high_and_a_turn_to_a_named_state_fire_like_any_level(watch: Watch) -> None:
    high = watch.add(AlertSpec(SILVER, Measure.HIGH_63D, Condition.ABOVE, 0.0, band=0.5), known=-3.0)
    turn = watch.add(AlertSpec("scenario.recovery_state", Measure.IS_0, Condition.ABOVE, 0.5), known=0.0)
    values = [(92.0, 0.4, 1.0), (92.2, 0.2, 0.0), (91.0, -1.2, 0.0), (93.0, 0.8, 1.0), (93.1, 0.1, 0.0)]
    for number, (value, beyond, state) in enumerate(values):
        silver = Reading(SILVER, day(number), value, State.FINAL, measures=Measures(high_63d=beyond))
        recovery = Reading("scenario.recovery_state", day(number), state, State.FINAL)
        watch.see({SILVER: silver, "scenario.recovery_state": recovery})
    fired = [(each["alert_id"], each["session"] - DAY.toordinal()) for each in watch.enqueued()]
    assert fired == [(high.id, 0), (turn.id, 1), (high.id, 3), (turn.id, 4)]
