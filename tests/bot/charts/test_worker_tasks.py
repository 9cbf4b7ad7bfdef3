"""What the worker process keeps of the pictures that it has drawn."""

from __future__ import annotations

import gc
from datetime import date

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from bot.charts.inputs import ChartInputs
from bot.charts.worker_tasks import draw
from bot.domain.chart_request import ChartKind, ChartRequest
from tests.bot.charts.looking import sessions

REQUEST = ChartRequest(ChartKind.SIGNAL, date(2025, 12, 31), ("havens.gold",), above=1.0)


def test_a_picture_leaves_no_figure_behind() -> None:
    days = sessions(300)
    values = pd.DataFrame({"havens.gold": np.sin(np.arange(300) / 20)}, index=days)
    gc.collect()
    before = [each for each in gc.get_objects() if isinstance(each, Figure)]
    picture = draw(REQUEST, ChartInputs(values, pd.DataFrame(index=days)))
    after = [each for each in gc.get_objects() if isinstance(each, Figure)]
    assert picture is not None
    assert len(after) == len(before)
    assert gc.isenabled()
