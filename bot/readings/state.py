"""Board: what is known right now, held in memory so that commands answer without a database or a computation.

The pipeline puts a new snapshot after each check; commands only read. Nothing here is precious.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar, cast

import pandas as pd

from bot.event_study.model import Evidence, Watched
from bot.sources.base import Health
from signals.calendar_events import Due
from signals.core.measures import measure
from signals.core.model import Axis, Measure, Reading
from signals.families.earnings_guidance import Evidence as Release
from signals.scenario.explanation import Explanation

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One computed state of the market.

    `session`: the session described. `readings`: signal id -> newest reading (of `session`). `history`: final values, naive
    session dates x signal ids, about five years up to the last final session, NaN where withheld. `made_at`: UTC.
    `explanations`: why each scenario stands where it stands on `session`.
    `evidence`: for each of the newest final sessions, what was known then of what followed the conditions of the house.
    `guidance`: the releases behind `earnings.tech_guidance` on `session`, newest first.
    `tickers`: everything that has closes in those years -> the name of the company, empty for what is no company.
    """

    session: date
    readings: Mapping[str, Reading]
    history: pd.DataFrame
    made_at: datetime
    explanations: Mapping[Axis, Explanation] = field(default_factory=dict)
    evidence: Mapping[date, Mapping[Watched, Evidence]] = field(default_factory=dict)
    closes: pd.DataFrame = field(default_factory=pd.DataFrame)
    agenda: Mapping[date, Sequence[Due]] = field(default_factory=dict)
    guidance: tuple[Release, ...] = ()
    tickers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a back-fill is: `done` of `total` pieces of `what` ("members")."""

    what: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One line of `/status` and `/sources`: a source, how it feels and when it is asked next.

    `newest`: the newest day of what it gives; `expected`: the one that it should be by now, None where there is no such day.
    `lacking`: what is older than that, where the rest is not.
    """

    name: str
    health: Health
    newest: date | None
    expected: date | None
    next_run: datetime | None = None
    lacking: tuple[str, ...] = ()


@dataclass
class Board:
    """The one mutable holder of what is known; `simulated` marks every message made from it.

    `off`: sources that are not asked, with the reason.
    """

    simulated: bool = False
    snapshot: Snapshot | None = None
    progress: tuple[Progress, ...] = ()
    sources: tuple[SourceStatus, ...] = ()
    off: Mapping[str, str] = field(default_factory=dict)
    last_check: datetime | None = None
    next_check: datetime | None = None
    _memo: dict[Hashable, object] = field(default_factory=dict)

    def put(self, snapshot: Snapshot) -> None:
        """Replace what is known."""
        self.snapshot = snapshot
        self._memo.clear()

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, made at most once for a key until something newer is known. It may depend on the snapshot only."""
        if key not in self._memo:
            self._memo[key] = make()
        return cast(T, self._memo[key])

    def reading(self, signal: str) -> Reading | None:
        """The newest reading of a signal, or None before the first check and for unknown ids."""
        return self.snapshot.readings.get(signal) if self.snapshot else None

    def series(self, signal: str, which: Measure = Measure.VALUE) -> pd.Series:
        """Final values of a measure over about five years, oldest first, NaN where withheld; empty when nothing is known."""
        if self.snapshot is None or signal not in self.snapshot.history:
            return pd.Series(dtype=float, index=pd.DatetimeIndex([]))
        history = self.snapshot.history
        return self.once(("series", signal, which), lambda: measure(history[signal], which))

    def newest(self, signal: str, which: Measure = Measure.VALUE) -> date | None:
        """The newest session with a final value of a measure, or None before the first."""
        series = self.series(signal, which)
        return self.once(("newest", signal, which), lambda: _newest(series))


def _newest(series: pd.Series) -> date | None:
    known = series.last_valid_index()
    return None if known is None else cast(pd.Timestamp, known).date()
