"""Two ways to watch the demo: a page in the browser, or the transcript on the terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import discord
import pandas as pd
from simcord import SetupError

from bot.calendar.clock import Calendar
from bot.demo.browser_page import DemoPage
from bot.demo.demo_server import DemoEnvironment, OnPosted, demo_environment
from bot.demo.floor import Floor
from bot.demo.moments import moments
from bot.demo.replay import Replay
from bot.demo.transcript import TranscriptLine, lines
from bot.demo.welcome import COMMANDS, welcome
from bot.market_pack import pack_market, read_pack
from bot.outbox import Claimed
from bot.outbox.message import Payload
from bot.sources.simulated import DEMO_START, simulate
from signals import catalogue

HISTORY = timedelta(days=365 * 9)
AHEAD = timedelta(days=365 * 3)
BUSY_SECONDS = 0.2
DAY = timedelta(days=1)
CALENDAR_START, CALENDAR_END = date(1990, 1, 2), date(2035, 12, 31)
BEFORE_A_TURN = 2
"""How many sessions are played before the rotation turns."""

AUTUMN, WINTER = date(2025, 9, 1), date(2025, 12, 31)
"""Within these days began the rotation that `--real` plays."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Playback:
    """What is played: a replay, its sessions, and whether every message is marked as simulated.

    `every_topic`: the channel follows all topics and the person has no alerts, as in records.
    """

    replay: Replay
    sessions: list[date]
    simulated: bool
    every_topic: bool


def _silent(_: str) -> None:
    """Progress that nobody watches."""


def simulated_playback(first: date | None, count: int | None, progress: Say = _silent) -> Playback:
    """The simulated market from its demo start, or from `first`; `progress` gets what is being done.

    Raises ValueError when there is nothing to play.
    """
    progress("Making a market of twelve years ...")
    start = first or DEMO_START + timedelta(days=1)
    calendar = Calendar(CALENDAR_START, CALENDAR_END)
    market = simulate(calendar, start - HISTORY, start + AHEAD)
    progress(f"Computing {len(catalogue.SIGNALS)} signals for each of its days; about ten seconds ...")
    replay = Replay.of(market)
    return Playback(replay, replay.sessions(start, count), simulated=True, every_topic=False)


def pack_playback(folder: Path, first: date | None, count: int | None) -> Playback:
    """A market pack from `first`, or its last 60 sessions.

    Raises PackError, and ValueError when there is nothing to play.
    """
    replay = _pack_replay(folder)
    if first is None:
        first = replay.sessions(None, None)[-60:][0]
    return Playback(replay, replay.sessions(first, count), simulated=False, every_topic=True)


def autumn_playback(folder: Path, first: date | None, count: int | None) -> Playback:
    """The rotation of autumn 2025 in a market pack: from two sessions before its turn, or from `first`.

    Raises PackError, and ValueError when there is nothing to play.
    """
    replay = _pack_replay(folder)
    if first is None:
        turn = turn_between(replay, AUTUMN, WINTER)
        if turn is None:
            raise ValueError(
                f"the pack in {folder} shows no rotation out of big tech that began from {AUTUMN} to {WINTER}: "
                "it needs the closes of all its yardsticks since 2024"
            )
        days = replay.sessions(None, None)
        first = days[max(0, days.index(turn) - BEFORE_A_TURN)]
    return Playback(replay, replay.sessions(first, count), simulated=False, every_topic=False)


def turn_between(replay: Replay, first: date, last: date) -> date | None:
    """The first session from `first` to `last` on which the rotation clock turns out of big tech."""
    state = replay.histories["rotation.state"].values
    turned = state.index[(state == 1) & (state.shift(1) == -1)]
    within = turned[(turned >= pd.Timestamp(first)) & (turned <= pd.Timestamp(last))]
    return within[0].date() if len(within) else None


def _pack_replay(folder: Path) -> Replay:
    return Replay.of(pack_market(read_pack(folder), Calendar(CALENDAR_START, CALENDAR_END)))


