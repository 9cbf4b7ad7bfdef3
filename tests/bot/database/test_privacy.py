"""What is kept about a person: all of it is exported, none of it stays after deletion, and what channels have goes on."""

from __future__ import annotations

import re
from datetime import datetime, time

from sqlite_utils import Database

from bot.database import claims, own_signals, privacy
from bot.database.alerts import alert_manner, alerts, members, removed_alerts
from bot.database.codec import rows
from bot.database.places import boards, delivery_times, destinations, reminders, subscriptions, summary_channels
from bot.domain.model import Combination, Loudness, Manner
from bot.domain.own_signal import Listing, OwnSignal
from tests.bot.database.outbox_items import ABOVE_90, add, add_topic, enqueue, outbox_states

ANN = 7_654_321_987_654_321
GUILD, CHANNEL = 5, 9
CLAIM = claims.OwnClaim("Silver over $90 is good for the Nasdaq", "a friend", ABOVE_90, "^IXIC", 1, 0.7)
A_PERSON = re.compile(r"(^|_)(user|owner|person|member|author)(_id)?$|_by$")


def person_columns(db: Database) -> dict[str, tuple[str, ...]]:
    """Every column that by its name holds a person, by table."""
    found = {}
    for table in db.table_names():
        names = tuple(column.name for column in db[table].columns if A_PERSON.search(column.name))
        if names:
            found[table] = names
    return found


def cells_with(db: Database, value: int | str) -> list[str]:
    """Every cell of the database that holds a value, or a text with it."""
    found = []
    for table in db.table_names():
        for row in rows(db, f"SELECT * FROM [{table}]"):
            found += [f"{table}.{name}" for name, cell in row.items() if str(value) in str(cell)]
    return found


def everything_of(db: Database, now: datetime) -> tuple[int, int]:
    """Give a person a row in every table that can hold one; returns their private and their channel's alert."""
    add_topic(db, now)
    channel = destinations.channel_destination(db, CHANNEL, GUILD, now=now)
    subscriptions.subscribe(db, "silver-90", channel.id, created_by=ANN, now=now)
    summary_channels.put(db, channel.id, zone="UTC", at=time(9), created_by=ANN, now=now)
    claims.add(db, CLAIM, owner_id=ANN, most=20, now=now)
    delivery_times.snooze_all(db, channel.id, now, created_by=ANN, now=now)
    reminders.put(db, channel.id, created_by=ANN, now=now)
    boards.put(db, channel.id, created_by=ANN, now=now)
    private = add(db, now, user=ANN)
    dm = destinations.find_dm(db, ANN)
    assert dm is not None
    enqueue(db, private, dm.id)
    public = alerts.add(db, ABOVE_90, (), owner_id=ANN, guild_id=GUILD, destination_id=channel.id, now=now)
    enqueue(db, public, channel.id)
    own_signals.add(db, OwnSignal("TLT", "bonds", user_id=ANN, created_by=ANN), [Listing("TLT")], now=now)
    own_signals.add(db, OwnSignal("TLT", "bonds", guild_id=GUILD, created_by=ANN), [Listing("TLT")], now=now)
    removed_alerts.keep(db, ANN, f'{{"owner": "{ANN}"}}', now=now)
    return private.id, public.id


def test_every_column_that_holds_a_person_is_known(db: Database) -> None:
    assert person_columns(db) == dict(privacy.PERSON_COLUMNS)


def test_the_export_has_every_cell_that_holds_the_person(db: Database, now: datetime) -> None:
    everything_of(db, now)
    held = privacy.export(db, ANN)
    exported = sum(str(ANN) in str(cell) for found in held.values() for row in found for cell in row.values())
    assert exported == len(cells_with(db, ANN))
    assert {cell.split(".")[0] for cell in cells_with(db, ANN)} == set(privacy.PERSON_COLUMNS)


def test_deletion_leaves_the_person_in_no_cell(db: Database, now: datetime) -> None:
    everything_of(db, now)
    privacy.delete(db, ANN)
    assert cells_with(db, ANN) == []


def test_what_a_person_wrote_to_an_alert_is_exported_and_goes_with_them(db: Database, now: datetime) -> None:
    private, public = everything_of(db, now)
    for alert_id in (private, public):
        alert_manner.set_manner(db, alert_id, Manner("call my broker", Loudness.PING), now=now)
    made = alerts.add(db, ABOVE_90, (), owner_id=ANN, guild_id=None, destination_id=1, now=now)
    members.put(db, made.id, Combination(1, 1, (private,)))
    shared = alerts.add(db, ABOVE_90, (), owner_id=ANN, guild_id=GUILD, destination_id=1, now=now)
    members.put(db, shared.id, Combination(1, 1, (private,)))
    db.execute(
        "INSERT INTO firing VALUES (1, 1, ?, 'havens.silver', 'value', 'above', 90, 91, 1, 1, 'told')", (private,)
    )
    held = privacy.export(db, ANN)
    assert [row["note"] for row in held["alerts"]].count("call my broker") == 2
    assert [row["alert_id"] for row in held["members"]] == [private, private]
    assert [row["value"] for row in held["firings"]] == [91.0]
    privacy.delete(db, ANN)
    assert cells_with(db, "call my broker") == []
    assert rows(db, "SELECT loudness FROM alert WHERE id = ?", (public,)) == [{"loudness": "normal"}]
    assert (rows(db, "SELECT * FROM member"), rows(db, "SELECT * FROM firing")) == ([], [])
    assert alerts.get(db, shared.id) is None


def test_alerts_of_channels_are_handed_to_the_server_and_go_on(db: Database, now: datetime) -> None:
    private, public = everything_of(db, now)
    assert privacy.delete(db, ANN) == 1
    assert alerts.get(db, private) is None
    kept = alerts.get(db, public)
    assert kept is not None
    assert (kept.owner_id, kept.guild_id, kept.ended_at) == (own_signals.NOBODY, GUILD, None)
    channel = destinations.find_channel(db, CHANNEL)
    assert channel is not None
    assert public in {alert.id for alert, _ in subscriptions.of_destination(db, channel.id)}
    assert set(outbox_states(db).values()) == {"due"}
    assert alerts.count_in_guild(db, GUILD) == 1
