"""The verdict of a study's picture is that of its text: the surest horizon, by the share of false discoveries."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from bot.charts.inputs import ChartInputs
from bot.charts.render import lay_out
from bot.domain.chart_request import ChartKind, ChartRequest
from signals.event_study import FALSE_SHARE, LevelCondition, Outcome, StudyPlan, run_study
from tests.bot.charts.looking import sessions

REQUEST = ChartRequest(ChartKind.OUTCOME, date(2025, 12, 31), ("breadth.sp500.above_50dma", "^IXIC"), above=1)
ROWS = 1400


def walk(drift: float) -> tuple[pd.Series, np.ndarray]:
    """A signal above 1 on every 35th session, and a price that gains `drift` per cent on the five sessions after it."""
    dice = np.random.Generator(np.random.PCG64(7))
    signal = np.where(np.arange(ROWS) % 35 == 20, 2.0, 0.0)
    gains = dice.normal(0, 1, ROWS) + drift * (((np.arange(ROWS) - 21) % 35) < 5)
    return pd.Series(signal, index=sessions(ROWS)), 100 * np.exp(np.cumsum(gains) / 100)


@pytest.mark.parametrize(
    ("drift", "title"),
    [(0.0, "No evidence of an edge"), (1.5, "Likely more than chance"), (-1.5, "Likely less than chance")],
)
def test_the_verdict_is_that_of_the_study(drift: float, title: str) -> None:
    values, price = walk(drift)
    frame = pd.DataFrame({REQUEST.names[0]: values})
    drawn = lay_out(REQUEST, ChartInputs(frame, pd.DataFrame({"^IXIC": price}, index=frame.index)))
    assert drawn is not None
    assert drawn.page.figure.texts[0].get_text() == title
    assert drawn.alt.startswith(f"{title}: Nasdaq after ")
    plan = StudyPlan(LevelCondition(above=1), (1, 5, 21, 63))
    results = run_study(values, [price], plan)
    significant = [result.horizon for result in results if result.q is not None and result.q <= FALSE_SHARE]
    assert bool(significant) == (drift != 0)
    columns = [text.get_text() for text in drawn.page.figure.texts if "(q " in text.get_text()]
    assert [int(column.partition(" ")[0]) for column in columns] == significant


def test_a_further_horizon_has_a_column_and_counts_in_the_verdict() -> None:
    values, price = walk(1.5)
    frame = pd.DataFrame({REQUEST.names[0]: values})
    inputs = ChartInputs(frame, pd.DataFrame({"^IXIC": price}, index=frame.index))
    drawn = lay_out(replace(REQUEST, horizon=10), inputs)
    assert drawn is not None
    columns = [text.get_text().partition(" (")[0] for text in drawn.page.figure.texts if "(q " in text.get_text()]
    plan = StudyPlan(LevelCondition(above=1), (1, 5, 10, 21, 63))
    significant = [result.horizon for result in run_study(values, [price], plan) if (result.q or 1) <= FALSE_SHARE]
    assert "10" in columns
    # Five is nearer to ten than 21 is, and there is room for four.
    assert columns == [str(horizon) for horizon in significant if horizon != 5]


def test_few_episodes_have_no_verdict() -> None:
    values, price = walk(1.5)
    frame = pd.DataFrame({REQUEST.names[0]: values.iloc[:140]})
    drawn = lay_out(REQUEST, ChartInputs(frame, pd.DataFrame({Outcome("^IXIC").first: price[:140]}, index=frame.index)))
    assert drawn is not None
    assert drawn.page.figure.texts[0].get_text() == "Too few episodes to tell"
    assert "more than chance" not in drawn.alt
