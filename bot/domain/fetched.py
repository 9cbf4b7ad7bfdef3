"""Requests to a source, what it gave, and its health: types of sources, ingest and archive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

import pandas as pd


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """A request to a source, small enough to be one chunk of a resumable download.

    Dates are inclusive. `universe` requests the lists of members, `records` datasets of
    `signals.core.datasets` about the `tickers` (or about everything the source has, when there are
    none).
    """

    start: date
    end: date
    tickers: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    universe: bool = False
    records: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Identity:
    """What a source says that a ticker of its answer is; None where it does not say.

    `kind` is in the words of `signals.core.instruments.Kind`.
    """

    symbol: str | None = None
    currency: str | None = None
    zone: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a source gave.

    `bars`: ticker -> frame with columns `close` (split-adjusted) and `adj_close` (splits and
    dividends), index naive session dates ascending without repeats, no NaN in `close`.
    `observations`: series id -> frame with columns `value` and `known_at` (see
    `signals.core.market.Market.series`). `splits`: ticker -> Series of split factors (2.0 = 2:1) by
    date. `universe`: the columns of `Market.universe`,
    or None. `missing`: ticker or series id -> why it was not given; what is in neither
    mapping nor here was not asked. `partial_day`: the running session whose bars are live prices,
    or None. `records`: name of a dataset -> rows as `signals.core.datasets` describes them;
    `known_at` NaT means: when it was fetched. `dividends`: ticker -> Series of distributions per
    share by date, for each ticker whose source reports them (empty where there were none).
    `identities`: what the source says that each ticker is. `doubts`: ticker -> why its quote is not
    believed. A frame of bars may have a column `volume`.
    """

    source: str
    fetched_at: datetime
    bars: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    observations: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    splits: Mapping[str, pd.Series] = field(default_factory=dict)
    universe: pd.DataFrame | None = None
    missing: Mapping[str, str] = field(default_factory=dict)
    partial_day: date | None = None
    records: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    dividends: Mapping[str, pd.Series] = field(default_factory=dict)
    identities: Mapping[str, Identity] = field(default_factory=dict)
    doubts: Mapping[str, str] = field(default_factory=dict)


class HealthState(StrEnum):
    """The state of a source, as people read it; never shown by colour alone."""

    UNKNOWN = "not asked yet"
    OK = "fresh"
    FAILING = "failing"
    RESTING = "resting"


@dataclass(frozen=True, slots=True)
class Health:
    """The health of a source: `RESTING` while its circuit breaker is open, until `next_try`."""

    state: HealthState = HealthState.UNKNOWN
    last_success: datetime | None = None
    last_failure: datetime | None = None
    failures: int = 0
    next_try: datetime | None = None
    reason: str | None = None
