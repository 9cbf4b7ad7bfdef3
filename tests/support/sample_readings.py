"""Five years of readings of every signal, made by hand, and the snapshot that a check of them gives."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from zlib import crc32

import numpy as np
import pandas as pd

from bot.calendar.clock import Calendar
from bot.readings.state import RotationAnswer, Snapshot
from signals.asof.watched_names import SEVEN
from signals.catalogue import SIGNALS, explain
from signals.core.market import Market
from signals.core.measures import measures_at
from signals.core.model import Axis, Coverage, History, Measures, Reading, Signal, State
from signals.core.panel import Panel
from signals.core.units import Unit
from signals.rotation.yardsticks import TICKERS as YARDSTICK_TICKERS
from signals.scenario.score import recovery_states, tally
from signals.scenario.votes import states
from tests.bot.charts.painting import TICKERS

SESSION = date(2026, 1, 13)
"""The newest session with readings, the last of `history`."""

NOW = datetime(2026, 1, 13, 21, 30, tzinfo=UTC)
"""The evening of `SESSION`, when its figures are final and the snapshot is made."""

STREAK = "size.russell_sp500.streak"
SPREAD = "weighting.rsp_spy.spread_1d"
SILVER = "havens.silver"
BREADTH = "breadth.sp500.above_50dma"
REAL = "rates.real_10y"
CURVE = "rates.curve_10y2y"


@cache
def calendar() -> Calendar:
    """The sessions of 2020 to 2026."""
    return Calendar(date(2020, 1, 2), date(2026, 12, 31))


@cache
def history() -> pd.DataFrame:
    """Five years of every signal: seeded noise, and by hand the last days of those that texts are tested with."""
    days = pd.DatetimeIndex(calendar().between(date(2021, 1, 4), SESSION))
    frame = pd.DataFrame({name: _noise(signal, len(days)) for name, signal in SIGNALS.items()}, index=days)
    frame[STREAK] = np.where(np.arange(len(days)) % 9 < 4, 2.0, -1.0)
    frame.loc[frame.index[-8:], STREAK] = np.arange(1.0, 9.0)
    frame[SPREAD] = np.where(np.arange(len(days)) % 2 == 0, 0.2, -0.2)
    frame.loc[frame.index[-2:], SPREAD] = [0.1, 0.91]
    frame[SILVER] = np.linspace(20, 85, len(days))
    frame.loc[frame.index[-1], SILVER] = 85.88
    return _with_scenario(frame)


def _with_scenario(frame: pd.DataFrame) -> pd.DataFrame:
    """The scenario's columns as the votes of the other columns make them."""
    recovery, rotation = (
        tally(axis, list(SIGNALS.values()), lambda signal, vote: states(frame[signal.id].to_numpy(), vote))
        for axis in (Axis.RECOVERY, Axis.ROTATION)
    )
    frame["scenario.recovery"] = recovery.score
    frame["scenario.recovery_state"] = recovery_states(recovery.score)
    frame["scenario.recovery_agreement"] = recovery.agreement(recovery.score)
    frame["scenario.rotation_support"] = rotation.score
    frame["scenario.rotation_agreement"] = rotation.agreement(frame["rotation.state"].to_numpy())
    return frame


def _noise(signal: Signal, count: int) -> np.ndarray:
    """Chance of its own for each signal, so that a new signal changes no other; named states last a while."""
    chance, unit = np.random.default_rng([7, crc32(signal.id.encode())]), signal.unit
    if signal.named:
        spells = chance.choice(sorted(signal.names), count // 60 + 1)
        return np.repeat(spells, 60)[-count:].astype(float)
    steps = chance.normal(0, 1, count)
    if unit.whole:
        return np.abs(np.round(steps)) if unit is not Unit.FLAG else np.zeros(count)
    if unit is Unit.PERCENT:
        return 50 + 10 * np.sin(np.arange(count) / 40) + steps
    return steps


@cache
def snapshot() -> Snapshot:
    """What a check at `NOW` gives: a final reading of every signal, its history and the scenario's explanation."""
    frame = history()
    found = {name: _reading(name, frame) for name in SIGNALS}
    explanations = {axis: explain(frame, axis, SESSION) for axis in Axis}
    return Snapshot(
        session=SESSION,
        readings=found,
        history=frame,
        made_at=NOW,
        explanations=explanations,
        tickers=TICKERS,
        rotation=RotationAnswer.of(Panel(market()), frame.index[-5:].date),
    )


@cache
def market() -> Market:
    """Five years of the yardsticks' prices: cap weight leads in swings of a year, and at the end the rest catches up."""
    sessions = pd.DatetimeIndex(calendar().between(date(2021, 1, 4), date(2026, 1, 14)))
    days = sessions[:-1]
    swing = np.sin(np.arange(len(days)) / 40)
    ahead = dict.fromkeys(("SPY", "QQQ", "XLK", "IVW", "SMH", "IGV", "RSPT", *SEVEN), 0.12)
    chance = np.random.default_rng(12)
    prices = pd.DataFrame(
        {
            name: 100 * np.exp(ahead.get(name, 0.0) * swing + np.cumsum(chance.normal(0.0003, 0.004, len(days))))
            for name in YARDSTICK_TICKERS
        },
        index=days,
    )
    return Market(
        sessions=sessions,
        ends=pd.DatetimeIndex([calendar().close_at(day.date()) for day in sessions]),
        last=days[-1],
        close=prices,
        adj_close=prices,
        series={},
        universe=pd.DataFrame(columns=["ticker", "name", "sector", "industry", "groups"]),
    )


def _reading(name: str, frame: pd.DataFrame) -> Reading:
    # Made-up values of legs have nothing in common: each session is one of its own.
    own = History(frame[name], spans=pd.Series(np.arange(len(frame)), index=frame.index))
    coverage = Coverage(497, 503) if name.startswith("breadth.") else None
    return Reading(
        signal=name,
        session=SESSION,
        value=float(own.values.iloc[-1]),
        state=State.FINAL,
        coverage=coverage,
        observed=SESSION,
        sources=("yahoo",),
        measures=measures_at(SIGNALS[name], own, len(own.values) - 1),
    )


def withheld(name: str, reason: str) -> Snapshot:
    """The snapshot with one reading withheld."""
    full = snapshot()
    missing = replace(full.readings[name], value=None, state=State.WITHHELD, reason=reason, measures=Measures())
    return replace(full, readings={**full.readings, name: missing})
