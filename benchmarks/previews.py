"""The preview of an alert: what it would have done in five years, and the search for a better
level.
"""

from __future__ import annotations

import asyncio
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from benchmarks.figures import calendar, market_of
from benchmarks.row import Row, under
from bot.alerts.validation import ValidatedSpec
from bot.calendar.clock import SystemClock
from bot.commands.alerts.draft import AlertDraft
from bot.commands.alerts.preview import preview
from bot.commands.context import Caller, Core
from bot.database.connection import Store
from bot.domain.model import AlertSpec, Condition
from bot.readings import compute
from bot.readings.state import ReadingState
from signals import catalogue
from signals.core.model import Measure

NOW = datetime(2026, 1, 2, 14, 0, tzinfo=UTC)


def previews() -> Row:
    """Each signal with two levels that it never reaches, so that others are looked for.

    Cold, as the first person sees it.
    """
    market = market_of(compute.SHOWN_SESSIONS + catalogue.TAIL)
    snapshot = compute.compute(market, catalogue.compute(market), since=None, now=NOW).snapshot
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "bot.db")
        core = Core(store, ReadingState(), SystemClock(), calendar(), catalogue.SIGNALS)
        core.readings.put(snapshot)
        taken = {}
        for spec in _never(core):
            core.readings.put(snapshot)
            draft = AlertDraft(ValidatedSpec(spec, core.signals[spec.signal]))
            begun = perf_counter()
            preview(core, Caller(1, can_post=True), draft)
            taken[spec.signal] = perf_counter() - begun
        asyncio.run(store.close())
    slowest = max(taken, key=taken.__getitem__)
    note = f"slowest: {slowest}; {len(taken)} signals"
    return under("preview of an alert, the slowest signal", taken[slowest] * 1e3, 300.0, unit="ms", note=note)


def _never(core: Core) -> list[AlertSpec]:
    """Outside the least and the greatest z-score of each signal that has any: a z-score may have
    any level.
    """
    specs = []
    for name, signal in core.signals.items():
        values = core.readings.series(name, Measure.Z_1Y).dropna()
        if len(values):
            low, high = float(values.min()) - 1, float(values.max()) + 1
            specs.append(AlertSpec(signal.id, Measure.Z_1Y, Condition.OUTSIDE, round(low, 2), round(high, 2)))
    return specs


ROWS = (previews,)
