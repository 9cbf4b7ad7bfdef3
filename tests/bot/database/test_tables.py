"""Destinations, servers, summaries, settings and what is known of a person."""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta

import pytest
from sqlite_utils import Database

from bot.alerts import composites
from bot.database import key_value, privacy
from bot.database.alerts import alerts
from bot.database.codec import changed, rows, seconds
from bot.database.places import destinations, guilds, places, subscriptions, summary_channels
from bot.domain.model import Combination, DestinationKind, DestinationState
from tests.bot.database.outbox_items import ABOVE_90, DAY, STARTS_NEW, add, add_topic, enqueue, outbox_states


def test_a_setting_is_remembered_replaced_and_forgotten(db: Database) -> None:
    assert key_value.get(db, "key") is None
    key_value.put(db, "key", "one")
    key_value.put(db, "key", "two")
    assert key_value.get(db, "key") == "two"
    key_value.forget(db, "key")
    assert key_value.get(db, "key") is None


def test_instants_without_a_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="has no zone"):
        seconds(datetime(2026, 1, 1))  # noqa: DTZ001 - the mistake under test


def test_a_dm_is_one_destination_however_often_it_is_asked_for(db: Database, now: datetime) -> None:
    first = destinations.dm_destination(db, 7, now=now)
    assert (first.kind, first.user_id, first.channel_id) == (DestinationKind.DM, 7, None)
    destinations.set_fallback(db, 7, 99, 900, now=now)
    opened = destinations.dm_destination(db, 7, channel_id=70, now=now)
    again = destinations.dm_destination(db, 7, now=now)
    assert first.id == opened.id == again.id
    assert (again.channel_id, again.fallback_channel_id) == (70, 99)
    assert destinations.find_dm(db, 7) == again
    assert destinations.find_dm(db, 8) is None


def test_a_parked_dm_is_active_again_when_the_person_opens_it(db: Database, now: datetime) -> None:
    dm = destinations.dm_destination(db, 7, channel_id=70, now=now)
    destinations.park(db, dm.id, "This person accepts no messages.", now=now)
    assert destinations.dm_destination(db, 7, now=now).state is DestinationState.PARKED
    assert destinations.dm_destination(db, 7, channel_id=70, now=now).state is DestinationState.ACTIVE


def test_a_channel_can_be_set_up_before_its_server_was_announced(db: Database, now: datetime) -> None:
    channel = destinations.channel_destination(db, 9, 5, now=now)
    assert (channel.kind, channel.channel_id, channel.guild_id) == (DestinationKind.CHANNEL, 9, 5)
    assert destinations.find_channel(db, 9) == destinations.get(db, channel.id) == channel
    assert destinations.find_channel(db, 10) is None
    assert destinations.get(db, 99) is None
    assert destinations.in_guild(db, 5) == [channel]


def test_setting_up_a_parked_channel_again_makes_it_active(db: Database, now: datetime) -> None:
    channel = destinations.channel_destination(db, 9, 5, now=now)
    destinations.park(db, channel.id, "The channel was deleted.", now=now)
    assert destinations.channel_destination(db, 9, 5, now=now).state is DestinationState.ACTIVE


def test_people_are_shown_once_what_was_parked(db: Database, now: datetime) -> None:
    topic = add_topic(db, now)
    dm = destinations.dm_destination(db, 7, now=now)
    theirs = destinations.channel_destination(db, 9, 5, now=now)
    with_summary = destinations.channel_destination(db, 10, 5, now=now)
    other = destinations.channel_destination(db, 11, 5, now=now)
    subscriptions.subscribe(db, "silver-90", theirs.id, created_by=7, now=now)
    subscriptions.subscribe(db, "silver-90", other.id, created_by=8, now=now)
    summary_channels.put(db, with_summary.id, zone="UTC", at=time(9), created_by=7, now=now)
    for each in (dm, theirs, with_summary, other):
        destinations.park(db, each.id, "gone", now=now)
    assert places.concern(db, 7)
    assert places.untold(db, 7) == [dm.id, theirs.id, with_summary.id]
    told = [places.told(db, each, now=now) for each in places.untold(db, 7)]
    assert [place.reason for place in told if place is not None] == ["gone"] * 3
    assert places.untold(db, 7) == []
    assert not places.concern(db, 7)
    assert places.untold(db, 8) == [other.id]
    assert topic.topic == "silver-90"


