"""A study that somebody asks for: the question, what the past answers, and that everybody asks one at a time.

`work_out` is pure: a market and the readings of one signal in, counts and the material of a picture out.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import numpy as np
import pandas as pd

from bot.charts.inputs import Materials
from bot.commands.signal_search import quoted
from bot.domain.chart import Kind, Picture, Sketch
from bot.domain.model import AlertSpec
from bot.domain.model import Condition as Speaks
from bot.errors import UserError
from signals.core.market import Market
from signals.core.measures import measure
from signals.core.panel import Panel
from signals.event_study import Condition, Outcome, Plan, Result, study

HORIZONS = (1, 5, 21, 63)
"""Sessions over which every study looks."""

LONGEST = 252
"""The longest horizon that may be asked for beside them: a year."""


@dataclass(frozen=True, slots=True)
class Question:
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
    def condition(self) -> Condition:
        """The condition of the spec as studies know it. Raises ValueError for `outside` without a second level."""
        level, high = self.spec.level, self.spec.level_high
        match self.spec.condition:
            case Speaks.ABOVE:
                return Condition(above=level)
            case Speaks.BELOW:
                return Condition(below=level)
            case Speaks.CROSSES:
                return Condition.crosses(level)
        if high is None:
            raise ValueError("outside needs two levels")
        return Condition.outside(level, high)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the past says, over each horizon. `session`: the newest one that was looked at.

    `least`, `greatest`: of all readings that were looked at, None without any. `picture`: of the outcome, where it can be drawn.
    """

    outcome: Outcome
    results: tuple[Result, ...]
    session: date
    least: float | None
    greatest: float | None
    picture: Picture | None = None


class Scholar(Protocol):
    """Answers questions from all years that there are."""

    async def study(self, question: Question) -> Answer:
        """What the past says. Raises UserError for an outcome that nobody has prices of."""


@dataclass
class Studies:
    """One study at a time for each person, because each takes the worker process for a moment."""

    scholar: Scholar
    _asking: set[int] = field(default_factory=set)

    async def ask(self, person: int, question: Question) -> Answer:
        """The answer. Raises UserError while this person's last question is still open, and as `Scholar.study` does."""
        if person in self._asking:
            raise UserError("Your last study is still being counted. Ask again when it is there.")
        self._asking.add(person)
        try:
            return await self.scholar.study(question)
        finally:
            self._asking.discard(person)


def outcome_of(question: Question, known: Collection[str]) -> Outcome:
    """The outcome that was meant, of the `known` tickers. Raises UserError for others, for a difference of a difference and for a
    ticker minus itself."""
    try:
        outcome = Outcome.parse(question.outcome, known)
        versus = None if question.versus is None else Outcome.parse(question.versus, known)
        return outcome if versus is None else outcome.less(versus)
    except KeyError as error:
        raise UserError(
            f'There are no prices of "{quoted(error.args[0])}". Try ^IXIC (the Nasdaq) or RSP-SPY (one ticker minus another).'
        ) from None
    except ValueError as error:
        raise UserError(str(error)) from None


def work_out(
    question: Question, outcome: Outcome, market: Market, values: pd.Series
) -> tuple[Answer, Sketch, Materials]:
    """The answer without its picture, and what the picture is drawn from.

    `values`: final values of the signal, index = `market.days`. The market holds the outcome's tickers.
    """
    spec = question.spec
    prices = outcome.prices(Panel(market))
    results = study(measure(values, spec.measure), prices, Plan(question.condition, question.horizons))
    known = measure(values, spec.measure).dropna().to_numpy(dtype=float)
    session = market.last.date()
    condition = question.condition
    sketch = Sketch(
        Kind.OUTCOME, session, (spec.signal, outcome.name), spec.measure, above=condition.above, below=condition.below
    )
    materials = Materials(
        pd.DataFrame({spec.signal: values}),
        pd.DataFrame(dict(zip(outcome.tickers, map(np.asarray, prices), strict=True)), index=market.days),
    )
    least, greatest = (float(known.min()), float(known.max())) if len(known) else (None, None)
    return Answer(outcome, results, session, least, greatest), sketch, materials
