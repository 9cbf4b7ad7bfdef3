"""Definitions of signals that compare two funds: spreads and one-year z of their ratio, both on A."""

from __future__ import annotations

from functools import partial

from signals.core.define import define
from signals.core.model import Signal, Vote
from signals.core.series_ops import spread, z_of_pair
from signals.core.units import Unit


def define_spread(
    pair: str, label: str, *, first: str, second: str, sessions: int, meaning: str, votes: tuple[Vote, ...] = ()
) -> Signal:
    """`<pair>.spread_<n>d`: return of the first less that of the second over n sessions."""
    return define(
        f"{pair}.spread_{sessions}d",
        f"{label}, {sessions} {'day' if sessions == 1 else 'days'}",
        unit=Unit.POINTS_PERCENT,
        meaning=meaning,
        inputs=(first, second),
        formula=partial(spread, first=first, second=second, sessions=sessions),
        lookback=sessions + 1,
        votes=votes,
    )


def define_pair_z(
    pair: str, label: str, *, first: str, second: str, meaning: str, votes: tuple[Vote, ...] = ()
) -> Signal:
    """`<pair>.z_252d`: how far the ratio is from its mean of one year, in standard deviations."""
    return define(
        f"{pair}.z_252d",
        f"{label}, 1-year z-score",
        unit=Unit.Z,
        meaning=meaning,
        inputs=(first, second),
        formula=partial(z_of_pair, first=first, second=second),
        lookback=252,
        votes=votes,
    )
