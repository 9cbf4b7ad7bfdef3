"""`rotation-bot calendar`: what is coming up."""

from __future__ import annotations

from datetime import timedelta

import click

from bot.calendar.clock import Calendar
from bot.cli.common import archive_to_read, explained, home_option, span_of
from bot.commands.summary.upcoming import due_lines
from bot.formatting import formats
from bot.settings.paths import Home
from signals.calendar_events import AHEAD, upcoming_events
from signals.core.panel import Panel

TAIL = 30
"""Sessions that the events need: estimates older than 30 days are not used."""


@click.command("calendar", short_help="Print what is coming up.")
@home_option
@explained
def command(home: Home) -> None:
    """Print what is due in the two weeks after the newest session of the archive: the Fed's next decision, consumer
    prices, payrolls, reports of the Magnificent Seven, holidays and short days. New York time.

    "Expected" marks days that nobody has announced yet.
    """
    with archive_to_read(home) as archive:
        first, last = span_of(archive)
        calendar = Calendar(first - timedelta(days=10), last + AHEAD + timedelta(days=400), archive.closures())
        market = archive.market(calendar, as_of=last, tail=TAIL)
    panel = Panel(market)
    session = panel.days[-1].date()
    click.echo(f"After {formats.day(session, today=session)}, {session.year}:")
    for line in due_lines(upcoming_events(panel, panel.count - 1), calendar, session):
        click.echo(f"  {line}")
