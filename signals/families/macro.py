"""Inflation and jobs as they were known after each close: monthly figures count from their release, not from their month."""

from __future__ import annotations

from functools import partial

from signals.asof.series import STALE_DAYS, joined, over_months
from signals.core.define import define
from signals.core.model import Cadence, Signal, Unit
from signals.core.panel import Panel
from signals.core.rolling import Floats
from signals.core.series_ops import SeriesResult

QUARTER = 3


def annualised(panel: Panel, *, series: str) -> SeriesResult:
    """((I / I of 3 months earlier)^4 - 1) 100 of `series`: growth over 3 months at a yearly pace,
    in percent.
    """
    return over_months(panel, series, months=QUARTER, combine=_annual_pace)


def mean_change(panel: Panel, *, series: str) -> SeriesResult:
    """(P - P of 3 months earlier)/3 of `series`: mean monthly change, in its own unit."""
    return over_months(panel, series, months=QUARTER, combine=lambda now, before: (now - before) / QUARTER)


def _annual_pace(now: Floats, before: Floats) -> Floats:
    return ((now / before) ** 4 - 1.0) * 100.0


SIGNALS: tuple[Signal, ...] = (
    define(
        "macro.core_cpi_3m",
        "Core inflation, 3 months",
        unit=Unit.PERCENT,
        meaning="Core consumer prices over three months at a yearly pace; over 4 has kept the Fed tight, near 2 lets it ease.",
        inputs=("CPILFESL",),
        formula=partial(annualised, series="CPILFESL"),
        cadence=Cadence.MONTHLY,
        max_age=STALE_DAYS,
    ),
    define(
        "macro.unemployment",
        "Unemployment rate",
        unit=Unit.PERCENT,
        meaning="Unemployment rate; a rise of half a point above its low of the year has come with recessions.",
        inputs=("UNRATE",),
        formula=partial(joined, series="UNRATE"),
        cadence=Cadence.MONTHLY,
        max_age=STALE_DAYS,
    ),
    define(
        "macro.payrolls_3m",
        "Payroll growth, 3 months",
        unit=Unit.THOUSAND,
        meaning="Mean monthly change of payrolls over three months; under zero has marked recessions.",
        inputs=("PAYEMS",),
        formula=partial(mean_change, series="PAYEMS"),
        cadence=Cadence.MONTHLY,
        max_age=STALE_DAYS,
    ),
)
