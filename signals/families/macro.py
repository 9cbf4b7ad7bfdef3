"""Inflation and jobs as they were known after each close: monthly figures count from their release, not from their month."""

from __future__ import annotations

from functools import partial

from signals.asof.series import STALE_DAYS, joined, over_months, stale_after
from signals.core.define import define
from signals.core.model import Cadence, Signal
from signals.core.panel import Panel
from signals.core.rolling import Floats
from signals.core.series_ops import SeriesResult
from signals.core.units import Unit

QUARTER, YEAR = 3, 12


def annualised(panel: Panel, *, series: str) -> SeriesResult:
    """((I / I of 3 months earlier)^4 - 1) 100 of `series`: growth over 3 months at a yearly pace,
    in percent.
    """
    return over_months(panel, series, months=QUARTER, combine=_annual_pace)


def yearly_growth(panel: Panel, *, series: str) -> SeriesResult:
    """100 (I / I of 12 months earlier - 1) of `series` in percent, both as known after each close."""
    return over_months(panel, series, months=YEAR, combine=lambda now, before: (now / before - 1.0) * 100.0)


def mean_change(panel: Panel, *, series: str) -> SeriesResult:
    """(P - P of 3 months earlier)/3 of `series`: mean monthly change, in its own unit."""
    return over_months(panel, series, months=QUARTER, combine=lambda now, before: (now - before) / QUARTER)


def _annual_pace(now: Floats, before: Floats) -> Floats:
    return ((now / before) ** 4 - 1.0) * 100.0


SIGNALS: tuple[Signal, ...] = (
    define(
        "macro.core_cpi_3m",
        "Core CPI, 3-month rate",
        unit=Unit.PERCENT,
        meaning="Core consumer prices over three months at a yearly pace; over 4 has kept the Fed tight, near 2 lets it ease.",
        inputs=("CPILFESL",),
        formula=partial(annualised, series="CPILFESL"),
        cadence=Cadence.MONTHLY,
        max_age=STALE_DAYS,
    ),
    define(
        "macro.core_pce_3m",
        "Core PCE, 3-month rate",
        unit=Unit.PERCENT,
        meaning="Core PCE prices over three months at a yearly pace; the Fed's 2% goal is for headline PCE, core is its trend.",
        inputs=("PCEPILFE",),
        formula=partial(annualised, series="PCEPILFE"),
        cadence=Cadence.MONTHLY,
        max_age=stale_after("PCEPILFE"),
    ),
    define(
        "macro.cpi_yoy",
        "CPI, year over year",
        unit=Unit.PERCENT,
        meaning="Consumer prices over a year, seasonally adjusted (the headline rate is not); over 4 has kept the Fed tight.",
        inputs=("CPIAUCSL",),
        formula=partial(yearly_growth, series="CPIAUCSL"),
        cadence=Cadence.MONTHLY,
        max_age=stale_after("CPIAUCSL"),
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
        "Payrolls, 3-month average",
        unit=Unit.THOUSAND,
        meaning="Mean monthly change of payrolls over three months; under zero has marked recessions.",
        inputs=("PAYEMS",),
        formula=partial(mean_change, series="PAYEMS"),
        cadence=Cadence.MONTHLY,
        max_age=STALE_DAYS,
    ),
)
