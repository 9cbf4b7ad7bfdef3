"""Bars of one ticker as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.archive.date_encoding import Days, Floats


@dataclass(frozen=True, slots=True)
class BarHistory:
    """Bars of one ticker: ordinal days ascending, closes, adjusted closes (NaN = none), all of one length."""

    days: Days
    closes: Floats
    adj: Floats

    def where(self, mask: npt.NDArray[np.bool_]) -> BarHistory:
        """The rows chosen by a mask."""
        return BarHistory(self.days[mask], self.closes[mask], self.adj[mask])


EMPTY = BarHistory(np.array([], dtype=np.int64), np.array([]), np.array([]))
