"""A study from a market and the readings of one signal. Pure functions."""

from __future__ import annotations

from collections.abc import Collection

from bot.errors import UserError
from bot.event_study.model import StudyAnswer, StudyQuestion
from bot.formatting.quoting import quoted
from signals import catalogue
from signals.core.market import Market
from signals.core.measures import measure_of
from signals.core.model import History
from signals.core.panel import Panel
from signals.event_study import Outcome, StudyPlan, run_study


def outcome_of(question: StudyQuestion, known: Collection[str]) -> Outcome:
    """The outcome of a question, made of the `known` tickers.

    Raises UserError for other tickers, and for a ticker minus itself.
    """
    try:
        return Outcome.parse(question.outcome, known)
    except KeyError as error:
        raise UserError(
            f"No prices for {quoted(error.args[0])}. Try ^IXIC (the Nasdaq) or RSP-SPY (one ticker minus another)."
        ) from None
    except ValueError as error:
        raise UserError(str(error)) from None


def answer_from(question: StudyQuestion, outcome: Outcome, market: Market, history: History) -> StudyAnswer:
    """The answer without its picture.

    `history`: that of the signal on `market.days`. The market holds the outcome's tickers.
    """
    readings = measure_of(catalogue.signal(question.spec.signal), history, question.spec.measure)
    results = run_study(readings, outcome.prices(Panel(market)), StudyPlan(question.condition, question.horizons))
    numbers = readings.dropna().to_numpy(dtype=float)
    least, greatest = (float(numbers.min()), float(numbers.max())) if len(numbers) else (None, None)
    return StudyAnswer(outcome, results, market.last.date(), least, greatest)
