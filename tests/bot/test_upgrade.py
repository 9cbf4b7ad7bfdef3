"""A home of version 0.1.0 opened by today's program: nothing is lost, what was promised is told once, life goes on.

What is expected follows from the story in tests/fixtures/README.md. The numbers of signals with a value,
of signals judged and of records are what 0.1.0 itself counted.
"""

from __future__ import annotations

import asyncio
import json
import tarfile
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot import outbox
from bot.__main__ import main
from bot.alerts import engine
from bot.archive import Archive
from bot.archive.location import ArchiveLocation
from bot.calendar.clock import Calendar
from bot.commands.context import Core
from bot.courier import Courier, Pacer
from bot.database import key_value, readings
from bot.database.alerts import alerts
from bot.database.codec import rows
from bot.database.connection import Store
from bot.database.places import destinations, guilds, places, subscriptions, summary_channels
from bot.database.places.summary_channels import SummaryChannel
from bot.discord_app.delivery.messages import payloads
from bot.discord_app.delivery.notifier import DiscordNotifier
from bot.domain.fetched import FetchRequest
from bot.domain.model import (
    AlertSpec,
    Condition,
    Destination,
    DestinationKind,
    DestinationState,
    Direction,
    Repeat,
    Timing,
    TriggerState,
)
from bot.ingest.checkpoints import Checkpoints, Unfinished
from bot.ingest.schedule import timetable
from bot.outbox.message import Payload
from bot.outbox.summary_schedule import enqueue_due
from bot.readings.pipeline import Pipeline
from bot.readings.service import ReadingService
from bot.readings.state import ReadingState
from bot.settings.config import load
from bot.settings.paths import Home
from bot.sources import factory
from bot.worker.process import Worker
from signals import catalogue
from signals.core.model import Measure, Reading, State
from tests.helpers import utc
from tests.support import WireDiscord, wire_discord

FIXTURE = Path(__file__).parent.parent / "fixtures" / "home-0.1.0.tar.gz"

ANN, BEN = 700_000_000_000_000_001, 700_000_000_000_000_002
SERVER, LEFT_SERVER = 800_000_000_000_000_001, 800_000_000_000_000_002
ROOM, LEFT_ROOM = 810_000_000_000_000_001, 810_000_000_000_000_002
ROLE, LEFT_ROLE = 820_000_000_000_000_001, 820_000_000_000_000_002
ANN_DM, BEN_DM = 830_000_000_000_000_001, 830_000_000_000_000_002

IN_ROOM, IN_LEFT_ROOM, TO_ANN, TO_BEN = 1, 2, 3, 4
"""Ids of the destinations."""

FRIDAY, MONDAY, TUESDAY, THURSDAY = date(2026, 1, 2), date(2026, 1, 12), date(2026, 1, 6), date(2026, 1, 8)
SECOND_FRIDAY = date(2026, 1, 9)
SET_UP = utc("2026-01-02 21:22")
SNOOZED = utc("2026-02-02 14:30")
NEXT_MORNING = datetime(2026, 1, 13, 12, 0, tzinfo=UTC)
"""When today's program starts."""

VALUE, Z = Measure.VALUE, Measure.Z_1Y
UP, DOWN = Direction.ABOVE, Direction.BELOW
NEW, ARMED, FIRED, ENDED = TriggerState.NEW, TriggerState.ARMED, TriggerState.FIRED, TriggerState.ENDED
SPREAD, STREAK = "weighting.rsp_spy.spread_1d", "size.russell_sp500.streak"
ABOVE_AVERAGE = "breadth.sp500.above_50dma"


def spec(signal: str, condition: Condition, level: float, measure: Measure = VALUE, **rest: Any) -> AlertSpec:
    return AlertSpec(signal, measure, condition, level, **rest)


Side = tuple[Direction, float, float, TriggerState, int, int, date | None]
"""Direction, level, re-arm level, state, generation, sessions of confirmation so far, session of the last firing."""

