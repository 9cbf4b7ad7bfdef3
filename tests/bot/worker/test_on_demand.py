"""The worker for people: started on demand, ended when idle, bounded in how many wait and how long one takes."""

from __future__ import annotations

import asyncio
import os
import time

import pytest

from bot.errors import UserError
from bot.worker.on_demand import OnDemandWorker
from bot.worker.process import Worker
from tests.bot.worker.test_process import add, alive, fail

pytestmark = pytest.mark.slow

LONG = 600.0


async def ended(pid: int) -> None:
    """Wait until a process has ended."""
    async with asyncio.timeout(20):
        while alive(pid):
            await asyncio.sleep(0.02)


async def test_no_process_is_there_before_and_a_while_after_a_call_and_the_next_call_starts_one() -> None:
    inner = Worker(niceness=5, idle_seconds=0.01)
    worker = OnDemandWorker(inner)
    try:
        assert inner._process is None
        pid = await worker.run(os.getpid)
        await ended(pid)
        assert inner._process is None
        assert await worker.run(os.nice, 0) == os.nice(0) + 5
    finally:
        await worker.close()


async def test_a_call_that_takes_too_long_is_ended_and_the_next_one_works() -> None:
    worker = OnDemandWorker(Worker(), call_seconds=LONG)
    try:
        pid = await worker.run(os.getpid)
        worker._call_seconds = 0.2
        with pytest.raises(UserError, match="That takes too long to compute"):
            await worker.run(time.sleep, LONG)
        await ended(pid)
        worker._call_seconds = LONG
        assert await worker.run(add, 2, 3) == 5
        with pytest.raises(ValueError, match="no such thing"):
            await worker.run(fail, "no such thing")
    finally:
        await worker.close()


async def test_what_waits_is_bounded_and_who_gives_up_makes_room_when_the_process_is_done() -> None:
    worker = OnDemandWorker(Worker(), most_waiting=3)
    try:
        await worker.run(add, 1, 1)
        asked = [asyncio.create_task(worker.run(time.sleep, LONG)) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(UserError, match="Many people are asking"):
            await worker.run(add, 1, 1)
        for waiting in asked[1:]:
            waiting.cancel()
        await asyncio.gather(*asked[1:], return_exceptions=True)
        assert worker._waiting == 1
        asked[0].cancel()
        await asyncio.gather(asked[0], return_exceptions=True)
        assert worker._waiting == 1
    finally:
        await worker.close()


async def test_closing_ends_what_is_under_way() -> None:
    worker = OnDemandWorker(Worker())
    pid = await worker.run(os.getpid)
    under_way = asyncio.create_task(worker.run(time.sleep, LONG))
    await asyncio.sleep(0)
    await worker.close()
    await ended(pid)
    await asyncio.gather(under_way, return_exceptions=True)
    assert under_way.cancelled()


async def test_what_needs_the_memory_has_no_process_beside_it_and_calls_wait_meanwhile() -> None:
    worker = OnDemandWorker(Worker())
    try:
        asked = asyncio.create_task(worker.run(os.getpid))
        await asyncio.sleep(0)
        async with worker.without_process():
            assert asked.done(), "the call under way ends first"
            await ended(asked.result())
            waiting = asyncio.create_task(worker.run(add, 2, 3))
            await asyncio.sleep(0.05)
            assert worker._worker._process is None
        assert await waiting == 5
    finally:
        await worker.close()


async def test_what_needs_the_memory_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.worker.on_demand.LONGEST_WAIT_SECONDS", 0.01)
    worker = OnDemandWorker(Worker())
    try:
        under_way = asyncio.create_task(worker.run(time.sleep, LONG))
        await asyncio.sleep(0)
        async with worker.without_process():
            assert not under_way.done()
            assert worker._worker._process is not None
        assert worker._turn.locked(), "the call still has its turn"
    finally:
        await worker.close()
