"""Alerts, topics and subscriptions in the store."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlite_utils import Database

from bot.alerts.rules import new_triggers, triggers
from bot.database.alerts import alerts
from bot.database.places import destinations, subscriptions
from bot.domain.model import AlertSpec, Condition, Direction, NewTrigger, Repeat, Trigger, TriggerState
from signals.core.model import Measure
from tests.bot.database.outbox_items import ABOVE_90, DAY, STARTS_NEW, add, add_topic, enqueue, outbox_states


def test_an_alert_comes_back_as_it_was_given(db: Database, now: datetime) -> None:
    spec = AlertSpec(
        "x", Measure.Z_1Y, Condition.OUTSIDE, -2.0, 2.0, confirm=3, repeat=Repeat.ONCE, cooldown_days=7, band=0.25
    )
    alert = add(db, now, spec=spec, known=2.5)
    assert alerts.get(db, alert.id) == alert
    assert (alert.spec, alert.owner_id, alert.topic, alert.created_at, alert.ended_at) == (spec, 7, None, now, None)
    above, below = alerts.triggers_of(db, alert.id)
    assert (above.direction, above.level, above.rearm, above.state) == (Direction.ABOVE, 2.0, 1.75, TriggerState.FIRED)
    assert (below.direction, below.level, below.rearm, below.state) == (
        Direction.BELOW,
        -2.0,
        -1.75,
        TriggerState.ARMED,
    )


def test_an_alert_without_a_known_value_waits_for_the_first_reading(db: Database, now: datetime) -> None:
    (trigger,) = alerts.triggers_of(db, add(db, now, known=None).id)
    assert trigger.state is TriggerState.NEW


def test_people_have_their_own_lists_and_counts(db: Database, now: datetime) -> None:
    mine, theirs = [add(db, now), add(db, now)], add(db, now, user=8)
    channel = destinations.channel_destination(db, 9, 5, now=now)
    public = alerts.add(db, ABOVE_90, STARTS_NEW, owner_id=7, guild_id=5, destination_id=channel.id, now=now, role_id=3)
    add_topic(db, now)
    assert alerts.list_for(db, 7) == [*mine, public]
    assert alerts.list_for(db, 8) == [theirs]
    assert (alerts.count_owned(db, 7), alerts.count_owned(db, 8), alerts.count_owned(db, 9)) == (3, 1, 0)
    assert (alerts.count_in_guild(db, 5), alerts.count_in_guild(db, 6), alerts.count(db)) == (1, 0, 4)
    assert [each.role_id for each in subscriptions.of_alert(db, public.id)] == [3]


def test_editing_gives_new_triggers_that_start_from_the_known_value(db: Database, now: datetime) -> None:
    alert = add(db, now)
    before = alerts.triggers_of(db, alert.id)
    db.execute("UPDATE alert SET ended_at = 1 WHERE id = ?", (alert.id,))
    spec = AlertSpec("havens.silver", Measure.VALUE, Condition.CROSSES, 80.0)
    edited = alerts.edit(db, alert.id, spec, new_triggers(spec, 85.0, DAY))
    assert (edited.spec, edited.ended_at) == (spec, None)
    after = alerts.triggers_of(db, alert.id)
    assert [each.state for each in after] == [TriggerState.FIRED, TriggerState.ARMED]
    assert {each.id for each in before}.isdisjoint(each.id for each in after)
    assert len(subscriptions.of_alert(db, alert.id)) == 1


def test_editing_what_is_not_there_is_an_error(db: Database) -> None:
    with pytest.raises(LookupError, match="no alert 5"):
        alerts.edit(db, 5, ABOVE_90, STARTS_NEW)


def test_removing_an_alert_cancels_only_what_nobody_has_begun_to_send(db: Database, now: datetime) -> None:
    alert, other = add(db, now), add(db, now)
    (subscription,) = subscriptions.of_alert(db, alert.id)
    due = enqueue(db, alert, subscription.destination_id)
    sent = enqueue(db, alert, subscription.destination_id, state="sent")
    batched = enqueue(db, alert, subscription.destination_id, state="batched")
    others = enqueue(db, other, subscription.destination_id)
    assert alerts.remove(db, alert.id)
    assert not alerts.remove(db, alert.id)
    assert outbox_states(db) == {due: "cancelled", sent: "sent", batched: "batched", others: "due"}
    assert alerts.triggers_of(db, alert.id) == []
    assert subscriptions.of_alert(db, alert.id) == []
    assert alerts.get(db, alert.id) is None


def test_ids_of_deleted_alerts_and_triggers_do_not_come_back(db: Database, now: datetime) -> None:
    first = add(db, now)
    (trigger,) = alerts.triggers_of(db, first.id)
    alerts.remove(db, first.id)
    second = add(db, now)
    assert second.id > first.id
    assert alerts.triggers_of(db, second.id)[0].id > trigger.id


def test_triggers_are_stored_as_they_are_given(db: Database, now: datetime) -> None:
    """Nothing is derived from the spec: the caller says on which sides there are triggers and how they start."""
    side = Trigger(Direction.BELOW, 12.0, 13.0)
    given = [NewTrigger(side, TriggerState.ENDED, DAY)]
    topic = alerts.add_topic(db, "silver-90", ABOVE_90, given, now=now)
    (trigger,) = alerts.triggers_of(db, topic.id)
    assert (trigger.direction, trigger.level, trigger.rearm, trigger.state) == (
        Direction.BELOW,
        12.0,
        13.0,
        TriggerState.ENDED,
    )


def test_each_part_of_a_topic_is_stored_once(db: Database, now: datetime) -> None:
    first = add_topic(db, now)
    with pytest.raises(sqlite3.IntegrityError):
        add_topic(db, now)
    other = alerts.add_topic(db, "silver-90", ABOVE_90, STARTS_NEW, now=now, part=1)
    assert alerts.by_topic(db, "silver-90") == alerts.topics(db) == [first, other]


def test_a_new_band_moves_the_rearm_level_and_nothing_else(db: Database, now: datetime) -> None:
    alert = add(db, now, known=91.0)
    spec = replace(alert.spec, band=2.0)
    assert alerts.set_band(db, alert.id, 2.0, triggers(spec)).spec == spec
    (trigger,) = alerts.triggers_of(db, alert.id)
    assert (trigger.rearm, trigger.state) == (88.0, TriggerState.FIRED)


def test_subscribing_twice_replaces_the_role_and_ends_a_snooze(db: Database, now: datetime) -> None:
    topic = add_topic(db, now)
    channel = destinations.channel_destination(db, 9, 5, now=now)
    subscriptions.subscribe(db, "silver-90", channel.id, created_by=7, role_id=1, now=now)
    until = now + timedelta(days=1)
    assert subscriptions.snooze(db, topic.id, channel.id, until)
    snoozed = subscriptions.get(db, topic.id, channel.id)
    assert snoozed is not None
    assert snoozed.snoozed_until == until
    (again,) = subscriptions.subscribe(db, "silver-90", channel.id, created_by=8, role_id=2, now=now)
    assert (again.role_id, again.snoozed_until, again.created_by) == (2, None, 7)
    assert subscriptions.of_destination(db, channel.id) == [(topic, again)]
    assert not subscriptions.snooze(db, topic.id, 99, None)


def test_subscribing_to_an_unknown_topic_is_an_error(db: Database, now: datetime) -> None:
    channel = destinations.channel_destination(db, 9, 5, now=now)
    with pytest.raises(LookupError, match="no topic silver-91"):
        subscriptions.subscribe(db, "silver-91", channel.id, created_by=7, now=now)


def test_unsubscribing_cancels_what_is_due_there_only(db: Database, now: datetime) -> None:
    topic = add_topic(db, now)
    here, there = (destinations.channel_destination(db, each, 5, now=now) for each in (9, 10))
    for each in (here, there):
        subscriptions.subscribe(db, "silver-90", each.id, created_by=7, now=now)
    mine, theirs = enqueue(db, topic, here.id), enqueue(db, topic, there.id)
    assert subscriptions.unsubscribe(db, topic.id, here.id)
    assert not subscriptions.unsubscribe(db, topic.id, here.id)
    assert outbox_states(db) == {mine: "cancelled", theirs: "due"}
    assert subscriptions.get(db, topic.id, here.id) is None
    assert subscriptions.get(db, topic.id, there.id) is not None