ANNS: dict[int, tuple[AlertSpec, list[Side]]] = {
    # Fired at 94.801 on the 6th, back below 92.5 since the 8th.
    16: (spec("havens.silver", Condition.ABOVE, 93.0, band=0.5), [(UP, 93.0, 92.5, ARMED, 1, 0, TUESDAY)]),
    # 40 % when it was set, and never back at 50 %.
    17: (spec(ABOVE_AVERAGE, Condition.BELOW, 45.0, band=5.0), [(DOWN, 45.0, 50.0, FIRED, 0, 0, None)]),
    # Negative until it crossed on the 12th, to less than 0.1.
    18: (
        spec("size.iwm_spy.ytd_gap", Condition.CROSSES, 0.0, band=0.1),
        [(UP, 0.0, -0.1, FIRED, 1, 0, MONDAY), (DOWN, 0.0, 0.1, FIRED, 0, 0, None)],
    ),
    # -0.55 on the 9th, +1.02 on the 12th.
    19: (
        spec(SPREAD, Condition.OUTSIDE, -0.5, level_high=0.9, band=0.1),
        [(UP, 0.9, 0.8, FIRED, 1, 0, MONDAY), (DOWN, -0.5, -0.4, ARMED, 1, 0, SECOND_FRIDAY)],
    ),
    # 0.55 and 0.60 are two of the three sessions that it waits for.
    20: (
        spec("rates.real_10y", Condition.ABOVE, 0.5, confirm=3, band=0.05),
        [(UP, 0.5, 0.45, ARMED, 0, 2, None)],
    ),
    21: (spec(STREAK, Condition.ABOVE, 1.0, repeat=Repeat.ONCE), [(UP, 1.0, 1.0, ENDED, 1, 0, TUESDAY)]),
    22: (
        spec("index.all_down_streak", Condition.ABOVE, 0.0, cooldown_days=10),
        [(UP, 0.0, 0.0, FIRED, 1, 0, MONDAY)],
    ),
    # The archive has no flows.
    23: (spec("flows.tech_4w", Condition.BELOW, -3.0), [(DOWN, -3.0, -3.0, NEW, 0, 0, None)]),
    # Snoozed, so -2.25 on the 5th and -2.64 on the 12th only moved it; -1.0 on the 9th lay between.
    24: (spec("index.sp500.ytd", Condition.BELOW, -2.0, band=0.2), [(DOWN, -2.0, -1.8, FIRED, 2, 0, MONDAY)]),
    25: (
        spec("rates.nominal_10y", Condition.ABOVE, 0.085, Measure.CHANGE_1D, band=0.01),
        [(UP, 0.085, 0.075, FIRED, 1, 0, MONDAY)],
    ),
    26: (spec("options.vix", Condition.ABOVE, 10.0, Measure.CHANGE_5D, band=1.0), [(UP, 10.0, 9.0, ARMED, 0, 0, None)]),
    27: (
        spec(ABOVE_AVERAGE, Condition.BELOW, -60.0, Measure.CHANGE_21D, band=10.0),
        [(DOWN, -60.0, -50.0, ARMED, 0, 0, None)],
    ),
    28: (
        spec("rates.curve_10y2y", Condition.BELOW, 5.0, Measure.PERCENTILE_1Y, band=2.0),
        [(DOWN, 5.0, 7.0, ARMED, 0, 0, None)],
    ),
    29: (
        spec("weighting.rsp_spy.spread_21d", Condition.OUTSIDE, -4.0, Z, level_high=4.0, band=0.5),
        [(UP, 4.0, 3.5, ARMED, 0, 0, None), (DOWN, -4.0, -3.5, ARMED, 0, 0, None)],
    ),
    # 30 was removed.
    31: (
        spec("havens.silver", Condition.BELOW, 91.0, timing=Timing.LIVE, band=0.3),
        [(DOWN, 91.0, 91.3, FIRED, 1, 0, MONDAY)],
    ),
}
BENS: dict[int, tuple[AlertSpec, list[Side]]] = {
    # 17.87 on the 5th, 16.99 on the 9th, 17.67 on the 12th.
    32: (spec("options.vix", Condition.ABOVE, 17.5, band=0.3), [(UP, 17.5, 17.2, FIRED, 2, 0, MONDAY)]),
    33: (spec("megacap.down_2pct", Condition.ABOVE, 3.0), [(UP, 3.0, 3.0, FIRED, 1, 0, MONDAY)]),
    34: (spec(STREAK, Condition.BELOW, -1.0), [(DOWN, -1.0, -1.0, ARMED, 1, 0, THURSDAY)]),
}