def test_leaving_a_server_pauses_its_channels_and_returning_wakes_them(db: Database, now: datetime) -> None:
    guilds.joined(db, 5, "House", now=now)
    dm = destinations.dm_destination(db, 7, now=now)
    open_channel = destinations.channel_destination(db, 9, 5, now=now)
    parked = destinations.channel_destination(db, 10, 5, now=now)
    destinations.park(db, parked.id, "deleted", now=now)

    def states() -> list[DestinationState]:
        found = (destinations.get(db, each.id) for each in (dm, open_channel, parked))
        return [each.state for each in found if each]

    guilds.left(db, 5, now=now)
    assert states() == [DestinationState.ACTIVE, DestinationState.PAUSED, DestinationState.PARKED]
    guilds.joined(db, 5, "House", now=now)
    assert states() == [DestinationState.ACTIVE, DestinationState.ACTIVE, DestinationState.PARKED]
    assert guilds.delete_expired(db, now=now + timedelta(days=31)) == 0


def test_what_belongs_to_a_server_goes_after_thirty_days_and_nothing_else(db: Database, now: datetime) -> None:
    guilds.joined(db, 5, "Left", now=now)
    guilds.joined(db, 6, "Stays", now=now)
    topic = add_topic(db, now)
    gone = destinations.channel_destination(db, 9, 5, now=now)
    stays = destinations.channel_destination(db, 10, 6, now=now)
    for each in (gone, stays):
        subscriptions.subscribe(db, "silver-90", each.id, created_by=7, now=now)
        summary_channels.put(db, each.id, zone="UTC", at=time(9), created_by=7, now=now)
        enqueue(db, topic, each.id)
    by_dm = add(db, now)
    in_channel = alerts.add(db, ABOVE_90, STARTS_NEW, owner_id=7, guild_id=5, destination_id=gone.id, now=now)
    guilds.left(db, 5, now=now)
    guilds.left(db, 5, now=now + timedelta(days=20))

    assert guilds.delete_expired(db, now=now + timedelta(days=29)) == 0
    assert alerts.get(db, in_channel.id) == in_channel
    assert guilds.delete_expired(db, now=now + timedelta(days=30)) == 1

    assert destinations.get(db, gone.id) is None
    assert alerts.get(db, in_channel.id) is None
    assert alerts.list_for(db, 7) == [by_dm]
    assert [each.destination_id for each in subscriptions.of_alert(db, topic.id)] == [stays.id]
    assert [each.destination_id for each in summary_channels.active(db)] == [stays.id]
    assert [each["destination_id"] for each in rows(db, "SELECT * FROM outbox")] == [stays.id]


def test_a_combination_whose_alerts_went_with_a_server_goes_with_a_notice_to_its_owner(
    db: Database, now: datetime
) -> None:
    guilds.joined(db, 5, "Left", now=now)
    gone = destinations.channel_destination(db, 9, 5, now=now)
    by_dm = add(db, now)
    in_channel = alerts.add(db, ABOVE_90, STARTS_NEW, owner_id=7, guild_id=5, destination_id=gone.id, now=now)
    dm = subscriptions.of_alert(db, by_dm.id)[0].destination_id
    both, either = (
        composites.create(
            db,
            Combination(at_least, 1, (by_dm.id, in_channel.id)),
            owner_id=7,
            guild_id=None,
            destination_id=dm,
            session=DAY,
            now=now,
        )
        for at_least in (2, 1)
    )
    guilds.left(db, 5, now=now)
    guilds.delete_expired(db, now=now + timedelta(days=30))
    assert [alert.id for alert in alerts.list_for(db, 7)] == [by_dm.id, either.id]
    (notice,) = rows(db, "SELECT destination_id, owner_id, sentence FROM outbox")
    assert notice == {
        "destination_id": dm,
        "owner_id": 7,
        "sentence": f"Alert {both.number} has been removed: one of its alerts posted to a server that the bot has left, so this "
        "combination has 1 member left and needs 2. `/alert combine` sets a new one.",
    }


