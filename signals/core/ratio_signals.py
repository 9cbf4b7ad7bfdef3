"""Entries for one fund held against another: spreads and one-year z of their ratio, both on A."""

from __future__ import annotations

from functools import partial

from signals.core.define import entry
from signals.core.model import Signal, Unit, Vote
from signals.core.series_ops import spread, z_of_pair


def spread_entry(
    pair: str, label: str, *, first: str, second: str, sessions: int, meaning: str, votes: tuple[Vote, ...] = ()
) -> Signal:
    """`<pair>.spread_<n>d`: return of the first less that of the second over n sessions."""
    return entry(
        f"{pair}.spread_{sessions}d",
        f"{label}, {sessions} {'day' if sessions == 1 else 'days'}",
        unit=Unit.POINTS_PERCENT,
        meaning=meaning,
        inputs=(first, second),
        line=partial(spread, first=first, second=second, sessions=sessions),
        lookback=sessions + 1,
        votes=votes,
    )


def z_entry(pair: str, label: str, *, first: str, second: str, meaning: str, votes: tuple[Vote, ...] = ()) -> Signal:
    """`<pair>.z_252d`: how far the ratio stands from its mean of one year."""
    return entry(
        f"{pair}.z_252d",
        f"{label}, one-year z",
        unit=Unit.Z,
        meaning=meaning,
        inputs=(first, second),
        line=partial(z_of_pair, first=first, second=second),
        lookback=252,
        votes=votes,
    )