CHANGED: dict[str, Any] = {
    "condition": Condition.OUTSIDE,
    "level": -0.5,
    "level_high": 0.5,
    "measure": Measure.CHANGE_1D,
}
TOPICS = {
    1: ("equal-weight-day", spec(SPREAD, Condition.ABOVE, 0.8)),
    2: ("russell-streak", spec(STREAK, Condition.ABOVE, 7.0)),
    3: ("mag7-red-day", spec("megacap.down_2pct", Condition.ABOVE, 4.0)),
    4: ("mags-third-month", spec("megacap.mags_losing_months", Condition.ABOVE, 2.0)),
    # Moved from breadth.sp500.zweig.
    5: ("breadth-thrust", spec("breadth.sp500.thrust_signal", Condition.ABOVE, 0.0)),
    6: ("breadth-washout", spec(ABOVE_AVERAGE, Condition.BELOW, 20.0)),
    7: ("tech-new-highs", spec("breadth.tech.new_highs", Condition.ABOVE, 95.0, Measure.PERCENTILE_1Y)),
    8: ("real-yield-breakout", spec("rates.real_10y", Condition.ABOVE, 95.0, Measure.PERCENTILE_1Y)),
    9: ("curve-steepening", spec("rates.curve_10y2y", Condition.ABOVE, 0.25, Measure.CHANGE_21D)),
    10: ("tech-outflow", spec("flows.tech_4w", Condition.BELOW, -2.0)),
    11: ("stress", spec("options.vix_term", Condition.ABOVE, 1.0)),
    # 12, silver-90, has ended.
    13: ("indexes-back-to-back", spec("index.all_down_streak", Condition.ABOVE, 1.0)),
    # The two parts of scenario-change, the second on scenario.rotation_state.
    14: ("recovery-change", spec("scenario.recovery_state", **CHANGED)),
    15: ("rotation-turn", spec("rotation.state", **CHANGED)),
}

SENT_BEFORE = {
    "alert:37:1:4": "sent",
    f"summary:{ROOM}:2026-01-05": "sent",
    f"summary:{LEFT_ROOM}:2026-01-05": "sent",
    "alert:18:1:3": "sent",
    "alert:25:1:3": "sent",
    f"summary:{ROOM}:2026-01-06": "sent",
    f"summary:{LEFT_ROOM}:2026-01-06": "sent",
    f"summary:{ROOM}:2026-01-08": "sent",
    "alert:23:1:3": "sent",
    f"summary:{ROOM}:2026-01-09": "sent",
}
NEVER_SENT = {
    "alert:35:1:3": "cancelled",
    f"summary:{ROOM}:2026-01-02": "skipped",
    f"summary:{LEFT_ROOM}:2026-01-02": "skipped",
    "notice:refused": "dead",
    f"summary:{ROOM}:2026-01-07": "skipped",
}
BEGUN = "alert:36:1:1"
WAITS_FOR_THE_SERVER = "alert:39:1:2"
FOR_THE_ROOM = ("alert:1:1:1", f"summary:{ROOM}:2026-01-12")
FOR_ANN = ("alert:17:1:3", "alert:20:1:3", "alert:22:1:3", "alert:26:1:3", "alert:29:1:3")
SILVER_ENDED = "ended:12:1"
"""What today's program owes the room, which was subscribed to a topic that has ended."""

ABOUT_ROTATION = {} if "rotation.state" in catalogue.SIGNALS else {"alert:17:1:3": "cancelled"}
"""One of Ann's five is about the topic of the rotation's state; it goes with the topic where that is not computed."""

PROMISES = {
    **SENT_BEFORE,
    **NEVER_SENT,
    BEGUN: "batched",
    **dict.fromkeys((WAITS_FOR_THE_SERVER, *FOR_THE_ROOM, *FOR_ANN), "due"),
    SILVER_ENDED: "due",
}

NONCE = "3b63e579523250ed6633a187"
"""BLAKE2b of `0123456789abcdef:11:1768240800:0`: installation, batch, instant of its making, part."""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    with tarfile.open(FIXTURE) as archive:
        archive.extractall(tmp_path, filter="data")
    return Home(tmp_path / "home")


@pytest.fixture
async def store(home: Home) -> AsyncIterator[Store]:
    async with Store.open(home.bot) as opened:
        yield opened


