"""`rotation-bot summary`: the daily summary on the terminal."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import click

from bot.alerts.topics import TOPICS
from bot.archive import Archive
from bot.cli.edge import DAY, explained, home_option
from bot.clock import Calendar, SystemClock
from bot.commands import formats
from bot.commands.core import ADVICE
from bot.commands.digest import Digest, crossing_words, digest, digest_table
from bot.commands.scenario_words import standing_words
from bot.commands.stories import topic_name
from bot.computing import SHOWN_SESSIONS, compute
from bot.errors import UserError
from bot.home import Home
from signals import catalogue


@click.command("summary", short_help="Print the daily summary of a session.")
@click.option(
    "--as-of",
    "day",
    type=DAY,
    metavar="YYYY-MM-DD",
    help="The session to sum up, as known 20 minutes after its close. [default: the newest session in the archive]",
)
@home_option
@explained
def command(day: datetime | None, home: Home) -> None:
    """Print the daily summary of a session: a headline, what moved most for its own habits, and which levels were crossed."""
    found = _digest(home, day.date() if day else None)
    click.echo(f"Market summary, {formats.day(found.session)}\n\n{found.headline or 'Nothing moved much.'}\n")
    for each in found.standings:
        click.echo(standing_words(each).replace("**", ""))
    if found.standings:
        click.echo()
    if found.movers:
        click.echo(f"Moved most for what is usual for them\n{digest_table(found.movers)}\n")
    for crossing in found.crossings:
        click.echo(f"{topic_name(crossing.topic)}: {crossing_words(crossing)}")
    if not found.crossings:
        click.echo("No level of the house was crossed.")
    click.echo(f"\nAs of the close of {formats.day(found.session)}, {found.known} of {found.listed} signals. {ADVICE}.")


def _digest(home: Home, day: date | None) -> Digest:
    if not home.market.exists():
        raise UserError(
            f"There are no market data in {home.path} yet: `rotation-bot market import DIR` brings some in."
        )
    with Archive.open(home.market, read_only=True) as archive:
        span = archive.span()
        newest = max(archive.newest(catalogue.tickers()).values(), default=None)
        if span is None or newest is None:
            raise UserError("The archive holds no prices yet: `rotation-bot market import DIR` brings some in.")
        described = min(day or newest, newest)
        if described < span[0]:
            raise UserError(f"{described} is before the first session of the archive, {span[0]}.")
        calendar = Calendar(span[0], span[1] + timedelta(days=10))
        market = archive.market(calendar, as_of=described, tail=SHOWN_SESSIONS + catalogue.TAIL)
    histories = catalogue.compute(market)
    computed = compute(market, histories, since=dict.fromkeys(histories, market.last.date()), now=SystemClock().now())
    topics = {topic.key: topic.specs for topic in TOPICS}
    return digest(catalogue.SIGNALS, computed.snapshot.history, market.last.date(), topics=topics)
