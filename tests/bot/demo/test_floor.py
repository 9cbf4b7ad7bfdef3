"""Who acts in the demo: a person's requests come first, and the play waits until nobody has asked for a while."""

from __future__ import annotations

import asyncio

from bot.demo.floor import QUIET_SECONDS, Floor


class Watch:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_session_may_land_at_once_while_nobody_has_asked_for_anything() -> None:
    assert Floor(now=Watch()).wait() <= 0


async def test_the_play_waits_fifteen_seconds_after_the_end_of_an_answer() -> None:
    watch = Watch()
    floor = Floor(now=watch)
    async with floor.person():
        watch.now += 40
        assert floor.wait() > 0
    assert floor.wait() == QUIET_SECONDS == 15
    watch.now += 14
    assert floor.wait() == 1
    watch.now += 1
    assert floor.wait() <= 0


async def test_what_the_page_asks_by_itself_keeps_no_session_waiting() -> None:
    floor = Floor(now=Watch())
    async with floor.person(asks=False):
        pass
    assert floor.wait() <= 0


async def test_a_request_during_a_step_of_the_play_is_answered_after_it() -> None:
    floor, order = Floor(), list[str]()

    async def ask() -> None:
        async with floor.person():
            order.append("answer")

    async with floor.step():
        asking = asyncio.create_task(ask())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        order.append("session")
    await asking
    assert order == ["session", "answer"]
