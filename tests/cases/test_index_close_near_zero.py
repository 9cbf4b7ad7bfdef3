"""An index closes at 0.0001 after 2583, as Yahoo's ^RUT and ^VIX did (ranaroussi/yfinance#2704)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from bot.archive.location import ArchiveLocation
from bot.domain.fetched import Fetched
from bot.ingest import worker_tasks


def test_the_bar_is_held_back_as_suspicious(tmp_path: Path) -> None:
    location = ArchiveLocation(tmp_path / "market.db", date(2024, 1, 2), date(2026, 12, 31))
    calendar = location.calendar
    days = calendar.between(date(2025, 12, 1), date(2025, 12, 19))
    closes = pd.Series([2570.0 + index for index in range(len(days))], index=pd.DatetimeIndex(days))
    closes.iloc[-1] = 0.0001
    for part in (closes.iloc[:-1], *(closes.iloc[5:] for _ in range(10))):
        at = calendar.final_at(part.index[-1].date()) + timedelta(minutes=10)
        bars = pd.DataFrame({"close": part, "adj_close": part})
        worker_tasks.store(location, Fetched("yahoo", at, bars={"^RUT": bars}))
    with location.open() as archive:
        market = archive.market(calendar)
    assert market.last.date() == days[-1]
    assert "^RUT" in market.suspicious
    assert market.close["^RUT"].dropna().iloc[-1] == 2583.0
