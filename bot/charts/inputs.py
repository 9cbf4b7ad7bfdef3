"""The inputs of charts, and which of them a request needs.

Imports no matplotlib, so it is cheap to import.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import pandas as pd

from bot.charts.layout.rotation_title import ROTATION_TITLE
from bot.domain.chart_request import ChartKind, ChartRequest
from bot.formatting.family_verdicts import TURNING
from bot.formatting.scenario_words import SCORES, STATES
from signals import catalogue
from signals.asof.watched_names import SEVEN
from signals.core.histories import columns_of
from signals.core.model import Axis
from signals.families.sectors import SECTORS
from signals.rotation.yardsticks import ROTATION, Yardstick

REGIME = "rotation.state"
"""The named state that the regime band and the shading show."""

PERIODS: Mapping[str, str] = MappingProxyType(
    {"21d": "21 days", "1d": "1 day", "5d": "5 days", "ytd": "this year"},
)
"""Periods over which sectors are ranked, the one that orders them first: words by the end of the signal's id."""

BREADTH = (
    "breadth.sp500.above_50dma",
    "breadth.sp500.above_200dma",
    "breadth.tech.above_50dma",
    "breadth.sp500.high_low",
    "breadth.sp500.mcclellan",
)
REAL_YIELD = "rates.real_10y"
GROWTH, VALUE = "IVW", "IVE"
"""The S&P 500 growth and value funds, the same as in `size.value_growth`."""
FLOWS: Mapping[str, str] = MappingProxyType(
    {
        "flows.tech_4w_usd": "Tech",
        "flows.small_4w_usd": "Small caps",
        "flows.value_4w_usd": "Value",
        "flows.equal_weight_4w_usd": "Equal weight",
    }
)
"""Flows of the chart, with their names on it."""
TECH_FLOWS = "flows.tech_4w"
"""Flows of tech in per cent of assets, which the title judges."""

INDEX = "SPY"
DIRECTION, MOVE, GIVEN_BACK = "direction", "move", "given_back"
"""Figures of a yardstick's leg, the last words of their ids."""
SCENARIOS = tuple(names[axis] for axis in Axis for names in (SCORES, STATES))


@dataclass(frozen=True, slots=True)
class ChartNeeds:
    """Signals and tickers that a chart needs; some of the tickers may not exist."""

    signals: frozenset[str] = frozenset()
    tickers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ChartInputs:
    """The data of a chart: one row for each session, oldest first.

    No row is after the session of the request. Columns may be missing. More rows than the request
    shows are useful, because events, usual ranges and outcomes are computed from all of them.

    Attributes:
        values: final values (naive session dates x signal ids), NaN where withheld.
        closes: closes adjusted for splits and dividends (the same dates x tickers), NaN where there
            is none; a ticker without any close counts as unknown.
        provisional: whether the last row is of a session that is still running.
        earlier: values of the sessions before the first row, from which measures of the first year
            are computed; may be empty.
        simulated: whether any of the figures is of the simulated market, which the picture then says: it may be
            passed on without its message.
    """

    values: pd.DataFrame
    closes: pd.DataFrame
    provisional: bool = False
    earlier: pd.DataFrame = field(default_factory=pd.DataFrame)
    simulated: bool = False


def needs(request: ChartRequest) -> ChartNeeds:
    """The signals and tickers of a request.

    An outcome such as `RSP-SPY` needs every reading of its hyphens.
    """
    return _NEEDS[request.kind](request)


def spellings(outcome: str) -> frozenset[str]:
    """Tickers that an outcome may consist of: the whole text, and both sides of each hyphen.

    Some tickers contain a hyphen themselves.
    """
    cuts = [place for place, letter in enumerate(outcome) if letter == "-"]
    return frozenset((outcome, *(part for cut in cuts for part in (outcome[:cut], outcome[cut + 1 :]) if part)))


def _of_signal(request: ChartRequest) -> ChartNeeds:
    turning = [TURNING[name] for name in request.names if name in TURNING]
    return ChartNeeds(frozenset((*_measured(request), REGIME, *turning)))


def _of_outcome(request: ChartRequest) -> ChartNeeds:
    return ChartNeeds(_measured(request), spellings(request.names[1]))


def _measured(request: ChartRequest) -> frozenset[str]:
    """What the measure of a request is computed from."""
    name = request.names[0]
    return frozenset(columns_of(catalogue.signal(name)) if name in catalogue.SIGNALS else (name,))


def _of_comparison(request: ChartRequest) -> ChartNeeds:
    signals = frozenset(name for name in request.names if name in catalogue.SIGNALS)
    return ChartNeeds(signals, frozenset(request.names) - signals)


def _of_sectors(request: ChartRequest) -> ChartNeeds:
    return ChartNeeds(
        frozenset(f"sectors.{ticker.lower()}.return_{period}" for ticker in SECTORS for period in PERIODS)
    )


def _of_families(request: ChartRequest) -> ChartNeeds:
    return ChartNeeds(
        frozenset((*SCENARIOS, *ROTATION_TITLE, *(name for axis in Axis for name in catalogue.voters(axis))))
    )


def of_leg(yardstick: Yardstick, what: str) -> str:
    """The id of a figure of a yardstick's leg."""
    return f"rotation.{yardstick.name}.{what}"


def _of_dashboard(request: ChartRequest) -> ChartNeeds:
    legs = (of_leg(yardstick, what) for yardstick in ROTATION for what in (DIRECTION, MOVE, GIVEN_BACK))
    return ChartNeeds(frozenset((*ROTATION_TITLE, *legs)), frozenset((INDEX, *SEVEN)))


_NEEDS: Mapping[ChartKind, Callable[[ChartRequest], ChartNeeds]] = MappingProxyType(
    {
        ChartKind.SIGNAL: _of_signal,
        ChartKind.OUTCOME: _of_outcome,
        ChartKind.COMPARE: _of_comparison,
        ChartKind.SECTORS: _of_sectors,
        ChartKind.ROTATION: lambda request: ChartNeeds(tickers=frozenset((*SECTORS, INDEX))),
        ChartKind.BREADTH: lambda request: ChartNeeds(frozenset(BREADTH)),
        ChartKind.YIELDS: lambda request: ChartNeeds(frozenset((REAL_YIELD,)), frozenset((GROWTH, VALUE))),
        ChartKind.FLOWS: lambda request: ChartNeeds(frozenset((*FLOWS, TECH_FLOWS))),
        ChartKind.FAMILIES: _of_families,
        ChartKind.DASHBOARD: _of_dashboard,
    }
)