@pytest.fixture
async def wire(home: Home) -> AsyncIterator[WireDiscord]:
    """The home with a Discord that knows both servers, on the morning after the story."""
    async with wire_discord(home.path) as opened:
        opened.clock.set(NEXT_MORNING)
        world = opened.discord.world
        world.add_channel(ROOM, SERVER)
        world.add_guild(LEFT_SERVER, "Former friends")
        world.add_channel(LEFT_ROOM, LEFT_SERVER)
        world.add_dm(ANN_DM, ANN)
        world.add_dm(BEN_DM, BEN)
        yield opened


async def sides(store: Store, alert: int) -> list[Side]:
    found = await store.read(alerts.triggers_of, alert)
    return [
        (each.direction, each.level, each.rearm, each.state, each.generation, each.streak, each.fired_session)
        for each in found
    ]


async def started(home: Home, wire: WireDiscord, worker: Worker) -> Courier:
    """What a start of the program does before it delivers: the first check. Returns the courier, with the real renderer."""
    location = ArchiveLocation(home.simulated_market, date(2024, 9, 3), date(2027, 6, 30))
    readings = ReadingState()
    computer = ReadingService(
        worker, location, location.calendar, catalogue.SIGNALS, quotes=lambda: None, prices_at=lambda: NEXT_MORNING
    )
    await Pipeline(computer, catalogue.SIGNALS, wire.store, readings, on_checked=lambda: None).check(wire.clock.now())
    await wire.store.run(enqueue_due, location.calendar, now=wire.clock.now())
    core = Core(wire.store, readings, wire.clock, location.calendar, catalogue.SIGNALS, simulated=True)
    notifier = DiscordNotifier(wire.client, answer_seconds=5)
    return Courier(wire.store, notifier, payloads(core), wire.delivery_clock, pacer=Pacer(1e6), chance=lambda: 1.0)


async def restarted(home: Home, wire: WireDiscord, worker: Worker) -> Courier:
    """The same in a process of its own: the database closed and opened again, a new client."""
    await wire.store.close()
    wire.store = Store.open(home.bot)
    await wire.restart()
    return await started(home, wire, worker)


async def deliver(wire: WireDiscord, courier: Courier) -> None:
    """Until nothing is open any more. A courier that repeats itself for ever fails here instead of hanging."""
    async with asyncio.timeout(60):
        await wire.deliver_all(courier)


def posted(wire: WireDiscord, channel: int) -> list[Any]:
    return wire.discord.world.posted(channel)


def titles(message: Any) -> list[str]:
    return [embed["title"] for embed in message["embeds"]]


@pytest.mark.parametrize(
    ("owner", "expected", "server", "ended"),
    [(ANN, ANNS, {31: SERVER}, {21: utc("2026-01-06 21:22")}), (BEN, BENS, {34: LEFT_SERVER}, {})],
    ids=["Ann", "Ben"],
)
async def test_each_alert_is_there_as_it_was_set_and_where_it_stood(
    store: Store,
    owner: int,
    expected: dict[int, tuple[AlertSpec, list[Side]]],
    server: dict[int, int],
    ended: dict[int, datetime],
) -> None:
    found = await store.read(alerts.list_for, owner)
    stood = {each.id: (each.spec, await sides(store, each.id)) for each in found}
    assert stood == expected
    assert {each.id: each.guild_id for each in found if each.guild_id} == server
    assert {each.id: each.ended_at for each in found if each.ended_at} == ended
    assert {each.created_at for each in found} == {SET_UP}


async def test_the_topics_are_there(store: Store) -> None:
    found = await store.read(alerts.topics)
    # The bands are those of the figures of that day.
    assert {each.id: (each.topic, replace(each.spec, band=0.0)) for each in found} == TOPICS
    assert [each.id for each in found if each.part] == []
    # What has moved begins anew.
    assert [side[3] for side in await sides(store, 15)] == [NEW, NEW]
    assert [side[3:] for side in await sides(store, 1)] == [(FIRED, 1, 0, MONDAY)]


