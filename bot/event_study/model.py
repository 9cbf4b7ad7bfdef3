"""Nouns of the event study: what followed a condition as it was known after one session, and a study that a person asks for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from bot.domain.chart_request import Picture
from bot.domain.model import AlertSpec, ConditionKey
from bot.domain.model import Condition as AlertCondition
from signals.event_study import LevelCondition, Outcome, OutcomeCounts, Result

NEXT_DAY = (Outcome("^IXIC"), 1)
"""Whether the Nasdaq rose in the session after."""

NEXT_MONTH = (Outcome("RSP", "SPY"), 21)
"""Whether equal weight beat cap weight over the 21 sessions after."""


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """Episodes since `year`, with complete outcomes of either kind, up to one session."""

    year: int
    next_day: OutcomeCounts
    next_month: OutcomeCounts


TrackRecords = Mapping[date, Mapping[ConditionKey, TrackRecord]]
"""For each session what was known after it of what followed each condition."""


class TrackRecordCounter(Protocol):
    """Counts what followed conditions, as it was known after sessions."""

    async def count(self, watched: Collection[ConditionKey], sessions: Collection[date]) -> TrackRecords:
        """For each session that is known what was known then; conditions without a reading by then are left out."""


HORIZONS = (1, 5, 21, 63)
"""Sessions over which every study looks."""

LONGEST = 252
"""The longest horizon that may be asked for beside them: a year."""


@dataclass(frozen=True, slots=True)
class StudyQuestion:
    """What followed the condition of `spec` (a signal, a measure, one or two levels; the rest of it does not matter).

    `outcome`: a ticker or one minus another; `versus`: a ticker whose return is taken off. `horizon`: the one that the first
    sentence is about.
    """

    spec: AlertSpec
    outcome: str = "^IXIC"
    versus: str | None = None
    horizon: int = 1

    @property
    def horizons(self) -> tuple[int, ...]:
        """The usual ones and the one that was asked for, ascending."""
        return tuple(sorted({*HORIZONS, self.horizon}))

    @property
    def condition(self) -> LevelCondition:
        """The condition of the spec as studies know it. Raises ValueError for `outside` without a second level."""
        level, high = self.spec.level, self.spec.level_high
        match self.spec.condition:
            case AlertCondition.ABOVE:
                return LevelCondition(above=level)
            case AlertCondition.BELOW:
                return LevelCondition(below=level)
            case AlertCondition.CROSSES:
                return LevelCondition.crosses(level)
        if high is None:
            raise ValueError("outside needs two levels")
        return LevelCondition.outside(level, high)


@dataclass(frozen=True, slots=True)
class StudyAnswer:
    """What the past says, over each horizon. `session`: the newest one that was looked at.

    `least`, `greatest`: of all readings that were looked at, None without any. `picture`: of the outcome, where it can be drawn.
    """

    outcome: Outcome
    results: tuple[Result, ...]
    session: date
    least: float | None
    greatest: float | None
    picture: Picture | None = None


class StudyRunner(TrackRecordCounter, Protocol):
    """Answers questions from all years that there are."""

    async def study(self, question: StudyQuestion) -> StudyAnswer:
        """What the past says. Raises UserError for an outcome that nobody has prices of."""
