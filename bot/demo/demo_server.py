"""The demo's environment: a server with a channel, a person with alerts, and the bot."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory

import discord
import pandas as pd
import simcord

from bot.alerts.rules import default_band, new_triggers
from bot.alerts.topics import TOPICS
from bot.calendar.clock import NEW_YORK
from bot.charts.prices import MarketPrices
from bot.commands import due_messages
from bot.commands.context import Core
from bot.commands.core_assembly import build_core
from bot.courier import Courier
from bot.database import Database
from bot.database.alerts import alerts
from bot.database.connection import Store
from bot.database.places import destinations, guilds, subscriptions, summary_channels
from bot.demo.moments import moments
from bot.demo.replay import Replay, ReplayClock
from bot.demo.replay_study_runner import ReplayStudyRunner
from bot.discord_app.client import RotationBot, build_bot
from bot.discord_app.delivery.courier_assembly import build_courier
from bot.domain.chart_request import ChartKind, ChartRequest
from bot.domain.model import AlertSpec, Condition, NewTrigger
from bot.outbox import Claimed
from bot.outbox.message import Payload
from bot.readings.chart_service import ChartService
from bot.readings.pipeline import Pipeline
from bot.readings.state import ReadingState
from bot.worker.process import Worker
from signals import catalogue
from signals.core.model import Measure

SERVER_NAME = "Market watchers"
SUMMARY_AT = time(17, 0)
EVENING = time(18, 0)
"""When the demo begins, on the day before its first session: that day's summary would have come."""

FOLLOWED = (
    *("russell-streak", "equal-weight-day", "mag7-red-day", "indexes-back-to-back", "breadth-washout", "stress"),
    *("recovery-change", "rotation-turn"),
)
SETTLE_SECONDS = 30.0
"""How long simcord waits for an answer before it shows that there was none; its own 5 seconds are
short for a machine that is busy."""

WARMING = "breadth.sp500.above_50dma"
"""The signal of the picture that only warms up the worker process."""

OnPosted = Callable[[Claimed, Payload, str], None]


@dataclass
class DemoEnvironment:
    """The real bot with everything around it, before its first session."""

    env: simcord.Env
    core: Core
    pipeline: Pipeline
    courier: Courier
    clock: ReplayClock
    replay: Replay
    channel: simcord.ChannelHandle
    viewer: simcord.MemberActor
    user: simcord.UserHandle
    """The same person in direct messages."""

    async def advance_clock(self, moment: datetime) -> None:
        """Advance the simulated Discord's clock, so that messages have the time at which they were due.

        That clock begins in January 2026 and cannot go back: older sessions have that date. Raises
        SetupError while the simulated Discord is busy, TimeoutError when it stays so; a further
        call continues from there.
        """
        ahead = (moment - self.env.now()).total_seconds()
        if ahead > 0:
            await self.env.advance_time(ahead)

    async def run_moment(self, moment: datetime) -> None:
        """What is due at an instant: a check where a session is final by then, reminders, summaries, what waited.

        A further call after a failure repeats nothing.
        """
        self.clock.put(moment)
        final = self.replay.calendar.last_final(moment)
        if self.replay.calendar.final_at(final) == moment:
            await self.pipeline.check(moment)
        await due_messages.enqueue(self.core, now=moment, complete=final)
        await self.courier.flush()

    async def run_session(self, session: date) -> None:
        """Everything that is due until the day of a session is over, without a pause."""
        async for moment in moments(self.core, session):
            await self.run_moment(moment)


@contextlib.asynccontextmanager
async def demo_environment(
    replay: Replay, first: date, *, simulated: bool, every_topic: bool, delivered: OnPosted, illustrated: bool
) -> AsyncIterator[DemoEnvironment]:
    """Set everything up on the evening before the session `first`.

    `illustrated`: messages have pictures. `every_topic`: the channel is subscribed to all topics
    and there are no other alerts, as in replays; else it is subscribed to some, and one person has
    three alerts. `delivered` is called with each posted message and the name of its destination.
    """
    clock = ReplayClock(datetime.combine(replay.calendar.before(first), EVENING, NEW_YORK).astimezone(UTC))
    readings, prices = ReadingState(), MarketPrices(replay.market)
    checks: list[asyncio.Task[None]] = []
    async with contextlib.AsyncExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="rotation-bot-demo-"))
        store = await stack.enter_async_context(Store.open(Path(folder) / "bot.db"))
        charts = await stack.enter_async_context(_chart_service(readings, prices, enabled=illustrated))
        study_runner = ReplayStudyRunner(replay, clock, charts.worker if charts is not None else None)
        core = build_core(
            store,
            readings,
            clock,
            replay.calendar,
            study_runner,
            track_records=study_runner,
            prices=prices,
            claim_judge=study_runner,
            as_of=study_runner,
            charts=charts,
            simulated=simulated,
            own=replay.own,
            tickers=replay,
            own_changed=lambda: checks.append(asyncio.create_task(pipeline.check(clock.now()))),
        )
        bot = build_bot(core, shard_count=1)
        env = await stack.enter_async_context(simcord.run(bot, check_errors=False, settle_timeout=SETTLE_SECONDS))
        server = await _create_server(env, bot)
        courier = bot.courier = build_courier(
            core,
            bot,
            clock,
            charts=charts,
            on_delivered=lambda claimed, payload: delivered(claimed, payload, server.name_of(claimed.channel_id)),
        )
        pipeline = Pipeline(
            replay,
            catalogue.SIGNALS,
            store,
            readings,
            on_checked=courier.wake,
            track_records=study_runner,
            record_judge=study_runner,
        )
        await asyncio.gather(_warm_up(charts, replay, clock), pipeline.check(clock.now()))
        await store.run(_follow, server, every_topic=every_topic, now=clock.now())
        if not every_topic:
            await store.run(_store_alerts, server, _own_alerts(core), now=clock.now())
        yield DemoEnvironment(env, core, pipeline, courier, clock, replay, server.channel, server.viewer, server.user)


