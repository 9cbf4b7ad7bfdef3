"""Gold, silver and oil: continuous front-month futures as they are quoted, and GLD for returns."""

from __future__ import annotations

from functools import partial

from signals.core.define import by_z, define, on_itself
from signals.core.model import Signal
from signals.core.panel import Panel
from signals.core.ratio_signals import define_pair_z, define_spread
from signals.core.series_ops import SeriesResult, price, quotient
from signals.core.units import Unit


def gold_over_silver(panel: Panel) -> SeriesResult:
    """C of GC=F over C of SI=F of the same session."""
    return quotient(price(panel, "GC=F"), price(panel, "SI=F"))


def _future(name: str, label: str, ticker: str, meaning: str) -> Signal:
    return define(
        f"havens.{name}",
        label,
        unit=Unit.USD,
        meaning=meaning,
        inputs=(ticker,),
        formula=partial(price, ticker=ticker),
    )


SIGNALS: tuple[Signal, ...] = (
    _future(
        *("gold", "Gold", "GC=F"),
        "Front-month gold, USD an ounce; new highs have gone with flight from risk and from the dollar.",
    ),
    _future(
        *("silver", "Silver", "SI=F"),
        "Front-month silver, USD an ounce; steep rises have marked late stages of metal rallies.",
    ),
    _future(
        *("oil", "Oil, WTI", "CL=F"),
        "Front-month crude oil, USD a barrel; spikes have come before slowdowns, collapses with them.",
    ),
    define(
        "havens.gold_silver",
        "Gold/silver ratio",
        unit=Unit.RATIO,
        decimals=1,
        meaning="Ounces of silver that one of gold buys; over 90 has marked fear, under 50 heat in metals.",
        inputs=("GC=F", "SI=F"),
        formula=gold_over_silver,
    ),
    define_pair_z(
        "havens.gld_spy",
        "Gold/S&P 500",
        first="GLD",
        second="SPY",
        meaning="Gold over the S&P 500 against its own year; over 2 has marked flight to safety.",
        votes=on_itself(rec=-1, rot=1),
    ),
    define_spread(
        "havens.gld_spy",
        "Gold vs. S&P 500",
        first="GLD",
        second="SPY",
        sessions=21,
        meaning="One-month return of gold less that of the S&P 500; over 10 points has marked flight to safety.",
        votes=by_z(rec=-1, rot=1),
    ),
)
