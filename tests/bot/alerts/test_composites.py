"""Composite alerts: when enough of several alerts and topics hold, by sequences worked out by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.alerts import composites, expiry
from bot.alerts.rules import new_triggers
from bot.database.alerts import alert_manner, alerts, members
from bot.database.codec import row, scalar
from bot.database.connection import transaction
from bot.database.places import subscriptions
from bot.database.recovery import quiet_sessions
from bot.database.recovery.quiet_sessions import QuietSessions
from bot.domain.model import Alert, AlertSpec, Combination, Condition, Manner, Repeat, Timing, TriggerState
from signals.core.model import Measure, Reading, State
from tests.bot.alerts.watching import ABOVE_90, DAY, SILVER, Watch, day

GOLD, OIL = "havens.gold", "havens.oil"
OVER = {name: AlertSpec(name, Measure.VALUE, Condition.ABOVE, 90.0) for name in (SILVER, GOLD, OIL)}


def combine(watch: Watch, members_of: Sequence[Alert | str], at_least: int, within: int = 1) -> Alert:
    named = tuple(member if isinstance(member, str) else member.id for member in members_of)
    combination = Combination(at_least, within, named)
    with transaction(watch.db):
        return composites.create(
            watch.db, combination, owner_id=7, guild_id=None, destination_id=watch.dm.id, session=DAY, now=watch.now
        )


def see(watch: Watch, number: int, silver: float, gold: float, oil: float = 80.0, *, notify: bool = True) -> None:
    values = {SILVER: silver, GOLD: gold, OIL: oil}
    watch.see({name: Reading(name, day(number), value, State.FINAL) for name, value in values.items()}, notify=notify)


def three(watch: Watch) -> list[Alert]:
    return [watch.add(spec) for spec in OVER.values()]


def days_of(watch: Watch, alert: Alert) -> list[int]:
    return [each["session"] - DAY.toordinal() for each in watch.enqueued() if each["alert_id"] == alert.id]


def test_it_fires_when_enough_members_hold_at_the_same_time(watch: Watch) -> None:
    both = combine(watch, three(watch), 2)
    for number, (silver, gold, oil) in enumerate(
        [(91, 80, 80), (80, 91, 80), (91, 91, 80), (91, 91, 91), (80, 91, 80)]
    ):
        see(watch, number, silver, gold, oil)
    assert days_of(watch, both) == [2]
    assert watch.states(both) == [TriggerState.ARMED]
    see(watch, 5, 91, 91)
    assert days_of(watch, both) == [2, 5]
    keys = [each["key"] for each in watch.enqueued() if each["alert_id"] == both.id]
    (trigger,) = alerts.triggers_of(watch.db, both.id)
    assert keys == [f"alert:{trigger.id}:{generation}:{watch.dm.id}" for generation in (1, 2)]


def test_a_firing_names_who_is_in_and_who_is_not(watch: Watch) -> None:
    both = combine(watch, three(watch), 2)
    see(watch, 0, 91, 80, 92)
    fired = row(watch.db, "SELECT * FROM outbox WHERE alert_id = ?", (both.id,))
    assert fired is not None
    assert (fired["signal"], fired["value"]) == (f"combined.{both.id}", 2.0)
    facts = json.loads(scalar(watch.db, "SELECT facts FROM reading WHERE id = ?", (fired["reading_id"],)))
    assert [(member["signal"], member["inside"]) for member in facts["members"]] == [(SILVER, 1), (GOLD, 0), (OIL, 1)]


def test_a_member_counts_for_as_many_sessions_as_were_asked_for(watch: Watch) -> None:
    within_three, within_two = (combine(watch, three(watch), 2, within) for within in (3, 2))
    for number, (silver, gold) in enumerate([(91, 80), (80, 80), (80, 91)]):
        see(watch, number, silver, gold)
    # Silver fired on day 0 and counts on days 0, 1 and 2 of the window of three.
    assert days_of(watch, within_three) == [2]
    assert days_of(watch, within_two) == []
    see(watch, 3, 80, 91)
    assert [member.inside for member in members.of_composite(watch.db, within_three.id)] == [False, True, False]
    assert watch.states(within_three) == [TriggerState.ARMED]


def test_a_topic_is_a_member_like_an_alert(watch: Watch, now: datetime) -> None:
    watch.add_topic("topic", OVER[SILVER])
    mine = watch.add(OVER[GOLD])
    both = combine(watch, ["topic", mine], 2)
    see(watch, 0, 91, 80)
    see(watch, 1, 91, 91)
    assert days_of(watch, both) == [1]
    assert [(member.topic, member.inside) for member in members.of_composite(watch.db, both.id)] == [
        ("topic", True),
        (None, True),
    ]


def test_a_composite_made_when_enough_hold_waits_for_the_next_time(watch: Watch) -> None:
    made = three(watch)
    see(watch, 0, 91, 91)
    both = combine(watch, made, 2)
    assert watch.states(both) == [TriggerState.FIRED]
    see(watch, 1, 92, 92)
    assert days_of(watch, both) == []
    see(watch, 2, 80, 92)
    see(watch, 3, 92, 92)
    assert days_of(watch, both) == [3]


def test_a_paused_member_counts_without_a_message_of_its_own(watch: Watch, now: datetime) -> None:
    made = three(watch)
    for member in made:
        alert_manner.pause(watch.db, member.id, now=now)
    both = combine(watch, made, 2)
    see(watch, 0, 91, 91)
    assert [each["alert_id"] for each in watch.enqueued()] == [both.id]


def test_a_composite_can_be_paused_and_snoozed_like_any_alert(watch: Watch, now: datetime) -> None:
    made = three(watch)
    paused, once = combine(watch, made, 2), combine(watch, made[:2], 2)
    alert_manner.pause(watch.db, paused.id, now=now)
    watch.db.execute("UPDATE alert SET repeat = 'once' WHERE id = ?", (once.id,))
    watch.db.execute("UPDATE trigger SET once = 1 WHERE alert_id = ?", (once.id,))
    subscriptions.snooze(watch.db, once.id, watch.dm.id, now.replace(hour=23))
    see(watch, 0, 91, 91)
    assert days_of(watch, paused) == []
    assert days_of(watch, once) == [0]
    assert watch.states(once) == [TriggerState.ENDED]
    assert scalar(watch.db, "SELECT held_until FROM outbox WHERE alert_id = ?", (once.id,)) is not None


def test_a_changed_member_moves_its_composite_in_silence(watch: Watch) -> None:
    made = three(watch)
    both = combine(watch, made, 2)
    see(watch, 0, 91, 85)
    lower = replace(OVER[GOLD], level=82.0)
    with transaction(watch.db):
        alerts.edit(watch.db, made[1].id, lower, new_triggers(lower, 85.0, day(0)))
        composites.settle(watch.db, made[1].id)
    assert watch.states(both) == [TriggerState.FIRED]
    assert days_of(watch, both) == []


def test_an_expired_member_no_longer_holds(watch: Watch) -> None:
    made = three(watch)
    both = combine(watch, made, 2)
    alert_manner.set_manner(watch.db, made[0].id, Manner(expires=day(1)), now=watch.now)
    see(watch, 0, 91, 91)
    see(watch, 1, 91, 91)
    with transaction(watch.db):
        expiry.sweep(watch.db, session=day(2), now=watch.now)
    assert watch.states(both) == [TriggerState.ARMED]


def test_what_is_only_caught_up_with_moves_a_composite_without_a_message(watch: Watch) -> None:
    both = combine(watch, three(watch), 2)
    see(watch, 0, 91, 91, notify=False)
    assert days_of(watch, both) == []
    assert watch.states(both) == [TriggerState.FIRED]


def test_other_members_and_another_number_go_on_from_where_they_are(watch: Watch) -> None:
    made = three(watch)
    both = combine(watch, made, 3)
    see(watch, 0, 91, 91)
    with transaction(watch.db):
        composites.change(watch.db, both.id, Combination(2, 1, (made[0].id, made[1].id)))
    stored = alerts.get(watch.db, both.id)
    assert stored is not None
    assert stored.combination == Combination(2, 1, (made[0].id, made[1].id), (made[0].number, made[1].number))
    assert stored.spec.level == 1.5
    assert watch.states(both) == [TriggerState.FIRED]
    assert [alert.id for alert in members.composites_of(watch.db, made[0].id)] == [both.id]


def test_a_composite_that_has_lost_too_many_members_goes(watch: Watch) -> None:
    assert members.settle_lost(watch.db) == 0
    made = three(watch)
    both = combine(watch, made, 2)
    alerts.remove(watch.db, made[0].id)
    assert members.settle_lost(watch.db) == 0
    alerts.remove(watch.db, made[1].id)
    assert members.settle_lost(watch.db) == 1
    assert alerts.get(watch.db, both.id) is None


def test_a_composite_that_has_lost_a_member_that_held_fires_when_enough_of_the_others_do(watch: Watch) -> None:
    made = three(watch)
    both = combine(watch, made, 2)
    see(watch, 0, 91, 91)
    alerts.remove(watch.db, made[0].id)
    members.tell_unreachable(watch.db, "unused", session=DAY, now=watch.now)
    members.settle_lost(watch.db)
    assert watch.states(both) == [TriggerState.ARMED]
    see(watch, 1, 80, 91, 91)
    assert days_of(watch, both) == [0, 1]


def test_its_spec_is_a_level_between_two_numbers_of_members() -> None:
    spec = composites.spec_of(12, 2)
    assert (spec.signal, spec.level, spec.repeat) == ("combined.12", 1.5, Repeat.EVERY)
    assert ABOVE_90.signal == SILVER


def test_after_a_restore_within_a_session_only_what_no_live_member_can_have_made_it_tell_is_told_at_the_close(
    watch: Watch,
) -> None:
    live, silver, gold = (
        watch.add(replace(OVER[OIL], timing=Timing.LIVE)),
        watch.add(OVER[SILVER]),
        watch.add(OVER[GOLD]),
    )
    with_live, without = combine(watch, [live, silver], 1), combine(watch, [silver, gold], 2)
    see(watch, 0, 80, 80)
    quiet_sessions.put(watch.db, QuietSessions(final=DAY, live=day(1)), now=watch.now)
    see(watch, 1, 91, 91, 91)
    assert watch.states(with_live) == watch.states(without) == [TriggerState.FIRED]
    assert days_of(watch, with_live) == []
    assert days_of(watch, without) == [1]
