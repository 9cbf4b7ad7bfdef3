"""Types of the event study: track records as known after a session, studies on request."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from bot.alerts.level_suggestion import Backtest
from bot.domain.chart_request import Picture
from bot.domain.model import AlertSpec, ConditionKey
from bot.domain.model import Condition as AlertCondition
from signals.event_study import HORIZONS, LevelCondition, Outcome, OutcomeCounts, Result

NEXT_DAY = (Outcome("^IXIC"), 1)
"""Whether the Nasdaq rose in the session after."""

NEXT_MONTH = (Outcome("RSP", "SPY"), 21)
"""Whether equal weight beat cap weight over the 21 sessions after."""


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """Complete outcomes of both kinds over the episodes since `year`, up to one session."""

    year: int
    next_day: OutcomeCounts
    next_month: OutcomeCounts


TrackRecords = Mapping[date, Mapping[ConditionKey, TrackRecord]]
"""For each session the track record of each condition as known after it."""


class TrackRecordCounter(Protocol):
    """Counts track records of conditions as known after sessions."""

    async def count(self, conditions: Collection[ConditionKey], sessions: Collection[date]) -> TrackRecords:
        """The track records of each known session.

        Conditions without a reading by then are left out.
        """


class TopicPastCounter(Protocol):
    """Counts the past of topics."""

    async def topic_pasts(self) -> Mapping[str, Backtest]:
        """The past of each topic by its key, over all years up to the last final session.

        Empty while there are no prices.
        """


LONGEST = 252
"""The longest further horizon that can be requested: a year."""


@dataclass(frozen=True, slots=True)
class StudyQuestion:
    """The question what followed the condition of `spec`.

    Of the spec only the signal, the measure and the levels matter. `outcome`: a ticker or one minus
    another. `horizon`: the one that the first sentence is about. `label`: what the signal is called by
    who asked, empty for what has one name for everybody.
    """

    spec: AlertSpec
    outcome: str = "^IXIC"
    horizon: int = 1
    label: str = ""

    @property
    def horizons(self) -> tuple[int, ...]:
        """The usual ones and the requested one, ascending."""
        return tuple(sorted({*HORIZONS, self.horizon}))

    @property
    def condition(self) -> LevelCondition:
        """The condition of the spec in the form of studies.

        Raises ValueError for `outside` without a second level.
        """
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
    """The result of a study over each horizon. `session`: the newest one that was counted.

    `least`, `greatest`: of all readings that were counted, None without any. `picture`: of the
    outcome, where it can be drawn.
    """

    outcome: Outcome
    results: tuple[Result, ...]
    session: date
    least: float | None
    greatest: float | None
    picture: Picture | None = None


class StudyRunner(TrackRecordCounter, TopicPastCounter, Protocol):
    """Runs studies over all years that are known."""

    async def study(self, question: StudyQuestion) -> StudyAnswer:
        """Run a study. Raises UserError for an outcome without prices."""
