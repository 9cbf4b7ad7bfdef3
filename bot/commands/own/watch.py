"""`/watch`: own signals of a person or of a server, made of expressions of tickers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.commands.context import Caller, Core
from bot.commands.market.comparables import NAMES
from bot.commands.reply import MOST_CHOICES, Button, Choice, Reply, Tone
from bot.commands.signal_search import closest
from bot.database import Database, own_signals
from bot.domain.foreign_text import ForeignText
from bot.domain.own_signal import NAME, NAME_FORM, Listing, OwnSignal
from bot.errors import SourceError, UserError
from bot.formatting import formats
from bot.formatting.quoting import quoted
from bot.formatting.signal_values import with_days
from signals import expressions
from signals.core.model import Measure
from signals.expressions import tree

PER_PERSON, PER_SERVER = 20, 100
MOST_EXPRESSIONS, MOST_TICKERS = 500, 300
"""Of everybody together."""


async def add(core: Core, caller: Caller, typed: str, name: str, *, server: bool = False) -> Reply:
    """Make an expression a signal of the caller, or (managers) of the server.

    Its tickers are looked up first. Raises UserError for what is no expression, with the column; for
    a ticker that does not exist, with the nearest; for a name that is taken; above the quotas; and
    while the source of prices does not answer.
    """
    guild_id = caller.need_manager() if server else None
    expression = _parsed(typed)
    own = OwnSignal(
        expression=tree.text(expression),
        name=_checked_name(name),
        user_id=None if server else caller.user_id,
        guild_id=guild_id,
        created_by=caller.user_id,
    )
    await core.store.read(_check, own)
    listings = await _look_up(core, tree.symbols(expression))
    _check_currencies(tree.sums(expression), {listing.symbol: listing for listing in listings})

    now = core.now()

    def store(db: Database) -> None:
        _check(db, own)
        own_signals.add(db, own, listings, now=now)

    await core.store.run(store)
    await refresh(core)
    core.own_changed()
    lines = [_listing_line(listing) for listing in listings]
    lines.append(_value_line(core, own) or "Its history is being fetched; the first value comes within minutes.")
    lines.append(f"Type {own.title} wherever a signal is asked for: /signal, /chart, /compare, /study, /alert add.")
    return Reply(
        title=f"{own.title} added: {own.expression}",
        lines=tuple(lines),
        buttons=(Button("set", "Set an alert", (own.signal,)),),
        footer=core.footer("/watch list shows all of yours"),
        tone=Tone.BROADENING,
        private=True,
    )


def _parsed(typed: str) -> tree.Expression:
    try:
        return expressions.parse(typed)
    except expressions.ExpressionError as error:
        raise UserError(f"Column {error.column}: {error.sentence}") from error


async def refresh(core: Core) -> None:
    """Take over what is stored."""
    core.own.current = await core.store.read(own_signals.load)


async def report_gone(core: Core, gone: frozenset[str]) -> None:
    """Tell the owners of own signals of tickers that their source has no more, once each."""
    own = core.own.current
    if not (gone & frozenset(own.symbols)) - own.reported_gone:
        return
    await core.store.run(own_signals.report_gone, gone, now=core.now(), newest=_newest(core))
    await refresh(core)


def _newest(core: Core) -> date:
    return core.readings.snapshot.session if core.readings.snapshot is not None else core.today()


def listing(core: Core, caller: Caller) -> Reply:
    """The caller's own signals and the server's, with their newest values."""
    own = core.own.current.of(caller.user_id, caller.guild_id)
    if not own:
        return Reply(
            title="You have no signals of your own yet",
            lines=("Make one with /watch add: an expression such as SMH/IGV, and a name such as semis.",),
            private=True,
            footer=core.footer(),
        )
    return Reply(
        title=f"Your signals: {len(own)}",
        lines=tuple(f"**{row.title}** {row.expression}: {_value_line(core, row) or 'no value yet'}" for row in own),
        private=True,
        footer=core.footer("/signals mine shows changes and percentiles"),
    )


async def remove(core: Core, caller: Caller, typed: str) -> Reply:
    """Remove an own signal by its name; alerts that stand on no other name end with a notice.

    Raises UserError for an unknown name, and without the permission for one of the server.
    """
    own = _named(core, caller, typed)
    if own.guild_id is not None:
        caller.need_manager()
    ended = await core.store.run(own_signals.remove, own, now=core.now(), newest=_newest(core))
    await refresh(core)
    core.own_changed()
    alerts = f"{formats.counted(ended, 'alert')} on it ended." if ended else "No alert was set on it."
    return Reply(title=f"Removed: {own.title} ({own.expression})", lines=(alerts,), private=True, footer=core.footer())


def complete(core: Core, caller: Caller, typed: str) -> list[Choice]:
    """The caller's own signals to choose from while typing."""
    text = typed.strip().casefold()
    own = core.own.current.of(caller.user_id, caller.guild_id)
    labels = [(f"{row.title} · {row.expression}", row.title) for row in own]
    return [Choice(label, title) for label, title in labels if text in label.casefold()][:MOST_CHOICES]


