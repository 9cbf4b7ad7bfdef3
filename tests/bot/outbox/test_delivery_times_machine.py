"""Quiet hours, digests and snoozes that change in any order while alerts cross, beside a model.

The engine, the claims and the settlements are the real ones. Every crossing is delivered once, never while it has to
wait, as soon as it may be, and what waited leaves in one message that says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot import outbox
from bot.alerts import engine
from bot.alerts.rules import new_triggers
from bot.calendar.delivery_times import DeliveryTimes, QuietHours, held_until
from bot.database import alerts, delivery_times, destinations, places, subscriptions
from bot.database.codec import rows
from bot.database.connection import connect
from bot.domain.model import AlertSpec, Condition
from bot.outbox.message import Payload
from signals.core.model import Measure, Reading, State

PERSON, LEASE = 7, 180
SILVER = "havens.silver"
LEVELS = (80.0, 90.0)
# New York's clocks change on March 8 and November 1, Berlin's on March 29 and October 25.
STARTS = ["2026-03-06T12:00", "2026-03-27T12:00", "2026-10-23T12:00", "2028-02-27T12:00", "2026-06-10T12:00"]
clock_times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
quiet_hours = st.builds(QuietHours, clock_times, clock_times, st.frozensets(st.integers(0, 6), min_size=1))
zones = st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
minutes = st.sampled_from([1, 15, 60, 7 * 60, 11 * 60, 24 * 60, 3 * 1_440])


@dataclass
class Crossing:
    """A crossing of one alert that the person is to read of."""

    alert_id: int
    at: datetime


class DeliveryTimesMachine(RuleBasedStateMachine):
    """One person with two alerts, and a courier whose process may die at any step."""

    @initialize(start=st.sampled_from(STARTS))
    def begin(self, start: str) -> None:
        self.db, self.now = connect(Path(":memory:")), datetime.fromisoformat(start).replace(tzinfo=UTC)
        self.place = destinations.dm_destination(self.db, PERSON, channel_id=70, now=self.now).id
        self.day = date(2026, 1, 5)
        self.alerts = [self.add(level) for level in LEVELS]
        self.times = DeliveryTimes()
        self.snoozes = dict.fromkeys(self.alerts, datetime.fromtimestamp(0, UTC))
        self.owed: dict[str, Crossing] = {}
        self.under_way: set[str] = set()
        self.posted: dict[str, list[str]] = {}
        # The first reading of all only says on which side the alerts are.
        self.see(50.0)

    def see(self, value: float) -> None:
        self.day += timedelta(days=1)
        engine.catch_up(self.db, [(self.day, {SILVER: Reading(SILVER, self.day, value, State.FINAL)})], now=self.now)

    def add(self, level: float) -> int:
        spec = AlertSpec(SILVER, Measure.VALUE, Condition.ABOVE, level)
        triggers = new_triggers(spec, 50.0, self.day)
        return alerts.add(
            self.db, spec, triggers, owner_id=PERSON, guild_id=None, destination_id=self.place, now=self.now
        ).id

    def teardown(self) -> None:
        if hasattr(self, "db"):
            self.ends_well()
            self.db.close()

    @rule(value=st.sampled_from([85.0, 95.0]), later=minutes)
    def silver_crosses_and_comes_back(self, value: float, later: int) -> None:
        self.now += timedelta(minutes=later)
        before = outbox.newest(self.db)
        self.see(value)
        self.see(50.0)
        new = rows(self.db, "SELECT key, alert_id FROM outbox WHERE id > ?", (before,))
        assert len(new) == sum(level < value for level in LEVELS)
        self.owed |= {record["key"]: Crossing(record["alert_id"], self.now) for record in new}

    @rule(quiet=st.none() | quiet_hours, digest=st.none() | clock_times, zone=zones)
    def the_settings_change(self, quiet: QuietHours | None, digest: time | None, zone: str) -> None:
        def changed(times: DeliveryTimes) -> DeliveryTimes:
            return replace(times, zone=zone, quiet=quiet, digest=digest)

        self.times = changed(self.times)
        assert delivery_times.change(self.db, self.place, changed, created_by=PERSON, now=self.now) == self.times

    @rule(which=st.integers(0, 1), hours=st.sampled_from([0, 1, 13, 80]))
    def an_alert_is_snoozed_or_the_snooze_ends(self, which: int, hours: int) -> None:
        until = self.now + timedelta(hours=hours) if hours else None
        self.snoozes[self.alerts[which]] = until or datetime.fromtimestamp(0, UTC)
        subscriptions.snooze(self.db, self.alerts[which], self.place, until)

    @rule(hours=st.sampled_from([0, 1, 13, 80]))
    def everything_is_snoozed_or_that_ends(self, hours: int) -> None:
        until = self.now + timedelta(hours=hours) if hours else None
        self.times = replace(self.times, snoozed_until=until)
        delivery_times.snooze_all(self.db, self.place, until, created_by=PERSON, now=self.now)

    @rule(later=minutes)
    def a_delivery(self, later: int) -> None:
        self.deliver(later, "answered")

    @rule(later=minutes, fate=st.sampled_from(["killed before", "answer lost", "refused"]))
    def a_delivery_that_goes_wrong(self, later: int, fate: str) -> None:
        self.deliver(later, fate)

    def deliver(self, later: int, fate: str) -> None:
        """What the courier does until it finds nothing more, each attempt with the same fate."""
        self.now += timedelta(minutes=later)
        waits = self.refuses()
        may_leave = {
            key for key, crossing in self.owed.items() if (end := self.wait(crossing)) is None or end <= self.now
        }
        together = []
        while claimed := outbox.claim_batches(self.db, now=self.now, lease_seconds=LEASE, limit=5):
            for batch in claimed:
                keys = {item.key for item in batch.items}
                if not keys & self.under_way:
                    assert keys <= may_leave
                    self.says_what_waited(batch)
                    together += [batch] * (batch.items[0].held_until is not None)
                self.attempt(batch, fate)
        outbox.release(self.db)
        assert len(together) <= 1
        if fate == "answered" and not waits:
            assert not may_leave & self.owed.keys()
        assert (outbox.next_attempt(self.db, now=self.now) is not None) == bool(self.owed)

    def refuses(self) -> bool:
        place = places.get(self.db, self.place)
        assert place is not None
        return place.waits and place.next_try is not None and place.next_try > self.now

    def wait(self, crossing: Crossing) -> datetime | None:
        snoozed = self.snoozes[crossing.alert_id]
        longest = max(snoozed, self.times.snoozed_until or snoozed)
        return held_until(replace(self.times, snoozed_until=longest), crossing.at, self.now)

    def says_what_waited(self, batch: outbox.Claimed) -> None:
        """Whatever had to wait by the settings of now is told as such."""
        for item in batch.items:
            if self.wait(self.owed[item.key]) is not None:
                assert item.held_until is not None

    def attempt(self, batch: outbox.Claimed, fate: str) -> None:
        keys = [item.key for item in batch.items]
        if batch.in_doubt_since is not None and batch.nonce in self.posted:
            self.settled(batch, keys)
            return
        self.under_way |= set(keys)
        if fate == "killed before":
            return
        outbox.begin(
            self.db, batch.batch_id, Payload("x"), channel_id=70, fresh=True, lease_seconds=LEASE, now=self.now
        )
        if fate == "refused":
            outbox.settle_not_now(self.db, batch.batch_id, "Cannot send", now=self.now, in_doubt=False)
            self.under_way -= set(keys)
            return
        self.posted[batch.nonce] = keys
        if fate == "answered":
            self.settled(batch, keys)

    def settled(self, batch: outbox.Claimed, keys: list[str]) -> None:
        outbox.settle_sent(self.db, batch.batch_id, 1, now=self.now)
        self.under_way -= set(keys)
        for key in keys:
            del self.owed[key]

    @invariant()
    def nothing_is_lost_and_nothing_comes_twice(self) -> None:
        if not hasattr(self, "db"):
            return
        waiting = {each["key"] for each in rows(self.db, "SELECT key FROM outbox WHERE state IN ('due', 'batched')")}
        assert waiting == set(self.owed)
        posted = [key for keys in self.posted.values() for key in keys]
        assert len(posted) == len(set(posted))

    def ends_well(self) -> None:
        """Discord takes everything again: within two weeks all of it has been read, whatever is set."""
        for _ in range(8):
            self.deliver(15, "answered")
            if not self.owed:
                break
            upcoming = outbox.next_attempt(self.db, now=self.now)
            assert upcoming is not None
            assert upcoming - self.now <= timedelta(days=14)
            self.deliver(max(0, int((upcoming - self.now).total_seconds()) // 60 + 1), "answered")
        assert self.owed == {}


class TestDeliveryTimesMachine(DeliveryTimesMachine.TestCase):
    settings = settings(
        max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    pytestmark = pytest.mark.slow