@dataclass(frozen=True)
class _SimulatedServer:
    """The server on the simulated Discord, with one channel and one person who manages it."""

    guild: simcord.GuildHandle
    channel: simcord.ChannelHandle
    viewer: simcord.MemberActor
    user: simcord.UserHandle

    def name_of(self, channel_id: int | None) -> str:
        """A destination as the transcript calls it."""
        return f"#{self.channel.name}" if channel_id == self.channel.id else "?"


async def _create_server(env: simcord.Env, bot: RotationBot) -> _SimulatedServer:
    if bot.user is not None:
        await bot.user.edit(username="Rotation bot")
    guild = env.create_guild(name=SERVER_NAME)
    channel = guild.create_text_channel("rotation", topic="Is money rotating out of big tech?")
    user = env.create_user("you", global_name="You")
    manager = guild.create_role("Hosts", permissions=discord.Permissions(manage_guild=True))
    return _SimulatedServer(guild, channel, guild.add_member(user, roles=[manager]), user)


@contextlib.asynccontextmanager
async def _chart_service(
    readings: ReadingState, prices: MarketPrices, *, enabled: bool
) -> AsyncIterator[ChartService | None]:
    """A chart service with a worker process of its own, or none."""
    if not enabled:
        yield None
        return
    worker = Worker()
    charts = ChartService(worker, readings, prices)
    try:
        yield charts
    finally:
        await charts.close()
        await worker.close()


async def _warm_up(charts: ChartService | None, replay: Replay, clock: ReplayClock) -> None:
    """Draw one picture, so that the first command with a picture is as fast as the others."""
    if charts is not None:
        session = replay.calendar.last_final(clock.now())
        values = replay.histories[WARMING].values.loc[: pd.Timestamp(session)]
        await charts.warm_up(ChartRequest(ChartKind.SIGNAL, session, (WARMING,)), values.to_frame(WARMING))


def _follow(db: Database, server: _SimulatedServer, *, every_topic: bool, now: datetime) -> None:
    person = server.viewer.id
    guilds.joined(db, server.guild.id, SERVER_NAME, now=now)
    destination = destinations.channel_destination(db, server.channel.id, server.guild.id, now=now)
    summary_channels.put(db, destination.id, zone=NEW_YORK.key, at=SUMMARY_AT, created_by=person, now=now)
    for topic in TOPICS:
        if every_topic or topic.key in FOLLOWED:
            subscriptions.subscribe(db, topic.key, destination.id, created_by=person, now=now)


def _own_alerts(core: Core) -> list[tuple[AlertSpec, Sequence[NewTrigger]]]:
    """Three alerts as a person would set them that evening: at round levels near the values."""
    conditions = (
        ("breadth.sp500.above_50dma", Measure.VALUE, Condition.CROSSES, 50.0),
        ("size.iwm_spy.ytd_gap", Measure.VALUE, Condition.ABOVE, 0.0),
        ("weighting.rsp_spy.spread_21d", Measure.VALUE, Condition.ABOVE, 1.0),
    )
    own: list[tuple[AlertSpec, Sequence[NewTrigger]]] = []
    for signal, measure, condition, level in conditions:
        values = core.readings.series(signal, measure)
        spec = AlertSpec(signal, measure, condition, level)
        spec = replace(spec, band=default_band(values, core.signals[signal].unit, measure))
        numbers = values.dropna()
        latest = float(numbers.iloc[-1]) if len(numbers) else None
        own.append((spec, new_triggers(spec, latest, values.index[-1].date())))
    return own


def _store_alerts(
    db: Database, server: _SimulatedServer, own: Sequence[tuple[AlertSpec, Sequence[NewTrigger]]], *, now: datetime
) -> None:
    person, guild = server.viewer.id, server.guild.id
    destination = destinations.channel_destination(db, server.channel.id, guild, now=now)
    for spec, triggers in own:
        alerts.add(db, spec, triggers, owner_id=person, guild_id=guild, destination_id=destination.id, now=now)
