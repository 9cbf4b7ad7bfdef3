"""After a power cut yfinance's cookie file is no database any more (ranaroussi/yfinance#1573, #1674)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.errors import SourceError
from tests.support import yahoo_stand_in


@pytest.mark.xfail(
    strict=True, raises=SourceError, reason="the broken file is kept and every ticker fails because of it"
)
async def test_the_cache_is_made_anew_and_prices_come(tmp_path: Path) -> None:
    for name in ("cookies.db", "tkr-tz.db"):
        (tmp_path / name).write_bytes(b"not a database" * 200)
    async with yahoo_stand_in(tmp_path) as yahoo:
        days = yahoo.calendar.between(date(2025, 12, 1), date(2025, 12, 19))
        yahoo.set_bars("T", days, [100.0 + index for index in range(len(days))])
        fetched = await yahoo.fetch_bars(["T"], days[0], days[-1], datetime(2025, 12, 19, 21, 30, tzinfo=UTC))
    assert len(fetched.bars["T"]) == 15
