"""The list of all signals, and the computation of their histories, readings and scenario.

A new signal is a formula and a definition in its family's module; nothing here changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from signals.core.datasets import INPUT
from signals.core.inputs import FUTURES, GROUP, of_members, tickers_of
from signals.core.market import FINAL_AFTER, Market
from signals.core.measures import measures_at
from signals.core.model import Axis, Coverage, History, Reading, Signal, State
from signals.core.panel import Panel
from signals.expressions import WithOwnSignals
from signals.families import (
    breadth,
    capex,
    earnings,
    flows,
    form13f,
    havens,
    index,
    macro,
    megacap,
    options,
    rates,
    sectors,
    size,
    valuation,
    weighting,
)
from signals.rotation.definitions import ROTATION_SIGNALS, TECH_SIGNALS
from signals.rotation.yardsticks import TICKERS as WHOLE_PAST_TICKERS
from signals.scenario import explanation, score
from signals.scenario.explanation import Explanation

_FAMILIES = (
    breadth,
    weighting,
    size,
    index,
    megacap,
    sectors,
    rates,
    macro,
    options,
    capex,
    havens,
    flows,
    earnings,
    valuation,
    form13f,
)

_FAMILY_SIGNALS = (
    *ROTATION_SIGNALS,
    *TECH_SIGNALS,
    *(signal for family in _FAMILIES for signal in family.SIGNALS),
)
"""All signals but those of the scenario, which are computed from the votes of these."""

SIGNALS: Mapping[str, Signal] = WithOwnSignals(
    {signal.id: signal for signal in (*_FAMILY_SIGNALS, *score.scenario_signals(_FAMILY_SIGNALS))}
)
"""Every built-in signal by id, family by family; people see the signals in this order.

The id of an own signal finds that as well, though it is none of those that are listed.
"""

TAIL = 900
"""Sessions of history with which the last session's readings and measures equal those of the whole
history to 1e-6.

252 readings go into a measure, and the oldest of them still has more than 600 sessions for its
recursive means. A held state of the scenario could depend on sessions before any tail, but only if
the score stayed between two thresholds for more than half a year, which 21 real years do not have.
"""

TODAYS_MEMBERS = "today's members"
"""Note on readings from a universe without dates: today's list of members is applied to the past."""


def signal(id: str) -> Signal:
    """The signal of an id. Raises KeyError with the id when there is none."""
    if id not in SIGNALS:
        raise KeyError(f"no signal {id!r}")
    return SIGNALS[id]


def tickers() -> tuple[str, ...]:
    """Every ticker that some signal reads by name, in order of first use.

    Members of groups are not among them.
    """
    return _inputs(of_series=False)


def series_ids() -> tuple[str, ...]:
    """Every series that some signal reads, in order of first use."""
    return _inputs(of_series=True)


def _inputs(*, of_series: bool) -> tuple[str, ...]:
    """Inputs of signals that are not computed from other signals: their series or their tickers.

    Such a signal never has both prices and series among its inputs, and only series may lag their
    session, so `max_age` tells the two kinds apart.
    """
    own = (signal for signal in SIGNALS.values() if not signal.parts)
    inputs = (name for signal in own if (signal.max_age > 0) is of_series for name in signal.inputs)
    return tuple(dict.fromkeys(name for name in inputs if not name.startswith((GROUP, INPUT, FUTURES))))


def compute(market: Market, ids: Iterable[str] | None = None) -> dict[str, History]:
    """Histories of the signals with the given ids (all by default), in the order given.

    One value a session up to the one described, NaN where the reading is withheld. The market is
    not changed. The parts of a signal are computed along with it. Raises KeyError for an unknown
    id.
    """
    panel = Panel(market)
    histories = {id: score.history_of(panel, signal(id)) for id in (SIGNALS if ids is None else ids)}
    panel.release()
    return histories


def explain(values: Mapping[str, pd.Series], axis: Axis, session: date) -> Explanation:
    """The votes behind the scenario's score on a session: families, their signals, which families disagree.

    `values`: readings by signal id on one index of sessions, NaN where withheld; later ones are not
    read. Raises KeyError for a session that is not there, and when one of `voters(axis)` is
    missing.
    """
    return explanation.explain(_FAMILY_SIGNALS, values, axis, session)


def whole_past_tickers() -> tuple[str, ...]:
    """Tickers whose adjusted closes some signal needs from the first session of all on."""
    return WHOLE_PAST_TICKERS


def voters(axis: Axis) -> tuple[str, ...]:
    """Ids of the signals that vote on an axis."""
    return SIGNALS["scenario.recovery" if axis is Axis.RECOVERY else "scenario.rotation_agreement"].parts


