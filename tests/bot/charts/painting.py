"""Drawing in tests without a worker process: the real artist and the real drawing, in this process."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection
from typing import Any

import numpy as np
import pandas as pd

from bot.worker.process import Worker

TICKERS = {"AAPL": "Apple", "SMH": "", "^GSPC": "", "NEW": "Newcomer", "FLAT": "Flat"}
"""What is traded in tests: NEW for its last ten sessions only, FLAT without ever moving."""


class Inline(Worker):
    """Runs at once and here what it is asked to, and counts it; `trouble` is raised instead."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[str] = []
        self.trouble: Exception | None = None
        self.before: Callable[[], Any] | None = None

    async def run(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        self.runs.append(fn.__name__)
        if self.before is not None:
            await self.before()
        if self.trouble is not None:
            raise self.trouble
        return fn(*args, **kwargs)


class Walks:
    """Closes that walk at random, the same on every run."""

    async def closes(self, tickers: Collection[str], days: pd.DatetimeIndex) -> pd.DataFrame:
        return pd.DataFrame({name: _walk(name, len(days)) for name in sorted(set(tickers) & set(TICKERS))}, index=days)


def _walk(name: str, count: int) -> np.ndarray:
    if name == "FLAT":
        return np.full(count, 50.0)
    steps = np.random.default_rng(zlib.crc32(name.encode())).normal(0, 0.01, count)
    return np.where((np.arange(count) < count - 10) & (name == "NEW"), np.nan, 100 * np.exp(np.cumsum(steps)))
