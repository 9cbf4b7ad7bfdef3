"""Preset levels of topics that were crossed on a session: exactly when the topic's own alert fires.

A value that dances on a level crosses it again and again; an alert re-arms only once the value has come back by its band,
and keeps still for its cooldown. A summary that counted by the bare level named crossings that posted no alert.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from bot.alerts.rules import default_band, firings
from bot.domain.model import AlertSpec
from bot.formatting import formats
from bot.formatting.conditions import beyond_words
from bot.formatting.scenario_words import ROTATION_REGIME, turn_words
from signals.core.histories import history_in
from signals.core.measures import measure_of
from signals.core.model import Measure, Signal
from signals.core.rolling import YEAR

_SESSIONS = 3 * YEAR
"""How far back an alert's state is followed, the year before a percentile included."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """A topic's preset level that was crossed on a session.

    `value`: of the measure that the condition watches; `signal_value`: of the signal itself; `regime`: of the session.
    """

    topic: str
    signal: Signal
    spec: AlertSpec
    value: float
    signal_value: float
    regime: float | None = None


def crossings_since(
    signals: Mapping[str, Signal], past: pd.DataFrame, topics: Mapping[str, Sequence[AlertSpec]], first: date
) -> list[tuple[date, Crossing]]:
    """The levels that were crossed from `first` on, in the order of the topics and then of the sessions.

    `past`: final values (sessions x signals) up to the last session that counts.
    """
    found = []
    for topic, specs in topics.items():
        for spec in (spec for spec in specs if spec.signal in signals and spec.signal in past):
            signal, values = signals[spec.signal], past[spec.signal]
            measured = measure_of(signal, history_in(past.iloc[-_SESSIONS:], signal), spec.measure)
            for session in fired(measured, spec, signal):
                if session >= first:
                    day = pd.Timestamp(session)
                    regime = float(past[ROTATION_REGIME].loc[day]) if ROTATION_REGIME in past else None
                    crossing = Crossing(topic, signal, spec, float(measured.loc[day]), float(values.loc[day]), regime)
                    found.append((session, crossing))
    return sorted(found, key=lambda pair: pair[0])


def fired(measured: pd.Series, spec: AlertSpec, signal: Signal) -> list[date]:
    """The sessions on which a topic's condition fires, with the band that its alert has."""
    return firings(measured, replace(spec, band=default_band(measured, signal.unit, spec.measure)))


def crossing_words(crossing: Crossing) -> str:
    """`Russell streak: 8 sessions, above 7`; for a change of a named state, the new state."""
    signal, spec = crossing.signal, crossing.spec
    if spec.measure is Measure.CHANGE_1D:
        words = turn_words(signal, crossing.signal_value, crossing.value, crossing.regime)
        if words:
            return words
    what = "" if spec.measure is Measure.VALUE else f" ({formats.MEASURES[spec.measure]})"
    return f"{signal.label}{what}: {beyond_words(crossing.value, spec, signal)}"
