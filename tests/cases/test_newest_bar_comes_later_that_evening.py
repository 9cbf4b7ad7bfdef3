"""At the evening's update Yahoo has no bar of the day yet, a quarter of an hour later it has (ranaroussi/yfinance#2895)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from bot.database.codec import rows
from bot.database.connection import Store
from bot.database.places import destinations, summary_channels
from bot.ingest import worker_tasks
from bot.outbox import summary_schedule
from bot.readings.service import ReadingService
from bot.worker.process import Worker
from signals import catalogue
from tests.cases.price_updates import PriceSource, PriceUpdates, price_updates
from tests.helpers import utc

SESSION = date(2025, 8, 6)
SPREAD = "weighting.rsp_spy.spread_1d"


def lacks_the_newest_until_five(ticker: str, session: date, now: datetime) -> bool:
    return session == SESSION and now < utc("2025-08-06 21:00")


def lacks_the_newest_until_twenty_to(ticker: str, session: date, now: datetime) -> bool:
    return session == SESSION and now < utc("2025-08-06 20:40")


async def test_prices_are_asked_for_again_within_the_evening(tmp_path: Path, worker: Worker) -> None:
    async with price_updates(tmp_path, worker, PriceSource(lacks_the_newest_until_five)) as updates:
        await updates.tick_at(utc("2025-08-05 22:00"))
        for quarter_hours in range(27):
            await updates.tick_at(utc("2025-08-06 20:30") + timedelta(minutes=15 * quarter_hours))
    inventory = await worker.run(worker_tasks.inventory, updates.location)
    newest = list(inventory.tickers.values())
    assert newest.count(SESSION) > 0.9 * len(newest)


@pytest.fixture
async def updates(tmp_path: Path, worker: Worker) -> AsyncIterator[PriceUpdates]:
    async with price_updates(tmp_path, worker, PriceSource(lacks_the_newest_until_twenty_to)) as made:
        await made.tick_at(utc("2025-08-05 22:00"))
        yield made


async def test_a_bar_that_is_a_quarter_of_an_hour_late_is_judged_and_summarized_that_evening(
    updates: PriceUpdates, worker: Worker, tmp_path: Path
) -> None:
    service, calendar = updates.service, updates.service.runner.calendar
    readings = ReadingService(
        worker,
        updates.location,
        calendar,
        catalogue.SIGNALS,
        quotes=lambda: None,
        prices_at=lambda: service.succeeded_at("prices"),
    )
    judged: dict[date, datetime] = {}
    async with Store.open(tmp_path / "people.db") as store:
        place = await store.run(destinations.channel_destination, 810, 800, now=utc("2025-08-06 12:00"))
        channel = {"zone": "America/New_York", "at": time(17), "created_by": 5, "now": utc("2025-08-06 12:00")}
        await store.run(summary_channels.put, place.id, **channel)  # type: ignore[arg-type]
        for minute in (24, 26, 30, 38, 54, 64):
            now = utc("2025-08-06 20:00") + timedelta(minutes=minute)
            await updates.tick_at(now)
            computed = await readings.compute(None, now)
            assert computed is not None
            for session, of_session in computed.finals:
                if SPREAD in of_session and of_session[SPREAD].value is not None:
                    judged.setdefault(session, now)
            known = summary_schedule.newest_complete(
                computed.snapshot.session,
                made_at=now,
                prices_at=service.succeeded_at("prices"),
                calendar=calendar,
                now=now,
            )
            due = {"now": now, "known": known, "arrivals": service.arrivals}
            await store.run(summary_schedule.enqueue_due, calendar, **due)  # type: ignore[arg-type]
        summaries = await store.read(rows, "SELECT key, state FROM outbox")
    assert judged[SESSION] == utc("2025-08-06 20:54")
    assert summaries == [{"key": "summary:810:2025-08-06", "state": "due"}]
