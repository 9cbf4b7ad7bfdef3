"""What the market of the soak does: its sessions, the value of every signal on each, and levels that are crossed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from bot.calendar.clock import Calendar
from bot.sources.simulated import simulate
from signals import catalogue, expressions
from signals.core.model import Measure, Reading
from tests.soak.people import OWN, Level

BACKFILL_DAYS = 760
"""As many as the program fetches at first with two years in its config."""

FEWEST = 12
"""Sessions from which levels are taken, however short the soak is."""

MEASURES = (Measure.VALUE, Measure.CHANGE_1D, Measure.CHANGE_5D, Measure.PERCENTILE_1Y, Measure.Z_1Y)
SIGNALS = (
    "weighting.rsp_spy.spread_1d",
    "weighting.rsp_spy.spread_21d",
    "size.iwm_spy.streak",
    "havens.gold",
    "havens.silver",
    "havens.oil",
    "sectors.igv_smh.spread_21d",
    "megacap.spread_1d",
    "megacap.spread_21d",
    "breadth.sp500.above_50dma",
    "breadth.sp500.above_200dma",
    "rates.nominal_10y",
    "rates.real_10y",
    "rates.curve_10y2y",
)


@dataclass(frozen=True)
class Truth:
    """Readings of the sessions of the soak, the first of which is the one before it, and of some more of a short one."""

    sessions: Sequence[date]
    window: Sequence[date]
    readings: Mapping[date, Mapping[str, Reading]]

    @classmethod
    def of(cls, first: date, count: int, more: Collection[str] = ()) -> Truth:
        """The truth from the session `first` on, of the signals of the soak and of `more`."""
        calendar = Calendar(first - timedelta(days=BACKFILL_DAYS + 400), first + timedelta(days=2 * count + 90))
        window = calendar.between(first, first + timedelta(days=2 * count + 60))[: max(count, FEWEST) + 1]
        market = simulate(calendar, first - timedelta(days=BACKFILL_DAYS), window[-1])
        own = [expressions.id_of(expressions.parse(typed)) for typed in OWN]
        wanted = dict.fromkeys((*(name for name in SIGNALS if name in catalogue.SIGNALS), *own, *more))
        return cls(
            window[: count + 1], window, catalogue.readings_of(market, catalogue.compute(market, wanted), window)
        )

    def value(self, signal: str, measure: str, session: date) -> float | None:
        """The value of a measure on a session."""
        reading = self.readings[session].get(signal)
        value = None if reading is None or reading.value is None else reading.measure(Measure(measure))
        return None if value is None or value != value else value

    def levels(self) -> list[Level]:
        """Levels of every signal and measure that is known on all sessions: about a third of them lie beyond each."""
        own = {expressions.id_of(expressions.parse(typed)) for typed in OWN}
        pairs = [(name, measure) for name in SIGNALS if name not in own for measure in MEASURES]
        return [level for name, measure in pairs if (level := self._level(name, name, measure)) is not None]

    def own_levels(self) -> dict[str, Level]:
        """Levels of the own signals, by their expressions."""
        found = {
            typed: self._level(expressions.id_of(expressions.parse(typed)), "mine.mine", Measure.VALUE) for typed in OWN
        }
        return {typed: level for typed, level in found.items() if level is not None}

    def _level(self, signal: str, typed: str, measure: Measure) -> Level | None:
        values = pd.Series([self.value(signal, measure.value, session) for session in self.window], dtype=float)
        if values.isna().any() or values.nunique() < 3:
            return None
        low, high = (float(f"{values.quantile(share):.4g}") for share in (0.35, 0.65))
        return Level(typed, measure.value, f"{low:.10g}", f"{high:.10g}") if low < high else None
