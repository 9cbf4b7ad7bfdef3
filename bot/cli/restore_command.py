"""`rotation-bot restore`: back to a copy of what people set up."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from bot.calendar.clock import Calendar, SystemClock
from bot.cli.common import explained, home_option
from bot.database.recovery.quiet_sessions import QuietSessions
from bot.database.recovery.restore import restore
from bot.formatting import formats
from bot.settings.paths import Home


@click.command("restore", short_help="Go back to a copy of bot.db.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@home_option
@explained
def command(file: Path, home: Home) -> None:
    """Put the copy in FILE in the place of bot.db. Stop the bot first.

    FILE is checked before anything is changed, and stays. The old bot.db with its journal is moved
    to replaced/ in the home. What was owed when the copy was made, and what happened up to now, is
    not posted, because the lost database may have posted it. Everything about people who had it
    deleted after the copy was made is deleted again.
    """
    now = SystemClock().now()
    calendar = Calendar(now.date() - timedelta(days=30), now.date() + timedelta(days=10))
    final = calendar.last_final(now)
    quiet = QuietSessions(final=final, live=calendar.running(now) or final)
    restored = restore(file, home.ensure().bot, quiet=quiet, now=now)
    click.echo(f"{home.bot} is back as in {file}: {restored.contents}.")
    if restored.aside is not None:
        click.echo(f"The old files are in {restored.aside}; delete them when nothing is missing.")
    if restored.cancelled:
        verb = "was" if restored.cancelled == 1 else "were"
        click.echo(f"{formats.counted(restored.cancelled, 'message')} that {verb} owed then will not be posted.")
    click.echo(
        f"Crossings up to the close of {formats.day(final, today=now.date())} only set the state of alerts; "
        "later ones are posted."
    )
    if restored.deleted:
        people = "1 person was" if restored.deleted == 1 else f"{restored.deleted:,} people were"
        click.echo(f"Everything about {people} deleted again: they had asked for it after the copy was made.")
