"""An index closes at 0.0001 after 2583, as Yahoo's ^RUT and ^VIX did (ranaroussi/yfinance#2704)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from bot.archive import Archive
from bot.calendar.clock import Calendar
from bot.domain.fetched import Fetched


@pytest.mark.xfail(
    strict=True,
    raises=AssertionError,
    reason="only jumps of the size of a split or of a unit error are suspicious, and this one is larger than all of them",
)
def test_the_bar_is_held_back_as_suspicious(tmp_path: Path) -> None:
    calendar = Calendar(date(2024, 1, 2), date(2026, 12, 31))
    days = calendar.between(date(2025, 12, 1), date(2025, 12, 19))
    closes = pd.Series([2570.0 + index for index in range(len(days))], index=pd.DatetimeIndex(days))
    closes.iloc[-1] = 0.0001
    with Archive.open(tmp_path / "market.db") as archive:
        for part in (closes.iloc[:-1], closes.iloc[5:]):
            at = calendar.final_at(part.index[-1].date()) + timedelta(minutes=10)
            bars = pd.DataFrame({"close": part, "adj_close": part})
            archive.store(Fetched("yahoo", at, bars={"^RUT": bars}), calendar)
        assert "^RUT" in archive.market(calendar).suspicious
