"""Refusals, joins, leaves, permission and thread events, lost answers and restarts in any order, beside a model.

Every message is delivered once, or reported as undeliverable once.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
import sqlite_utils
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot import outbox
from bot.commands.server import refused_places
from bot.database import Database
from bot.database.codec import rows
from bot.database.places import destinations, guilds, places, summary_channels
from bot.database.schema.migrations import migrations
from bot.domain.model import DestinationState, ItemKind, OutboxItem
from bot.outbox.message import Payload

GUILD, CHANNEL, PERSON = 5, 9, 7
SESSION = date(2026, 1, 13)
START = datetime.fromisoformat("2026-01-13T12:00:00+00:00")


def new_database() -> Database:
    """A bot.db in memory."""
    database = sqlite_utils.Database(memory=True)
    migrations.apply(database)
    return database


ROOM = st.integers(1, 12)
"""How many items a message has room for."""

LATE_ANSWERS = ["begin", "begin", "sent", "retry", "refused", "dead", "split"]

MINUTES = st.sampled_from([1, 10, 61, 361, 1_441, 5 * 1_440])


class Channel:
    """The model: a channel as Discord has it, and what its readers and the person who set it up have seen."""

    def __init__(self) -> None:
        self.takes, self.exists, self.member = True, True, True
        self.posted: dict[str, tuple[str, ...]] = {}
        """What each message says, by its nonce."""
        self.confirmed: set[str] = set()
        self.reported: list[str] = []
        self.promised: list[str] = []

    def read(self) -> list[str]:
        return [key for keys in self.posted.values() for key in keys]


class PlaceMachine(RuleBasedStateMachine):
    """Deliveries as the courier makes them, each after a look into the channel where it is in doubt."""

    def __init__(self) -> None:
        super().__init__()
        self.db, self.now, self.channel = new_database(), START, Channel()
        guilds.joined(self.db, GUILD, "House", now=self.now)
        self.place = destinations.channel_destination(self.db, CHANNEL, GUILD, now=self.now).id
        summary_channels.put(self.db, self.place, zone="UTC", at=time(9), created_by=PERSON, now=self.now)

    def teardown(self) -> None:
        self.db.close()

    def state(self) -> places.Place:
        place = places.get(self.db, self.place)
        assert place is not None
        return place

    @precondition(lambda self: self.state().state is DestinationState.ACTIVE)
    @rule(count=st.integers(1, 12))
    def something_fires(self, count: int) -> None:
        for _ in range(count):
            key = f"k{len(self.channel.promised)}"
            self.channel.promised.append(key)
            item = OutboxItem(0, key, ItemKind.ALERT, self.place, SESSION, self.now)
            assert outbox.put(self.db, item)

    @rule()
    def an_event_says_that_the_bot_may_write(self) -> None:
        """A permission, a role, a thread: whatever it was, the bot sees that it may write, or is wrong about it."""
        if self.channel.member and self.channel.exists:
            places.permitted(self.db, [CHANNEL], now=self.now)

    @rule()
    def the_bot_is_thrown_out_or_invited_again(self) -> None:
        self.channel.member = not self.channel.member
        if self.channel.member:
            guilds.joined(self.db, GUILD, "House", now=self.now)
        else:
            guilds.left(self.db, GUILD, now=self.now)

    @precondition(lambda self: len(self.channel.promised) > 20)
    @rule()
    def the_channel_is_deleted(self) -> None:
        self.channel.exists = False

    @rule()
    def the_person_gives_a_command(self) -> None:
        for refused in refused_places.take_from(self.db, PERSON, now=self.now):
            assert refused.place.told
            self.channel.reported += [item.key for item in refused.items]

    @precondition(lambda self: self.channel.exists and self.channel.member)
    @rule()
    def the_channel_is_set_up_again(self) -> None:
        destinations.channel_destination(self.db, CHANNEL, GUILD, now=self.now)

    @rule(takes=st.booleans(), minutes=MINUTES, room=ROOM)
    def a_delivery_that_discord_answers(self, takes: bool, minutes: int, room: int) -> None:
        self.a_delivery("answered", takes=takes, minutes=minutes, room=room)

    @rule(minutes=MINUTES, room=ROOM)
    def a_delivery_whose_answer_is_lost(self, minutes: int, room: int) -> None:
        self.a_delivery("answer lost", takes=True, minutes=minutes, room=room)

    @rule(minutes=MINUTES)
    def a_refusal_then_peace(self, minutes: int) -> None:
        self.a_delivery("answered", takes=False, minutes=minutes)
        self.a_delivery("answered", takes=True, minutes=minutes)

    @rule()
    def two_weeks_of_refusals(self) -> None:
        for _ in range(16):
            self.a_delivery("answered", takes=False, minutes=1_441)

    @rule(takes=st.booleans(), minutes=MINUTES, room=ROOM)
    def a_process_that_dies_before_it_asks(self, takes: bool, minutes: int, room: int) -> None:
        self.a_delivery("killed before", takes=takes, minutes=minutes, room=room)

    @rule(overtaken=st.booleans(), minutes=st.sampled_from([0, 3, 61]), answer=st.sampled_from(LATE_ANSWERS))
    def a_machine_that_sleeps_before_its_attempts(self, overtaken: bool, minutes: int, answer: str) -> None:
        """When they go on their claims are over, or another one has taken the batch: they send and settle nothing."""
        if self.state().state is DestinationState.ACTIVE:
            self.something_fires(3)
        asleep = outbox.claim_batches(self.db, now=self.now, lease_seconds=180, limit=5)
        self.now += timedelta(minutes=minutes)
        if overtaken:
            outbox.release(self.db)
            self.a_delivery("answered", takes=True, minutes=1)
        for claimed in asleep:
            if answer == "begin":
                in_doubt = claimed.in_doubt_since is not None
                begun = self.begins(claimed, in_doubt=in_doubt, room=12)
                assert begun == (minutes == 0 and not overtaken)
                if begun:
                    self.request(claimed, in_doubt, answered=True)
            elif claimed.nonce not in self.open_nonces():
                self.settles_late(claimed, answer)
        outbox.release(self.db)

    def open_nonces(self) -> set[str]:
        return {record["nonce"] for record in rows(self.db, "SELECT nonce FROM batch WHERE state = 'open'")}

    def settles_late(self, claimed: outbox.Claimed, answer: str) -> None:
        before = [*rows(self.db, "SELECT * FROM batch"), *rows(self.db, "SELECT * FROM outbox")]
        match answer:
            case "sent":
                outbox.settle_sent(self.db, claimed, 1, now=self.now)
            case "retry":
                outbox.settle_retry(self.db, claimed, not_before=self.now, in_doubt=False, error="late")
            case "refused":
                outbox.settle_not_now(self.db, claimed, "late", now=self.now, in_doubt=False)
            case "dead":
                outbox.settle_dead(self.db, claimed, "late", now=self.now)
            case _:
                outbox.settle_rejected(self.db, claimed, "late", now=self.now)
        assert [*rows(self.db, "SELECT * FROM batch"), *rows(self.db, "SELECT * FROM outbox")] == before

    def a_delivery(self, fate: str, *, takes: bool, minutes: int, room: int = 12) -> None:
        """Moderators change their mind, time passes, and the courier tries what is due.

        A message has room for so many items.
        """
        self.channel.takes = takes
        self.now += timedelta(minutes=minutes)
        for claimed in outbox.claim_batches(self.db, now=self.now, lease_seconds=180, limit=5):
            if claimed.in_doubt_since is not None and claimed.nonce in self.channel.posted and self.reachable():
                self.settled(claimed)
                continue
            in_doubt = claimed.in_doubt_since is not None and not self.reachable()
            assert self.begins(claimed, in_doubt=in_doubt, room=room)
            if fate != "killed before":
                self.request(claimed, in_doubt, answered=fate == "answered")
        outbox.release(self.db)

    def begins(self, claimed: outbox.Claimed, *, in_doubt: bool, room: int) -> bool:
        told = min(room, len(claimed.items))
        payload = claimed.payload or Payload(" ".join(item.key for item in claimed.items[:told]), told=told)
        return outbox.begin(
            self.db, claimed, payload, channel_id=CHANNEL, fresh=not in_doubt, lease_seconds=180, now=self.now
        )

    def reachable(self) -> bool:
        return self.channel.takes and self.channel.exists and self.channel.member

    def request(self, claimed: outbox.Claimed, in_doubt: bool, *, answered: bool) -> None:
        # What is stored is sent, whatever the items were when it was claimed.
        (stored,) = rows(self.db, "SELECT payload FROM batch WHERE id = ?", (claimed.batch_id,))
        keys = tuple(Payload.from_json(stored["payload"]).content.split())
        if self.reachable():
            self.channel.posted.setdefault(claimed.nonce, keys)
            assert self.channel.posted[claimed.nonce] == keys
            if answered:
                self.settled(claimed)
        elif answered and self.channel.member and not self.channel.exists:
            outbox.settle_gone(self.db, claimed, 10003, "Unknown Channel", now=self.now)
        elif answered:
            outbox.settle_not_now(self.db, claimed, "Missing Access", now=self.now, in_doubt=in_doubt)

    def settled(self, claimed: outbox.Claimed) -> None:
        self.channel.confirmed.update(self.channel.posted[claimed.nonce])
        outbox.settle_sent(self.db, claimed, 1, now=self.now)

    @invariant()
    def nobody_reads_anything_twice(self) -> None:
        read = self.channel.read()
        assert len(read) == len(set(read))
        assert len(self.channel.reported) == len(set(self.channel.reported))
        # A message of which no answer ever came may be there although it was reported.
        assert not self.channel.confirmed & set(self.channel.reported)

    @invariant()
    def what_counts_as_sent_stands_there(self) -> None:
        sent = {record["key"] for record in rows(self.db, "SELECT key FROM outbox WHERE state = 'sent'")}
        assert sent <= set(self.channel.read())

    @invariant()
    def nothing_is_forgotten(self) -> None:
        waiting = {
            record["key"] for record in rows(self.db, "SELECT key FROM outbox WHERE state IN ('due', 'batched')")
        }
        seen = waiting | set(self.channel.read()) | set(self.channel.reported)
        assert seen >= set(self.channel.promised)

    @invariant()
    def a_place_that_takes_messages_is_not_parked_by_a_refusal_of_less_than_two_weeks(self) -> None:
        place = self.state()
        if place.state is DestinationState.PARKED and self.channel.exists:
            assert place.refused_since is not None
            assert self.now - place.refused_since >= timedelta(days=14)

    def ends_well(self) -> None:
        """Everything works again, and the person is there: what is owed is delivered or reported."""
        if not self.channel.member:
            self.the_bot_is_thrown_out_or_invited_again()
        for _ in range(4):
            self.the_person_gives_a_command()
            for _ in range(1 + len(self.channel.promised)):
                self.a_delivery("answered", takes=True, minutes=1_441)
        assert set(self.channel.confirmed) | set(self.channel.reported) == set(self.channel.promised)
        self.nobody_reads_anything_twice()


class EndingMachine(PlaceMachine):
    """The same, and every story ends well."""

    def teardown(self) -> None:
        try:
            self.ends_well()
        finally:
            super().teardown()


class TestPlaceMachine(EndingMachine.TestCase):
    settings = settings(
        max_examples=settings.default.max_examples, stateful_step_count=30, suppress_health_check=[HealthCheck.too_slow]
    )
    pytestmark = pytest.mark.slow
