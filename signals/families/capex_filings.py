"""Capital expenditure of the hyperscalers, and inventories of the makers of chips.

From companies' own reports (dataset `facts`). Finance leases are not included: companies report them
separately from the cash paid.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from signals.asof.company_quarters import (
    STALE_DAYS,
    CompanyFigures,
    Figures,
    Reader,
    ReportedQuarters,
    company_figures,
    series_result,
)
from signals.asof.fiscal_quarters import sum_of_year
from signals.core.decimals import CENT_PLACES
from signals.core.define import by_z, define, levels
from signals.core.model import Cadence, Signal, VoteMeasure
from signals.core.panel import Panel
from signals.core.series_ops import SeriesResult
from signals.core.units import Unit

HYPERSCALERS = ("MSFT", "GOOGL", "AMZN", "META", "ORCL")
SEMIS = ("NVDA", "AMD", "AVGO", "MU", "AMAT", "LRCX", "KLAC", "INTC")

CAPEX = ("PaymentsToAcquirePropertyPlantAndEquipment", "PaymentsToAcquireProductiveAssets")
"""Cash paid, in order of preference; companies use one of the two, so they are never summed."""

COST = ("CostOfRevenue", "CostOfGoodsAndServicesSold")
INVENTORY = "InventoryNet"

DAYS_OF_QUARTER = 91.0
LEAST_MATCHED = 4
"""Of five hyperscalers: the growth rate of fewer does not represent the group."""
LEAST_SEMIS = 6
"""Of eight makers of chips and of their machines."""


def _growth(quarters: ReportedQuarters) -> Figures | None:
    """Newest quarter and the same quarter a year ago."""
    capex = quarters.flows["capex"]
    newest = max(capex, default=0)
    if newest - 4 not in capex:
        return None
    return Figures(capex[newest].end, (capex[newest].value, capex[newest - 4].value))


def _year(quarters: ReportedQuarters) -> Figures | None:
    capex = quarters.flows["capex"]
    newest = max(capex, default=0)
    total = sum_of_year(capex, newest)
    return None if total is None else Figures(capex[newest].end, (total,))


def _stock(quarters: ReportedQuarters) -> Figures | None:
    """Inventory and cost of the newest quarter that has both."""
    inventory, cost = quarters.stocks["inventory"], quarters.flows["cost"]
    newest = max(inventory.keys() & cost.keys(), default=None)
    if newest is None or cost[newest].value <= 0:
        return None
    return Figures(inventory[newest].end, (inventory[newest].value, cost[newest].value))


def capex_growth(panel: Panel) -> SeriesResult:
    """100 (sum of each filer's newest quarter / sum of their same quarters a year ago - 1), percent.

    Only filers that have both count (the matched set), at least four of the five.
    """
    figures = _capex(panel, _growth, 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = 100.0 * (figures.sums[:, 0] / figures.sums[:, 1] - 1.0)
    return series_result(panel, figures, values, least=LEAST_MATCHED)


def capex_of_year(panel: Panel) -> SeriesResult:
    """Sum of the five filers' four newest quarters, USD; needs all five."""
    figures = _capex(panel, _year, 1)
    return series_result(panel, figures, figures.sums[:, 0], least=len(HYPERSCALERS))


def _capex(panel: Panel, read: Reader, width: int) -> CompanyFigures:
    return company_figures(panel, HYPERSCALERS, flows={"capex": CAPEX}, stocks={}, read=read, width=width)


def inventory_days(panel: Panel) -> SeriesResult:
    """91 x sum of inventories / sum of a quarter's cost of what was sold, days: for how long the
    stocks of all would last.

    Summed over the filers that have both, at least six of the eight, so that each weighs as much as
    it sells.
    """
    figures = company_figures(panel, SEMIS, flows={"cost": COST}, stocks={"inventory": INVENTORY}, read=_stock, width=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = DAYS_OF_QUARTER * figures.sums[:, 0] / figures.sums[:, 1]
    return series_result(panel, figures, values, least=LEAST_SEMIS)


_reported = partial(define, inputs=("records:facts",), cadence=Cadence.QUARTERLY, max_age=STALE_DAYS)

SIGNALS: tuple[Signal, ...] = (
    _reported(
        "capex.hyperscaler_yoy",
        "Cloud capex, year over year",
        unit=Unit.PERCENT,
        meaning="Capex of five cloud companies against a year ago; over 20% feeds makers of chips, under 0 starves them.",
        formula=capex_growth,
        votes=levels(0, 20, rec=1),
    ),
    _reported(
        "capex.hyperscaler_ttm",
        "Cloud capex, 4 quarters",
        unit=Unit.USD,
        places=CENT_PLACES,
        meaning="Cash that five cloud companies spent on plant in four quarters; finance leases are not in it.",
        formula=capex_of_year,
    ),
    # The change of the days over a year is informative, the number of days is not.
    _reported(
        "capex.semis_inventory_days",
        "Chip inventories, days",
        unit=Unit.DAYS,
        meaning="Days of sales in the inventories of eight chip companies, at cost; a rise over a year has come before slumps.",
        formula=inventory_days,
        votes=by_z(rec=-1, measure=VoteMeasure.CHANGE_252D),
    ),
)
