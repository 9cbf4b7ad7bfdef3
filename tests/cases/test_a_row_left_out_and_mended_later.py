"""Yahoo leaves out one session of a ticker and mends it 13 sessions later (ranaroussi/yfinance#2925, #2622)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd

from bot.archive import Archive
from bot.worker.process import Worker
from signals import catalogue
from tests.cases.price_updates import CALENDAR, PriceSource, price_updates

SESSIONS = CALENDAR.between(date(2025, 7, 1), date(2025, 8, 29))
LEFT_OUT, MENDED = SESSIONS[10], SESSIONS[23]


def lacks_one_until_it_is_mended(ticker: str, session: date, now: datetime) -> bool:
    return (ticker, session) == ("SPY", LEFT_OUT) and now < CALENDAR.final_at(MENDED)


async def test_no_gap_is_left_after_the_source_has_mended_it(tmp_path: Path, worker: Worker) -> None:
    async with price_updates(tmp_path, worker, PriceSource(lacks_one_until_it_is_mended)) as updates:
        # When it is mended, the gap lies further back than what an update asks for.
        for index in (9, 10, 15, 20, 23, 24):
            await updates.tick_at(CALENDAR.final_at(SESSIONS[index]) + timedelta(hours=1))
    with Archive.open(updates.location.path, read_only=True) as archive:
        market = archive.market(CALENDAR)
    closes = market.close["SPY"]
    assert closes.index[-1].date() == SESSIONS[24]
    assert [day.date() for day in closes.index[closes.isna()]] == []
    spread = catalogue.compute(market)["weighting.rsp_spy.spread_1d"].values
    assert spread.loc[[pd.Timestamp(LEFT_OUT), pd.Timestamp(SESSIONS[11])]].notna().all()
