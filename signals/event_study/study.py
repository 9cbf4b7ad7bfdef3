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
from signals.event_study.intervals import Interval, chance, false_discoveries, newcombe, wilson
from signals.event_study.outcomes import returns

FEWEST = 5
"""Under so many episodes with a known outcome no figure is given."""

SMALL = 15
"""Under so many episodes the sample is called small."""

FALSE_SHARE = 0.1
"""A difference whose q is lower can be told from chance: a tenth of such findings may be chance all the same."""

BREAK = date(2020, 1, 1)
"""Where the two eras meet."""


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """What is asked. `since` and `until` (inclusive) limit the events, not their outcomes.

    `each_day`: every session on which the condition holds counts, not only the first of each episode. `next_close`: outcomes are
    counted from the close after the event, which somebody who saw the event could have had.
    """

    condition: LevelCondition
    horizons: tuple[int, ...]
    since: date | None = None
    until: date | None = None
    each_day: bool = False
    next_close: bool = False


@dataclass(frozen=True, slots=True)
class Era:
    """A part of the period: `rate` of `n` events, None under five episodes, and the base rate of the same part."""

    name: str
    n: int
    rate: Interval | None
    base_rate: float | None
    base_n: int


@dataclass(frozen=True, slots=True)
class Result:
    """What followed over one horizon.

    `first` and `last`: the period, from the first to the last reading that could be an event; None without readings.
    `n_days`: sessions on which the condition held. `n_episodes`: episodes, of which `n_known` have a known outcome.
    `n`: events (days or episodes, as asked) with a known outcome. `hits` of them were positive: `rate`, 0-1.
    `base_rate`: share of positive outcomes from all `base_n` sessions of the period with a known one.
    `rate` has Wilson's interval. `difference`: rate less base rate, with Newcombe's, for which the base counts as
    base_n / horizon windows, as many as do not overlap. `p`: how often chance alone makes such a difference; `q`: the same when
    several horizons are looked at (`false_discoveries`), all that were asked for, also those without figures.
    `mean`, `median`: of the outcomes, with bootstrap intervals.
    `worst`, `worst_on`: the least outcome and the session of its event. Outcomes are in per cent or percentage points.

    With fewer than five known episodes the figures from `hits` on are None (base rates stay).
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
    """Masks over the sessions: `period`, events that are counted, first sessions of episodes; and each session's outcome."""

    index: pd.DatetimeIndex
    period: Bools
    counted: Bools
    begins: Bools
    outcomes: Floats
    horizon: int

    @property
    def known(self) -> Bools:
        result: Bools = ~np.isnan(self.outcomes)
        return result


def run_study(values: pd.Series[float], prices: Sequence[Floats], plan: StudyPlan) -> tuple[Result, ...]:
    """What followed a condition, one result a horizon.

    `values`: readings of a signal or of one of its measures, one a session, oldest first, NaN where withheld. `prices`: one or
    two lines on the same sessions (`Outcome.prices`). A hit is an outcome above 0. Raises ValueError for a horizon under 1.
    """
    index = pd.DatetimeIndex(values.index)
    numbers: Floats = np.array(values, dtype=np.float64)
    period = _period(index, numbers, plan)
    held = days(numbers, plan.condition) & period
    fired = np.flatnonzero(firings(numbers, plan.condition) & period)
    results = [_result(_events(index, period, held, fired, prices, plan, horizon), held) for horizon in plan.horizons]
    shares = false_discoveries([1.0 if each.p is None else each.p for each in results])
    return tuple(
        each if each.p is None else replace(each, q=share) for each, share in zip(results, shares, strict=True)
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
    every = events.outcomes[events.period & events.known]
    counts = Result(
        horizon=events.horizon,
        first=events.index[period[0]].date() if len(period) else None,
        last=events.index[period[-1]].date() if len(period) else None,
        n_days=int(held.sum()),
        n_episodes=int(events.begins.sum()),
        n_known=int((events.begins & events.known).sum()),
        n=int((events.counted & events.known).sum()),
        base_rate=float((every > 0).mean()) if len(every) else None,
        base_n=len(every),
    )
    return counts if counts.n_known < FEWEST else _with_figures(counts, events)


def _with_figures(counts: Result, events: _EventMasks) -> Result:
    at = np.flatnonzero(events.counted & events.known)
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
        p=chance(rate, len(at), *base) if base is not None else None,
        mean=mean,
        median=median,
        worst=float(outcomes[worst]),
        worst_on=events.index[at[worst]].date(),
        eras=_eras(events),
    )


_COUNTED = ("horizon", "first", "last", "n_days", "n_episodes", "n_known", "n", "base_rate", "base_n")


def _base(rate: float | None, n: int, horizon: int) -> tuple[Interval, float] | None:
    """The base rate as a share of so many windows that do not overlap, and how many."""
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
    known = events.known & part
    found = events.outcomes[events.counted & known]
    every = events.outcomes[events.period & known]
    enough = int((events.begins & known).sum()) >= FEWEST
    return Era(
        name,
        len(found),
        wilson(int((found > 0).sum()), len(found)) if enough else None,
        float((every > 0).mean()) if len(every) else None,
        len(every),
    )
