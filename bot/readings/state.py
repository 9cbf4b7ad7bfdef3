"""What is known right now, held in memory so that commands answer without a database or a computation.

A snapshot never changes: what is derived from it is remembered beside it, so nothing derived from one can be mistaken for
something derived from another. The pipeline puts a new one after each check; commands only read.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TypeVar, cast

import pandas as pd

from bot.domain.model import ConditionKey
from bot.event_study.model import TrackRecord, TrackRecords
from signals.calendar_events import CalendarEvent
from signals.core.measures import measure
from signals.core.model import Axis, Measure, Reading
from signals.families.earnings_guidance import GuidanceRelease as Release
from signals.scenario.explanation import Explanation

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One computed state of the market.

    `session`: the session described. `readings`: signal id -> newest reading (of `session`). `history`: final values, naive
    session dates x signal ids, about five years up to the last final session, NaN where withheld. `made_at`: UTC.
    `explanations`: why each scenario stands where it stands on `session`.
    `evidence`: for each of the newest final sessions, what was known then of what followed the conditions of topics.
    `guidance`: the releases behind `earnings.tech_guidance` on `session`, newest first.
    `tickers`: everything that has closes in those years -> the name of the company, empty for what is no company.
    """

    session: date
    readings: Mapping[str, Reading]
    history: pd.DataFrame
    made_at: datetime
    explanations: Mapping[Axis, Explanation] = field(default_factory=dict)
    evidence: Mapping[date, Mapping[ConditionKey, TrackRecord]] = field(default_factory=dict)
    closes: pd.DataFrame = field(default_factory=pd.DataFrame)
    agenda: Mapping[date, Sequence[CalendarEvent]] = field(default_factory=dict)
    guidance: tuple[Release, ...] = ()
    tickers: Mapping[str, str] = field(default_factory=dict)
    _derived: dict[Hashable, object] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def newest_final(self) -> date | None:
        """The newest session with final values, or None before the first."""
        return self.history.index[-1].date() if len(self.history) else None

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, made at most once for a key. It may depend on this snapshot only."""
        if key not in self._derived:
            self._derived[key] = make()
        return cast(T, self._derived[key])

    def series(self, signal: str, which: Measure = Measure.VALUE) -> pd.Series:
        """Final values of a measure over about five years, oldest first, NaN where withheld; empty for unknown ids."""
        if signal not in self.history:
            return _no_values()
        return self.once(("series", signal, which), lambda: measure(self.history[signal], which))


def _no_values() -> pd.Series:
    return pd.Series(dtype=float, index=pd.DatetimeIndex([]))


@dataclass
class ReadingState:
    """The newest snapshot and when it was checked; only `readings.pipeline` puts one. Nothing here is precious."""

    snapshot: Snapshot | None = None
    last_check: datetime | None = None

    def put(self, snapshot: Snapshot) -> None:
        """Replace what is known."""
        self.snapshot = snapshot

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """See `Snapshot.once`; before the first check nothing is remembered."""
        return make() if self.snapshot is None else self.snapshot.once(key, make)

    def reading(self, signal: str) -> Reading | None:
        """The newest reading of a signal, or None before the first check and for unknown ids."""
        return self.snapshot.readings.get(signal) if self.snapshot else None

    def series(self, signal: str, which: Measure = Measure.VALUE) -> pd.Series:
        """See `Snapshot.series`; empty before the first check."""
        return _no_values() if self.snapshot is None else self.snapshot.series(signal, which)

    def newest(self, signal: str, which: Measure = Measure.VALUE) -> date | None:
        """The newest session with a final value of a measure, or None before the first."""
        return self.once(("newest", signal, which), lambda: _newest(self.series(signal, which)))


def _newest(series: pd.Series) -> date | None:
    known = series.last_valid_index()
    return None if known is None else cast(pd.Timestamp, known).date()


def with_track_records(snapshot: Snapshot, records: TrackRecords) -> Snapshot:
    """The same snapshot with more track records for its own sessions; others are left out, so it does not grow."""
    evidence = {session: {**records.get(session, {}), **known} for session, known in snapshot.evidence.items()}
    return replace(snapshot, evidence=evidence)


def with_older(snapshot: Snapshot, before: Snapshot | None) -> Snapshot:
    """The same snapshot with what was counted beside the one before: a message may be sent later than the next check."""
    return snapshot if before is None else with_track_records(snapshot, before.evidence)