@pytest.mark.parametrize(
    ("place", "by", "expected"),
    [
        (IN_ROOM, ANN, {1: (ROLE, None), 31: (None, None)}),
        (IN_LEFT_ROOM, BEN, {2: (LEFT_ROLE, None), 34: (None, None)}),
        (
            TO_ANN,
            ANN,
            {
                3: (None, SNOOZED),
                **dict.fromkeys((14, 15), (None, None)),
                **dict.fromkeys(range(16, 30), (None, None)),
                24: (None, SNOOZED),
            },
        ),
        (TO_BEN, BEN, {32: (None, None), 33: (None, None)}),
    ],
    ids=["room", "left room", "Ann", "Ben"],
)
async def test_each_place_hears_of_what_was_wished_there_with_role_and_snooze(
    store: Store, place: int, by: int, expected: dict[int, tuple[int | None, datetime | None]]
) -> None:
    pairs = await store.read(subscriptions.of_destination, place)
    assert {alert.id: (each.role_id, each.snoozed_until) for alert, each in pairs} == expected
    assert {(each.created_by, each.created_at) for _, each in pairs} == {(by, SET_UP)}


async def test_places_are_as_they_were_and_the_paused_one_is_still_paused(store: Store) -> None:
    channel, dm = DestinationKind.CHANNEL, DestinationKind.DM
    active, paused = DestinationState.ACTIVE, DestinationState.PAUSED
    # It was mentioned in a channel without having asked for that; now its DM is tried again, and it is told.
    refused = await store.read(destinations.get, TO_BEN)
    assert refused is not None
    assert (refused.state, refused.reason, refused.fallback_channel_id) == (
        active,
        "Cannot send messages to this user",
        None,
    )
    assert refused.refused_since is not None
    assert [await store.read(destinations.get, each) for each in range(1, 6)] == [
        Destination(IN_ROOM, channel, None, ROOM, SERVER, active, None, None),
        Destination(IN_LEFT_ROOM, channel, None, LEFT_ROOM, LEFT_SERVER, paused, "The bot left this server.", None),
        Destination(TO_ANN, dm, ANN, ANN_DM, None, active, None, None),
        refused,
        None,
    ]
    assert await store.read(places.untold, BEN) == [TO_BEN]
    left = int(utc("2026-01-08 21:22").timestamp())
    assert await store.read(rows, "SELECT id, name, left_at FROM guild ORDER BY id") == [
        {"id": SERVER, "name": "Market watchers", "left_at": None},
        {"id": LEFT_SERVER, "name": "Former friends", "left_at": left},
    ]


async def test_summaries_are_still_wished_for(store: Store) -> None:
    ours = SummaryChannel(IN_ROOM, ROOM, SERVER, DestinationState.ACTIVE, "America/New_York", time(17, 0), ANN, SET_UP)
    theirs = SummaryChannel(
        IN_LEFT_ROOM, LEFT_ROOM, LEFT_SERVER, DestinationState.PAUSED, "Europe/Berlin", time(22, 30), BEN, SET_UP
    )
    assert [await store.read(summary_channels.get, each) for each in (IN_ROOM, IN_LEFT_ROOM)] == [ours, theirs]
    assert await store.read(summary_channels.active) == [ours]


async def test_promises_and_messages_are_there(store: Store) -> None:
    found = await store.read(rows, "SELECT key, state FROM outbox")
    assert {each["key"]: each["state"] for each in found} == PROMISES
    batches = await store.read(rows, "SELECT state, message_id FROM batch")
    assert Counter(each["state"] for each in batches) == {"sent": 9, "dead": 1, "open": 1}
    assert sorted(each["message_id"] % 100 for each in batches if each["message_id"]) == list(range(1, 10))
    (begun,) = await store.read(
        rows,
        """SELECT outbox.value, batch_id, reading.state, reading.value AS known FROM outbox
        JOIN reading ON reading.id = reading_id WHERE key = :key""",
        {"key": BEGUN},
    )
    # Between 91.799 and 89.659: 3.5 of the session's 6.5 hours were over.
    price = pytest.approx(91.799 - 3.5 / 6.5 * 2.14)
    assert begun == {"value": price, "batch_id": 11, "state": "provisional", "known": price}


async def test_the_newest_session_judged_of_each_signal_is_kept(store: Store) -> None:
    judged = await store.read(readings.evaluated)
    assert len(judged) == 49
    assert judged["havens.silver"] == MONDAY
    kept = await store.read(rows, "SELECT signal, value FROM reading WHERE state = 'final'")
    assert len(kept) == 16
    assert {"signal": "options.vix", "value": 17.87} in kept


