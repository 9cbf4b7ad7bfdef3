"""How unusual a figure is against its own past: the last time it was as far out, in words that a person would use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from bot.formatting import formats

YEAR = 252
_THIS_YEAR = 330
NOTABLE = 20
"""Sessions: what was last seen within them is nothing to speak of."""


@dataclass(frozen=True, slots=True)
class Since:
    """When a figure was last as far out as on the last session, in its direction.

    `sessions` ago, at least one; without a `day` it never was, and `sessions` are all that are known. `words` belong behind "its
    worst day", "the lowest": `since 12 March 2020`, `in at least 14 years`; empty where it is not worth a word.
    """

    sessions: int
    day: date | None
    words: str

    @property
    def rarity(self) -> float:
        """Doublings of the number of sessions since: 0 for yesterday, 4.4 for a month, 8 for a year, 10.3 for five years."""
        return float(np.log2(self.sessions))


NEVER_MIND = Since(1, None, "")


def since(values: pd.Series, *, lowest: bool) -> Since:
    """The last time before its end at which a series (index: sessions) was as low, or as high, as it ends.

    Values that are not known are passed over; a series without a known end is nothing unusual.
    """
    if not len(values) or not np.isfinite(values.iloc[-1]):
        return NEVER_MIND
    numbers = values.to_numpy(dtype=float)
    now, earlier = numbers[-1], numbers[:-1]
    with np.errstate(invalid="ignore"):
        found = np.flatnonzero(earlier <= now if lowest else earlier >= now)
    known = int(np.isfinite(earlier).sum())
    if not len(found):
        return Since(max(known, 1), None, _at_least(known))
    then, today = values.index[int(found[-1])].date(), values.index[-1].date()
    sessions = len(numbers) - 1 - int(found[-1])
    return Since(sessions, then, f"since {long_day(then, today)}" if sessions > NOTABLE else "")


def long_day(then: date, today: date) -> str:
    """`21 November`, with its year once it is nearly a year ago."""
    return formats.long_day(then) + (f" {then.year}" if (today - then).days > _THIS_YEAR else "")


def _at_least(sessions: int) -> str:
    if sessions < YEAR:
        return ""
    return "in more than a year" if sessions < 2 * YEAR else f"in at least {formats.numeral(sessions // YEAR)} years"


def fresh(values: pd.Series, *, lowest: bool, sessions: int) -> Since | None:
    """The same where a series ends at its lowest, or highest, in so many sessions, and had not ended there a session before."""
    found = since(values, lowest=lowest)
    if not found.words or found.sessions < sessions:
        return None
    return found if since(values.iloc[:-1], lowest=lowest).sessions < sessions else None
