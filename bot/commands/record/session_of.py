"""From a typed date to the session at or before it."""

from __future__ import annotations

from datetime import date

from bot.commands.context import Core, no_data
from bot.commands.day_text import parse_day
from bot.errors import UserError
from bot.formatting import formats
from bot.formatting.quoting import quoted

EXAMPLE = "2025-12-31, Dec 31, Friday or 2w"


def newest_final(core: Core) -> date:
    """The newest session with final values. Raises UserError before the first check."""
    snapshot = core.readings.snapshot
    session = None if snapshot is None else snapshot.newest_final
    if session is None:
        raise no_data(core)
    return session


def session_of(core: Core, typed: str | None) -> date:
    """The session at or before a typed date, or the newest one where none was typed.

    Raises UserError before the first check, for what is no date, and for days that nothing is known of.
    """
    newest = newest_final(core)
    if typed is None or not typed.strip():
        return newest
    day = parse_day(typed, core.today(), ahead=False)
    if day is None:
        raise UserError(f"{quoted(typed)} is not a date. Type one such as {EXAMPLE}.")
    if day > core.today():
        raise UserError(f"{formats.short_day(day, year=True)} is in the future. The latest close is {_named(newest)}.")
    first = core.calendar.sessions[0].date()
    if day < first:
        raise UserError(f"There is no data before {formats.short_day(first, year=True)}. Type a later date.")
    return min(core.calendar.at_or_before(day), newest)


def _named(session: date) -> str:
    return formats.short_day(session, year=True)
