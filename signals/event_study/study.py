"""A study: what followed a condition over several horizons, beside what followed any session of the same period."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from signals.core.rolling import Bools, Floats
from signals.event_study.bootstrap import bootstrap
from signals.event_study.circular_shift import Overlap, overlap
from signals.event_study.episodes import Positions, days, episode_starts, firings
from signals.event_study.intervals import Interval, Z, false_discoveries, newcombe, p_value, wilson
from signals.event_study.model import FEWEST, Era, Result, StudyPlan
from signals.event_study.outcomes import returns

BREAK = date(2020, 1, 1)
"""First day of the second era."""


@dataclass(frozen=True, slots=True)
class _EventMasks:
    """Masks over the sessions of one horizon: the period, counted events, first sessions of
    episodes, and outcomes.
    """

    index: pd.DatetimeIndex
    period: Bools
    counted: Bools
    begins: Bools
    outcomes: Floats
    horizon: int
    overlapping: bool

    @property
    def has_outcome(self) -> Bools:
        result: Bools = ~np.isnan(self.outcomes)
        return result


def run_study(values: pd.Series[float], prices: Sequence[Floats], plan: StudyPlan) -> tuple[Result, ...]:
    """What followed a condition, one result a horizon. A hit is an outcome above 0.

    Args:
        values: Readings of a signal or of one of its measures, one a session, oldest first, NaN
            where withheld.
        prices: Closes of one or two tickers on the same sessions (`Outcome.prices`).
        plan: The question.

    Raises:
        ValueError: For a horizon under 1.
    """
    index = pd.DatetimeIndex(values.index)
    numbers: Floats = np.array(values, dtype=np.float64)
    period = _period(index, numbers, plan)
    held = days(numbers, plan.condition) & period
    fired = np.flatnonzero(firings(numbers, plan.condition) & period)
    results = [_result(_events(index, period, held, fired, prices, plan, horizon), held) for horizon in plan.horizons]
    q_values = false_discoveries([1.0 if result.p is None else result.p for result in results])
    return tuple(
        result if result.p is None else replace(result, q=q_value)
        for result, q_value in zip(results, q_values, strict=True)
    )


def _period(index: pd.DatetimeIndex, values: Floats, plan: StudyPlan) -> Bools:
    """Sessions from the first to the last known reading that lies between `since` and `until`."""
    inside = ~np.isnan(values)
    if plan.since is not None:
        inside &= index >= pd.Timestamp(plan.since)
    if plan.until is not None:
        inside &= index <= pd.Timestamp(plan.until)
    at = np.flatnonzero(inside)
    period = np.zeros(len(values), dtype=np.bool_)
    if len(at):
        period[at[0] : at[-1] + 1] = True
    return period


def _events(
    index: pd.DatetimeIndex,
    period: Bools,
    held: Bools,
    fired: Positions,
    prices: Sequence[Floats],
    plan: StudyPlan,
    horizon: int,
) -> _EventMasks:
    begins = np.zeros(len(held), dtype=np.bool_)
    begins[episode_starts(fired, horizon)] = True
    outcomes = returns(prices, horizon, delay=int(plan.next_close))
    counted = held if plan.each_day else begins
    return _EventMasks(index, period, counted, begins, outcomes, horizon, plan.each_day and horizon > 1)


def _result(events: _EventMasks, held: Bools) -> Result:
    period = np.flatnonzero(events.period)
    every = events.outcomes[events.period & events.has_outcome]
    counts = Result(
        horizon=events.horizon,
        first=events.index[period[0]].date() if len(period) else None,
        last=events.index[period[-1]].date() if len(period) else None,
        n_days=int(held.sum()),
        n_episodes=int(events.begins.sum()),
        n_known=int((events.begins & events.has_outcome).sum()),
        n=int((events.counted & events.has_outcome).sum()),
        base_rate=float((every > 0).mean()) if len(every) else None,
        base_n=len(every),
    )
    return counts if counts.n_known < FEWEST else _with_figures(counts, events)


def _with_figures(counts: Result, events: _EventMasks) -> Result:
    at = np.flatnonzero(events.counted & events.has_outcome)
    outcomes = events.outcomes[at]
    hits = int((outcomes > 0).sum())
    chance = _overlapping(events, hits) if events.overlapping else _apart(counts, hits, len(at), events.horizon)
    span = int(events.period.sum())
    mean, median = bootstrap(outcomes, at, span=span, block=max(events.horizon, round(span ** (1 / 3))))
    worst = int(np.argmin(outcomes))
    return Result(
        **{name: getattr(counts, name) for name in _COUNTED},
        hits=hits,
        rate=chance.rate,
        difference=chance.difference,
        p=chance.p,
        mean=mean,
        median=median,
        worst=float(outcomes[worst]),
        worst_on=events.index[at[worst]].date(),
        eras=_eras(events, chance.independent / len(at)),
        independent=chance.independent,
        detectable=chance.detectable,
    )


@dataclass(frozen=True, slots=True)
class _Chance:
    """The rate beside what chance would give; fields as in `Result`."""

    rate: Interval
    difference: Interval | None
    p: float | None
    independent: float
    detectable: float | None


def _apart(counts: Result, hits: int, n: int, horizon: int) -> _Chance:
    """Of events whose outcomes do not overlap."""
    rate = wilson(hits, n)
    base = _base(counts.base_rate, counts.base_n, horizon)
    if base is None:
        return _Chance(rate, None, None, n, None)
    share, windows = base
    deviation = math.sqrt(share.value * (1 - share.value) * (1 / n + 1 / windows))
    detectable = min(1.0, Z * deviation) if deviation else 1.0
    return _Chance(rate, newcombe(rate, share), p_value(rate, n, share, windows), n, detectable)


def _overlapping(events: _EventMasks, hits: int) -> _Chance:
    """Of days whose outcomes overlap: as many as independent ones would leave it as uncertain."""
    every = events.period & events.has_outcome
    counted, positive = events.counted[every], events.outcomes[every] > 0
    worth: Overlap = overlap(counted, positive)
    # The estimate is rough in a short period; days a horizon apart are no more than these.
    independent = min(worth.independent, len(episode_starts(np.flatnonzero(counted), events.horizon)))
    share, base = hits / int(counted.sum()), float(positive.mean())
    rate = wilson(share * independent, independent)
    beside = wilson(share * worth.beside_base, worth.beside_base)
    difference = newcombe(beside, Interval(base, base, base))
    p = worth.p if independent >= FEWEST else None
    return _Chance(rate, difference, p, independent, worth.detectable)


_COUNTED = ("horizon", "first", "last", "n_days", "n_episodes", "n_known", "n", "base_rate", "base_n")


def _base(rate: float | None, n: int, horizon: int) -> tuple[Interval, float] | None:
    """The base rate with its interval, as a share of windows that do not overlap, and the number of
    windows.
    """
    if rate is None:
        return None
    windows = max(1.0, n / horizon)
    return wilson(rate * windows, windows), windows


def _eras(events: _EventMasks, worth: float) -> tuple[Era, ...]:
    """Before and from 2020, where the period has both; each event is `worth` so many independent ones."""
    late: Bools = np.arange(len(events.index)) >= events.index.searchsorted(pd.Timestamp(BREAK))
    parts = ((f"before {BREAK.year}", ~late), (f"since {BREAK.year}", late))
    if not all((events.period & part).any() for _, part in parts):
        return ()
    return tuple(_era(name, events, part, worth) for name, part in parts)


def _era(name: str, events: _EventMasks, part: Bools, worth: float) -> Era:
    has_outcome = events.has_outcome & part
    outcomes = events.outcomes[events.counted & has_outcome]
    every = events.outcomes[events.period & has_outcome]
    enough = int((events.begins & has_outcome).sum()) >= FEWEST
    return Era(
        name,
        len(outcomes),
        wilson(worth * int((outcomes > 0).sum()), worth * len(outcomes)) if enough else None,
        float((every > 0).mean()) if len(every) else None,
        len(every),
    )
