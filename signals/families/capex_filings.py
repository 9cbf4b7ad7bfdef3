"""Capital expenditure of those who rent out computers, and the stocks of those who make chips.

From companies' own reports (dataset `facts`). Finance leases are not in it: companies report them apart from the cash paid.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from signals.asof.company_quarters import STALE_DAYS, Books, FilerFigures, Reader, Shown, filer_figures, line
from signals.asof.fiscal_quarters import sum_of_year
from signals.core.define import by_z, entry, levels
from signals.core.model import Cadence, Signal, Unit
from signals.core.panel import Panel
from signals.core.series_ops import Line

HYPERSCALERS = ("MSFT", "GOOGL", "AMZN", "META", "ORCL")
SEMIS = ("NVDA", "AMD", "AVGO", "MU", "AMAT", "LRCX", "KLAC", "INTC")

CAPEX = ("PaymentsToAcquirePropertyPlantAndEquipment", "PaymentsToAcquireProductiveAssets")
"""Cash paid, in order of preference; companies use one of the two, so they are never summed."""

COST = ("CostOfRevenue", "CostOfGoodsAndServicesSold")
INVENTORY = "InventoryNet"

DAYS_OF_QUARTER = 91.0
LEAST_MATCHED = 4
"""Of five hyperscalers: a growth rate of fewer is one of another set."""
LEAST_SEMIS = 6
"""Of eight makers of chips and of their machines."""


def _growth(books: Books) -> Shown | None:
    """Newest quarter and the same a year ago."""
    capex = books.flows["capex"]
    newest = max(capex, default=0)
    if newest - 4 not in capex:
        return None
    return Shown(capex[newest].end, (capex[newest].value, capex[newest - 4].value))


def _year(books: Books) -> Shown | None:
    capex = books.flows["capex"]
    newest = max(capex, default=0)
    total = sum_of_year(capex, newest)
    return None if total is None else Shown(capex[newest].end, (total,))


def _stock(books: Books) -> Shown | None:
    """Inventory and cost of the newest quarter that has both."""
    inventory, cost = books.stocks["inventory"], books.flows["cost"]
    newest = max(inventory.keys() & cost.keys(), default=None)
    if newest is None or cost[newest].value <= 0:
        return None
    return Shown(inventory[newest].end, (inventory[newest].value, cost[newest].value))


def capex_growth(panel: Panel) -> Line:
    """100 (sum of each filer's newest quarter / sum of their same quarters a year ago - 1), percent.

    Only filers that have both count (the matched set), at least four of the five.
    """
    found = _capex(panel, _growth, 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = 100.0 * (found.sums[:, 0] / found.sums[:, 1] - 1.0)
    return line(panel, found, values, least=LEAST_MATCHED)


def capex_of_year(panel: Panel) -> Line:
    """Sum of the five filers' four newest quarters, USD; needs all five."""
    found = _capex(panel, _year, 1)
    return line(panel, found, found.sums[:, 0], least=len(HYPERSCALERS))


def _capex(panel: Panel, read: Reader, width: int) -> FilerFigures:
    return filer_figures(panel, HYPERSCALERS, flows={"capex": CAPEX}, stocks={}, read=read, width=width)


def inventory_days(panel: Panel) -> Line:
    """91 x sum of inventories / sum of a quarter's cost of what was sold, days: for how long the stocks of all would last.

    Summed over the filers that have both, at least six of the eight, so that each weighs as much as it sells.
    """
    found = filer_figures(panel, SEMIS, flows={"cost": COST}, stocks={"inventory": INVENTORY}, read=_stock, width=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = DAYS_OF_QUARTER * found.sums[:, 0] / found.sums[:, 1]
    return line(panel, found, values, least=LEAST_SEMIS)


_reported = partial(entry, inputs=("records:facts",), cadence=Cadence.QUARTERLY, max_age=STALE_DAYS)

SIGNALS: tuple[Signal, ...] = (
    _reported(
        "capex.hyperscaler_yoy",
        "Hyperscaler capex, growth",
        unit=Unit.PERCENT,
        meaning="Capex of five cloud companies against a year ago; over 20 % feeds makers of chips, under 0 starves them.",
        line=capex_growth,
        votes=levels(0, 20, rec=1),
    ),
    _reported(
        "capex.hyperscaler_ttm",
        "Hyperscaler capex, 4 quarters",
        unit=Unit.USD,
        meaning="Cash that five cloud companies spent on plant in four quarters; finance leases are not in it.",
        line=capex_of_year,
    ),
    # A z-score over a year looks at how far the days have come since a year ago: the change is what tells, not the days.
    _reported(
        "capex.semis_inventory_days",
        "Chip inventories",
        unit=Unit.DAYS,
        meaning="Days that the stocks of eight chip companies would last; a rise over a year has come before slumps.",
        line=inventory_days,
        votes=by_z(rec=-1),
    ),
)
