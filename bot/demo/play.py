"""Two ways to watch the demo: a page in the browser, or the transcript on the terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from simcord import SetupError

from bot.calendar.clock import Calendar
from bot.demo.environment import DemoEnvironment, OnPosted, demo_environment
from bot.demo.replay import Replay
from bot.demo.transcript import TranscriptLine, lines
from bot.market_pack import pack_market, read_pack
from bot.outbox import Claimed
from bot.outbox.message import Payload
from bot.sources.simulated import DEMO_START, simulate

HISTORY = timedelta(days=365 * 9)
AHEAD = timedelta(days=365 * 3)
BUSY_SECONDS = 0.2
CALENDAR_START, CALENDAR_END = date(1990, 1, 2), date(2035, 12, 31)

TRY = """Three things to try while the sessions go by:
  /signals                             every signal on one screen
  /alert add                           set a level of your own; with channel: rotation it is posted on this page
  /signal breadth.sp500.above_50dma    one signal, its history and its meaning
Press the buttons under an alert, too. Ctrl-C ends the demo."""


@dataclass(frozen=True, slots=True)
class Playback:
    """What is played: a replay, its sessions, and whether every message is marked as simulated."""

    replay: Replay
    sessions: list[date]
    simulated: bool


def simulated_playback(first: date | None, count: int | None) -> Playback:
    """The simulated market from its demo start, or from `first`.

    Raises ValueError when there is nothing to play.
    """
    start = first or DEMO_START + timedelta(days=1)
    calendar = Calendar(CALENDAR_START, CALENDAR_END)
    market = simulate(calendar, start - HISTORY, start + AHEAD)
    replay = Replay.of(market)
    return Playback(replay, replay.sessions(start, count), simulated=True)


def pack_playback(folder: Path, first: date | None, count: int | None) -> Playback:
    """A market pack from `first`, or its last 60 sessions.

    Raises PackError, and ValueError when there is nothing to play.
    """
    pack = read_pack(folder)
    replay = Replay.of(pack_market(pack, Calendar(CALENDAR_START, CALENDAR_END)))
    if first is None:
        first = replay.sessions(None, None)[-60:][0]
    return Playback(replay, replay.sessions(first, count), simulated=False)


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


async def on_a_page(playback: Playback, *, port: int | None, seconds: float, echo: Callable[[str], None]) -> None:
    """Serve the page on 127.0.0.1 and play a session every `seconds` until page or program end."""
    async with _environment(playback, lambda *_: None, illustrated=True) as demo:
        preview = demo.env.preview(demo.channel, viewers=[demo.viewer], layout="channel", port=port)
        async with preview:
            echo(f"The demo runs at {preview.url}\n\n{TRY}")
            playing = asyncio.create_task(play_sessions(demo, playback.sessions, seconds, preview.refresh))
            closed = asyncio.create_task(preview.wait_closed())
            try:
                await asyncio.wait({playing, closed}, return_when=asyncio.FIRST_COMPLETED)
                if playing.done():
                    playing.result()
                    echo("The simulated market ends here; commands still answer.")
                    await closed
            finally:
                # Before the environment ends: sessions that are still played would use a closed
                # database.
                playing.cancel()
                closed.cancel()
                await asyncio.gather(playing, closed, return_exceptions=True)


async def play_sessions(
    demo: DemoEnvironment, sessions: Iterable[date], seconds: float, refresh: Callable[[], Awaitable[None]]
) -> None:
    """Play one session after the other, `seconds` apart, and show each by `refresh`.

    Waits while a command is being answered, however long that takes.
    """
    for session in sessions:
        await asyncio.sleep(seconds)
        for action in (partial(demo.advance_clock, session), partial(demo.run_session, session), refresh):
            await _when_free(action)


async def _when_free(action: Callable[[], Awaitable[None]]) -> None:
    """Run an action on the simulated Discord once no command is being answered.

    It raises SetupError at once, or TimeoutError when a command that it waits for takes more than
    some seconds. Actions can be repeated: what they had done by then is not done twice.
    """
    while True:
        try:
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
        every_topic=not playback.simulated,
        delivered=delivered,
        illustrated=illustrated,
    )
