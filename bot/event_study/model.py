"""What followed a condition in the past, as it was known after one session: the nouns beside an alert's message."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from bot.domain.model import Direction
from signals.core.model import Measure
from signals.event_study import Outcome, Tally

NEXT_DAY = (Outcome("^IXIC"), 1)
"""Whether the Nasdaq rose in the session after."""

NEXT_MONTH = (Outcome("RSP", "SPY"), 21)
"""Whether equal weight beat cap weight over the 21 sessions after."""


@dataclass(frozen=True, slots=True)
class Watched:
    """One side of a condition on a measure of a signal, as a trigger has it; the re-arm band does not matter here."""

    signal: str
    measure: Measure
    direction: Direction
    level: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """Episodes since `year`, with complete outcomes of either kind, up to one session."""

    year: int
    next_day: Tally
    next_month: Tally


Noted = Mapping[date, Mapping[Watched, Evidence]]
"""For each session what was known after it of what followed each condition."""


class Historian(Protocol):
    """Counts what followed conditions, as it was known after sessions."""

    async def count(self, watched: Collection[Watched], sessions: Collection[date]) -> Noted:
        """For each session that is known what was known then; conditions without a reading by then are left out."""
