"""Yahoo in its process: what comes back, and what a kill or a silence costs."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from bot.domain.fetched import FetchRequest
from bot.errors import SourceError
from bot.sources.http.raw_archive import RawArchive
from bot.sources.yahoo.failures import (
    BrokenResponseError,
    NoBarsError,
    RateLimitedError,
    UnknownTickerError,
    YahooError,
)
from bot.sources.yahoo.quote_summary import EmptyResponseError
from bot.sources.yahoo.source import Yahoo
from bot.worker.parser import ParserProcess
from tests.support.http_stub import HttpStub, Reply, too_many
from tests.support.yahoo_replies import CRUMB, QUOTES, chart, credentials, quote, quotes

WEEK = [date(2024, 3, 4) + timedelta(days=day) for day in range(5)]
NOW = datetime(2024, 3, 9, 12, tzinfo=UTC)
NOON = datetime(2024, 3, 8, 17, tzinfo=UTC)
REQUEST = FetchRequest(WEEK[0], WEEK[-1], tickers=("SPY",))
CHART = "query2.finance.yahoo.com/v8/finance/chart/SPY"


@pytest.mark.parametrize(
    "failure",
    [
        UnknownTickerError("unknown"),
        NoBarsError("none"),
        EmptyResponseError("empty"),
        RateLimitedError("too many", 30.0),
        BrokenResponseError("down", again=True),
        BrokenResponseError("no crumb", counts=False),
    ],
    ids=str,
)
def test_a_failure_crosses_from_one_process_to_the_other_whole(failure: YahooError) -> None:
    crossed = pickle.loads(pickle.dumps(failure))  # noqa: S301 - what this line has written
    assert (type(crossed), str(crossed), vars(crossed)) == (type(failure), str(failure), vars(failure))


@pytest_asyncio.fixture
async def process() -> AsyncIterator[ParserProcess]:
    running = ParserProcess(seconds=60)
    yield running
    await running.close()


def kept_in(folder: Path) -> int:
    return len(list(folder.glob("payloads/*/*/*.gz")))


async def pid_of(process: ParserProcess) -> int:
    return await process.run(os.getpid)


@pytest.mark.slow
async def test_prices_come_from_another_process_and_a_killed_one_costs_no_more_than_another_request(
    make_yahoo: Callable[..., Yahoo], stub: HttpStub, process: ParserProcess, tmp_path: Path
) -> None:
    credentials(stub)
    stub.on(CHART, chart("SPY", WEEK, [10, 11, 12, 13, 14]), Reply(how="slow"), chart("SPY", WEEK, [20] * 5))
    stub.on(QUOTES, quotes(quote("^GSPC", 512.5, NOON)))
    yahoo = make_yahoo(process=process, raw_archive=RawArchive(tmp_path / "payloads"))

    first = await yahoo.fetch(REQUEST, NOW)
    assert list(first.bars["SPY"]["close"]) == [10, 11, 12, 13, 14]
    assert list((await yahoo.quotes(["^GSPC"], NOON)).bars["^GSPC"]["close"]) == [512.5]
    assert kept_in(tmp_path) == 2

    killed = await pid_of(process)
    assert killed != os.getpid()
    asked = asyncio.create_task(yahoo.fetch(REQUEST, NOW))
    while stub.count(CHART) < 2:
        await asyncio.sleep(0.01)
    os.kill(killed, signal.SIGKILL)

    assert list((await asked).bars["SPY"]["close"]) == [20] * 5
    assert await pid_of(process) not in (killed, os.getpid())


@pytest.mark.slow
async def test_a_request_that_hangs_is_given_up_at_the_limit_and_does_not_hold_up_the_end(
    make_yahoo: Callable[..., Yahoo], stub: HttpStub, process: ParserProcess
) -> None:
    """The process that is ended at the limit has been refused a crumb, which the next one does not ask for either."""
    credentials(stub)
    stub.on(CRUMB, too_many())
    stub.on(QUOTES, too_many())
    stub.on(CHART, Reply(how="slow"))
    yahoo = make_yahoo(process=process, timeout_seconds=300.0)
    with pytest.raises(SourceError, match="without a crumb"):
        await yahoo.quotes(["SPY"], NOON)
    asked_for_crumb = stub.count(CRUMB)
    ended = await pid_of(process)

    process._worker._call_seconds = 0.5
    with pytest.raises(SourceError, match="took longer than"):
        await yahoo.fetch(REQUEST, NOW)
    process._worker._call_seconds = 300.0

    with pytest.raises(SourceError, match="gives no crumb"):
        await yahoo.quotes(["SPY"], NOON)
    assert stub.count(CRUMB) == asked_for_crumb > 0
    assert await pid_of(process) != ended
    asked = asyncio.create_task(yahoo.fetch(REQUEST, NOW))
    while stub.count(CHART) < 2:
        await asyncio.sleep(0.01)
    begun = time.monotonic()
    asked.cancel()
    await yahoo.close()
    await process.close()
    assert time.monotonic() - begun < 15
