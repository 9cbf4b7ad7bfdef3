"""Alerts, combinations and what people want of them, from the close to what is read, beside two models.

Engine, outbox and courier are the real ones on a real file; Discord is a list of what stands in its channels. Closes
come, people set quiet hours and digests, snooze and pause, places refuse and take again, processes die, time passes
through nights in which the clocks change. Everything that the model of the engine owes is read once, when and only
when the model of waiting lets it, and what waited is read together.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from bot import outbox
from bot.alerts import composites, engine
from bot.alerts.rules import new_triggers
from bot.calendar.delivery_times import DeliveryTimes, QuietHours
from bot.courier import Courier, Pacer
from bot.database import Database
from bot.database.alerts import alert_manner, alerts, firings
from bot.database.codec import rows
from bot.database.connection import Store, connect
from bot.database.places import delivery_times, destinations, places, subscriptions
from bot.domain import place as place_rules
from bot.domain.chart_request import Picture
from bot.domain.model import After, AlertSpec, Combination, Condition, Destination, OutboxItem
from bot.outbox.message import Ambiguous, DeliveryResult, EditRefused, NotNow, Opened, Payload, RetryAfter, Sent
from signals.core.model import Measure, Reading, State
from tests.bot.alerts.model import Model, ModelAlert, ModelComposite, Seen, sides
from tests.bot.alerts.waiting import LONG_AGO, ModelPlace, Wanted
from tests.support import ManualClock

ONE, TWO = "a.one", "a.two"
GUILD = 5
CHANNELS = (70, 80, 90)
"""The DMs of two people and a channel."""

# New York's clocks change on March 8 and November 1, Berlin's on March 29 and October 25, Lord Howe's by half an hour.
STARTS = ["2026-03-07T12:00", "2026-03-28T12:00", "2026-10-24T12:00", "2026-10-31T12:00", "2026-06-10T12:00"]
clock_times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
weekdays = st.frozensets(st.integers(0, 6), min_size=1)
quiet_hours = st.tuples(clock_times, clock_times, st.just(frozenset(range(7))) | weekdays)
zones = st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
quarters = st.sampled_from([0, 1, 4, 28, 44, 96, 3 * 96])
values = st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0])
picks = st.integers(0, 99)
hours = st.sampled_from([0, 1, 13, 80])
fates = st.sampled_from(["answered", "killed before", "killed after", "answer lost", "away"])

ABOVE_3 = AlertSpec(ONE, Measure.VALUE, Condition.ABOVE, 3.0, band=0.5)
OWN = (
    replace(ABOVE_3, after=After.BACK),
    replace(ABOVE_3, signal=TWO, after=After.REMIND, remind_every=2),
    replace(ABOVE_3, signal=TWO, condition=Condition.BELOW, after=After.BACK),
)
"""What the first person, the second and the channel watch."""

TOPICS = {"turn": (replace(ABOVE_3, condition=Condition.CROSSES),), "pair": (ABOVE_3, replace(ABOVE_3, signal=TWO))}


@cache
def empty_database() -> bytes:
    """A bot.db without rows."""
    with tempfile.TemporaryDirectory() as folder:
        connect(Path(folder) / "bot.db").close()
        return (Path(folder) / "bot.db").read_bytes()


@dataclass(frozen=True)
class Posted:
    """A message that stands in a channel."""

    channel: int
    nonce: str
    keys: tuple[str, ...]
    waited: bool
    at: datetime


class ChannelsOfDiscord:
    """A notifier whose channels take messages or refuse them; `fate` is that of every request that posts."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock, self.fate, self.died = clock, "answered", asyncio.Event()
        self.posted: list[Posted] = []
        self.refusing: set[int] = set()
        self.refusals: list[int] = []

    async def send(
        self, channel_id: int, payload: Payload, *, nonce: str, pictures: Sequence[Picture] = ()
    ) -> DeliveryResult:
        if channel_id in self.refusing:
            return self._refused(channel_id)
        if self.fate == "killed before":
            await self._die()
        if self.fate == "away":
            return RetryAfter(60.0, "Discord cannot be reached")
        same = [each for each in self.posted if each.nonce == nonce]
        if not any(self.clock.now() - each.at <= timedelta(minutes=3) for each in same):
            said = json.loads(payload.content)
            self.posted.append(Posted(channel_id, nonce, tuple(said["keys"]), said["waited"], self.clock.now()))
        if self.fate == "killed after":
            await self._die()
        return Ambiguous("no answer") if self.fate == "answer lost" else Sent(len(self.posted))

    async def find(
        self, channel_id: int, *, nonce: str, since: datetime | None, unmarked: Payload | None = None
    ) -> DeliveryResult | None:
        if channel_id in self.refusing:
            return self._refused(channel_id)
        return next((Sent(1) for each in self.posted if each.nonce == nonce), None)

    async def edit(self, *_: Any, **__: Any) -> DeliveryResult | EditRefused:
        raise NotImplementedError

    async def delete(self, *_: Any, **__: Any) -> DeliveryResult:
        raise NotImplementedError

    async def open_dm(self, user_id: int) -> Opened | DeliveryResult:
        raise NotImplementedError

    def _refused(self, channel_id: int) -> DeliveryResult:
        self.refusals.append(channel_id)
        return NotNow(50013, "Missing Permissions")

    async def _die(self) -> None:
        self.died.set()
        await asyncio.Event().wait()


