"""A small world that is made by hand: five years of invented readings, an open store, a clock that stands still."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from bot.alerts import topics
from bot.calendar.clock import Calendar
from bot.commands.context import Core, Quotas
from bot.database.connection import Store
from bot.readings.state import ReadingState, Snapshot
from signals.catalogue import SIGNALS, explain
from signals.core.measures import measure
from signals.core.model import Axis, Coverage, Measure, Measures, Reading, State, Unit
from signals.scenario.score import tally
from signals.scenario.votes import states
from tests.bot.charts.painting import TICKERS

SESSION = date(2026, 1, 13)
NOW = datetime(2026, 1, 13, 21, 30, tzinfo=UTC)
STREAK = "size.russell_sp500.streak"
SPREAD = "weighting.rsp_spy.spread_1d"
SILVER = "havens.silver"
BREADTH = "breadth.sp500.above_50dma"
REAL = "rates.real_10y"
CURVE = "rates.curve_10y2y"


class StillClock:
    """Stands where it is put."""

    def __init__(self, instant: datetime = NOW) -> None:
        self.instant = instant

    def now(self) -> datetime:
        return self.instant

    def advance(self, span: timedelta) -> None:
        self.instant += span


@cache
def calendar() -> Calendar:
    return Calendar(date(2020, 1, 2), date(2026, 12, 31))


@cache
def history() -> pd.DataFrame:
    """Five years of every signal: seeded noise, and by hand the last days of those that texts are tested with."""
    days = pd.DatetimeIndex(calendar().between(date(2021, 1, 4), SESSION))
    chance = np.random.default_rng(7)
    frame = pd.DataFrame({name: _noise(signal.unit, len(days), chance) for name, signal in SIGNALS.items()}, index=days)
    frame[STREAK] = np.where(np.arange(len(days)) % 9 < 4, 2.0, -1.0)
    frame.loc[frame.index[-8:], STREAK] = np.arange(1.0, 9.0)
    frame[SPREAD] = np.where(np.arange(len(days)) % 2 == 0, 0.2, -0.2)
    frame.loc[frame.index[-2:], SPREAD] = [0.1, 0.91]
    frame[SILVER] = np.linspace(20, 85, len(days))
    frame.loc[frame.index[-1], SILVER] = 85.88
    return _with_scenario(frame)


def _with_scenario(frame: pd.DataFrame) -> pd.DataFrame:
    """The scenario's columns as the votes of the other columns make them."""
    for axis in Axis:
        found = tally(axis, list(SIGNALS.values()), lambda signal, vote: states(frame[signal.id].to_numpy(), vote))
        for name, values in (("", found.score), ("_state", found.state), ("_concordance", found.concordance)):
            frame[f"scenario.{axis}{name}"] = values
    return frame


def _noise(unit: Unit, count: int, chance: np.random.Generator) -> np.ndarray:
    steps = chance.normal(0, 1, count)
    if unit.whole:
        return np.abs(np.round(steps)) if unit is not Unit.FLAG else np.zeros(count)
    if unit is Unit.PERCENT:
        return 50 + 10 * np.sin(np.arange(count) / 40) + steps
    return steps


@cache
def snapshot() -> Snapshot:
    frame = history()
    found = {name: _reading(name, frame[name]) for name in SIGNALS}
    explanations = {axis: explain(frame, axis, SESSION) for axis in Axis}
    return Snapshot(
        session=SESSION, readings=found, history=frame, made_at=NOW, explanations=explanations, tickers=TICKERS
    )


def _reading(name: str, values: pd.Series) -> Reading:
    derived = {which.value: float(measure(values, which).iloc[-1]) for which in Measure if which is not Measure.VALUE}
    known = {key: value if np.isfinite(value) else None for key, value in derived.items()}
    coverage = Coverage(497, 503) if name.startswith("breadth.") else None
    return Reading(
        signal=name,
        session=SESSION,
        value=float(values.iloc[-1]),
        state=State.FINAL,
        coverage=coverage,
        observed=SESSION,
        sources=("yahoo",),
        measures=Measures(**known),
    )


def withheld(name: str, reason: str) -> Snapshot:
    """The snapshot with one reading withheld."""
    full = snapshot()
    missing = replace(full.readings[name], value=None, state=State.WITHHELD, reason=reason, measures=Measures())
    return replace(full, readings={**full.readings, name: missing})


def make_core(folder: Path, *, data: bool = True, quotas: Quotas | None = None) -> Core:
    """A core with its own store; `data=False` leaves the board empty."""
    readings = ReadingState()
    if data:
        readings.put(snapshot())
    return Core(
        store=Store.open(folder / "bot.db"),
        readings=readings,
        clock=StillClock(),
        calendar=calendar(),
        signals=SIGNALS,
        quotas=quotas or Quotas(),
        version="1.2.3",
    )


async def with_topics(core: Core) -> Core:
    """The same with the topics of the house in its store."""
    prepared = topics.prepare(core.signals, core.readings.series)
    await core.store.run(topics.ensure, prepared, session=SESSION, now=core.now())
    return core
