"""The regimes of the simulated market: phases that last for months, and the index's return and variance in them.

Always made from the epoch on, because a phase may begin in one year and end in the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from bot.sources.simulated.paths.time_grid import Floats, Stream, TimeGrid, fading_sum, generator, normals


@dataclass(frozen=True, slots=True)
class Phase:
    """Parameters of one kind of market.

    Drifts are per weekday, in percent or basis points by their names. `shortest` and `longest` are
    weekdays. `volatility_pct` is the index's. `next`: the phases that may follow, with their
    probabilities.
    """

    name: str
    shortest: int
    longest: int
    volatility_pct: float
    market_pct: float
    mega_pct: float
    small_pct: float
    chips_pct: float
    value_pct: float
    real_yield_bp: float
    policy_bp: float
    breakeven_bp: float
    next: tuple[tuple[int, float], ...]


LEADERSHIP, ROTATION, SELLOFF, BEAR, RECOVERY = range(5)

PHASES = (
    Phase("AI leadership", 70, 240, 0.76, 0.028, 0.045, -0.050, 0.070, -0.030, 0.10, 0.10, 0.02,
          ((ROTATION, 0.55), (SELLOFF, 0.45))),
    Phase("rotation", 40, 140, 0.84, 0.015, -0.075, 0.085, -0.060, 0.060, 0.45, 0.35, 0.05,
          ((LEADERSHIP, 0.60), (SELLOFF, 0.32), (BEAR, 0.08))),
    Phase("sell-off", 12, 32, 1.80, -0.400, -0.050, -0.120, -0.160, 0.030, -0.90, -1.30, -0.90,
          ((RECOVERY, 0.85), (BEAR, 0.15))),
    Phase("bear market", 70, 150, 1.40, -0.075, -0.035, 0.000, -0.060, 0.040, 0.30, -0.90, -0.10,
          ((RECOVERY, 1.0),)),
    Phase("recovery", 25, 90, 1.10, 0.140, 0.040, 0.100, 0.100, -0.010, 0.05, 0.10, 0.50,
          ((LEADERSHIP, 0.65), (ROTATION, 0.35))),
)  # fmt: skip
_BURST_DAYS, _BURST_PCT = 7, 1.1
"""Days and daily rise after a low, which produce breadth thrusts."""
_PULL = 0.0022
_ALPHA, _GAMMA, _BETA = 0.05, 0.17, 0.79
_TAIL_FREEDOM = 5
_MAX_SHOCK = 6.0
_TIDE, _TIDE_KEEP = 0.050, 0.985
"""Slow variation of the volatility within a phase, in logs."""
_MAX_VARIANCE = 0.055**2


@dataclass(frozen=True, slots=True)
class Regimes:
    """Rows of the grid.

    Attributes:
        grid: The weekdays.
        phase: Index into `PHASES`.
        level: The index's log deviation from its trend.
        returns: Its daily change, as a share.
        variance: Expected variance of the next day, at the close.
        target: The variance to which the phase pulls it.
        heat: Factor on the volatility of all other factors, about 1.
    """

    grid: TimeGrid
    phase: NDArray[np.int64]
    level: Floats
    returns: Floats
    variance: Floats
    target: Floats
    heat: Floats

    def drift(self, field: str) -> Floats:
        """The phase's value of a drift field on each row, in the unit of the field."""
        return np.array([getattr(phase, field) for phase in PHASES])[self.phase]


def make_regimes(grid: TimeGrid, *, seed: int) -> Regimes:
    """The phases and the index from the epoch to the end of `grid`, which must begin at the epoch."""
    phase, age = _phases(grid.size, seed)
    phase_variance = np.array([kind.volatility_pct / 100 for kind in PHASES])[phase] ** 2
    phase_variance *= np.exp(2 * fading_sum(_TIDE * normals(seed, Stream.TIDE, grid, width=1)[:, 0], _TIDE_KEEP))
    target = fading_sum(0.15 * phase_variance, 0.85)
    drift = np.array([kind.market_pct / 100 for kind in PHASES])[phase]
    drift = np.where((phase == RECOVERY) & (age < _BURST_DAYS), _BURST_PCT / 100, drift)
    level, returns, variance = _index(drift, target, _shocks(grid, seed))
    heat = np.clip(np.sqrt(variance) / 0.0095, 0.55, 4.0) ** 0.7
    return Regimes(grid, phase, level, returns, variance, target, heat)


def _phases(size: int, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    draw = generator(seed, Stream.PHASES)
    kinds, lengths, total, kind = [], [], 0, LEADERSHIP
    while total < size:
        phase = PHASES[kind]
        length = phase.shortest + int(draw.random() * (phase.longest - phase.shortest + 1))
        kinds.append(kind)
        lengths.append(length)
        total += length
        kind = _after(phase, draw.random())
    ages = np.concatenate([np.arange(length) for length in lengths])
    return np.repeat(kinds, lengths)[:size], ages[:size]


def _after(phase: Phase, draw: float) -> int:
    for kind, odds in phase.next:
        draw -= odds
        if draw < 0:
            return kind
    return phase.next[-1][0]


def _shocks(grid: TimeGrid, seed: int) -> list[float]:
    scale = sqrt((_TAIL_FREEDOM - 2) / _TAIL_FREEDOM)
    parts = []
    for year in grid.years:
        size = TimeGrid(year, year).size
        parts.append(generator(seed, Stream.MARKET, year).standard_t(_TAIL_FREEDOM, size) * scale)
    shocks: list[float] = np.clip(np.concatenate(parts), -_MAX_SHOCK, _MAX_SHOCK).tolist()
    return shocks


def _index(drift: Floats, target: Floats, shocks: list[float]) -> tuple[Floats, Floats, Floats]:
    """GJR-GARCH around the phase's variance (Glosten, Jagannathan, Runkle 1993): falls move it more
    than rises.
    """
    floor = (target * (1 - _ALPHA - _GAMMA / 2 - _BETA)).tolist()
    level, variance = 0.0, floor[0] / (1 - _ALPHA - _GAMMA / 2 - _BETA)
    levels, returns, variances = [], [], []
    for push, base, shock in zip(drift.tolist(), floor, shocks, strict=True):
        move = sqrt(variance) * shock
        step = push - _PULL * level + move
        level += step
        weight = _ALPHA + (_GAMMA if move < 0 else 0.0)
        variance = min(base + weight * move * move + _BETA * variance, _MAX_VARIANCE)
        levels.append(level)
        returns.append(step)
        variances.append(variance)
    return np.array(levels), np.array(returns), np.array(variances)
