"""Yahoo enters a dividend of 1.90 as 190, so every older adjusted close falls by 28% (ranaroussi/yfinance#2031, #2666)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from bot.archive.location import ArchiveLocation
from bot.ingest import worker_tasks
from tests.support import yahoo_stand_in


def evening(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 21, 30, tzinfo=UTC)


@pytest.mark.parametrize("reported", [True, False])
async def test_the_return_stays_near_the_raw_one(tmp_path: Path, reported: bool) -> None:
    location = ArchiveLocation(tmp_path / "market.db", date(2024, 1, 2), date(2026, 12, 31))
    async with yahoo_stand_in(tmp_path / "cache") as yahoo:
        days = yahoo.calendar.between(date(2025, 11, 3), date(2025, 12, 19))
        closes = 680 + np.cumsum(np.random.default_rng(1).normal(0, 3, len(days)))
        adjusted = closes.copy()
        adjusted[:-1] *= 1 - 190 / closes[-2]
        yahoo.set_bars("SPY", days[:-1], closes[:-1].tolist())
        worker_tasks.store(location, await yahoo.fetch_bars(["SPY"], days[0], days[-2], evening(days[-2])))
        paid = {days[-1]: 190.0} if reported else None
        yahoo.set_bars("SPY", days, closes.tolist(), adjusted.tolist(), dividends=paid)
        worker_tasks.store(location, await yahoo.fetch_bars(["SPY"], days[-8], days[-1], evening(days[-1])))
        with location.open() as archive:
            market = archive.market(yahoo.calendar)
            [stored] = archive.doubts()
    total, raw = (
        float(frame["SPY"].iloc[-1] / frame["SPY"].iloc[-2] - 1) for frame in (market.adj_close, market.close)
    )
    assert total == pytest.approx(raw)
    assert ("$190 of Dec 19, 2025 is 28% of the close" in stored.doubt.sentence) is reported
