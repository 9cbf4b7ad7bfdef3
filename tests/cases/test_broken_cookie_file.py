"""After a power cut yfinance's cookie file is no database any more (ranaroussi/yfinance#1573, #1674)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from bot.database.recovery import integrity
from tests.support import yahoo_stand_in


def spoil(folder: Path) -> None:
    """Overwrite the cache with what is no database, journals included."""
    for name in ("cookies.db", "tkr-tz.db"):
        for file in folder.glob(f"{name}*"):
            file.write_bytes(b"not a database" * 2000)


async def test_the_cache_is_made_anew_and_prices_come(tmp_path: Path) -> None:
    for name in ("cookies.db", "tkr-tz.db"):
        (tmp_path / name).write_bytes(b"not a database" * 200)
    async with yahoo_stand_in(tmp_path) as yahoo:
        days = yahoo.calendar.between(date(2025, 12, 1), date(2025, 12, 19))
        yahoo.set_bars("T", days, [100.0 + index for index in range(len(days))])
        fetched = await yahoo.fetch_bars(["T"], days[0], days[-1], datetime(2025, 12, 19, 21, 30, tzinfo=UTC))
    assert len(fetched.bars["T"]) == 15
    assert integrity.damage(tmp_path / "cookies.db") is None
    # Nothing was asked that needs the other one.
    assert not (tmp_path / "tkr-tz.db").exists()


async def test_a_cache_that_breaks_later_is_done_without(tmp_path: Path) -> None:
    async with yahoo_stand_in(tmp_path) as yahoo:
        days = yahoo.calendar.between(date(2025, 12, 1), date(2025, 12, 19))
        for ticker in ("T", "U"):
            yahoo.set_bars(ticker, days, [100.0 + index for index in range(len(days))])
        now = datetime(2025, 12, 19, 21, 30, tzinfo=UTC)
        await yahoo.fetch_bars(["T"], days[0], days[-1], now)
        spoil(tmp_path)
        fetched = await yahoo.fetch_bars(["U"], days[0], days[-1], now)
    assert len(fetched.bars["U"]) == 15
