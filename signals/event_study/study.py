"""A study: what followed a condition over several horizons, beside what followed any session of the same period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from signals.core.rolling import Bools, Floats
from signals.event_study.bootstrap import bootstrap
from signals.event_study.episodes import LevelCondition, Positions, days, episode_starts, firings
from signals.event_study.intervals import Interval, false_discoveries, newcombe, p_value, wilson
from signals.event_study.outcomes import returns

FEWEST = 5
"""With fewer episodes with a known outcome no figure is given."""

SMALL = 15
"""With fewer episodes the sample is called small."""

FALSE_SHARE = 0.1
"""A difference whose q is lower counts as significant: a tenth of such findings may still be chance."""

BREAK = date(2020, 1, 1)
"""First day of the second era."""


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """The question of a study.

    Attributes:
        condition: The condition whose events are counted.
        horizons: Lengths of the outcomes in sessions.
        since: First day of the events, not of their outcomes.
        until: Last day of the events, inclusive.
        each_day: Whether every session on which the condition holds counts, not only the first of
            each episode.
        next_close: Whether outcomes are counted from the close after the event, the first at which
            a person who saw the event could have traded.
    """

    condition: LevelCondition
    horizons: tuple[int, ...]
    since: date | None = None
    until: date | None = None
    each_day: bool = False
    next_close: bool = False


@dataclass(frozen=True, slots=True)
class Era:
    """A part of the period: `rate` of `n` events, None under five episodes, and the base rate of
    the same part.
    """

    name: str
    n: int
    rate: Interval | None
    base_rate: float | None
    base_n: int


@dataclass(frozen=True, slots=True)
class Result:
    """What followed over one horizon.

    Outcomes are in per cent or percentage points. With fewer than five known episodes the figures
    from `hits` on are None (base rates stay).

    Attributes:
        horizon: Length of the outcomes in sessions.
        first: Session of the first reading that could be an event; None without readings.
        last: Session of the last such reading; None without readings.
        n_days: Sessions on which the condition held.
        n_episodes: Episodes.
        n_known: Episodes with a known outcome.
        n: Events (days or episodes, as planned) with a known outcome.
        base_rate: Share of positive outcomes, 0-1, from all sessions of the period with a known
            one.
        base_n: Number of those sessions.
        hits: Events with a positive outcome.
        rate: `hits` / `n`, 0-1, with Wilson's interval.
        difference: Rate less base rate, with Newcombe's interval, for which the base counts as
            base_n / horizon windows, as many as do not overlap.
        p: The probability of such a difference by chance alone.
        q: The same corrected for several horizons (`false_discoveries`): all that were planned,
            also those without figures.
        mean: Mean outcome, with a bootstrap interval.
        median: Median outcome, with a bootstrap interval.
        worst: The least outcome.
        worst_on: Session of the event with the least outcome.
        eras: The parts of the period before and from 2020.
    """

    horizon: int
    first: date | None
    last: date | None
    n_days: int
    n_episodes: int
    n_known: int
    n: int
    base_rate: float | None
    base_n: int
    hits: int | None = None
    rate: Interval | None = None
    difference: Interval | None = None
    p: float | None = None
    q: float | None = None
    mean: Interval | None = None
    median: Interval | None = None
    worst: float | None = None
    worst_on: date | None = None
    eras: tuple[Era, ...] = ()

    @property
    def sample(self) -> str | None:
        """A remark on the size of the sample, or None where it is not small."""
        if self.n_known < FEWEST:
            return f"too few for figures: {self.n_known} with a known outcome, at least {FEWEST} are needed"
        return "small sample" if self.n_known < SMALL else None


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
    return _EventMasks(index, period, held if plan.each_day else begins, begins, outcomes, horizon)


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
    rate = wilson(hits, len(at))
    base = _base(counts.base_rate, counts.base_n, events.horizon)
    span = int(events.period.sum())
    mean, median = bootstrap(outcomes, at, span=span, block=max(events.horizon, round(span ** (1 / 3))))
    worst = int(np.argmin(outcomes))
    return Result(
        **{name: getattr(counts, name) for name in _COUNTED},
        hits=hits,
        rate=rate,
        difference=newcombe(rate, base[0]) if base is not None else None,
        p=p_value(rate, len(at), *base) if base is not None else None,
        mean=mean,
        median=median,
        worst=float(outcomes[worst]),
        worst_on=events.index[at[worst]].date(),
        eras=_eras(events),
    )


_COUNTED = ("horizon", "first", "last", "n_days", "n_episodes", "n_known", "n", "base_rate", "base_n")


def _base(rate: float | None, n: int, horizon: int) -> tuple[Interval, float] | None:
    """The base rate with its interval, as a share of windows that do not overlap, and the number of
    windows.
    """
    if rate is None:
        return None
    windows = max(1.0, n / horizon)
    return wilson(rate * windows, windows), windows


def _eras(events: _EventMasks) -> tuple[Era, ...]:
    """Before and from 2020, where the period has both."""
    late: Bools = np.asarray(events.index >= pd.Timestamp(BREAK))
    parts = ((f"before {BREAK.year}", ~late), (f"since {BREAK.year}", late))
    if not all((events.period & part).any() for _, part in parts):
        return ()
    return tuple(_era(name, events, part) for name, part in parts)


def _era(name: str, events: _EventMasks, part: Bools) -> Era:
    has_outcome = events.has_outcome & part
    outcomes = events.outcomes[events.counted & has_outcome]
    every = events.outcomes[events.period & has_outcome]
    enough = int((events.begins & has_outcome).sum()) >= FEWEST
    return Era(
        name,
        len(outcomes),
        wilson(int((outcomes > 0).sum()), len(outcomes)) if enough else None,
        float((every > 0).mean()) if len(every) else None,
        len(every),
    )
