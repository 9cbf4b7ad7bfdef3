"""Nouns of judging bars: one ticker's part of an answer, and what is thought of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from bot.archive.bar_history import BarHistory
from bot.archive.date_encoding import Floats
from bot.archive.splits import Split
from bot.domain.doubt import DoubtRule, DoubtState
from signals.core.instruments import Instrument

SAME_FIGURE = 1e-4
"""Relative difference up to which a figure is one that was decided before."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What is known of a figure that was doubted before: its value, source and state."""

    value: float
    source: str
    state: DoubtState

    def is_about(self, value: float) -> bool:
        """Whether this is the same figure again."""
        return abs(value - self.value) <= SAME_FIGURE * abs(self.value)


@dataclass(frozen=True, slots=True)
class TickerAnswer:
    """One ticker's part of an answer beside what the archive has.

    Attributes:
        instrument: What is expected of the ticker.
        rows: Its bars, splits applied, oldest first.
        volumes: Beside `rows`, NaN where not given; None where the source gives none at all.
        stored: The newest bars of the archive, far enough back to hold every older row.
        splits: As the source reports them.
        decided: Ordinal day -> what is known of an earlier doubt.
        source: The source.
        distributions: Ordinal day -> what the source reports as paid on it, in dollars.
    """

    instrument: Instrument
    rows: BarHistory
    stored: BarHistory
    source: str
    volumes: Floats | None = None
    splits: tuple[Split, ...] = ()
    decided: Mapping[int, Decided] = field(default_factory=dict)
    distributions: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClosesDoubt:
    """A doubted bar: its position in the rows, the rule, what it was held against, and what decides it.

    `state`: OPEN; REFUTED where the next session trades elsewhere. `correction`: a stored close that
    the source gives otherwise by now.
    """

    position: int
    rule: DoubtRule
    before_day: int
    before: float
    state: DoubtState
    reason: str
    correction: bool = False


@dataclass(frozen=True, slots=True)
class Baseline:
    """Believed closes by day, oldest first."""

    days: list[int]
    closes: list[float]

    def before(self, day: int) -> int:
        """How many of them lie before a day."""
        return bisect_left(self.days, day)

    def add(self, day: int, close: float) -> None:
        """Believe one more, or another close of a day."""
        at = self.before(day)
        if at < len(self.days) and self.days[at] == day:
            self.closes[at] = close
        else:
            self.days.insert(at, day)
            self.closes.insert(at, close)


@dataclass
class TickerVerdict:
    """Which rows are believed, what is doubted, and day -> evidence for bars that were doubtful."""

    believed: npt.NDArray[np.bool_]
    doubts: list[ClosesDoubt] = field(default_factory=list)
    evidence: dict[int, str] = field(default_factory=dict)


def new_rows(part: TickerAnswer) -> list[int]:
    """Positions of rows after the newest stored bar; none without one."""
    last = int(part.stored.days[-1]) if len(part.stored.days) else None
    return [] if last is None else [at for at, day in enumerate(part.rows.days.tolist()) if day > last]
