"""The data types of the signals: a signal, its history and one dated reading of it.

Nothing here computes; `measures` and the family modules do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from signals.core.decimals import PLACES
from signals.core.measure_kinds import EXTREMES, PLAIN_MEASURES, STATE_MEASURES
from signals.core.measure_kinds import Measure as Measure
from signals.core.panel import Panel
from signals.core.units import STATES, Unit


class Family(StrEnum):
    """First word of a signal's id."""

    ROTATION = "rotation"
    TECH = "tech"
    BREADTH = "breadth"
    WEIGHTING = "weighting"
    SIZE = "size"
    INDEX = "index"
    MEGACAP = "megacap"
    SECTORS = "sectors"
    RATES = "rates"
    MACRO = "macro"
    OPTIONS = "options"
    CAPEX = "capex"
    HAVENS = "havens"
    FLOWS = "flows"
    EARNINGS = "earnings"
    VALUATION = "valuation"
    FILINGS = "filings"
    SCENARIO = "scenario"
    OWN = "own"


class State(StrEnum):
    """How far a reading can be trusted: only `FINAL` and `PROVISIONAL` ones carry a value."""

    FINAL = "final"
    PROVISIONAL = "provisional"
    WITHHELD = "withheld"


class VoteMeasure(StrEnum):
    """What only a vote looks at."""

    CHANGE_252D = "change_252d"


class Restart(StrEnum):
    """What a signal starts anew with: a calendar period, or a leg or state of the clocks."""

    YEAR = "year"
    MONTH = "month"
    TURN = "turn"


_PLACES_IN_A_YEAR = frozenset({Measure.PERCENTILE_1Y, Measure.Z_1Y})


class Cadence(StrEnum):
    """How often the inputs of a signal change."""

    DAILY = "daily"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"


class Axis(StrEnum):
    """What a vote counts for."""

    RECOVERY = "recovery"
    ROTATION = "rotation"


@dataclass(frozen=True, slots=True)
class Vote:
    """How a signal votes in the scenario (`signals.scenario.votes`).

    Attributes:
        axis: What the vote counts for.
        sign: +1 or -1: the direction in which a high state counts.
        measure: The measure to which the rule applies.
        low: The state is low at or under this level.
        high: The state is high at or over this level. With `low` and `high` None the rule is `z`:
            high at z_1y >= 1, low at <= -1, held until back inside +-0.5.
        on_itself: The rule `z` applies to the value as it is, because the value is a z-score
            already: high at >= 1, low at <= -1, held until back inside +-0.5.
    """

    axis: Axis
    sign: int
    measure: Measure | VoteMeasure = Measure.VALUE
    low: float | None = None
    high: float | None = None
    on_itself: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """Every reading of one signal, oldest first.

    Attributes:
        values: Float Series on the market's sessions up to the day described, NaN where there is
            no reading.
        counted: Members counted in a breadth value, on the same index, or None.
        listed: Members listed, on the same index, or None.
        observed: Datetime64 Series, the date of the newest observation behind the value where it
            can lag the session (rates, macro), or None.
        why: From a position in the index to the sentence why there is no value (None where there
            is one). It is called only for sessions that are displayed. It keeps the arrays behind
            it alive and does not pickle.
        notes: From a position to remarks for the reading there, such as the quarter it describes;
            called and kept alive like `why`.
        spans: On the same index the number of the leg or state that a value belongs to, for signals
            that restart with a turn; no change is taken between two of them.
        estimated: Whether the date since which the observation behind the value counts is an
            estimate by rule, one a session; None where every date is known.
    """

    values: pd.Series
    counted: pd.Series | None = None
    listed: pd.Series | None = None
    observed: pd.Series | None = None
    why: Callable[[int], str | None] | None = None
    notes: Callable[[int], tuple[str, ...]] | None = None
    spans: pd.Series | None = None
    estimated: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True)
