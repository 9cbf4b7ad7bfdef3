"""Many people at once: fifty ask for studies while checks run and somebody types `/help`."""

from __future__ import annotations

import asyncio
from statistics import median, quantiles
from time import perf_counter

from benchmarks.commands import real_bot
from benchmarks.row import Row, within
from tests.discord_server import DiscordServer
from tests.discord_server.world import CHANNEL_ID

PEOPLE = 50
CHECKS = 6
HELP_SECONDS = 0.1
SIGNALS = ("breadth.sp500.above_50dma", "weighting.rsp_spy.spread_21d", "havens.silver.level", "rates.real_10y")


def check_during_studies() -> Row:
    """A whole check while fifty people ask for different studies, against itself when idle."""
    idle, busy, helps, answers = asyncio.run(_measured())
    p99 = quantiles(helps, n=100)[98]
    note = (
        f"floor: itself when idle; medians; {answers} answers to people meanwhile; "
        f"/help p99 {p99 * 1e3:.0f} ms (aim <= {HELP_SECONDS * 1e3:.0f})"
    )
    row = within("check while 50 people ask for studies", median(busy), median(idle), times=1.5, unit="s", note=note)
    return Row(row.work, row.figure, row.unit, row.aim, row.met and p99 <= HELP_SECONDS, row.floor, row.note)


async def _measured() -> tuple[list[float], list[float], list[float], int]:
    async with real_bot(studies=True) as (server, check):

        async def seconds() -> float:
            begun = perf_counter()
            await check()
            return perf_counter() - begun

        await seconds()
        idle = [await seconds() for _ in range(CHECKS)]
        answers, first = [0], asyncio.Event()
        people = [asyncio.create_task(_asking(server, number, answers, first)) for number in range(PEOPLE)]
        helps: list[float] = []
        helping = asyncio.create_task(_help(server, helps))
        # The first answers come when the process for people has started.
        await first.wait()
        busy = [await seconds() for _ in range(CHECKS)]
        for task in (*people, helping):
            task.cancel()
        await asyncio.gather(*people, helping, return_exceptions=True)
        return idle, busy, helps, answers[0]


async def _asking(server: DiscordServer, number: int, answers: list[int], first: asyncio.Event) -> None:
    """One person who asks for one study after the other, each at a level of its own."""
    asked = 0
    while True:
        options = {
            "signal": SIGNALS[number % len(SIGNALS)],
            "condition": f"above {number + asked / 1000:.3f}",
        }
        token = await server.command("/study", options, channel_id=CHANNEL_ID, person_id=10_000 + number)
        await server.answered(token, at_least=2, within_seconds=120)
        answers[0] += 1
        first.set()
        asked += 1
        await asyncio.sleep(0.5)


async def _help(server: DiscordServer, helps: list[float]) -> None:
    """The seconds of one `/help` after the other."""
    while True:
        begun = perf_counter()
        token = await server.command("/help", {}, channel_id=CHANNEL_ID)
        await server.answered(token)
        helps.append(perf_counter() - begun)
        await asyncio.sleep(0.02)


ROWS = (check_during_studies,)
