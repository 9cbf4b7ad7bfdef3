"""`rotation-bot alerts`: people's alerts out of a home and into another."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from bot.alerts import portable
from bot.calendar.clock import SystemClock, new_york_date
from bot.cli import alert_file
from bot.cli.alert_file import AlertFile
from bot.cli.common import explained, home_option
from bot.database import Database
from bot.database.connection import connect, read_only, transaction
from bot.errors import ProblemsError, UserError
from bot.formatting import formats
from bot.settings import process_lock
from bot.settings.paths import Home
from bot.settings.text_files import read_text, write_private

MOST_BYTES = 256 << 20
"""Of a file to import: some 500,000 alerts."""


@click.group("alerts", short_help="People's alerts as JSON: export, import.")
def command() -> None:
    """People's own alerts as a JSON file, to move them to another installation or to look at them.

    Topics and summaries are not in it; `backup` and `restore` move everything.
    """


@command.command("export", short_help="Write all alerts into a file.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@home_option
@explained
def export(file: Path, home: Home) -> None:
    """Write every alert of a person that can still fire into FILE, which you alone can read: combinations, notes and
    the own signals that alerts stand on included. `-` prints it.

    Works beside a running bot.
    """
    if not home.bot.exists():
        raise UserError(f"There is no bot.db in {home.path}: `rotation-bot run` makes one.")
    with read_only(home.bot) as db:
        content = alert_file.export(db)
    if str(file) == "-":
        click.echo(alert_file.text(content), nl=False)
        return
    write_private(file, alert_file.text(content))
    click.echo(f"{file}: {formats.counted(len(content['alerts']), 'alert')}.")


@command.command("import", short_help="Set the alerts of a file.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@home_option
@explained
def import_(file: Path, home: Home) -> None:
    """Set the alerts of FILE, except those that are there already. Every row is checked first: where one is wrong,
    each problem is named with its row, and nothing is imported.

    An imported alert fires at its first crossing after the import. Not while `run` uses the same home.
    """
    try:
        imported = alert_file.read(read_text(file, most_bytes=MOST_BYTES))
    except UnicodeDecodeError as error:
        raise UserError(f"{file} is not text.") from error
    except ProblemsError as error:
        raise UserError("\n".join([*map(str, error.problems), "Nothing was imported."])) from error
    home.ensure()
    with process_lock.held(home.bot):
        db = connect(home.bot)
        try:
            with transaction(db):
                count, total = set_alerts(db, imported, SystemClock().now())
        finally:
            db.close()
    there = total - count
    click.echo(f"{formats.counted(count, 'alert')} imported" + (f", {there:,} already there." if there else "."))


def set_alerts(db: Database, imported: AlertFile, now: datetime) -> tuple[int, int]:
    """Set the alerts of a file; returns how many were not there yet, and how many there are."""
    for own in imported.own_signals:
        alert_file.put_own(db, own, now=now)
    called: dict[str, dict[str, int]] = {}
    count = 0
    rows: tuple[portable.Row, ...] = (*imported.alerts, *imported.combinations)
    for row in rows:
        numbers = called.setdefault(row.owner, {})
        alert_id, is_new = portable.put(db, row, numbers, session=new_york_date(now), now=now)
        count += is_new
        if row.number is not None:
            numbers[str(row.number)] = alert_id
    return count, len(rows)
