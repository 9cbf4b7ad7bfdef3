"""`rotation-bot backup`: a checked copy of what people set up."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from bot.cli.common import explained, home_option
from bot.database.recovery import copies
from bot.settings.paths import Home


@click.command("backup", short_help="Copy bot.db to a file, checked.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@home_option
@explained
def command(file: Path, home: Home) -> None:
    """Copy bot.db, which holds what people set up and what is owed to them, to FILE.

    The copy is made while the bot runs or rests, is checked (integrity and foreign keys) before it
    takes the place of an older FILE, and can be read by you alone. A running bot makes one a day in
    backups/ of its home by itself.

    An older copy with more than twice the alerts or subscriptions is not replaced.
    """
    held = copies.export(home.bot, file)
    restore = f"rotation-bot{home.option} restore {shlex.quote(str(file))}"
    click.echo(f"{file}: {held}, checked. `{restore}` goes back to it.")
