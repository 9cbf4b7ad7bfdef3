"""How unusual a figure is against its own past: the last time it was as low or high, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from bot.formatting import formats, numerals
from signals.core.rolling import YEAR

_THIS_YEAR = 330
NOTABLE = 20
"""Sessions; a figure that was as far out within so many is not worth words."""


@dataclass(frozen=True, slots=True)
class Since:
    """The last time a figure was as far out as on the last session, in the same direction.

    Attributes:
        sessions: how many sessions ago, at least 1; where it never was, the number of known
            sessions.
        day: that session; None where there was none.
        words: follow "its worst day" or "the lowest": `since March 12, 2020`, `in at least 14
            years`; empty where it was too recent.
    """

    sessions: int
    day: date | None
    words: str

    @property
    def rarity(self) -> float:
        """Base-2 logarithm of `sessions`: 0 for 1, 4.4 for a month, 8 for a year, 10.3 for five."""
        return float(np.log2(self.sessions))


UNREMARKABLE = Since(1, None, "")


def since(values: pd.Series, *, lowest: bool) -> Since:
    """The last time before its end that a series (index: sessions) was as low, or high, as there.

    NaN values are skipped. A series that is empty or ends with NaN gives `UNREMARKABLE`.
    """
    if not len(values) or not np.isfinite(values.iloc[-1]):
        return UNREMARKABLE
    numbers = values.to_numpy(dtype=float)
    now, earlier = numbers[-1], numbers[:-1]
    with np.errstate(invalid="ignore"):
        as_far_out = np.flatnonzero(earlier <= now if lowest else earlier >= now)
    known_count = int(np.isfinite(earlier).sum())
    if not len(as_far_out):
        return Since(max(known_count, 1), None, _at_least(known_count))
    then, today = values.index[int(as_far_out[-1])].date(), values.index[-1].date()
    sessions = len(numbers) - 1 - int(as_far_out[-1])
    return Since(sessions, then, f"since {long_day(then, today)}" if sessions > NOTABLE else "")


def long_day(then: date, today: date) -> str:
    """`November 21`; with its year where it is more than 330 days ago."""
    return formats.long_day(then, year=(today - then).days > _THIS_YEAR)


def _at_least(sessions: int) -> str:
    if sessions < YEAR:
        return ""
    return "in more than a year" if sessions < 2 * YEAR else f"in at least {numerals.numeral(sessions // YEAR)} years"


def new_extreme(values: pd.Series, *, lowest: bool, sessions: int) -> Since | None:
    """As `since`, for a series that ends at its lowest, or highest, in `sessions` sessions.

    None where it does not, or where the session before was such an extreme already.
    """
    last = since(values, lowest=lowest)
    if not last.words or last.sessions < sessions:
        return None
    return last if since(values.iloc[:-1], lowest=lowest).sessions < sessions else None
