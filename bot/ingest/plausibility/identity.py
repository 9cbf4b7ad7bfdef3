"""Identity: whether an answer is about the ticker that was asked for. Pure."""

from __future__ import annotations

from bot.domain.fetched import Identity
from signals.core.instruments import Instrument


def mistaken(expected: Instrument, given: Identity) -> str | None:
    """Why the answer is not about the ticker, or None. What the source does not say is not held against it."""
    checks = (
        ("symbol", expected.ticker, given.symbol),
        ("currency", expected.currency, given.currency),
        ("time zone", expected.zone, given.zone),
        ("kind of instrument", expected.kind.value, given.kind),
    )
    for what, wanted, got in checks:
        if wanted is not None and got is not None and got != wanted:
            return f"the answer for {expected.ticker} gives the {what} {got} instead of {wanted}"
    return None
