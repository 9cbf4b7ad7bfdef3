"""`rotation-bot demo`: the whole bot without a token and without a network.

What takes long to import is imported once the command has said that it starts.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shlex
import signal
import socket
from collections.abc import Callable, Coroutine
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.progress_lines import Progress

if TYPE_CHECKING:
    from bot.demo.play import Playback

PACK = "market-pack"
"""Folder of the home that holds the market pack for --real."""


def _calendar_day(text: str) -> date:
    from bot.cli.common import calendar_day

    return calendar_day(text)


@click.command("demo", short_help="Show the whole bot in your browser, without a token.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port on 127.0.0.1 for the page. [default: a free one]")
@click.option(
    "--speed", "seconds", type=click.FloatRange(0.1, 3600), default=10.0, show_default=True, help="Seconds a session."
)
@click.option(
    "--real",
    is_flag=True,
    help=f"Play the rotation of autumn 2025 from the market pack in the folder {PACK} of the home.",
)
@click.option(
    "--market",
    "folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Replay this market pack instead of the simulated market; the channel then follows every topic.",
)
@click.option("--from", "first", type=_calendar_day, metavar="YYYY-MM-DD", help="First session to play.")
@click.option(
    "--sessions", "count", type=click.IntRange(1), help="How many sessions. [default: to the end; headless 20]"
)
@click.option("--headless", is_flag=True, help="No page and no waiting: print what is posted, one line per message.")
@click.option("--json", "as_json", is_flag=True, help="With --headless: one JSON object per line.")
@click.option(
    "--home",
    "home_folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="With --real: the home. [default: as for the other commands]",
)
@click.pass_context
def command(context: click.Context, /, **options: Any) -> None:
    """Run the real bot in a simulated Discord, on a simulated market, and look at it in the browser.

    No token, no network. The market's clock runs fast: one session every few seconds, so the first
    alert, a turn of the rotation and summaries are on the page within two minutes. Commands typed
    there answer at once, and the market waits meanwhile.
    """
    # Before anything that takes long: who starts it sees at once that it works.
    progress = Progress(_silent if options["headless"] else _progress)
    progress.say("Rotation bot's demo is starting ...")
    from bot.cli.common import explained

    named = options.pop("home_folder") or context.find_root().params.get("folder")
    try:
        explained(_run)(home_folder=named, progress=progress, **options)
    finally:
        progress.end()


def _run(
    *,
    port: int | None,
    seconds: float,
    real: bool,
    folder: Path | None,
    first: date | None,
    count: int | None,
    headless: bool,
    as_json: bool,
    home_folder: Path | None,
    progress: Progress,
) -> None:
    from bot.errors import UserError
    from bot.ops import log_setup
    from bot.settings.paths import Home

    if as_json and not headless:
        raise click.UsageError("--json goes with --headless")
    if real and folder:
        raise click.UsageError("--real and --market exclude each other")
    if port is not None and not headless:
        _check_port(port)
    log_setup.set_up(level="warning")
    logging.getLogger("discord").setLevel(logging.ERROR)
    # SIGTERM ends it as Ctrl-C does, so that nothing is left behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    progress.say("Loading its libraries ...")
    try:
        from bot.demo import floor, play
    except ModuleNotFoundError as error:
        raise UserError(
            f"The demo needs the extra packages of rotation-bot[demo] ({error.name} is missing)."
        ) from error
    with contextlib.suppress(KeyboardInterrupt):
        limit = count or (20 if headless else None)
        playback = _playback(Home.find(home_folder).path / PACK if real else folder, real, first, limit, progress.say)

        def echo(line: str) -> None:
            progress.end()
            click.echo(line)

        if headless:
            _until_ended(
                play.headless(playback, lambda line: click.echo(line.as_json() if as_json else line.as_text()))
            )
        else:
            _until_ended(
                play.on_a_page(
                    playback, port=port, seconds=seconds, echo=echo, progress=progress.say, floor=floor.Floor()
                )
            )


def _check_port(port: int) -> None:
    """Raise UserError for a port that cannot be had, before the market is made; asyncio binds with the same option."""
    from bot.errors import UserError

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise UserError(
                f"--port {port} cannot be used: {os.strerror(error.errno or 0).lower()}. "
                "Another demo may hold it; end that one, name another port, or leave --port out."
            ) from error


def _playback(
    pack: Path | None, autumn: bool, first: date | None, count: int | None, progress: Callable[[str], None]
) -> Playback:
    from bot.demo import play
    from bot.errors import UserError

    if autumn and pack and not pack.is_dir():
        export = f"rotation-bot market export {shlex.quote(str(pack))}"
        raise UserError(f"There is no market pack in {pack}: `{export}` writes one from your archive.")
    try:
        if pack is None:
            return play.simulated_playback(first, count, progress)
        progress(f"Reading the market pack in {pack} and computing all signals ...")
        return (play.autumn_playback if autumn else play.pack_playback)(pack, first, count)
    except ValueError as error:
        raise UserError(str(error)) from error


def _until_ended(play: Coroutine[Any, Any, None]) -> None:
    """Run it to its end or to the first SIGTERM or Ctrl-C, with everything closed in order."""

    async def run() -> None:
        task = asyncio.ensure_future(play)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(run())


def _progress(sentence: str) -> None:
    """To the error output, so that what is posted or served can be read by a program."""
    click.echo(sentence, err=True)


def _silent(_: str) -> None:
    """A record on a pipe has no progress."""
