"""The picture of a study: its chart request and inputs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from bot.charts.inputs import ChartInputs
from bot.domain.chart_request import ChartKind, ChartRequest
from bot.event_study.model import StudyQuestion
from bot.sources.simulated import SIMULATED_MARKET
from signals.core.market import Market
from signals.core.model import History
from signals.core.panel import Panel
from signals.event_study import HORIZONS, Outcome


def study_chart(
    question: StudyQuestion, outcome: Outcome, market: Market, histories: Mapping[str, History]
) -> tuple[ChartRequest, ChartInputs]:
    """The chart request and inputs of an outcome.

    `histories`: those that its signal is measured by (`columns_of`), on `market.days`. The market holds the
    outcome's tickers.
    """
    spec, condition = question.spec, question.condition
    request = ChartRequest(
        ChartKind.OUTCOME,
        market.last.date(),
        (spec.signal, outcome.name),
        spec.measure,
        above=condition.above,
        below=condition.below,
        horizon=None if question.horizon in HORIZONS else question.horizon,
        labels=(question.label,) if question.label else (),
    )
    closes = dict(zip(outcome.tickers, map(np.asarray, outcome.prices(Panel(market))), strict=True))
    values = pd.DataFrame({name: history.values for name, history in histories.items()})
    simulated = SIMULATED_MARKET.name in market.sources.values()
    return request, ChartInputs(values, pd.DataFrame(closes, index=market.days), simulated=simulated)
