"""The newest readings in memory, so that commands need neither a database nor a computation.

A snapshot never changes. What is derived from a snapshot is cached with it, so nothing derived from
one can be taken for something derived from another. The pipeline puts a new snapshot after each
check; commands only read.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TypeVar, cast

import pandas as pd

from bot.domain.model import ConditionKey
from bot.event_study.model import TrackRecord, TrackRecords
from signals import catalogue
from signals.calendar_events import CalendarEvent
from signals.core.histories import history_in
from signals.core.measures import measure, measure_of
from signals.core.model import Axis, Measure, Reading
from signals.core.panel import Panel
from signals.families.earnings_guidance import GuidanceRelease as Release
from signals.rotation.answer import RotationReading, read
from signals.rotation.evidence import Evidence, evidence
from signals.rotation.past import Past, past
from signals.scenario.explanation import Explanation

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RotationAnswer:
    """Is money rotating out of big tech: the answer of a session, its record, and every leg and turn before it."""

    reading: RotationReading
    evidence: Evidence
    past: Past
    recent: Mapping[date, RotationReading] = field(default_factory=dict)
    """The answers of the sessions before it that may still have to be told of."""

    @classmethod
    def of(cls, panel: Panel, recent: Iterable[date] = ()) -> RotationAnswer:
        """The answer of the newest session of `panel`, and those of some `recent` ones."""
        reading = read(panel, panel.market.last.date())
        return cls(reading, evidence(panel, reading), past(panel), {day: read(panel, day) for day in recent})


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One computed state of the market.

    Attributes: session: The session described. readings: Signal id -> newest reading (of
    `session`). history: Final values, naive session dates x signal ids, about five years up to the
    last final session, NaN where withheld.
        made_at: When it was computed, UTC. explanations: The explanation of each scenario's state
        on `session`. track_records: For each of the newest final sessions, the track records of
        conditions as known after it. closes: Closes of the large indices, sessions x tickers.
        agenda: For each of the newest sessions, the events that were due after it. guidance: The
        releases behind `earnings.tech_guidance` on `session`, newest first. tickers: Everything
        that has closes in those years -> the name of the company, empty for what is no company.
        earlier: Final values of the sessions before those of `history`, from which measures of its
        first year are computed.
        all_years: Final values over all years that are known, of the signals that headlines compare
        with their whole past (`superlatives`). finals: The readings of the newest final sessions.
        rotation: The answer of `session`; None where it was not computed.
        published: The readings of monthly releases for today's session before it is final
        (`released`); empty without one.
    """

    session: date
    readings: Mapping[str, Reading]
    history: pd.DataFrame
    made_at: datetime
    explanations: Mapping[Axis, Explanation] = field(default_factory=dict)
    track_records: Mapping[date, Mapping[ConditionKey, TrackRecord]] = field(default_factory=dict)
    closes: pd.DataFrame = field(default_factory=pd.DataFrame)
    agenda: Mapping[date, Sequence[CalendarEvent]] = field(default_factory=dict)
    guidance: tuple[Release, ...] = ()
    tickers: Mapping[str, str] = field(default_factory=dict)
    earlier: pd.DataFrame = field(default_factory=pd.DataFrame)
    all_years: pd.DataFrame = field(default_factory=pd.DataFrame)
    finals: Mapping[date, Mapping[str, Reading]] = field(default_factory=dict)
    rotation: RotationAnswer | None = None
    published: Mapping[str, Reading] = field(default_factory=dict)
    _derived: dict[Hashable, object] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def newest_final(self) -> date | None:
        """The newest session with final values, or None before the first."""
        return self.history.index[-1].date() if len(self.history) else None

    @property
    def known(self) -> Hashable:
        """What any answer from the past depends on: the newest final session and its values."""
        newest = self.history.iloc[-1:]
        return self.newest_final, tuple(newest.columns), newest.to_numpy(dtype=float).tobytes()

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """The result of `make`, called at most once for a key; it may use this snapshot only."""
        if key not in self._derived:
            self._derived[key] = make()
        return cast(T, self._derived[key])

    def series(self, signal: str, which: Measure = Measure.VALUE) -> pd.Series:
        """Final values of a measure over about five years, oldest first, NaN where withheld.

        Empty for unknown ids.
        """
        if signal not in self.history:
            return _no_values()
        return self.once(("series", signal, which), lambda: self._measured(signal, which))

    def _measured(self, name: str, which: Measure) -> pd.Series:
        """A measure over everything that is loaded, cut to the sessions of `history`."""
        if which is Measure.VALUE or name not in catalogue.SIGNALS:
            return measure(self.history[name], which)
        signal = catalogue.signal(name)
        return measure_of(signal, history_in(self.history, signal, self.earlier), which).iloc[len(self.earlier) :]


def _no_values() -> pd.Series:
    return pd.Series(dtype=float, index=pd.DatetimeIndex([]))


@dataclass
class ReadingState:
    """The newest snapshot and the time of its check; only `readings.pipeline` puts one.

    `counting`: alerts may have fired of which the track records are still to come. Not persisted.
    """

    snapshot: Snapshot | None = None
    last_check: datetime | None = None
    counting: bool = False

    def put(self, snapshot: Snapshot) -> None:
        """Replace the snapshot."""
        self.snapshot = snapshot

    def awaits(self, condition: ConditionKey, session: date) -> bool:
        """Whether the track record of a condition, as known after a session, may come in a moment."""
        if not self.counting or self.snapshot is None:
            return False
        return condition not in self.snapshot.track_records.get(session, {condition: None})

    @property
    def known(self) -> Hashable:
        """See `Snapshot.known`; None before the first check."""
        return None if self.snapshot is None else self.snapshot.known

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """See `Snapshot.once`; before the first check nothing is cached."""
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
    session = series.last_valid_index()
    return None if session is None else cast(pd.Timestamp, session).date()


def with_track_records(snapshot: Snapshot, records: TrackRecords) -> Snapshot:
    """The same snapshot with more track records for its own sessions.

    Others are left out, so it does not grow.
    """
    merged = {session: {**records.get(session, {}), **own} for session, own in snapshot.track_records.items()}
    return replace(snapshot, track_records=merged)


def with_older(snapshot: Snapshot, before: Snapshot | None) -> Snapshot:
    """The same snapshot with the track records of the one before.

    A message may be sent after the next check, and then still needs them.
    """
    return snapshot if before is None else with_track_records(snapshot, before.track_records)
