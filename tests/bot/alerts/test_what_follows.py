"""What is told after a firing: that the value is back, reminders, and nothing while an alert is paused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.alerts import expiry
from bot.alerts.rules import new_triggers
from bot.database.alerts import alert_manner, alerts, firings
from bot.database.codec import scalar
from bot.database.connection import transaction
from bot.database.places import destinations
from bot.domain.model import After, Condition, Loudness, Manner, TriggerState
from tests.bot.alerts.watching import ABOVE_90, DAY, LIVE, Watch, day, final, provisional

BACK = replace(ABOVE_90, after=After.BACK)
REMIND = replace(ABOVE_90, after=After.REMIND, remind_every=2)


def told(watch: Watch) -> list[tuple[str, int, float]]:
    """Event, day and value of everything enqueued."""
    return [(each["event"], each["session"] - DAY.toordinal(), each["value"]) for each in watch.enqueued()]


def test_who_asked_hears_once_when_it_is_back(watch: Watch) -> None:
    alert = watch.add(BACK)
    watch.closes([91, 89.8, 92, 89.5, 89, 88, 91])
    assert told(watch) == [("fired", 0, 91.0), ("back", 3, 89.5), ("fired", 6, 91.0)]
    (trigger,) = alerts.triggers_of(watch.db, alert.id)
    assert [each["key"] for each in watch.enqueued()] == [
        f"alert:{trigger.id}:1:{watch.dm.id}",
        f"back:{trigger.id}:1:{watch.dm.id}",
        f"alert:{trigger.id}:2:{watch.dm.id}",
    ]
    assert watch.enqueued()[1]["since"] == DAY.toordinal()


def test_nobody_hears_of_the_return_from_a_crossing_of_which_they_did_not_hear(watch: Watch, now: datetime) -> None:
    watch.add(replace(BACK, cooldown_days=9))
    watch.closes([91, 89, 91, 89])
    assert told(watch) == [("fired", 0, 91.0), ("back", 1, 89.0)]
    destinations.park(watch.db, watch.dm.id, "refused", now=now)
    watch.closes([91, 89], first=20)
    assert len(watch.enqueued()) == 2


def test_reminders_come_every_so_many_sessions_while_it_lasts(watch: Watch) -> None:
    watch.add(REMIND)
    watch.closes([91, 92, 93, 94, 95, 89, 91, 91])
    assert told(watch) == [("fired", 0, 91.0), ("reminder", 2, 93.0), ("reminder", 4, 95.0), ("fired", 6, 91.0)]
    keys = [each["key"] for each in watch.enqueued() if each["event"] == "reminder"]
    assert len(set(keys)) == 2


def test_sessions_without_a_value_count_and_the_reminder_comes_with_the_next_value_beyond(watch: Watch) -> None:
    watch.add(REMIND)
    watch.closes([91, None, None, 89.8, 92])
    assert told(watch) == [("fired", 0, 91.0), ("reminder", 4, 92.0)]


def test_a_reminder_is_for_closes_and_a_second_look_at_a_session_brings_none(watch: Watch) -> None:
    watch.add(replace(REMIND, timing=LIVE.timing, remind_every=1))
    watch.see(provisional(91.0, DAY))
    watch.see(provisional(92.0, day(1)))
    assert [each[0] for each in told(watch)] == ["fired"]
    watch.see(final(92.0, day(1)))
    watch.see(final(92.0, day(1)))
    assert [each[0] for each in told(watch)] == ["fired", "reminder"]


def test_a_check_that_notifies_nobody_moves_reminders_on(watch: Watch) -> None:
    watch.add(REMIND)
    watch.closes([91, 92])
    watch.see(final(93.0, day(2)), notify=False)
    watch.closes([94, 95], first=3)
    assert told(watch) == [("fired", 0, 91.0), ("reminder", 4, 95.0)]


def test_a_paused_alert_moves_and_keeps_what_it_missed(watch: Watch, now: datetime) -> None:
    alert = watch.add(BACK)
    alert_manner.pause(watch.db, alert.id, now=now)
    watch.closes([91, 89, 92])
    assert watch.enqueued() == []
    assert watch.states(alert) == [TriggerState.FIRED]
    missed = firings.of_alert(watch.db, alert.id, since=now)
    assert [(each.value, each.became) for each in missed] == [(92.0, "paused"), (91.0, "paused")]
    alert_manner.pause(watch.db, alert.id, now=None)
    watch.closes([89, 93], first=3)
    assert told(watch) == [("fired", 4, 93.0)]


def test_an_edit_leaves_a_paused_alert_paused(watch: Watch, now: datetime) -> None:
    alert = watch.add(ABOVE_90)
    alert_manner.pause(watch.db, alert.id, now=now)
    lower = replace(ABOVE_90, level=80.0)
    alerts.edit(watch.db, alert.id, lower, new_triggers(lower, 79.0, DAY))
    watch.closes([91])
    assert watch.enqueued() == []


def test_the_history_says_why_nobody_was_told(watch: Watch, now: datetime) -> None:
    alert = watch.add(replace(ABOVE_90, cooldown_days=3))
    watch.closes([91, 89, 91, 89])
    watch.see(final(91.0, day(9)), notify=False)
    watch.closes([89], first=10)
    destinations.park(watch.db, watch.dm.id, "refused", now=now)
    watch.closes([91], first=11)
    became = [each.became for each in firings.of_alert(watch.db, alert.id)]
    assert sorted(became) == ["caught_up", "cooldown", "due", "no_place"]
    assert [each.session for each in firings.of_owner(watch.db, 7, 2)] == [day(11), day(9)]


def test_what_became_of_a_message_outlives_it(watch: Watch, now: datetime) -> None:
    alert = watch.add(ABOVE_90)
    watch.closes([91])
    watch.db.execute("UPDATE outbox SET state = 'sent'")
    firings.keep_outcomes(watch.db, before=now + timedelta(days=1))
    watch.db.execute("DELETE FROM outbox")
    assert [each.became for each in firings.of_alert(watch.db, alert.id)] == ["sent"]
    assert firings.clean_up(watch.db, now=now + timedelta(days=400)) == 0
    assert firings.clean_up(watch.db, now=now + timedelta(days=401)) == 1


def expire(watch: Watch, last: date) -> int:
    alert = watch.add(ABOVE_90)
    alert_manner.set_manner(watch.db, alert.id, Manner(expires=last), now=watch.now)
    return alert.id


def test_an_alert_takes_no_session_after_its_last_one(watch: Watch) -> None:
    expire(watch, day(1))
    watch.closes([89, 91, 89, 91])
    assert told(watch) == [("fired", 1, 91.0)]


def test_an_owner_is_told_a_week_before_and_once(watch: Watch) -> None:
    alert_id = expire(watch, day(20))
    for number in (10, 13, 14, 15):
        now = watch.now + timedelta(days=number - 1)
        with transaction(watch.db):
            assert expiry.sweep(watch.db, session=day(number - 1), now=now) == 0
    (notice,) = watch.enqueued()
    assert (notice["kind"], notice["event"], notice["alert_id"]) == ("notice", "expiring", alert_id)
    assert notice["since"] == day(20).toordinal()
    assert date.fromordinal(notice["session"]) == day(12)


def test_an_expiry_is_told_by_mention_where_the_dm_is_refused_and_later_where_nothing_stands_in(watch: Watch) -> None:
    alert_id = expire(watch, day(20))
    destinations.park(watch.db, watch.dm.id, "Cannot send messages to this user", now=watch.now)
    soon = watch.now + timedelta(days=14)

    def notices() -> list[int]:
        with transaction(watch.db):
            expiry.sweep(watch.db, session=day(14), now=soon)
        return [notice["alert_id"] for notice in watch.enqueued()]

    assert notices() == []
    destinations.set_fallback(watch.db, 7, 71, 8, now=soon)
    assert notices() == [alert_id]
    assert notices() == [alert_id]


def test_nobody_is_told_of_an_expiry_that_they_set_within_the_week(watch: Watch) -> None:
    expire(watch, day(5))
    with transaction(watch.db):
        expiry.sweep(watch.db, session=day(1), now=watch.now)
    assert watch.enqueued() == []


def test_an_alert_ends_when_its_last_session_is_over(watch: Watch) -> None:
    alert_id = expire(watch, day(5))
    with transaction(watch.db):
        assert expiry.sweep(watch.db, session=day(5), now=watch.now) == 0
        assert expiry.sweep(watch.db, session=day(6), now=watch.now) == 1
        assert expiry.sweep(watch.db, session=day(7), now=watch.now) == 0
    stored = alerts.get(watch.db, alert_id)
    assert stored is not None
    assert stored.ended_at == watch.now
    assert watch.states(stored) == [TriggerState.ENDED]


def test_numbers_count_per_person(watch: Watch, now: datetime) -> None:
    first, second = watch.add(ABOVE_90), watch.add(replace(ABOVE_90, level=95.0))
    other = destinations.dm_destination(watch.db, 8, channel_id=80, now=now)
    theirs = alerts.add(
        watch.db, ABOVE_90, (), owner_id=8, guild_id=None, destination_id=other.id, now=now, manner=Manner("mine")
    )
    assert [alert.number for alert in (first, second, theirs)] == [1, 2, 1]
    assert theirs.manner == Manner("mine", Loudness.NORMAL, None)
    alerts.remove(watch.db, first.id)
    assert watch.add(replace(ABOVE_90, condition=Condition.BELOW)).number == 3


def test_an_alert_that_moves_to_another_place_leaves_nothing_behind(watch: Watch, now: datetime) -> None:
    alert = watch.add(ABOVE_90)
    watch.closes([91])
    channel = destinations.channel_destination(watch.db, 9, 5, now=now)
    alert_manner.subscribe(watch.db, alert.id, channel.id, None, created_by=7, now=now)
    alert_manner.set_guild(watch.db, alert.id, 5)
    assert scalar(watch.db, "SELECT state FROM outbox") == "cancelled"
    watch.closes([89, 92], first=1)
    assert [each["destination_id"] for each in watch.enqueued()] == [watch.dm.id, channel.id]


def test_nobody_hears_of_the_return_of_what_was_beyond_from_the_start(watch: Watch) -> None:
    watch.add(BACK, known=95.0)
    watch.closes([92, 89, 91])
    assert told(watch) == [("fired", 2, 91.0)]
