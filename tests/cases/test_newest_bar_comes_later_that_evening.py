"""At the evening's update Yahoo has no bar of the day yet, half an hour later it has (ranaroussi/yfinance#2895)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

from bot.ingest import worker_tasks
from bot.worker.process import Worker
from tests.cases.price_updates import PriceSource, price_updates
from tests.helpers import utc

SESSION = date(2025, 8, 6)


def lacks_the_newest_until_five(ticker: str, session: date, now: datetime) -> bool:
    return session == SESSION and now < utc("2025-08-06 21:00")


async def test_prices_are_asked_for_again_within_the_evening(tmp_path: Path, worker: Worker) -> None:
    async with price_updates(tmp_path, worker, PriceSource(lacks_the_newest_until_five)) as updates:
        await updates.tick_at(utc("2025-08-05 22:00"))
        for quarter_hours in range(27):
            await updates.tick_at(utc("2025-08-06 20:30") + timedelta(minutes=15 * quarter_hours))
    inventory = await worker.run(worker_tasks.inventory, updates.location)
    newest = list(inventory.tickers.values())
    assert newest.count(SESSION) > 0.9 * len(newest)