def _checked_name(typed: str) -> str:
    name = typed.strip().casefold().removeprefix("mine.").removeprefix("server.")
    if not NAME.fullmatch(name):
        raise UserError(f"{quoted(typed)} is not a name. Type {NAME_FORM}.")
    return name


def _check(db: Database, own: OwnSignal) -> None:
    """Raise UserError for a name that is taken, an expression that its owner has, and above the quotas."""
    held = own_signals.load(db)
    same = [row for row in held.rows if (row.user_id, row.guild_id) == (own.user_id, own.guild_id)]
    for row in same:
        if row.name == own.name:
            raise UserError(f"{row.title} is {row.expression} already. Choose another name, or remove that one first.")
        if row.expression == own.expression:
            raise UserError(f"{own.expression} is already saved as {row.title}.")
    most, who = (PER_PERSON, "one person") if own.user_id is not None else (PER_SERVER, "one server")
    if len(same) >= most:
        raise UserError(
            f"{who.capitalize()} may have {most} signals of their own. Remove one with /watch remove first."
        )
    if own.signal not in held.signals and len(held.signals) >= MOST_EXPRESSIONS:
        raise UserError(f"This bot already computes {MOST_EXPRESSIONS} of people's own signals, the most it allows.")
    if len({*held.symbols, *own.symbols}) > max(MOST_TICKERS, len(held.symbols)):
        raise UserError(
            f"This bot already fetches {MOST_TICKERS} tickers for people's own signals, the most it allows. "
            "Use tickers that it already has."
        )


async def _look_up(core: Core, symbols: Sequence[str]) -> list[Listing]:
    if core.tickers is None:
        raise UserError("No source of prices is set up here, so no ticker can be looked up.")
    listings = []
    for symbol in symbols:
        try:
            listing = await core.tickers.look_up(symbol)
        except SourceError as error:
            raise UserError(
                "The source of prices does not answer, so the tickers cannot be looked up. Try again in a few minutes."
            ) from error
        if listing is None:
            raise UserError(_unknown(core, symbol))
        listings.append(listing)
    return listings


def _unknown(core: Core, symbol: str) -> str:
    snapshot = core.readings.snapshot
    names = {**NAMES, **(snapshot.tickers if snapshot is not None else {})}
    near = closest(symbol.casefold(), names)
    hint = f" Did you mean {ForeignText(_titled(near, names[near]))}?" if near else ""
    minus = " A minus sign needs a space on each side." if "-" in symbol else ""
    return f"No ticker {symbol} with prices in the last ten days.{hint}{minus}"


def _titled(symbol: str, name: str) -> str:
    return f"{symbol} ({name})" if name else symbol


def _check_currencies(sums: Sequence[Sequence[str]], listings: dict[str, Listing]) -> None:
    for symbols in sums:
        by_currency = {listings[symbol].currency: symbol for symbol in symbols if listings[symbol].currency}
        if len(by_currency) > 1:
            priced = [f"{symbol} in {currency}" for currency, symbol in by_currency.items()]
            raise UserError(f"A sum takes prices in one currency; here are {formats.listed(priced)}.")


def _listing_line(listing: Listing) -> str:
    """`**SMH**: VanEck Semiconductor ETF, USD, since May 5, 2000`."""
    since = f"since {formats.short_day(listing.first_day, year=True)}" if listing.first_day is not None else ""
    details = [f"{ForeignText(part)}" for part in (listing.name, listing.currency) if part]
    return f"**{listing.symbol}**: {', '.join([*details, *([since] if since else [])]) or 'no description'}"


def _value_line(core: Core, own: OwnSignal) -> str:
    """`3.2134 (Fri, Jan 9)`, or empty before the first value."""
    reading = core.readings.reading(own.signal)
    if reading is None:
        return ""
    if reading.value is None:
        return f"withheld: {with_days(reading.reason or 'no reason is known')}"
    value = formats.measured(reading.value, core.signals[own.signal], Measure.VALUE)
    return f"{value} ({formats.day(reading.session, today=core.today())})"


def _named(core: Core, caller: Caller, typed: str) -> OwnSignal:
    text = typed.strip().casefold()
    own = core.own.current.of(caller.user_id, caller.guild_id)
    for row in own:
        if text in (row.title, row.name, row.expression.casefold()):
            return row
    near = closest(text, [row.title for row in own])
    hint = f"Did you mean {near}?" if near else "/watch list shows yours."
    raise UserError(f"No signal of yours is called {quoted(typed)}. {hint}")
