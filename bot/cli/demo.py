"""`rotation-bot demo`: the whole bot without a token and without a network."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import date
from pathlib import Path

import click

from bot.cli.common import calendar_day, explained
from bot.errors import UserError
from bot.ops import log_setup


@click.command("demo", short_help="Show the whole bot in your browser, without a token.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port on 127.0.0.1 for the page. [default: a free one]")
@click.option(
    "--speed", "seconds", type=click.FloatRange(0.1, 3600), default=5.0, show_default=True, help="Seconds a session."
)
@click.option(
    "--market",
    "folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Replay this market pack instead of the simulated market; the channel then follows every topic.",
)
@click.option("--from", "first", type=calendar_day, metavar="YYYY-MM-DD", help="First session to play.")
@click.option(
    "--sessions", "count", type=click.IntRange(1), help="How many sessions. [default: to the end; headless 20]"
)
@click.option("--headless", is_flag=True, help="No page and no waiting: print what is posted, one line per message.")
@click.option("--json", "as_json", is_flag=True, help="With --headless: one JSON object per line.")
@explained
def command(
    port: int | None,
    seconds: float,
    folder: Path | None,
    first: date | None,
    count: int | None,
    headless: bool,
    as_json: bool,
) -> None:
    """Run the real bot in a simulated Discord, on a simulated market, and look at it in the browser.

    No token, no network. The market's clock runs fast: one session every few seconds, so the first
    summary and the first alerts are on the page within a minute. Commands typed there answer at
    once.
    """
    if as_json and not headless:
        raise click.UsageError("--json goes with --headless")
    log_setup.set_up(level="warning")
    logging.getLogger("discord").setLevel(logging.ERROR)
    try:
        from bot.demo import play
    except ModuleNotFoundError as error:
        raise UserError(
            f"The demo needs the extra packages of rotation-bot[demo] ({error.name} is missing)."
        ) from error
    limit = count or (20 if headless else None)
    try:
        playback = play.pack_playback(folder, first, limit) if folder else play.simulated_playback(first, limit)
    except ValueError as error:
        raise UserError(str(error)) from error
    if headless:
        asyncio.run(play.headless(playback, lambda line: click.echo(line.as_json() if as_json else line.as_text())))
        return
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(play.on_a_page(playback, port=port, seconds=seconds, echo=click.echo))