class Signal:
    """The definition of one signal: what people type, see and set alerts on.

    Attributes:
        id: The id that people type and that alerts store.
        label: Short title.
        family: The first word of the id.
        unit: Unit of the value.
        decimals: Decimals to show.
        meaning: One sentence on what the signal shows.
        inputs: The tickers, series ids, `group:<name>`, `records:<dataset>` or `futures:<root>`
            from which the value is computed (for sources, ages, checks).
        compute: Computes the history on a panel.
        lookback: Number of sessions that one value needs, today included.
        votes: The votes in the scenario.
        cadence: How often the inputs change.
        max_age: Greatest number of sessions (daily) or calendar days (monthly, quarterly) since the
            newest observation before the reading is withheld; 0 for prices, which must be of the
            session itself.
        parts: Ids of the signals from which it is computed, if it is computed from others; `inputs`
            are then all of theirs.
        formula: How a value is computed, as `docs/signals.md` shows it.
        names: Value -> its name, for signals whose values are named states; empty for all others.
        restarts: With what its values start anew, so that those before and after are not compared;
            None for all others.
        places: Decimal places to which its values and their changes are rounded; sums of dollars
            have cents.
        short: Its name in a column of a table; the label where it is empty.
    """

    id: str
    label: str
    family: Family
    unit: Unit
    decimals: int
    meaning: str
    inputs: tuple[str, ...]
    compute: Callable[[Panel], History]
    lookback: int
    votes: tuple[Vote, ...] = ()
    cadence: Cadence = Cadence.DAILY
    max_age: int = 0
    parts: tuple[str, ...] = ()
    formula: str = ""
    names: Mapping[int, str] = field(default_factory=dict)
    restarts: Restart | None = None
    places: int = PLACES
    short: str = ""

    @property
    def named(self) -> bool:
        """Whether its values are named states."""
        return bool(self.names)

    def name_of(self, value: float) -> str | None:
        """The name of a value, None for a signal without names and a value without one."""
        return self.names.get(round(value)) if value == round(value) else None

    @property
    def measures(self) -> tuple[Measure, ...]:
        """What can be asked of it.

        A place within a year says nothing of flags, of named states, and of values that start anew.
        """
        ranked = self.restarts is None and self.unit not in STATES
        return tuple(measure for measure in PLAIN_MEASURES if ranked or measure not in _PLACES_IN_A_YEAR)

    @property
    def watchable(self) -> tuple[Measure, ...]:
        """What an alert can watch: also new highs and lows, or each of its named states."""
        if self.named:
            return (*self.measures, *(measure for measure, state in STATE_MEASURES.items() if state in self.names))
        return self.measures if self.restarts is not None or self.unit in STATES else (*self.measures, *EXTREMES)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of the listed members stand behind a value."""

    counted: int
    listed: int

    @property
    def share(self) -> float:
        """Counted over listed, 0-1; 0 when no member is listed."""
        return self.counted / self.listed if self.listed else 0.0


@dataclass(frozen=True, slots=True)
class Measures:
    """Derived from a signal's readings; None where the history is too short or withheld.

    Changes, and how far a value is beyond the sessions before, are in the signal's unit, `percentile_1y` is 0-100, `z_1y`
    in standard deviations.
    """

    change_1d: float | None = None
    change_5d: float | None = None
    change_21d: float | None = None
    percentile_1y: float | None = None
    z_1y: float | None = None
    high_21d: float | None = None
    high_63d: float | None = None
    high_252d: float | None = None
    low_21d: float | None = None
    low_63d: float | None = None
    low_252d: float | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One signal on one session, with everything that is needed to judge it.

    `value` is None exactly when `state` is `WITHHELD`, and then `reason` is a sentence. `observed`
    is the date of the newest observation behind the value (equal to `session` for prices). `notes`
    are remarks such as "today's members". `known_at_estimated`: the observation behind it has no
    release date of its own, and counts from the date that the rule gives.
    """

    signal: str
    session: date
    value: float | None
    state: State
    reason: str | None = None
    coverage: Coverage | None = None
    observed: date | None = None
    known_at: datetime | None = None
    sources: tuple[str, ...] = ()
    measures: Measures = field(default_factory=Measures)
    notes: tuple[str, ...] = ()
    known_at_estimated: bool = False

    def measure(self, which: Measure) -> float | None:
        """The value or one of the derived measures; None where there is none."""
        if which is Measure.VALUE:
            return self.value
        if which in STATE_MEASURES:
            return None if self.value is None else float(self.value == STATE_MEASURES[which])
        result: float | None = getattr(self.measures, which.value)
        return result
