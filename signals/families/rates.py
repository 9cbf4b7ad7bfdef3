"""Yields, the Fed's target and the expected path of its rate, each joined as known after the close.

A reading is withheld when the newest observation behind it is older than 5 sessions.
"""

from __future__ import annotations

from functools import partial

from signals.asof.series import STALE_SESSIONS, joined
from signals.core.define import by_z, define, levels
from signals.core.model import Measure, Signal, Vote
from signals.core.panel import Panel
from signals.core.series_ops import SeriesResult, difference
from signals.core.units import Unit
from signals.derivatives.fed_funds import CONTRACTS, RATE, priced_cuts, projection_change, projection_gap


def level(panel: Panel, *, series: str) -> SeriesResult:
    """The newest observation of `series` that counts by each session, in its own unit."""
    return joined(panel, series)


def curve(panel: Panel, *, long: str, short: str) -> SeriesResult:
    """Yield `long` less yield `short` in percentage points, each leg joined by itself."""
    return difference(joined(panel, long), joined(panel, short))


def _rate(name: str, label: str, series: str, meaning: str, votes: tuple[Vote, ...] = ()) -> Signal:
    return define(
        f"rates.{name}",
        label,
        unit=Unit.PERCENT,
        decimals=2,
        meaning=meaning,
        inputs=(series,),
        formula=partial(level, series=series),
        votes=votes,
        max_age=STALE_SESSIONS,
    )


SIGNALS: tuple[Signal, ...] = (
    _rate(
        *("real_10y", "10-year real yield", "DFII10"),
        "Yield of 10-year inflation-protected Treasuries; breakouts upward have weighed on long-duration growth shares.",
        by_z(rec=-1, measure=Measure.CHANGE_21D),
    ),
    _rate(
        *("nominal_10y", "10-year yield", "DGS10"),
        "Yield of 10-year Treasuries; fast rises have marked trouble for richly valued shares.",
    ),
    _rate(
        *("nominal_2y", "2-year yield", "DGS2"),
        "Yield of 2-year Treasuries; falls ahead of the Fed have marked turns of its policy.",
    ),
    _rate(
        *("breakeven_10y", "10-year breakeven inflation", "T10YIE"),
        "Inflation that 10-year Treasuries price in; under 1.5% has gone with slumps, over 2.5% with inflation scares.",
    ),
    _rate(
        *("fed_upper", "Fed target, upper bound", "DFEDTARU"),
        "Upper bound of the Fed's target range; first cuts after a plateau have marked turns of the cycle.",
    ),
    _rate(
        *("fed_lower", "Fed target, lower bound", "DFEDTARL"),
        "Lower bound of the Fed's target range; first cuts after a plateau have marked turns of the cycle.",
    ),
    define(
        "rates.curve_10y2y",
        "Yield curve, 2s10s",
        unit=Unit.POINTS_PERCENT,
        meaning="10-year less 2-year yield; below zero has come before recessions, fast steepening with turns to value.",
        inputs=("DGS10", "DGS2"),
        formula=partial(curve, long="DGS10", short="DGS2"),
        votes=by_z(rot=1, measure=Measure.CHANGE_21D),
        max_age=STALE_SESSIONS,
    ),
    define(
        "rates.priced_cuts",
        "Fed cuts priced in by December",
        unit=Unit.STEPS,
        meaning="Quarter-point cuts priced in by December (below zero: hikes); more have helped tech and small companies.",
        inputs=(RATE, CONTRACTS, "records:meetings"),
        formula=priced_cuts,
        votes=levels(0.5, 1.5, rec=1, rot=1),
        max_age=STALE_SESSIONS,
    ),
    define(
        "rates.sep_gap",
        "Fed dots vs. futures",
        unit=Unit.POINTS_PERCENT,
        meaning="The Fed's median for the year's end less what futures imply; above zero the market expects less than the dots.",
        inputs=(RATE, CONTRACTS, "records:meetings", "records:projections"),
        formula=projection_gap,
        max_age=STALE_SESSIONS,
    ),
    define(
        "rates.sep_change",
        "Fed dots, change",
        unit=Unit.POINTS_PERCENT,
        meaning="The Fed's newest median for the year's end less the one before; above zero participants project a higher rate.",
        inputs=(RATE, "records:meetings", "records:projections"),
        formula=projection_change,
        max_age=STALE_SESSIONS,
    ),
)
