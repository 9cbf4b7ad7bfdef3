"""`rotation-bot outbox`: dead letters, and the places that refuse."""

from __future__ import annotations

from collections.abc import Callable, Collection

import click

from bot import outbox
from bot.cli.common import explained, home_option
from bot.database import Database
from bot.database.connection import connect, read_only, transaction
from bot.database.places import places
from bot.errors import UserError
from bot.formatting import formats
from bot.settings import process_lock
from bot.settings.paths import Home

LETTER = "{id:>7} {kind:<8} {session:<12} {refused_at:<31} {place:<27} {error}"
HEADING = LETTER.format(id="id", kind="kind", session="session", refused_at="refused", place="place", error="reason")


@click.group("outbox", short_help="Messages that Discord refused: list, retry, discard.")
def command() -> None:
    """Messages that Discord or the renderer refused, kept for 90 days, and places that take none for now."""


@command.command("list", short_help="Show dead letters and places that refuse.")
@home_option
@explained
def list_(home: Home) -> None:
    """Show every dead letter with its reason, and every place that refuses messages with its next try.

    Works beside a running bot.
    """
    _need_database(home)
    with read_only(home.bot) as db:
        letters, refusing = outbox.dead_letters(db), places.refusing(db)
    click.echo(f"{formats.counted(len(letters), 'dead letter')}.")
    if letters:
        click.echo(HEADING)
    for letter in letters:
        click.echo(
            LETTER.format(
                id=letter.id,
                kind=letter.kind,
                session=formats.short_day(letter.session, year=True),
                refused_at=formats.instant(letter.refused_at),
                place=letter.place,
                error=letter.error,
            )
        )
    for name, place in refusing:
        following = f"next try {formats.instant(place.next_try)}" if place.next_try is not None else "not tried again"
        click.echo(f"{name} takes no messages: {place.reason or 'the bot is back in the server'}; {following}.")


@command.command("retry", short_help="Send dead letters anew.")
@click.argument("ids", type=int, nargs=-1)
@click.option("--all", "every", is_flag=True, help="All of them.")
@home_option
@explained
def retry(ids: tuple[int, ...], every: bool, home: Home) -> None:
    """Let the dead letters IDS be rendered and sent anew by the next `run`.

    Not while `run` uses the same home: stop it first.
    """
    count = _changed(home, ids, every, outbox.retry)
    click.echo(f"{formats.counted(count, 'message')} will be sent when the bot runs.")


@command.command("discard", short_help="Give dead letters up for good.")
@click.argument("ids", type=int, nargs=-1)
@click.option("--all", "every", is_flag=True, help="All of them.")
@home_option
@explained
def discard(ids: tuple[int, ...], every: bool, home: Home) -> None:
    """Give the dead letters IDS up for good.

    Not while `run` uses the same home: stop it first.
    """
    count = _changed(home, ids, every, outbox.discard)
    click.echo(f"{formats.counted(count, 'message')} discarded.")


def _changed(home: Home, ids: Collection[int], every: bool, change: Callable[[Database, Collection[int]], int]) -> int:
    if bool(ids) == every:
        raise UserError("Name the ids of dead letters (`rotation-bot outbox list` shows them), or give --all.")
    _need_database(home)
    with process_lock.held(home.bot):
        db = connect(home.bot)
        try:
            with transaction(db):
                dead = {letter.id for letter in outbox.dead_letters(db)}
                if unknown := sorted(set(ids) - dead):
                    numbers = formats.listed([str(number) for number in unknown], "or")
                    raise UserError(f"No dead letter has the id {numbers}; `rotation-bot outbox list` shows all.")
                return change(db, dead if every else set(ids))
        finally:
            db.close()


def _need_database(home: Home) -> None:
    if not home.bot.exists():
        raise UserError(f"There is no bot.db in {home.path}: `rotation-bot run` makes one.")
