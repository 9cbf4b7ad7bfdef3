"""The one list of signals, in the order of the register, and what can be asked of all of them at once.

Adding a signal is a formula and an entry in its family's module; nothing here changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

import pandas as pd

from signals.core.datasets import INPUT
from signals.core.market import FINAL_AFTER, Market
from signals.core.measures import measures_at
from signals.core.model import Axis, Coverage, History, Reading, Signal, State
from signals.core.panel import Panel
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

_REGISTER = tuple(signal for family in _FAMILIES for signal in family.SIGNALS)

SIGNALS: Mapping[str, Signal] = MappingProxyType(
    {signal.id: signal for signal in (*_REGISTER, *score.entries(_REGISTER))}
)
"""Every signal by id, in the order of the register."""

TAIL = 900
"""Sessions of history with which the last session's readings and measures equal those of the whole history to 1e-6.

252 readings go into a measure, and the oldest of them still has more than 600 sessions for its recursive means. A state that
the scenario holds could reach further back than any tail; one that does so would have to stand between two borders for
more than half a year, which 21 real years do not have.
"""

TODAYS_MEMBERS = "today's members"
"""Note on readings from a universe that has no dates: the list of today is applied to the past."""

_GROUP = "group:"
_FUTURES = "futures:"


def signal(id: str) -> Signal:
    """The signal of an id; KeyError with the id when there is none."""
    if id not in SIGNALS:
        raise KeyError(f"no signal {id!r}")
    return SIGNALS[id]


def tickers() -> tuple[str, ...]:
    """Every ticker that some signal reads by name, in order of first use; members of groups are not among them."""
    return _inputs(of_series=False)


def series_ids() -> tuple[str, ...]:
    """Every series that some signal reads, in order of first use."""
    return _inputs(of_series=True)


def _inputs(*, of_series: bool) -> tuple[str, ...]:
    """No signal mixes prices with series but those made of other signals, and only those of series may lag their session."""
    own = (entry for entry in SIGNALS.values() if not entry.parts)
    named = (name for entry in own if (entry.max_age > 0) is of_series for name in entry.inputs)
    return tuple(dict.fromkeys(name for name in named if not name.startswith((_GROUP, INPUT, _FUTURES))))


def compute(market: Market, ids: Iterable[str] | None = None) -> dict[str, History]:
    """Histories of the signals named (all by default), in the order given.

    One value a session up to the one described, NaN where the reading is withheld. The market is only read. What a signal
    is made of is computed with it. Raises KeyError for an unknown id.
    """
    panel = Panel(market)
    histories = {id: score.history_of(panel, signal(id)) for id in (SIGNALS if ids is None else ids)}
    panel.release()
    return histories


def explain(values: Mapping[str, pd.Series], axis: Axis, session: date) -> Explanation:
    """Why the scenario stands where it stands on a session: families, their signals, who does not agree.

    `values`: readings by signal id on one index of sessions, NaN where withheld; later ones are not looked at. Raises KeyError
    for a session that is not there, and when one of `voters(axis)` is missing.
    """
    return explanation.explain(_REGISTER, values, axis, session)


def voters(axis: Axis) -> tuple[str, ...]:
    """Ids of the signals that vote on an axis."""
    return SIGNALS[f"scenario.{axis}"].parts


def readings(market: Market, histories: Mapping[str, History], session: date) -> dict[str, Reading]:
    """The readings of one session with their measures, from the histories that `compute` made of this market.

    A reading of the last session is provisional when the market is; a withheld one says why. Raises KeyError when `session` is
    not one that the market describes.
    """
    return readings_of(market, histories, [session])[session]


def readings_of(
    market: Market, histories: Mapping[str, History], sessions: Iterable[date]
) -> dict[date, dict[str, Reading]]:
    """`readings` of several sessions, in the order given; what they have in common is looked up once."""
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
    """Where a session stands in the histories, and since when its readings have been known."""

    position: int
    session: date
    provisional: bool
    known_at: datetime | None


def _final_at(market: Market, position: int) -> datetime:
    """Close + 20 minutes. What counts on a session was public by then, so no input can make it later."""
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
        measures=measures_at(values, at.position),
        notes=_notes(signal, history, at.position),
    )


def _reason(history: History, position: int) -> str:
    reason = history.why(position) if history.why else None
    return reason or "cannot be computed from what is known of this session"


def _notes(signal: Signal, history: History, position: int) -> tuple[str, ...]:
    members = (TODAYS_MEMBERS,) if any(name.startswith(_GROUP) for name in signal.inputs) else ()
    return (*(history.notes(position) if history.notes else ()), *members)


def _coverage(history: History, position: int) -> Coverage | None:
    if history.counted is None or history.listed is None:
        return None
    return Coverage(int(history.counted.iloc[position]), int(history.listed.iloc[position]))


def _observed(history: History, at: _Instant) -> date | None:
    if history.observed is None:
        return at.session
    observed = history.observed.iloc[at.position]
    return None if pd.isna(observed) else observed.date()


class _Sources:
    """Names of the sources behind each signal; those of an input are looked up once."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._known: dict[str, tuple[str, ...]] = {}
        self._of: dict[str, tuple[str, ...]] = {}

    def of(self, signal: Signal) -> tuple[str, ...]:
        """Each source once, in the order of the signal's inputs; inputs without a known source are skipped."""
        if signal.id not in self._of:
            named = (source for name in signal.inputs for source in self._named(name))
            self._of[signal.id] = tuple(dict.fromkeys(named))
        return self._of[signal.id]

    def _named(self, name: str) -> tuple[str, ...]:
        if name not in self._known:
            self._known[name] = tuple(dict.fromkeys(self._look_up(name)))
        return self._known[name]

    def _look_up(self, name: str) -> Iterable[str]:
        sources = self._market.sources
        if name.startswith(INPUT):
            rows = self._market.records.get(name.removeprefix(INPUT))
            return [] if rows is None else rows["source"].unique()
        if name.startswith(_FUTURES):
            root = name.removeprefix(_FUTURES)
            return [by for ticker, by in sources.items() if ticker.startswith(root)]
        named = self._market.members(name.removeprefix(_GROUP)) if name.startswith(_GROUP) else [name]
        return [sources[ticker] for ticker in named if ticker in sources]
