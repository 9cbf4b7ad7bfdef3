"""Slash commands: from the interaction that Discord sends to the answer that it receives, over the real wire of discord.py.

The stand-in runs in the same event loop as the bot, so figure and floor carry the same share of its
work.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

import discord
from discord import app_commands
from discord.http import Route

from benchmarks.figures import calendar, market_of
from benchmarks.market import fetched
from benchmarks.row import Row, within
from bot.archive import Archive
from bot.archive.location import ArchiveLocation
from bot.calendar.clock import SystemClock
from bot.charts.prices import ArchivePrices
from bot.commands.context import Core
from bot.database.connection import Store
from bot.discord_app.client import build_bot
from bot.event_study.service import StudyService
from bot.ops.garbage import freeze_objects
from bot.readings import compute, worker_tasks
from bot.readings.chart_service import ChartService
from bot.readings.compute import Computed
from bot.readings.for_people import PeopleServices
from bot.readings.pipeline import Pipeline
from bot.readings.state import ReadingState
from bot.worker.process import Worker
from signals import catalogue
from tests.discord_server import TOKEN, DiscordServer
from tests.discord_server.world import CHANNEL_ID

ASKED = {"id": "breadth.sp500.above_50dma"}
TIMES = 400
ROUNDS = 4
SETTLED = 0.003
CHECKS = 5
NOW = datetime(2026, 1, 2, 14, 0, tzinfo=UTC)


def slash_answer() -> Row:
    """`/signal` answered from memory, against an empty command of a minimal bot."""
    floor: list[float] = []
    figure: list[float] = []
    # In turns, so that a machine that slows down does so for both.
    for _ in range(ROUNDS):
        floor += asyncio.run(_empty_answers())
        figure += asyncio.run(_idle_answers())
    work, note = "cached slash answer", "floor: an empty command in discord.py; medians"
    return within(work, median(figure) * 1e3, median(floor) * 1e3, times=1.5, note=note)


def slash_answer_during_checks() -> Row:
    """The same while one whole check after the other runs: worker, store and readings."""
    idle, busy, stall, checks = asyncio.run(_busy_answers())
    note = f"floor: itself when idle; p99s; {checks} checks, longest stall of the event loop {stall * 1e3:.0f} ms (aim <= 100)"
    row = within("slash answer during checks, p99", _p99(busy) * 1e3, _p99(idle) * 1e3, times=2, note=note)
    return Row(row.work, row.figure, row.unit, row.aim, row.met and stall <= 0.1, row.floor, row.note)


def _p99(times: list[float]) -> float:
    return quantiles(times, n=100)[98]


@asynccontextmanager
async def _online(bot: discord.Client) -> AsyncIterator[DiscordServer]:
    """The bot READY on a stand-in without limits of its own."""
    base = Route.BASE
    async with DiscordServer() as server:
        server.world.add_guild()
        server.world.add_channel(CHANNEL_ID)
        Route.BASE = server.api_base
        await bot.login(TOKEN)
        # Without a shard count of its own discord.py asks the stand-in for the gateway.
        task = asyncio.create_task(bot.connect())
        try:
            async with asyncio.timeout(15):
                await bot.wait_until_ready()
            yield server
        finally:
            await bot.close()
            with suppress(asyncio.CancelledError):
                await task
            Route.BASE = base


async def _answers(server: DiscordServer, line: str, options: dict[str, str], times: int = TIMES) -> list[float]:
    """Seconds of each of so many commands, one after the other; the first 50 do not count."""
    taken = []
    for _ in range(times + 50):
        begun = perf_counter()
        token = await server.command(line, options, channel_id=CHANNEL_ID)
        await server.answered(token)
        taken.append(perf_counter() - begun)
        # What the stand-in keeps for testers would be looked through by the bot's garbage
        # collector.
        server.world.answers.clear()
        server.requests.clear()
        for session in server.gateway.sessions.values():
            session.events.clear()
        # What the bot does once it has answered must not fall into the next one, which nobody sends within the same millisecond.
        await asyncio.sleep(SETTLED)
    return taken[50:]


async def _empty_answers() -> list[float]:
    class Bare(discord.AutoShardedClient):
        async def setup_hook(self) -> None:
            await tree.sync()

    bot = Bare(intents=discord.Intents(guilds=True))
    tree = app_commands.CommandTree(bot)

    @tree.command(name="signal")
    async def empty(interaction: discord.Interaction[Bare], id: str) -> None:
        """Nothing."""
        await interaction.response.send_message("ok", ephemeral=True)

    async with _online(bot) as server:
        return await _answers(server, "/signal", ASKED)


async def _idle_answers() -> list[float]:
    async with real_bot() as (server, _):
        return await _answers(server, "/signal", ASKED)


async def _busy_answers() -> tuple[list[float], list[float], float, int]:
    async with real_bot() as (server, check):
        idle = await _answers(server, "/signal", ASKED)
        checks = 0

        async def checking() -> None:
            nonlocal checks
            while True:
                await check()
                checks += 1

        late: list[float] = []
        await check()
        others = [asyncio.create_task(checking()), asyncio.create_task(_watch(late))]
        busy: list[float] = []
        while checks < CHECKS:
            busy += await _answers(server, "/signal", ASKED)
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        return idle, busy, max(late), checks


async def _watch(late: list[float]) -> None:
    """How much later than requested the event loop wakes this task."""
    while True:
        begun = perf_counter()
        await asyncio.sleep(0.002)
        late.append(perf_counter() - begun - 0.002)


class _Archived:
    """Computes from the archive in the worker process, the last session again and again."""

    def __init__(self, worker: Worker, location: ArchiveLocation) -> None:
        self._worker, self._location = worker, location

    async def compute(self, since: Mapping[str, date] | None, now: datetime) -> Computed | None:
        """The readings that the pipeline needs."""
        last = calendar().last_final(NOW)
        return await self._worker.run(
            worker_tasks.compute_archive, self._location, as_of=last, since=since, quotes=None, now=now
        )


@asynccontextmanager
async def real_bot(*, studies: bool = False) -> AsyncIterator[tuple[DiscordServer, Callable[[], Awaitable[None]]]]:
    """The real bot with readings, and a function that runs one whole check; with `studies` it counts them."""
    market = market_of(2500)
    with tempfile.TemporaryDirectory() as folder:
        location = ArchiveLocation(
            Path(folder) / "market.db", calendar().sessions[0].date(), calendar().sessions[-1].date()
        )
        with Archive.open(location.path) as archive:
            archive.store(fetched(market), calendar(), live=False)
        async with Store.open(Path(folder) / "bot.db") as store:
            readings = ReadingState()
            core = Core(store, readings, SystemClock(), calendar(), catalogue.SIGNALS, simulated=True)
            readings.put(compute.compute(market, catalogue.compute(market), since=None, now=NOW).snapshot)
            worker = Worker()
            people = PeopleServices.build(
                None,
                location,
                calendar(),
                SystemClock(),
                charts=ChartService(worker, readings, ArchivePrices(worker, location, calendar())),
            )
            if studies:
                core = replace(core, studies=StudyService(people.studies, lambda: readings.known))
            pipeline = Pipeline(
                _Archived(worker, location), catalogue.SIGNALS, store, readings, on_checked=lambda: None
            )
            freeze_objects()
            try:
                async with _online(build_bot(core)) as server:
                    yield server, lambda: pipeline.check(NOW)
            finally:
                await people.close()
                await worker.close()


ROWS = (slash_answer, slash_answer_during_checks)