def readings(market: Market, histories: Mapping[str, History], session: date) -> dict[str, Reading]:
    """The readings of one session with their measures, from the histories that `compute` gave for
    this market.

    A reading of the last session is provisional when the market is; a withheld one has a reason.
    Raises KeyError when `session` is not one that the market describes.
    """
    return readings_of(market, histories, [session])[session]


def readings_of(
    market: Market, histories: Mapping[str, History], sessions: Iterable[date]
) -> dict[date, dict[str, Reading]]:
    """`readings` of several sessions, in the order given; the sources are looked up only once."""
    sources = _Sources(market)
    return {session: _of_session(market, histories, session, sources) for session in sessions}


def _of_session(
    market: Market, histories: Mapping[str, History], session: date, sources: _Sources
) -> dict[str, Reading]:
    days = market.days
    position = int(days.searchsorted(pd.Timestamp(session)))
    if position >= len(days) or days[position] != pd.Timestamp(session):
        raise KeyError(f"{session} is not a session of this market")
    provisional = market.provisional and position == len(days) - 1
    at = _Instant(position, session, provisional, None if provisional else _final_at(market, position))
    return {id: _reading(SIGNALS[id], history, at, sources) for id, history in histories.items()}


@dataclass(frozen=True, slots=True)
class _Instant:
    """A session's position in the histories, and since when its readings have been known."""

    position: int
    session: date
    provisional: bool
    known_at: datetime | None


def _final_at(market: Market, position: int) -> datetime:
    """Close + 20 minutes. Every input that counts on a session was public by then, so none makes it later."""
    instant: datetime = (market.ends[position] + FINAL_AFTER).to_pydatetime()
    return instant


def _reading(signal: Signal, history: History, at: _Instant, sources: _Sources) -> Reading:
    values = history.values.to_numpy()
    value = float(values[at.position])
    withheld = value != value
    return Reading(
        signal=signal.id,
        session=at.session,
        value=None if withheld else value,
        state=State.WITHHELD if withheld else State.PROVISIONAL if at.provisional else State.FINAL,
        reason=_reason(history, at.position) if withheld else None,
        coverage=_coverage(history, at.position),
        observed=_observed(history, at),
        known_at=at.known_at,
        sources=sources.of(signal),
        measures=measures_at(signal, history, at.position),
        notes=_notes(signal, history, at.position),
        known_at_estimated=not withheld and history.estimated is not None and bool(history.estimated[at.position]),
    )


def _reason(history: History, position: int) -> str:
    reason = history.why(position) if history.why else None
    return reason or "cannot be computed from what is known of this session"


def _notes(signal: Signal, history: History, position: int) -> tuple[str, ...]:
    members = (TODAYS_MEMBERS,) if of_members(signal.inputs) else ()
    return (*(history.notes(position) if history.notes else ()), *members)


def _coverage(history: History, position: int) -> Coverage | None:
    if history.counted is None or history.listed is None:
        return None
    return Coverage(int(history.counted.to_numpy()[position]), int(history.listed.to_numpy()[position]))


def _observed(history: History, at: _Instant) -> date | None:
    if history.observed is None:
        return at.session
    observed: date | None = history.observed.to_numpy()[at.position].astype("datetime64[D]").item()
    return observed


class _Sources:
    """Names of the sources behind each signal; the sources of an input are looked up once."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._of_input: dict[str, tuple[str, ...]] = {}
        self._of_signal: dict[str, tuple[str, ...]] = {}

    def of(self, signal: Signal) -> tuple[str, ...]:
        """Each source once, in the order of the signal's inputs.

        Inputs without a known source are skipped.
        """
        if signal.id not in self._of_signal:
            sources = (source for name in signal.inputs for source in self._sources_of(name))
            self._of_signal[signal.id] = tuple(dict.fromkeys(sources))
        return self._of_signal[signal.id]

    def _sources_of(self, name: str) -> tuple[str, ...]:
        if name not in self._of_input:
            self._of_input[name] = tuple(dict.fromkeys(self._look_up(name)))
        return self._of_input[name]

    def _look_up(self, name: str) -> Iterable[str]:
        sources = self._market.sources
        if name.startswith(INPUT):
            rows = self._market.records.get(name.removeprefix(INPUT))
            return [] if rows is None else rows["source"].unique()
        if name.startswith(FUTURES):
            contracts = tickers_of([name], sources)
            return [source for ticker, source in sources.items() if ticker in contracts]
        inputs = self._market.members(name.removeprefix(GROUP)) if name.startswith(GROUP) else [name]
        return [sources[name] for name in inputs if name in sources]
