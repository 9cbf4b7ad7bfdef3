"""Signals: the newest readings, whole histories, and what followed a level."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.figures import market_of
from benchmarks.row import Row, pair, seconds, under, within
from signals import catalogue
from signals.core.measures import measure_of
from signals.core.model import Family, Measure
from signals.core.panel import Panel
from signals.event_study import LevelCondition, Outcome, StudyPlan, run_study
from signals.event_study.bootstrap import bootstrap
from signals.event_study.episodes import days as beyond
from signals.event_study.outcomes import returns

Floats = NDArray[np.float64]


def latest_readings() -> Row:
    """Every signal with its measures on the last of 900 sessions, against the member arithmetic
    alone in numpy.

    The floor is that of one family of eighteen: nobody has written the others by hand. So the note says
    how many times it that family takes, which is like against like.
    """
    market = market_of(catalogue.TAIL)
    closes = market.close[market.members("sp500")].to_numpy()
    breadth = [signal.id for signal in catalogue.SIGNALS.values() if signal.family is Family.BREADTH]

    def ours() -> None:
        catalogue.readings(market, catalogue.compute(market), market.last.date())

    figure, floor = pair(ours, lambda: bare_breadth(closes))
    like, bare = pair(lambda: catalogue.compute(market, breadth), lambda: bare_breadth(closes))
    note = (
        f"floor: breadth of the members alone, by hand in numpy, no measures; our breadth takes {like / bare:.1f}x, "
        f"the other {len(catalogue.SIGNALS) - len(breadth)} signals and all measures have no floor"
    )
    return within("latest readings, 500 x 900", figure * 1e3, floor * 1e3, times=20, note=note)


def full_history() -> Row:
    """Every signal on each of 5,000 sessions."""
    market = market_of(5000)
    closes = market.close[market.members("sp500")].to_numpy()
    figure, floor = pair(lambda: catalogue.compute(market), lambda: bare_breadth(closes), repeats=3)
    return under("all signals, 500 x 5,000", figure, 3.0, floor=floor, note="floor: as above")


def full_history_with_measures() -> Row:
    """The same with the five measures of each signal, as charts and previews need them."""
    market = market_of(5000)

    def ours() -> None:
        for id, history in catalogue.compute(market).items():
            for kind in Measure:
                measure_of(catalogue.signal(id), history, kind)

    return under("all signals and measures, 500 x 5,000", seconds(ours, repeats=3), 3.0)


def a_study() -> Row:
    """What the Nasdaq did 1, 5, 21 and 63 sessions after each of the 80 widest days in 20 years,
    with all intervals.
    """
    figure = seconds(_study(80))
    return under("study, 80 days of 5,000, 4 horizons", figure * 1e3, 100.0, unit="ms")


def a_crowded_study() -> Row:
    """The same of a condition that holds on 1,000 days: 20 million drawn outcomes instead of 1.6."""
    most = seconds(_study(4900))
    note = f"of 4,900 days: {most * 1e3:.0f} ms"
    return under("study, 1,000 days of 5,000, 4 horizons", seconds(_study(1000)) * 1e3, 100.0, unit="ms", note=note)


def a_study_beside_its_bootstrap() -> Row:
    """The study of 80 days, against the intervals of its means and medians alone."""
    return _beside_bootstrap(80)


def a_crowded_study_beside_its_bootstrap() -> Row:
    """The same of 1,000 days."""
    return _beside_bootstrap(1000)


def _beside_bootstrap(days: int) -> Row:
    values, prices, plan = _question(days)
    numbers = values.to_numpy(dtype=np.float64)
    known = np.flatnonzero(~np.isnan(numbers))
    span = int(known[-1] - known[0]) + 1
    samples = []
    for horizon in plan.horizons:
        outcomes = returns(prices, horizon)
        at = np.flatnonzero(beyond(numbers, plan.condition) & ~np.isnan(outcomes))
        samples.append((outcomes[at], at, max(horizon, round(span ** (1 / 3)))))

    def bare() -> None:
        for outcomes, at, block in samples:
            bootstrap(outcomes, at, span=span, block=block)

    figure, floor = pair(lambda: run_study(values, prices, plan), bare, repeats=15)
    note = "floor: the bootstrap of each horizon alone"
    return within(f"study of {days:,} days beside its bootstrap", figure * 1e3, floor * 1e3, times=1.2, note=note)


def _study(days: int) -> Callable[[], object]:
    values, prices, plan = _question(days)
    return lambda: run_study(values, prices, plan)


def _question(days: int) -> tuple[pd.Series, tuple[Floats, ...], StudyPlan]:
    market = market_of(5000)
    values = catalogue.compute(market, ["weighting.rsp_spy.spread_1d"])["weighting.rsp_spy.spread_1d"].values
    level = float(np.sort(values.dropna().to_numpy())[-days - 1])
    plan = StudyPlan(LevelCondition(above=level), (1, 5, 21, 63), each_day=True)
    return values, Outcome("^IXIC").prices(Panel(market)), plan


def bare_breadth(closes: Floats) -> list[Floats]:
    """Shares above two averages, advancers, new highs and lows and the two means of them, sessions x members, as one writes it
    down by hand: the least that any program must do for the breadth family."""
    above = [100 * (closes[n - 1 :] > _mean(closes, n)).mean(axis=1) for n in (50, 200)]
    moves = np.diff(closes, axis=0)
    up, down = (moves > 0).sum(axis=1), (moves < 0).sum(axis=1)
    highs = (closes[251:] >= _highest(closes)).sum(axis=1)
    lows = (closes[251:] <= -_highest(-closes)).sum(axis=1)
    net = 1000 * (up - down) / np.maximum(up + down, 1)
    return [*above, highs, lows, _faded(net, 0.1) - _faded(net, 0.05), _faded(up / np.maximum(up + down, 1), 2 / 11)]


def _mean(closes: Floats, window: int) -> Floats:
    total = np.cumsum(closes, axis=0)
    total[window:] -= total[:-window].copy()
    return total[window - 1 :] / window


def _highest(closes: Floats) -> Floats:
    """The maximum of 252 rows ending with each, by windows that double: 128, then two of them
    overlapping.
    """
    best, width = closes, 1
    while width < 128:
        best = np.maximum(best[width:], best[:-width])
        width *= 2
    return np.maximum(best[252 - width :], best[: width - 252])


def _faded(values: Floats, alpha: float) -> Floats:
    result, state = np.empty_like(values), values[0]
    for position, value in enumerate(values):
        state += alpha * (value - state)
        result[position] = state
    return result


ROWS = (
    latest_readings,
    full_history,
    full_history_with_measures,
    a_study,
    a_crowded_study,
    a_study_beside_its_bootstrap,
    a_crowded_study_beside_its_bootstrap,
)
