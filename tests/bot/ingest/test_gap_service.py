"""The job of prices as the running bot runs it: late bars, errors inside a 200, closures, and the weekly check."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bot.archive import Archive
from bot.domain.fetched import Fetched, FetchRequest, HealthState
from bot.ingest import planner, worker_tasks
from bot.ingest.gaps import gap_runs
from bot.worker.process import Worker
from tests.cases.price_updates import CALENDAR, PriceSource, PriceUpdates, price_updates
from tests.helpers import utc

TUESDAY, WEDNESDAY, THURSDAY = date(2025, 8, 5), date(2025, 8, 6), date(2025, 8, 7)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MONDAY_EVENING = utc("2025-08-04 22:00")
SHARES = 44
"""Tickers of the catalogue and their twins that are no futures; beside them are 3 futures and 18 contracts on the
federal funds rate."""


BEGINNING = utc("2000-01-01")


@dataclass
class Outside:
    """What the stand-in source lacks and refuses, and what it was asked."""

    late: dict[date, datetime] = field(default_factory=dict)
    closed: set[date] = field(default_factory=set)
    silent_until: datetime = BEGINNING
    hundredfold: dict[str, Collection[date]] = field(default_factory=dict)
    asked: list[tuple[datetime, tuple[str, ...]]] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)

    def lacks(self, ticker: str, session: date, now: datetime) -> bool:
        shut = session in self.closed and "=" not in ticker and "." not in ticker
        return shut or now < self.late.get(session, BEGINNING)


class Watched(PriceSource):
    """In chunks of 25 as Yahoo."""

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside.lacks)
        self._outside = outside

    def split(self, request: FetchRequest) -> list[FetchRequest]:
        tickers = request.tickers
        return [
            FetchRequest(request.start, request.end, tickers=tickers[at : at + 25]) for at in range(0, len(tickers), 25)
        ]

    async def fetch(self, request: FetchRequest, now: datetime) -> Fetched:
        self._outside.asked.append((now, request.tickers))
        self._record.succeeded(now)
        if now < self._outside.silent_until:
            return Fetched("yahoo", now, missing=dict.fromkeys(request.tickers, "internal error"))
        fetched = await super().fetch(request, now)
        gone = self._outside.unknown & fetched.bars.keys()
        bars = {ticker: self._mistaken(ticker, bars) for ticker, bars in fetched.bars.items() if ticker not in gone}
        return replace(fetched, bars=bars, missing=dict.fromkeys(gone, "possibly delisted"))

    def _mistaken(self, ticker: str, bars: pd.DataFrame) -> pd.DataFrame:
        wrong = bars.index.isin([pd.Timestamp(day) for day in self._outside.hundredfold.get(ticker, ())])
        return bars.mul(np.where(wrong, 100.0, 1.0), axis=0)


@dataclass
class Evenings:
    updates: PriceUpdates
    outside: Outside
    location_worker: Worker

    async def each(self, minutes: int, begin: datetime, end: datetime) -> None:
        """Ticks from `begin` to `end`."""
        while begin <= end:
            await self.updates.tick_at(begin)
            begin += minutes * MINUTE

    async def newest(self, ticker: str) -> date:
        found = await self.location_worker.run(worker_tasks.inventory, self.updates.location)
        return found.tickers[ticker]


@pytest.fixture
async def evenings(tmp_path: Path, worker: Worker) -> AsyncIterator[Evenings]:
    """An installation that has all prices up to Monday."""
    outside = Outside()
    async with price_updates(tmp_path, worker, Watched(outside), back=100) as updates:
        await updates.tick_at(MONDAY_EVENING)
        outside.asked.clear()
        yield Evenings(updates, outside, worker)


async def test_while_nothing_of_the_session_is_there_a_try_costs_one_chunk(evenings: Evenings) -> None:
    evenings.outside.late[TUESDAY] = utc("2025-08-05 20:40")
    await evenings.each(1, utc("2025-08-05 20:24"), utc("2025-08-05 21:00"))
    in_vain = [(at, len(tickers)) for at, tickers in evenings.outside.asked if at < utc("2025-08-05 20:40")]
    assert in_vain == [(utc(f"2025-08-05 20:{minute}"), 25) for minute in (24, 26, 30, 38)]
    # Each try began with tickers that had not been tried, so that a late index holds up nobody.
    first, second = (set(tickers) for _, tickers in evenings.outside.asked[:2])
    assert not first & second
    assert evenings.updates.service.succeeded_at("prices") == utc("2025-08-05 20:54")
    assert {await evenings.newest(ticker) for ticker in ("SPY", "^GSPC", "XLY")} == {TUESDAY}


async def test_an_error_inside_a_200_for_every_ticker_is_a_failure(evenings: Evenings) -> None:
    evenings.outside.silent_until = utc("2025-08-05 20:40")
    await evenings.updates.tick_at(utc("2025-08-05 20:24"))
    (shown,) = evenings.updates.service.status.sources
    assert shown.health.state is HealthState.FAILING
    assert shown.health.reason == (
        "yahoo answered, but none of 65 tickers has a close of 2025-08-05 yet (internal error)"
    )
    assert evenings.updates.service.succeeded_at("prices") == MONDAY_EVENING
    await evenings.each(1, utc("2025-08-05 20:24"), utc("2025-08-05 21:00"))
    (shown,) = evenings.updates.service.status.sources
    assert (shown.health.state, shown.gaps.count) == (HealthState.OK, 0)


async def test_on_the_evening_of_a_closure_it_waits_and_says_why(evenings: Evenings) -> None:
    evenings.outside.closed.add(WEDNESDAY)
    await evenings.each(7, utc("2025-08-05 20:24"), utc("2025-08-05 20:40"))
    evenings.outside.asked.clear()
    await evenings.each(7, utc("2025-08-06 20:24"), utc("2025-08-07 12:00"))
    (shown,) = evenings.updates.service.status.sources
    assert shown.health.reason is not None
    assert shown.health.reason.startswith("yahoo answered, but 44 of 65 tickers have no close of 2025-08-06 yet")
    assert evenings.updates.service.status.closures == ()
    assert evenings.updates.service.runner.calendar.is_session(WEDNESDAY)
    # 16 hours: as planned, 21 tickers that are futures came, and 44 were tried 9 times at most.
    assert sum(len(tickers) for _, tickers in evenings.outside.asked) <= 65 + SHARES * 9


async def test_the_next_session_shows_the_closure_and_late_bars_take_it_back(
    evenings: Evenings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "bot.ingest.runner")
    evenings.outside.closed.add(WEDNESDAY)
    service = evenings.updates.service
    for day in (5, 6, 7):
        await evenings.each(7, utc(f"2025-08-0{day} 20:24"), utc(f"2025-08-0{day} 20:40"))
    assert service.status.closures == (WEDNESDAY,)
    assert not service.runner.calendar.is_session(WEDNESDAY)
    assert caplog.messages == [
        "2025-08-06 was no session: no index and nearly no ticker has a close of it, a later session has"
    ]
    assert service.status.sources[0].gaps.count == 0
    evenings.outside.closed.clear()
    caplog.clear()
    await evenings.each(7, utc("2025-08-08 20:24"), utc("2025-08-08 21:40"))
    assert service.status.closures == ()
    assert service.runner.calendar.is_session(WEDNESDAY)
    assert caplog.messages == ["2025-08-06 was a session after all: closes of it have come"]
    with Archive.open(evenings.updates.location.path, read_only=True) as archive:
        assert archive.market(CALENDAR, only=["SPY", "XLY"]).close.loc["2025-08-06"].notna().all()


async def test_all_days_are_checked_once_a_week(evenings: Evenings) -> None:
    """A hole in older days, such as a restored archive has, is found by the weekly check and filled."""
    hole, service = date(2025, 6, 6), evenings.updates.service
    await evenings.updates.tick_at(MONDAY_EVENING + MINUTE)
    assert await service.checkpoints.checked_at() == MONDAY_EVENING + MINUTE
    with Archive.open(evenings.updates.location.path) as archive:
        archive.db.execute(f"DELETE FROM bar WHERE day = {hole.toordinal()}")

    def missing() -> bool:
        with Archive.open(evenings.updates.location.path, read_only=True) as archive:
            return bool(archive.market(CALENDAR, only=["SPY"]).close["SPY"].loc[[str(hole)]].isna().all())

    await evenings.each(60 * 12, MONDAY_EVENING + 12 * HOUR, MONDAY_EVENING + timedelta(days=7))
    assert missing()
    await evenings.each(
        5, MONDAY_EVENING + timedelta(days=7, minutes=1), MONDAY_EVENING + timedelta(days=7, minutes=30)
    )
    assert not missing()


async def test_a_bar_that_is_not_believed_is_asked_for_at_growing_distances_until_it_is_right(
    evenings: Evenings,
) -> None:
    service, outside = evenings.updates.service, evenings.outside
    outside.hundredfold["SPY"] = (TUESDAY,)
    await evenings.each(1, utc("2025-08-05 20:24"), utc("2025-08-06 14:00"))
    instants = [at for at, tickers in outside.asked if "SPY" in tickers]
    distances = [(later - at) // MINUTE for at, later in pairwise(instants)]
    assert distances == [2, 5, 8, 16, 32, 64, 128, 256, 512]
    (doubt,) = service.status.doubts
    assert (doubt.doubt.subject, doubt.doubt.day, doubt.times) == ("SPY", TUESDAY, 10)
    assert service.status.sources[0].gaps.names == ("SPY",)
    # The next session refutes it. What is right is still missing.
    await evenings.each(1, utc("2025-08-06 20:24"), utc("2025-08-06 20:30"))
    assert service.status.doubts == ()
    (gap,) = (await service.runner.state()).gaps
    assert (gap.missing.name, gap.missing.day) == ("SPY", TUESDAY)
    outside.hundredfold.clear()
    await evenings.updates.tick_at(gap.next_try + MINUTE)
    assert (await service.runner.state()).gaps == []
    with Archive.open(evenings.updates.location.path, read_only=True) as archive:
        close = archive.market(CALENDAR, only=["SPY", "QQQ"]).close.loc[str(TUESDAY)]
    assert close["SPY"] == close["QQQ"]


async def test_a_rule_that_is_switched_off_withholds_nothing_that_a_job_brings(evenings: Evenings) -> None:
    service = evenings.updates.service
    service.runner = replace(service.runner, rules_off=("unit", "band"))
    evenings.outside.hundredfold["SPY"] = (TUESDAY,)
    await evenings.updates.tick_at(utc("2025-08-05 20:24"))
    assert (await evenings.newest("SPY"), service.status.doubts) == (TUESDAY, ())


async def test_prices_of_the_running_session_are_judged_by_the_rules_that_are_on(evenings: Evenings) -> None:
    """SPY closed at 497 on Monday."""
    runner = evenings.updates.service.runner
    price = pd.DataFrame({"close": 49_700.0, "adj_close": 49_700.0}, index=pd.DatetimeIndex([TUESDAY]))
    quote = Fetched("yahoo", utc("2025-08-05 17:00"), bars={"SPY": price})
    assert set((await runner.judged(quote)).doubts) == {"SPY"}
    assert (await replace(runner, rules_off=("unit", "band")).judged(quote)).doubts == {}


async def test_while_a_source_is_wrong_about_everything_a_try_costs_one_chunk(evenings: Evenings) -> None:
    service, outside = evenings.updates.service, evenings.outside
    members = planner.tickers(await service.runner.inventory(), TUESDAY)
    outside.hundredfold = dict.fromkeys(members, (TUESDAY,))
    await evenings.updates.tick_at(utc("2025-08-05 20:24"))
    assert [len(tickers) for _, tickers in outside.asked] == [25]
    reason = "yahoo answered, but none of 65 tickers has a close of 2025-08-05 yet; 25 closes are not believed"
    assert service.status.sources[0].health.reason == reason
    outside.hundredfold.clear()
    await evenings.each(1, utc("2025-08-05 20:25"), utc("2025-08-05 20:40"))
    assert service.status.doubts == ()
    assert service.status.sources[0].gaps.count == 0


async def test_a_session_of_which_no_price_is_believed_is_no_closure(evenings: Evenings) -> None:
    service, outside = evenings.updates.service, evenings.outside
    members = planner.tickers(await service.runner.inventory(), WEDNESDAY)
    outside.hundredfold = dict.fromkeys(members, (WEDNESDAY,))
    for day in (5, 6, 7):
        await evenings.each(7, utc(f"2025-08-0{day} 20:24"), utc(f"2025-08-0{day} 21:30"))
    assert await evenings.newest("SPY") == THURSDAY
    assert service.status.closures == ()
    assert service.runner.calendar.is_session(WEDNESDAY)
    assert service.status.sources[0].gaps.count == 65
    outside.hundredfold.clear()
    await evenings.each(7, utc("2025-08-08 20:24"), utc("2025-08-08 21:30"))
    assert service.status.sources[0].gaps.count == 0


async def test_a_new_own_ticker_is_fetched_at_once_and_then_with_the_others(evenings: Evenings) -> None:
    service = evenings.updates.service
    service.runner = replace(service.runner, own=lambda: ("TLT", "BTC-USD"))
    service.look_for_own_tickers()
    await evenings.each(1, utc("2025-08-04 22:10"), utc("2025-08-04 22:12"))
    assert [tickers for _, tickers in evenings.outside.asked] == [("TLT", "BTC-USD")]
    assert {await evenings.newest(ticker) for ticker in ("TLT", "BTC-USD")} == {date(2025, 8, 4)}
    assert service.succeeded_at("prices") == MONDAY_EVENING
    evenings.outside.asked.clear()
    await evenings.each(7, utc("2025-08-05 20:24"), utc("2025-08-05 20:40"))
    assert {ticker for _, tickers in evenings.outside.asked for ticker in tickers} > {"TLT", "BTC-USD"}
    assert await evenings.newest("TLT") == TUESDAY


async def test_an_own_ticker_that_its_source_has_no_more_is_gone_and_holds_up_nobody(evenings: Evenings) -> None:
    service = evenings.updates.service
    service.runner = replace(service.runner, own=lambda: ("TLT",))
    service.look_for_own_tickers()
    await evenings.each(1, utc("2025-08-04 22:10"), utc("2025-08-04 22:11"))
    evenings.outside.unknown.add("TLT")
    for day in (5, 6, 7):
        assert service.gone == frozenset()
        await evenings.updates.tick_at(utc(f"2025-08-0{day} 20:24"))
        assert service.succeeded_at("prices") == utc(f"2025-08-0{day} 20:24")
    assert service.gone == frozenset({"TLT"})
    service.runner = replace(service.runner, own=lambda: ())
    await evenings.updates.tick_at(utc("2025-08-08 20:24"))
    assert service.gone == frozenset()


async def test_a_member_that_is_late_is_awaited_while_the_job_has_succeeded(evenings: Evenings) -> None:
    """Of 65 tickers one lacks its close: the prices are complete, and the member comes with the third request for it."""
    service, outside = evenings.updates.service, evenings.outside
    outside.hundredfold["XLY"] = (TUESDAY,)

    def awaited(now: datetime) -> bool:
        inventory = replace(service.state.inventory, members=("XLY",))
        return gap_runs.members_awaited(replace(service.state, inventory=inventory), TUESDAY, now)

    await evenings.updates.tick_at(utc("2025-08-05 20:24"))
    assert service.succeeded_at("prices") == utc("2025-08-05 20:24")
    assert awaited(utc("2025-08-05 20:24"))
    await evenings.each(1, utc("2025-08-05 20:25"), utc("2025-08-05 20:30"))
    assert awaited(utc("2025-08-05 20:30"))
    outside.hundredfold.clear()
    await evenings.updates.tick_at(utc("2025-08-05 20:31"))
    assert not awaited(utc("2025-08-05 20:31"))
    assert await evenings.newest("XLY") == TUESDAY


class HeldOnce:
    """A worker that finds the archive held by somebody else when it is to compare it for the first time."""

    def __init__(self, worker: Worker) -> None:
        self.compared = 0
        self._worker = worker

    async def run(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("full"):
            self.compared += 1
            if self.compared == 1:
                raise sqlite3.OperationalError("database is locked")
        return await self._worker.run(fn, *args, **kwargs)


async def test_a_check_of_all_gaps_that_finds_the_archive_held_is_repeated_within_minutes(
    evenings: Evenings, worker: Worker
) -> None:
    updates = evenings.updates
    service, held = updates.service, HeldOnce(worker)
    await updates.tick_at(MONDAY_EVENING)
    service.runner = replace(service.runner, worker=held)  # type: ignore[arg-type]
    service.look_for_own_tickers()

    for minutes, compared in ((1, 1), (2, 1), (5, 1), (6, 2), (7, 2), (60, 2)):
        await updates.tick_at(MONDAY_EVENING + minutes * MINUTE)
        assert held.compared == compared
