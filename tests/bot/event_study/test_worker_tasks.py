"""What studies and track records load: no more than they are made of, and never less."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from bot.archive import Archive
from bot.calendar.clock import Calendar
from bot.domain.fetched import Fetched
from bot.domain.model import ConditionKey, Direction
from bot.event_study.track_record import TrackRecordHistory, inputs_of, of_few_prices
from bot.event_study.worker_tasks import studied
from signals import catalogue
from signals.core.inputs import tickers_of
from signals.core.model import Measure
from signals.event_study import Outcome
from tests.signals.markets import random_market

CALENDAR = Calendar(date(2023, 1, 3), date(2026, 3, 31))
OF_FUTURES = ("rates.priced_cuts", "rates.sep_gap")
NASDAQ = Outcome("^IXIC")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """An archive of 330 sessions with what the Fed's path is read from, the outcomes, and a share beside them."""
    given = random_market(0)
    inputs = {name for signal in OF_FUTURES for name in catalogue.signal(signal).inputs}
    tickers = tickers_of({*inputs, "^IXIC", "RSP", "SPY", "AAPL"}, given.close.columns)
    fetched = Fetched(
        "dice",
        datetime(2026, 1, 2, tzinfo=UTC),
        bars={
            ticker: pd.DataFrame({"close": given.close[ticker], "adj_close": given.adj_close[ticker]})
            for ticker in tickers
        },
        observations={name: frame for name, frame in given.series.items() if name in inputs},
        records={name: frame for name, frame in given.records.items() if f"records:{name}" in inputs},
    )
    with Archive.open(tmp_path_factory.mktemp("studies") / "market.db") as opened:
        opened.store(fetched, CALENDAR, live=False)
        yield opened


@pytest.mark.parametrize("name", OF_FUTURES)
def test_a_study_of_futures_counts_the_readings_that_all_prices_give(archive: Archive, name: str) -> None:
    readings = catalogue.compute(archive.market(CALENDAR), [name])[name].values
    assert readings.notna().sum() > 200

    market, histories = studied(archive, CALENDAR, name, NASDAQ)

    np.testing.assert_array_equal(histories[name].values.to_numpy(), readings.to_numpy())
    assert {"^IXIC", "AAPL"} - set(market.close.columns) == {"AAPL"}


def test_the_track_record_of_futures_is_that_of_all_prices(archive: Archive) -> None:
    whole = archive.market(CALENDAR)
    levels = {name: float(catalogue.compute(whole, [name])[name].values.median()) for name in OF_FUTURES}
    keys = [ConditionKey(name, Measure.VALUE, Direction.ABOVE, level) for name, level in levels.items()]
    light, inputs = of_few_prices(keys)
    assert (light, inputs) == (tuple(keys), inputs_of(keys))

    counted = TrackRecordHistory.over(archive.market(CALENDAR, only=inputs), keys).at(whole.last.date())

    assert counted == TrackRecordHistory.over(whole, keys).at(whole.last.date())
    assert all(record.next_day.n > 0 for record in counted.values())
    assert counted.keys() == set(keys)