async def headless(playback: Playback, print_line: Callable[[TranscriptLine], None]) -> None:
    """Play every session without waiting and print each posted message.

    What `print_line` raises ends it.
    """
    posted: list[TranscriptLine] = []

    def delivered(claimed: Claimed, payload: Payload, destination: str) -> None:
        posted.extend(lines(claimed, payload, destination))

    async with _environment(playback, delivered, illustrated=False) as demo:
        for session in playback.sessions:
            await demo.run_session(session)
            for line in posted:
                print_line(line)
            posted.clear()


async def on_a_page(
    playback: Playback, *, port: int | None, seconds: float, echo: Say, progress: Say, floor: Floor
) -> None:
    """Serve channel and direct messages on 127.0.0.1 and play a session every `seconds`.

    Ends with the channel's page or with the program. `echo` gets the addresses, `progress` what is
    being prepared.
    """
    progress("Starting the bot ...")
    async with _environment(playback, lambda *_: None, illustrated=True) as demo:
        progress("Drawing a first picture ...")
        await demo.advance_clock(demo.clock.now())
        await _greet(demo, welcome(simulated=playback.simulated, seconds=seconds))
        direct = DemoPage(demo.env, demo.user.dm_channel, demo.user, floor, None)
        async with direct, DemoPage(demo.env, demo.channel, demo.viewer, floor, port) as page:
            await page.refresh()
            await direct.refresh()
            echo(_addresses(page.url, direct.url))
            refresh = partial(_refresh, page, direct)
            playing = asyncio.create_task(play_sessions(demo, playback.sessions, seconds, refresh, floor))
            closed = asyncio.create_task(page.wait_closed())
            try:
                await asyncio.wait({playing, closed}, return_when=asyncio.FIRST_COMPLETED)
                if playing.done():
                    playing.result()
                    echo("The market of the demo ends here; commands still answer.")
                    await closed
            finally:
                # Before the environment ends: sessions that are still played would use a closed
                # database.
                playing.cancel()
                closed.cancel()
                await asyncio.gather(playing, closed, return_exceptions=True)


async def play_sessions(
    demo: DemoEnvironment,
    sessions: Iterable[date],
    seconds: float,
    refresh: Callable[[], Awaitable[None]],
    floor: Floor,
) -> None:
    """Play one session after the other and show what is due at each moment of it by `refresh`.

    A day takes `seconds`: the clock stops where something is due, and waits for each moment its share of a day, but
    not longer than a day, so that weekends pass. While a person is being answered, and a while after it, it stands still.
    """
    for session in sessions:
        async for moment in moments(demo.core, session):
            elapsed = moment - demo.clock.now()
            await asyncio.sleep(seconds * min(elapsed / DAY, 1.0))
            await floor.quiet()
            for action in (partial(demo.advance_clock, moment), partial(demo.run_moment, moment), refresh):
                await _when_free(action, floor)


async def _refresh(*pages: DemoPage) -> None:
    for page in pages:
        await page.refresh()


async def _greet(demo: DemoEnvironment, embed: discord.Embed) -> None:
    channel = demo.env.bot.get_channel(demo.channel.id)
    if isinstance(channel, discord.TextChannel):
        await channel.send(embed=embed)


def _addresses(channel: str, direct: str) -> str:
    commands = "\n".join(f"  {command}" for command, _ in COMMANDS)
    return (
        f"The demo runs at {channel}\n"
        f"Your direct messages: {direct}\n\n"
        f"Three things to try while the sessions go by:\n{commands}\n"
        "Press the buttons under a message, too. Ctrl-C ends the demo."
    )


async def _when_free(action: Callable[[], Awaitable[None]], floor: Floor) -> None:
    """Run an action on the simulated Discord once no command is being answered.

    A person's request comes before the next try.

    It raises SetupError at once, or TimeoutError when a command that it waits for takes more than
    some seconds. Actions can be repeated: what they had done by then is not done twice.
    """
    while True:
        try:
            async with floor.step():
                await action()
        except (SetupError, TimeoutError):
            await asyncio.sleep(BUSY_SECONDS)
        else:
            return


def _environment(
    playback: Playback, delivered: OnPosted, *, illustrated: bool
) -> AbstractAsyncContextManager[DemoEnvironment]:
    return demo_environment(
        playback.replay,
        playback.sessions[0],
        simulated=playback.simulated,
        every_topic=playback.every_topic,
        delivered=delivered,
        illustrated=illustrated,
    )