async def test_what_the_program_remembered_is_read(home: Home, store: Store) -> None:
    assert await store.run(key_value.installation) == "0123456789abcdef"
    assert await store.read(key_value.get, "discord.commands") == f"900000000000000001:{'0' * 64}"
    plan = timetable(15)
    checkpoints = Checkpoints(store, home.simulated_market)
    fetched = utc("2026-01-12 21:22")
    assert await checkpoints.open(plan) == dict.fromkeys(("universe", "prices", "rates", "volatility"), fetched)
    guidance = next(job for job in plan if job.name == "guidance")
    left = FetchRequest(date(2025, 12, 1), MONDAY, records=("guidance",))
    assert await checkpoints.unfinished(guidance) == Unfinished(utc("2026-01-12 22:00"), (left,))
    assert load(home.config, factory.names()).sources.simulated


async def test_what_waited_is_delivered_once_and_what_had_been_is_not_repeated(
    home: Home, wire: WireDiscord, worker: Worker
) -> None:
    await deliver(wire, await started(home, wire, worker))
    begun, *others = posted(wire, ROOM)
    topic, summary, ended = others
    assert ended["content"].startswith(
        "[simulated] The topic “Silver above 90” has ended. An alert on havens.silver above 90"
    )
    assert begun["content"] == "[simulated] Silver is below 91 USD: 90.65 USD (you asked for less than 91 USD)"
    assert titles(begun) == ["Silver: 90.65 USD"]
    assert (len(titles(topic)), topic["mention_roles"]) == (1, [str(ROLE)])
    assert topic["embeds"][0]["title"].endswith(": +1.02 points")
    assert "Jan 12" in titles(summary)[0]
    (news,) = posted(wire, ANN_DM)
    assert len(news["embeds"]) == 5 - len(ABOUT_ROTATION)
    assert posted(wire, LEFT_ROOM) == posted(wire, BEN_DM) == []
    assert (
        await wire.states()
        == PROMISES | dict.fromkeys((BEGUN, SILVER_ENDED, *FOR_THE_ROOM, *FOR_ANN), "sent") | ABOUT_ROTATION
    )
    bodies = [each.body for each in wire.post_requests()]
    assert len(bodies) == len({body["nonce"] for body in bodies}) == 5
    assert [body["nonce"] for body in bodies if body["content"] == begun["content"]] == [NONCE]

    await deliver(wire, await restarted(home, wire, worker))
    assert len(wire.post_requests()) == 5
    assert [len(posted(wire, each)) for each in (ROOM, ANN_DM, LEFT_ROOM, BEN_DM)] == [4, 1, 0, 0]


async def test_a_message_that_had_arrived_before_the_end_is_not_sent_again(
    home: Home, wire: WireDiscord, worker: Worker
) -> None:
    """0.1.0 did not hear Discord's answer; its message stands in the channel, and Discord has forgotten the nonce by now."""
    (batch,) = await wire.store.read(rows, "SELECT payload FROM batch WHERE id = 11")
    sent = Payload.from_json(batch["payload"])
    bare = [{key: value for key, value in embed.items() if key != "image"} for embed in sent.embeds]
    there = wire.discord.world.post(ROOM, {"content": sent.text, "embeds": bare, "components": list(sent.components)})
    await deliver(wire, await started(home, wire, worker))
    first, *others = posted(wire, ROOM)
    assert (first["id"], len(others)) == (there["id"], 3)
    assert [each["nonce"] for each in posted(wire, ROOM)].count(NONCE) == 0
    settled = await wire.store.read(rows, "SELECT state, message_id FROM batch WHERE id = 11")
    assert settled == [{"state": "sent", "message_id": int(there["id"])}]


async def test_what_waits_for_a_server_is_told_once_when_the_bot_is_back_there(
    home: Home, wire: WireDiscord, worker: Worker
) -> None:
    await deliver(wire, await started(home, wire, worker))
    await wire.store.run(guilds.joined, LEFT_SERVER, "Former friends", now=wire.clock.now())
    await deliver(wire, await restarted(home, wire, worker))
    (message,) = posted(wire, LEFT_ROOM)
    assert len(titles(message)) == 1
    assert "Russell" in message["content"]
    assert (await wire.states())[WAITS_FOR_THE_SERVER] == "sent"
    await deliver(wire, await restarted(home, wire, worker))
    assert len(posted(wire, LEFT_ROOM)) == 1


