"""Whether the market and the factories believe in the spending on chips."""

from __future__ import annotations

from functools import partial

from signals.asof.series import joined, over_months, stale_after
from signals.core.define import by_z, entry, on_itself
from signals.core.model import Cadence, Signal, Unit
from signals.core.panel import Panel
from signals.core.ratio_signals import z_entry
from signals.core.rolling import Floats
from signals.core.series_ops import Line
from signals.families import capex_filings

YEAR = 12
CAPACITY, ORDERS = "CAPUTLG3344S", "A34SNO"


def yearly_growth(panel: Panel, *, series: str) -> Line:
    """100 (I / I of 12 months earlier - 1) of `series` in percent, both as known after each close."""
    return over_months(panel, series, months=YEAR, combine=_growth)


def _growth(now: Floats, before: Floats) -> Floats:
    return (now / before - 1.0) * 100.0


SIGNALS: tuple[Signal, ...] = (
    z_entry(
        "capex.smh_spy",
        "SMH over SPY",
        first="SMH",
        second="SPY",
        meaning="Semiconductors over the S&P 500 against their own year; over 2 has marked heat, under -2 slumps of chips.",
        votes=on_itself(rec=1, rot=-1),
    ),
    *capex_filings.SIGNALS,
    entry(
        "capex.semis_capacity",
        "Chip makers' capacity in use",
        unit=Unit.PERCENT,
        meaning="Share of the capacity of US semiconductor makers that is in use; falls have come with gluts of chips.",
        inputs=(CAPACITY,),
        line=partial(joined, series=CAPACITY),
        votes=by_z(rec=1),
        cadence=Cadence.MONTHLY,
        max_age=stale_after(CAPACITY),
    ),
    entry(
        "capex.computer_orders_yoy",
        "Computer orders, a year",
        unit=Unit.PERCENT,
        meaning="New orders of computers and electronics (without chips) against a year before; under zero in slumps of tech.",
        inputs=(ORDERS,),
        line=partial(yearly_growth, series=ORDERS),
        votes=by_z(rec=1),
        cadence=Cadence.MONTHLY,
        max_age=stale_after(ORDERS),
    ),
)
