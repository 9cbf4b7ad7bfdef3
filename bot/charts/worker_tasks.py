"""Tasks of the worker process for charts: it reads closes and draws."""

from __future__ import annotations

import gc
from collections.abc import Collection
from datetime import datetime

import pandas as pd

from bot.archive.location import ArchiveLocation
from bot.charts.inputs import ChartInputs
from bot.domain.chart_request import ChartRequest, Picture


def closes(
    location: ArchiveLocation, tickers: Collection[str], days: pd.DatetimeIndex, known_at: datetime
) -> pd.DataFrame:
    """Closes adjusted for splits and dividends, as known at an instant.

    `days` x those of the tickers that the archive has.
    """
    with location.open() as archive:
        return archive.closes(tickers, days, known_at)


def draw(request: ChartRequest, inputs: ChartInputs) -> Picture | None:
    """The picture of a request, or None where too few values are known; nothing of its figure is left afterwards."""
    # Imported here, so that only the process that draws loads matplotlib.
    from bot.charts import render

    # The parts of a figure refer to each other, and arrays do not count towards a collection: a dozen dead figures, 3 MB each,
    # would wait for one. Kept in the youngest generation they are found in a millisecond.
    gc.disable()
    try:
        return render.draw(request, inputs)
    finally:
        gc.enable()
        gc.collect(0)
