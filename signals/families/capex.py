"""Capital spending on chips: semiconductors against the market, capacity in use, orders, companies' reports."""

from __future__ import annotations

from functools import partial

from signals.asof.series import STALE_DAYS, joined
from signals.core.define import by_z, define, on_itself
from signals.core.model import Cadence, Signal
from signals.core.ratio_signals import define_pair_z
from signals.core.units import Unit
from signals.families import capex_filings
from signals.families.macro import yearly_growth

CAPACITY, ORDERS = "CAPUTLG3344S", "A34SNO"


SIGNALS: tuple[Signal, ...] = (
    define_pair_z(
        "capex.smh_spy",
        "Semiconductors/S&P 500",
        first="SMH",
        second="SPY",
        meaning="Semiconductors over the S&P 500 against their own year; over 2 has marked heat, under -2 slumps of chips.",
        votes=on_itself(rec=1),
    ),
    *capex_filings.SIGNALS,
    define(
        "capex.semis_capacity",
        "Chip capacity utilization",
        unit=Unit.PERCENT,
        meaning="Share of the capacity of US semiconductor makers that is in use; falls have come with gluts of chips.",
        inputs=(CAPACITY,),
        formula=partial(joined, series=CAPACITY),
        votes=by_z(rec=1),
        cadence=Cadence.MONTHLY,
        max_age=STALE_DAYS,
    ),
    define(
        "capex.computer_orders_yoy",
        "Computer orders, year over year",
        unit=Unit.PERCENT,
        meaning="New orders of computers and electronics (without chips) against a year before; under zero in slumps of tech.",
        inputs=(ORDERS,),
        formula=partial(yearly_growth, series=ORDERS),
        votes=by_z(rec=1),
        cadence=Cadence.MONTHLY,
        max_age=STALE_DAYS,
    ),
)
