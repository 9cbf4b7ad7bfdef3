"""Staleness: closes of the session before, given again as those of a later one. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bot.archive.ordinary_moves import WINDOW
from signals.core.instruments import Instrument, InstrumentKind

SAME = 1e-6
"""Relative difference up to which two closes are the same: sources send 32-bit floats."""
CENT = 0.005

MOST_UNCHANGED = 0.2
FEWEST_UNCHANGED = 6
"""A few unchanged tickers of a small answer are chance."""


def is_unchanged(before: float, close: float) -> bool:
    """Whether a close repeats the one before."""
    return abs(close - before) <= SAME * abs(before)


def is_unchanged_to_the_cent(before: float, close: float) -> bool:
    """Whether both closes are the same amount of dollars and cents."""
    return abs(close - before) < CENT


def is_no_answer(unchanged: Mapping[str, bool], repeated: Collection[str]) -> bool:
    """Whether so many tickers of an answer repeat their close that it is that of the session before.

    Args:
        unchanged: Ticker -> whether it repeats its close; futures left out, which settle unchanged.
        repeated: Tickers that are doubted for this already: a smaller answer may ask for these alone.
    """
    same = [ticker for ticker, repeats in unchanged.items() if repeats]
    many = len(same) >= FEWEST_UNCHANGED or any(ticker in repeated for ticker in same)
    return many and len(same) > MOST_UNCHANGED * len(unchanged)


def moves_every_session(own: Instrument, sessions: int) -> bool:
    """Whether a ticker is liquid and has twins or members that tell whether it stood still.

    A fund is not in its first year: XLRE went without a trade on days on which its members moved by
    2 %. `sessions`: how many of its history are known, up to a year.
    """
    return own.liquid and own.kind in (InstrumentKind.ETF, InstrumentKind.INDEX) and sessions >= WINDOW
