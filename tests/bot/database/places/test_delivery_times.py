"""Settings of places as they are stored, and messages that are held back by them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

from sqlite_utils import Database

from bot import outbox
from bot.calendar.delivery_times import DeliveryTimes, QuietHours
from bot.database.places import delivery_times, destinations, subscriptions
from bot.domain.model import ItemKind, OutboxItem
from tests.bot.database.outbox_items import add, enqueue

NIGHT = DeliveryTimes("Europe/Berlin", QuietHours(time(22), time(7), frozenset({0, 1, 6})), time(18, 30))


def put(db: Database, place: int, times: DeliveryTimes, now: datetime) -> None:
    delivery_times.change(db, place, lambda before: times, created_by=7, now=now)


def claimed(db: Database, now: datetime) -> list[int]:
    return [len(batch.items) for batch in outbox.claim_batches(db, now=now, lease_seconds=180, limit=9)]


def test_settings_are_read_as_they_were_set(db: Database, now: datetime) -> None:
    place = destinations.dm_destination(db, 7, now=now).id
    assert delivery_times.get(db, place) == DeliveryTimes()
    put(db, place, NIGHT, now)
    assert delivery_times.get(db, place) == NIGHT
    delivery_times.snooze_all(db, place, now, created_by=7, now=now)
    assert delivery_times.get(db, place) == replace(NIGHT, snoozed_until=now)
    put(db, place, DeliveryTimes("UTC"), now)
    assert delivery_times.get(db, place) == DeliveryTimes("UTC")


def test_what_waits_follows_settings_that_change(db: Database, now: datetime) -> None:
    alert = add(db, now)
    place = destinations.dm_destination(db, 7, now=now).id
    enqueue(db, alert, place)
    db.execute("UPDATE outbox SET created_at = ?", (int(now.timestamp()),))
    put(db, place, replace(NIGHT, quiet=None), now)
    assert claimed(db, now) == []
    digest = outbox.next_attempt(db, now=now)
    assert digest is not None
    assert digest > now
    put(db, place, DeliveryTimes("Europe/Berlin"), now)
    assert claimed(db, now) == [1]


def test_settings_that_change_end_no_snooze(db: Database, now: datetime) -> None:
    alert = add(db, now)
    place = destinations.dm_destination(db, 7, now=now).id
    enqueue(db, alert, place)
    end = now + timedelta(days=3)
    db.execute("UPDATE outbox SET held_until = ?", (int(end.timestamp()),))
    subscriptions.snooze(db, alert.id, place, end)
    put(db, place, DeliveryTimes("Europe/Berlin"), now)
    assert claimed(db, now) == []
    assert outbox.next_attempt(db, now=now) == end
    assert claimed(db, end) == [1]


def test_a_snooze_of_everything_holds_back_what_nobody_has_sent_yet(db: Database, now: datetime) -> None:
    alert = add(db, now)
    place = destinations.dm_destination(db, 7, now=now).id
    enqueue(db, alert, place)
    end = now + timedelta(hours=2)
    delivery_times.snooze_all(db, place, end, created_by=7, now=now)
    assert claimed(db, now) == []
    assert outbox.next_attempt(db, now=now) == end
    delivery_times.snooze_all(db, place, None, created_by=7, now=now)
    assert claimed(db, now) == [1]


def occasion(db: Database, kind: ItemKind, place: int, now: datetime) -> None:
    outbox.put(
        db,
        OutboxItem(
            id=0, key=f"{kind}:cpi", kind=kind, destination_id=place, session=now.date(), created_at=now, occasion="{}"
        ),
    )


def test_quiet_hours_hold_back_what_is_told_of_the_calendar_and_it_leaves_together(db: Database, now: datetime) -> None:
    place = destinations.dm_destination(db, 7, now=now).id
    night = now.replace(hour=23, minute=0)
    put(db, place, DeliveryTimes("UTC", QuietHours(time(22), time(7))), now)
    occasion(db, ItemKind.REMINDER, place, night)
    assert claimed(db, night) == []
    occasion(db, ItemKind.RELEASE, place, night + timedelta(hours=1))
    assert claimed(db, night + timedelta(hours=1)) == []
    morning = night.replace(hour=7) + timedelta(days=1)
    assert outbox.next_attempt(db, now=night) == morning
    assert claimed(db, morning - timedelta(seconds=1)) == []
    assert claimed(db, morning) == [2]


def test_a_digest_and_a_snooze_of_alerts_are_not_for_the_calendar(db: Database, now: datetime) -> None:
    place = destinations.dm_destination(db, 7, now=now).id
    put(db, place, replace(NIGHT, quiet=None, snoozed_until=now + timedelta(days=7)), now)
    occasion(db, ItemKind.REMINDER, place, now)
    assert claimed(db, now) == [1]


def test_one_place_that_waits_holds_up_no_other(db: Database, now: datetime) -> None:
    """With room for one message, the older one waits for its digest and the younger one of another person leaves."""
    waiting, going = add(db, now, user=7), add(db, now, user=8)
    places = [destinations.dm_destination(db, user, now=now).id for user in (7, 8)]
    for alert, place in zip((waiting, going), places, strict=True):
        enqueue(db, alert, place)
    db.execute("UPDATE outbox SET created_at = ?", (int(now.timestamp()),))
    put(db, places[0], replace(NIGHT, quiet=None), now)
    [batch] = outbox.claim_batches(db, now=now, lease_seconds=180, limit=1)
    assert batch.destination.id == places[1]
