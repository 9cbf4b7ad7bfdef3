"""What a call leaves of its memory in the worker process."""

from __future__ import annotations

import gc
import math
import time
import weakref
from collections.abc import Iterator

import pytest

from bot.worker import memory
from bot.worker.process import Worker


class Market:
    """Holds what refers to it, as a market holds its histories."""

    def __init__(self) -> None:
        self.histories = [self]


@pytest.fixture
def no_collection() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def compute(seconds: float) -> weakref.ref[Market]:
    """Takes the processor for so long and leaves a market behind."""
    market, until = Market(), time.process_time() + seconds
    while time.process_time() < until:
        math.factorial(500)
    return weakref.ref(market)


@pytest.mark.usefixtures("no_collection")
def test_a_long_call_leaves_no_market_behind() -> None:
    begun = memory.begin()
    left = compute(memory.LONG_SECONDS)
    assert left() is not None
    memory.give_back_after(begun)
    assert left() is None


async def test_the_worker_ends_each_long_call_so(worker: Worker) -> None:
    await worker.run(leave_behind, memory.LONG_SECONDS)
    assert not await worker.run(is_left)


LEFT: list[weakref.ref[Market]] = []
"""What a call in the worker has left."""


def leave_behind(seconds: float) -> None:
    gc.disable()
    LEFT.append(compute(seconds))


def is_left() -> bool:
    gc.enable()
    return LEFT.pop()() is not None


@pytest.mark.usefixtures("no_collection")
def test_a_short_call_costs_no_collection() -> None:
    begun = memory.begin()
    left = compute(0.0)
    memory.give_back_after(begun)
    assert left() is not None