def render(destination: Destination, items: Sequence[OutboxItem]) -> Payload:
    keys = [key(item.alert_id, item.direction, item.destination_id, item.session, item.event) for item in items]
    return Payload(json.dumps({"keys": keys, "waited": items[0].held_until is not None}))


def key(alert_id: int | None, direction: Any, place: int, session: date | int, event: str) -> str:
    day = session if isinstance(session, int) else session.toordinal()
    return f"{alert_id} {direction} {place} {day} {event}"


@dataclass(frozen=True)
class Owed:
    """Something that the readers of a place are to read."""

    alert_id: int
    place: int
    since: datetime


class AlertsToReaders(RuleBasedStateMachine):
    """Two people and a channel with alerts, topics and combinations of them."""

    @initialize(start=st.sampled_from(STARTS))
    def begin(self, start: str) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "bot.db"
        self.path.write_bytes(empty_database())
        self.runner = asyncio.Runner()
        self.clock = ManualClock(datetime.fromisoformat(start).replace(tzinfo=UTC))
        self.discord = self.runner.run(self.make_discord())
        self.store = Store.open(self.path)
        self.day, self.model = date(2026, 1, 5), Model()
        self.owed: dict[str, Owed] = {}
        self.read: set[str] = set()
        self.paused: dict[int, tuple[datetime, int]] = {}
        self.failed_at = LONG_AGO
        self.change(self.set_up)
        self.places = {place: ModelPlace() for place in self.ids}
        self.new_process()
        # The first readings of all only say on which side the alerts are.
        self.check(2.0, 2.0)

    async def make_discord(self) -> ChannelsOfDiscord:
        return ChannelsOfDiscord(self.clock)

    def set_up(self, db: Database) -> None:
        now, day = self.clock.now(), self.day
        people = [destinations.dm_destination(db, 7 + n, channel_id=CHANNELS[n], now=now).id for n in (0, 1)]
        self.ids = [*people, destinations.channel_destination(db, CHANNELS[2], GUILD, now=now).id]
        for name, specs in TOPICS.items():
            for part, spec in enumerate(specs):
                made = alerts.add_topic(db, name, spec, new_triggers(spec, 2.0, day), now=now, part=part)
                self.know(made.id, spec, self.ids)
            for place in self.ids:
                subscriptions.subscribe(db, name, place, created_by=7, now=now)
        turn = min(self.model.alerts)
        for owner, spec, place in zip((7, 8, 7), OWN, self.ids, strict=True):
            start = new_triggers(spec, 2.0, day)
            made = alerts.add(db, spec, start, owner_id=owner, guild_id=None, destination_id=place, now=now)
            self.know(made.id, spec, [place])
        first, second, _ = list(self.model.alerts)[-3:]
        for owner, members, at_least, within, place in (
            (7, [first, turn], 2, 2, self.ids[0]),
            (8, [second, turn], 1, 1, self.ids[2]),
        ):
            named = Combination(at_least, within, tuple("turn" if member == turn else member for member in members))
            both = composites.create(
                db, named, owner_id=owner, guild_id=None, destination_id=place, session=day, now=now
            )
            self.model.composites[both.id] = ModelComposite(both.id, at_least, within, members, day.toordinal(), place)
            self.model.settle(both.id)

    def know(self, alert_id: int, spec: AlertSpec, subscribers: Sequence[int]) -> None:
        known = ModelAlert(alert_id, spec, self.day.toordinal(), dict.fromkeys(subscribers, 0), sides(spec))
        known.start(spec, 2.0, self.day.toordinal())
        self.model.alerts[alert_id] = known

    def change(self, step: Any, *arguments: Any, **named: Any) -> Any:
        return self.runner.run(self.store.run(step, *arguments, **named))

    def new_process(self) -> None:
        self.change(outbox.release)
        self.courier = Courier(self.store, self.discord, render, self.clock, pacer=Pacer(1e9), chance=lambda: 1.0)

    @rule()
    def the_process_starts_anew(self) -> None:
        self.runner.run(self.store.close())
        self.store = Store.open(self.path)
        self.new_process()

    @rule(one=values, two=values, fate=st.none() | fates)
    def the_market_closes(self, one: float, two: float, fate: str | None) -> None:
        """A check, after which the courier is woken, where it lives."""
        self.check(one, two)
        if fate is not None:
            self.deliver(fate)

    @rule(one=st.lists(values, min_size=3, max_size=5), two=values)
    def sessions_are_caught_up_with(self, one: list[float], two: float) -> None:
        for value in one:
            self.check(value, two)

    def check(self, one: float, two: float) -> None:
        self.clock.advance(minutes=15)
        self.day += timedelta(days=1)
        closes = {ONE: one, TWO: two}
        real = {name: Reading(name, self.day, value, State.FINAL) for name, value in closes.items()}
        known, before = set(self.model.last_final), len(self.model.notified)
        self.change(engine.catch_up, [(self.day, real)], now=self.clock.now())
        seen = {name: Seen(final=True, values={"value": value}) for name, value in closes.items()}
        self.model.evaluate(self.day.toordinal(), seen, 0, known)
        for alert_id, side, place, session, _, event in self.model.notified[before:]:
            self.owed[key(alert_id, side, place, session, event)] = Owed(alert_id, place, self.clock.now())

    @rule(which=picks, quiet=st.none() | quiet_hours, digest=st.none() | clock_times, zone=zones)
    def somebody_sets_quiet_hours_or_a_digest(self, which: int, quiet: Any, digest: time | None, zone: str) -> None:
        place = self.ids[which % 3]
        self.places[place].wanted = Wanted(zone, quiet, digest)
        wanted = None if quiet is None else QuietHours(*quiet)

        def changed(times: DeliveryTimes) -> DeliveryTimes:
            return replace(times, zone=zone, quiet=wanted, digest=digest)

        self.change(delivery_times.change, place, changed, created_by=7, now=self.clock.now())

    @rule(which=picks, where=picks, length=hours)
    def an_alert_or_a_topic_is_snoozed_or_that_ends(self, which: int, where: int, length: int) -> None:
        """Every part of a topic, an alert of one's own, or a combination; no hours end it."""
        groups = [[1], [2, 3], [4], [5], [6], *([each] for each in self.model.composites)]
        until = self.clock.now() + timedelta(hours=length) if length else None
        for alert_id in groups[which % len(groups)]:
            alert = self.model.alerts.get(alert_id)
            to = [self.model.composites[alert_id].place] if alert is None else list(alert.subscribers)
            place = to[where % len(to)]
            assert self.change(subscriptions.snooze, alert_id, place, until)
            self.places[place].snoozed[alert_id] = until or LONG_AGO

    @precondition(lambda self: self.owed)
    @rule(which=picks)
    def what_is_on_its_way_is_snoozed(self, which: int) -> None:
        owed, until = self.owed[sorted(self.owed)[which % len(self.owed)]], self.clock.now() + timedelta(hours=13)
        self.change(subscriptions.snooze, owed.alert_id, owed.place, until)
        self.places[owed.place].snoozed[owed.alert_id] = until

    @rule(where=picks, length=hours)
    def everything_is_snoozed_or_that_ends(self, where: int, length: int) -> None:
        place, until = self.ids[where % 3], self.clock.now() + timedelta(hours=length) if length else None
        self.places[place].all_snoozed = until or LONG_AGO
        self.change(delivery_times.snooze_all, place, until, created_by=7, now=self.clock.now())

    @rule(which=picks)
    def an_alert_is_paused_or_speaks_again(self, which: int) -> None:
        """One that speaks again tells what it missed."""
        self.clock.advance(minutes=15)
        own = [*[each for each in self.model.alerts.values() if each.id > 3], *self.model.composites.values()]
        chosen = own[which % len(own)]
        chosen.paused = chosen.id not in self.paused
        self.change(alert_manner.pause, chosen.id, now=self.clock.now() if chosen.paused else None)
        if chosen.paused:
            self.paused[chosen.id] = self.clock.now(), self.crossings(chosen)
            return
        since, before = self.paused.pop(chosen.id)
        found = self.change(firings.of_alert, chosen.id, since=since)
        assert sum(each.became == "paused" for each in found) == self.crossings(chosen) - before

    @staticmethod
    def crossings(alert: ModelAlert | ModelComposite) -> int:
        if isinstance(alert, ModelComposite):
            return alert.crossings
        return sum(side.crossings for side in alert.sides)

    @rule(where=picks)
    def a_place_refuses(self, where: int) -> None:
        self.discord.refusing.add(CHANNELS[where % 3])

    @precondition(lambda self: self.discord.refusing)
    @rule(where=picks, seen=st.booleans())
    def a_place_takes_messages_again(self, where: int, seen: bool) -> None:
        """By an event that the bot sees, or without one."""
        self.recovers(sorted(self.discord.refusing)[where % len(self.discord.refusing)], seen=seen)

    def recovers(self, channel: int, *, seen: bool) -> None:
        self.discord.refusing.remove(channel)
        place = self.ids[CHANNELS.index(channel)]
        if seen and self.places[place].next_try is not None:
            self.places[place].next_try = self.places[place].refuses_since
        if seen:
            # What wakes a place differs: a command of its person, an event of the channel.
            self.change(places.change, place, place_rules.woken, now=self.clock.now())

    def time_passes(self, quarters_of_an_hour: int) -> None:
        self.clock.advance(minutes=15 * quarters_of_an_hour)
        for place, channel in zip(self.ids, CHANNELS, strict=True):
            since = self.places[place].refuses_since
            if channel in self.discord.refusing and since and self.clock.now() - since > timedelta(days=9):
                self.recovers(channel, seen=True)  # a place that refuses for two weeks is given up

    @rule(later=quarters, fate=fates)
    def time_passes_and_the_courier_looks(self, later: int, fate: str) -> None:
        self.time_passes(later)
        self.deliver(fate)

    def deliver(self, fate: str) -> None:
        """The courier does what it can at this instant, and every request that posts has the same fate."""
        now, before, tried = self.clock.now(), len(self.discord.posted), len(self.discord.refusals)
        begun, in_messages = self.begun(), self.in_messages()
        leave = {
            each: self.places[owed.place].leaves(owed.alert_id, owed.since, now) for each, owed in self.owed.items()
        }
        due = {each for each, (at, _) in leave.items() if at <= now}
        closed = {n for n, place in self.places.items() if place.next_try is not None and place.next_try > now}
        self.discord.fate = fate
        died = self.runner.run(self.flush())
        if died:
            self.the_process_starts_anew()
        posted = self.discord.posted[before:]
        self.nothing_twice_and_nothing_unasked(posted)
        for channel in set(self.discord.refusals[tried:]):
            self.places[self.ids[CHANNELS.index(channel)]].refused(now)
        fresh = [each for each in posted if not set(each.keys) & begun]
        for message in fresh:
            assert set(message.keys) <= due, "it comes while it has to wait"
            # A message that was made before a snooze began and is tried after it has ended waited for Discord alone.
            waited = [each for each in message.keys if leave[each][1] and each not in in_messages]
            assert message.waited or not waited, "what waited is told as such"
        assert self.begun() - begun <= due, "it is begun while it has to wait"
        for channel in CHANNELS:
            together = [each for each in fresh if each.channel == channel and each.waited]
            assert len(together) <= 1, "what waited comes in one message"
        if fate != "answered":
            self.failed_at = now
        if self.failed_at == now:
            return  # what was tried at this very instant waits a few seconds
        for place, channel in zip(self.ids, CHANNELS, strict=True):
            if channel not in self.discord.refusing and place not in closed:
                assert not {each for each in due & set(self.owed) if self.owed[each].place == place}, "it is late"

    def nothing_twice_and_nothing_unasked(self, posted: Sequence[Posted]) -> None:
        for message in posted:
            for each in message.keys:
                assert each not in self.read, "it is read twice"
                assert CHANNELS[self.ids.index(self.owed[each].place)] == message.channel
                self.read.add(each)
        waiting = self.change(rows, "SELECT * FROM outbox WHERE state IN ('due', 'batched')")
        still = {
            key(each["alert_id"], each["direction"], each["destination_id"], each["session"], each["event"])
            for each in waiting
        }
        assert still | self.read >= set(self.owed), "it is lost"
        assert still <= set(self.owed), "nobody asked for it"
        for each in [each for each in self.owed if each not in still]:
            place = self.places[self.owed.pop(each).place]
            if place.next_try is None or place.next_try <= self.clock.now():
                place.accepted()

    def begun(self) -> set[str]:
        """What is part of a message that may stand in its channel: it is finished whatever somebody sets meanwhile."""
        return self.in_messages("AND batch.in_doubt_since IS NOT NULL")

    def in_messages(self, which: str = "") -> set[str]:
        """What is part of a message that has been made and is not settled."""
        records = self.change(
            rows,
            f"""SELECT outbox.* FROM outbox JOIN batch ON batch.id = outbox.batch_id
            WHERE outbox.state = 'batched' {which}""",
        )
        return {
            key(each["alert_id"], each["direction"], each["destination_id"], each["session"], each["event"])
            for each in records
        }

    async def flush(self) -> bool:
        """Whether the process died."""
        self.discord.died.clear()
        flushing = asyncio.create_task(self.courier.flush())
        dying = asyncio.create_task(self.discord.died.wait())
        await asyncio.wait((flushing, dying), return_when=asyncio.FIRST_COMPLETED)
        died = self.discord.died.is_set()
        if not died:
            await flushing
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        return died

    def teardown(self) -> None:
        if hasattr(self, "store"):
            try:
                self.ends_well()
            finally:
                self.runner.run(self.store.close())
                self.runner.close()
                self.folder.cleanup()

    def ends_well(self) -> None:
        """Every place takes messages: within two weeks all of it has been read, whatever is set."""
        for channel in sorted(self.discord.refusing):
            self.recovers(channel, seen=True)
        for _ in range(40):
            self.clock.advance(minutes=15)
            self.deliver("answered")
            if not self.owed:
                return
            upcoming = self.change(outbox.next_attempt, now=self.clock.now())
            assert upcoming is not None
            assert upcoming - self.clock.now() <= timedelta(days=14)
            ahead = max(0, -(-int((upcoming - self.clock.now()).total_seconds()) // 900) - 1)
            self.clock.advance(minutes=15 * ahead)
        raise AssertionError(f"not read: {sorted(self.owed)}")


class TestAlertsToReaders(AlertsToReaders.TestCase):
    settings = settings(
        max_examples=max(settings.default.max_examples - 70, 24),
        stateful_step_count=25,
        suppress_health_check=[HealthCheck.too_slow],
    )
    pytestmark = pytest.mark.slow
