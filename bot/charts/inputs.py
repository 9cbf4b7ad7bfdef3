"""Materials: what a picture is made of and which of it a request needs. Knows no drawing, so it costs nothing to import."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from bot.domain.chart_request import ChartKind, ChartRequest
from signals import catalogue
from signals.core.model import Axis
from signals.families.sectors import SECTORS

REGIME = "scenario.rotation_state"
"""The named state behind the shading of a picture."""

PERIODS: Mapping[str, str] = MappingProxyType(
    {"1d": "1 day", "5d": "5 days", "21d": "21 days", "ytd": "this year"},
)
"""Over what the returns of sectors are ranked: end of the signal's id -> words."""

BREADTH = (
    "breadth.sp500.above_50dma",
    "breadth.sp500.above_200dma",
    "breadth.tech.above_50dma",
    "breadth.sp500.high_low",
    "breadth.sp500.mcclellan",
)
REAL_YIELD = "rates.real_10y"
GROWTH, VALUE = "IVW", "IVE"
"""The S&P 500 funds of growth and of value, the same as those of `size.value_growth`."""
FLOWS: Mapping[str, str] = MappingProxyType(
    {
        "flows.tech_4w_usd": "Tech",
        "flows.small_4w_usd": "Small caps",
        "flows.value_4w_usd": "Value",
        "flows.equal_weight_4w_usd": "Equal weight",
    }
)
"""Flows that are shown and what they are called there."""

INDEX = "SPY"
EQUAL_WEIGHT, SMALL = "RSP", "IWM"
SCENARIOS = tuple(f"scenario.{axis}{end}" for axis in Axis for end in ("", "_state"))


@dataclass(frozen=True, slots=True)
class ChartNeeds:
    """Signals and tickers that a picture wants. Tickers may be among them that nobody has."""

    signals: frozenset[str] = frozenset()
    tickers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ChartInputs:
    """What is known, one row a session, oldest first, none after the session of the request.

    `values`: naive session dates x signal ids, final values, NaN where withheld. `closes`: the same dates x tickers, adjusted
    for splits and dividends, NaN where there is none. Either may lack columns, and a ticker without a close counts as
    unknown. More rows than the request shows are welcome: events, usual ranges and what followed are taken from all of them.
    `provisional`: the last row is of a session that still runs.
    """

    values: pd.DataFrame
    closes: pd.DataFrame
    provisional: bool = False


def needs(request: ChartRequest) -> ChartNeeds:
    """What a request is drawn from. An outcome such as `RSP-SPY` asks for every way to read its hyphens."""
    return _NEEDS[request.kind](request)


def spellings(outcome: str) -> frozenset[str]:
    """Tickers that an outcome can be made of: the whole text and both sides of each hyphen; some tickers have one themselves."""
    cuts = [place for place, letter in enumerate(outcome) if letter == "-"]
    return frozenset((outcome, *(part for cut in cuts for part in (outcome[:cut], outcome[cut + 1 :]) if part)))


def _of_signal(request: ChartRequest) -> ChartNeeds:
    return ChartNeeds(frozenset((*request.names[:1], REGIME)))


def _of_outcome(request: ChartRequest) -> ChartNeeds:
    return ChartNeeds(frozenset(request.names[:1]), spellings(request.names[1]))


def _of_comparison(request: ChartRequest) -> ChartNeeds:
    signals = frozenset(name for name in request.names if name in catalogue.SIGNALS)
    return ChartNeeds(signals, frozenset(request.names) - signals)


def _of_sectors(request: ChartRequest) -> ChartNeeds:
    return ChartNeeds(
        frozenset(f"sectors.{ticker.lower()}.return_{period}" for ticker in SECTORS for period in PERIODS)
    )


def _of_families(request: ChartRequest) -> ChartNeeds:
    return ChartNeeds(frozenset((*SCENARIOS, *(name for axis in Axis for name in catalogue.voters(axis)))))


def _of_dashboard(request: ChartRequest) -> ChartNeeds:
    today = (f"sectors.{ticker.lower()}.return_1d" for ticker in SECTORS)
    return ChartNeeds(
        frozenset((*SCENARIOS, *BREADTH[:2], REAL_YIELD, *today)), frozenset((EQUAL_WEIGHT, SMALL, INDEX))
    )


_NEEDS: Mapping[ChartKind, Callable[[ChartRequest], ChartNeeds]] = MappingProxyType(
    {
        ChartKind.SIGNAL: _of_signal,
        ChartKind.OUTCOME: _of_outcome,
        ChartKind.COMPARE: _of_comparison,
        ChartKind.SECTORS: _of_sectors,
        ChartKind.ROTATION: lambda request: ChartNeeds(tickers=frozenset((*SECTORS, INDEX))),
        ChartKind.BREADTH: lambda request: ChartNeeds(frozenset(BREADTH)),
        ChartKind.YIELDS: lambda request: ChartNeeds(frozenset((REAL_YIELD,)), frozenset((GROWTH, VALUE))),
        ChartKind.FLOWS: lambda request: ChartNeeds(frozenset(FLOWS)),
        ChartKind.FAMILIES: _of_families,
        ChartKind.DASHBOARD: _of_dashboard,
    }
)