async def test_alerts_go_on_from_where_they_stood(store: Store) -> None:
    """Two more sessions, with readings of five signals."""
    told: list[str] = []
    days = [
        # The third session above 0.5; silver above 91.3 arms the live alert; a streak of 0 arms the one with a cooldown.
        (date(2026, 1, 13), {"rates.real_10y": 0.62, "havens.silver": 92.0, "index.all_down_streak": 0.0, STREAK: 2.0}),
        # Silver fires for the second time; the streak is within ten days of the last message; `once` was once.
        (date(2026, 1, 14), {"rates.real_10y": 0.7, "havens.silver": 94.0, "index.all_down_streak": 1.0, STREAK: 3.0}),
    ]
    for session, values in days:
        known = {name: Reading(name, session, value, State.FINAL) for name, value in values.items()}
        now = datetime.combine(session, time(21, 22), UTC)
        before = await store.read(outbox.newest)
        await store.run(engine.evaluate, session, known, now=now)
        fresh = await store.read(rows, "SELECT key FROM outbox WHERE id > :before ORDER BY id", {"before": before})
        told += [each["key"] for each in fresh]
    assert told == ["alert:24:1:3", "alert:18:2:3"]
    assert [side[3] for side in await sides(store, 22)] == [FIRED]
    assert [side[3] for side in await sides(store, 21)] == [ENDED]
    assert [side[3] for side in await sides(store, 31)] == [ARMED]


def test_the_archive_is_there_and_can_be_read(home: Home) -> None:
    with Archive.open(home.simulated_market) as archive:
        assert archive.span() == (date(2024, 10, 1), MONDAY)
        members = ["AAPL", "AMZN", "GOOGL", "JPM", "KO", "META", "MSFT", "NVDA", "TSLA", "XOM"]
        assert archive.members() == members
        funds = ["IWM", "RSP", "SI=F", "SPY", "^DJI", "^GSPC", "^IXIC", "^RUT"]
        assert archive.newest() == dict.fromkeys((*members, *funds), MONDAY)
        daily = ("DFII10", "DGS10", "DGS2", "VIX", "VIX3M")
        assert archive.newest_series() == dict.fromkeys(daily, MONDAY) | {"UNRATE": date(2025, 11, 1)}
        market = archive.market(Calendar(date(2024, 9, 3), date(2027, 6, 30)))
        sessions = len(market.days)
        bars = archive.db.execute("SELECT count(*) FROM bar").fetchone()[0]
        known = {name: len(frame) for name, frame in market.records.items()}
    # From 1 October 2024 to 12 January 2026: 64 sessions in 2024, 250 in 2025, 7 in 2026; a bar of each of 18 tickers.
    assert (sessions, bars) == (321, 5778)
    assert market.close.loc["2026-01-08", "SI=F"] == 91.0
    assert market.close.loc["2026-01-12", "SI=F"] == 89.659
    assert known == {"surprises": 58, "meetings": 22, "projections": 16, "releases": 48, "guidance": 30}


def test_readings_are_computed_from_the_archive(home: Home) -> None:
    def ask(*words: str) -> list[Any]:
        done = CliRunner().invoke(main, ["readings", "--home", str(home.path), "--json", *words])
        assert done.exit_code == 0, done.output
        return [json.loads(line) for line in done.stdout.splitlines()]

    found = {each["signal"]: each for each in ask()}
    assert {each["session"] for each in found.values()} == {"2026-01-12"}
    assert found["havens.silver"]["value"] == 89.659
    # Two of ten members.
    assert (found[ABOVE_AVERAGE]["value"], found[ABOVE_AVERAGE]["coverage"]) == (20.0, 1.0)
    assert found[SPREAD]["value"] == pytest.approx(-0.6778 + 1.6989, abs=1e-4)
    # Since 31 December: small caps 210.1736 to 204.8747, S&P 500 749.8279 to 730.2767.
    assert found["size.iwm_spy.ytd_gap"]["value"] == pytest.approx(-2.5212 + 2.6074, abs=1e-4)
    assert found["flows.tech_4w"]["value"] is None
    (before,) = ask("--signal", "havens.silver", "--as-of", "2026-01-08")
    assert (before["value"], before["revised"]) == (91.284, {"value": 91.0, "reason": None})
