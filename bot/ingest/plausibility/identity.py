"""Identity: whether an answer is about the ticker that was asked for. Pure."""

from __future__ import annotations

from bot.domain.fetched import Identity
from signals.core.instruments import Instrument, InstrumentKind

LONGEST = 40


def mistaken(expected: Instrument, given: Identity) -> str | None:
    """Why the answer is not about the ticker, or None. What the source does not say is not held against it."""
    checks = (
        ("symbol", expected.ticker, given.symbol),
        ("currency", expected.currency, given.currency),
        ("time zone", expected.zone, given.zone),
        ("kind of instrument", None if expected.kind is InstrumentKind.OTHER else expected.kind.value, given.kind),
    )
    for what, agreed, got in checks:
        if agreed is not None and got is not None and got != agreed:
            return f"the answer for {expected.ticker} gives the {what} {_shown(got)} instead of {agreed}"
    return None


def _shown(text: str) -> str:
    """What a source says of itself, without anything that a screen or a log could take for markup."""
    return "".join(letter for letter in text if letter.isalnum() or letter in "/.=^-")[:LONGEST] or "nothing readable"