def test_servers_that_changed_while_the_bot_was_away_are_found_at_start(db: Database, now: datetime) -> None:
    for guild_id in (5, 6):
        guilds.joined(db, guild_id, "", now=now)
        destinations.channel_destination(db, guild_id * 10, guild_id, now=now)
    guilds.left(db, 6, now=now)
    guilds.reconcile(db, {6: "Back", 7: "New"}, now=now)
    assert rows(db, "SELECT id, name, left_at IS NULL AS there FROM guild ORDER BY id") == [
        {"id": 5, "name": "", "there": 0},
        {"id": 6, "name": "Back", "there": 1},
        {"id": 7, "name": "New", "there": 1},
    ]
    assert [each["state"] for each in rows(db, "SELECT state FROM destination ORDER BY id")] == ["paused", "active"]


def test_a_channel_has_one_summary_that_can_be_changed_and_removed(db: Database, now: datetime) -> None:
    channel = destinations.channel_destination(db, 9, 5, now=now)
    summary_channels.put(db, channel.id, zone="Europe/Berlin", at=time(22, 30), created_by=7, now=now)
    later = summary_channels.put(db, channel.id, zone="America/Sao_Paulo", at=time(0, 5), created_by=8, now=now)
    assert (later.zone, later.at, later.created_by, later.channel_id, later.guild_id) == (
        "America/Sao_Paulo",
        time(0, 5),
        8,
        9,
        5,
    )
    assert summary_channels.active(db) == [later]
    destinations.park(db, channel.id, "gone", now=now)
    assert summary_channels.active(db) == []
    assert summary_channels.remove(db, channel.id)
    assert not summary_channels.remove(db, channel.id)
    assert summary_channels.get(db, channel.id) is None


def test_export_holds_everything_about_a_person_and_nothing_of_others(db: Database, now: datetime) -> None:
    mine, theirs = add(db, now), add(db, now, user=8)
    for alert in (mine, theirs):
        enqueue(db, alert, subscriptions.of_alert(db, alert.id)[0].destination_id)
    held = privacy.export(db, 7)
    assert json.loads(json.dumps(held)) == held
    assert {kind: len(found) for kind, found in held.items()} == {
        "destinations": 1,
        "alerts": 1,
        "subscriptions": 1,
        "summaries": 0,
        "reminders": 0,
        "boards": 0,
        "delivery times": 0,
        "own signals": 0,
        "members": 0,
        "firings": 0,
        "claims": 0,
        "removed alerts": 0,
        "messages": 1,
    }
    assert held["alerts"][0]["id"] == mine.id
    assert all(not found for found in privacy.export(db, 99).values())


def test_delete_leaves_no_trace_of_a_person_and_keeps_what_channels_have(db: Database, now: datetime) -> None:
    add_topic(db, now)
    channel = destinations.channel_destination(db, 9, 5, now=now)
    subscriptions.subscribe(db, "silver-90", channel.id, created_by=7, now=now)
    summary_channels.put(db, channel.id, zone="UTC", at=time(9), created_by=7, now=now)
    alert, theirs = add(db, now), add(db, now, user=8)
    enqueue(db, alert, subscriptions.of_alert(db, alert.id)[0].destination_id)
    public = enqueue(db, alert, channel.id)
    assert privacy.delete(db, 7) == 1
    assert all(not found for found in privacy.export(db, 7).values())
    assert outbox_states(db) == {public: "cancelled"}
    assert len(subscriptions.of_destination(db, channel.id)) == len(summary_channels.active(db)) == 1
    assert alerts.list_for(db, 8) == [theirs]


def test_a_changed_row_is_counted(db: Database) -> None:
    key_value.put(db, "key", "value")
    assert changed(db, "UPDATE setting SET value = 'x' WHERE key = ?", ("key",)) == 1
    assert changed(db, "UPDATE setting SET value = 'x' WHERE key = 'other'") == 0
