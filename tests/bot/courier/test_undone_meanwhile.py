"""The machine sleeps between the claim of a batch and its message; what was claimed may be undone by then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import time, timedelta
from typing import Any

from bot import outbox
from bot.calendar.delivery_times import DeliveryTimes, QuietHours
from bot.courier import Courier, DeliveryPolicy, Pacer
from bot.database import privacy
from bot.database.places import delivery_times
from bot.discord_app.delivery.notifier import DiscordNotifier
from tests.discord_server.world import PERSON_ID
from tests.support import WireDiscord
from tests.support.wire_discord import render_keys

QUIET = DeliveryTimes("UTC", QuietHours(time(22), time(6)))
"""The clock of a new `WireDiscord` shows 21:20."""

HOUR = timedelta(hours=1).total_seconds()
Between = Callable[[], Coroutine[Any, Any, None]]


class Interrupted:
    """The real store, but something happens before a step is begun, once."""

    def __init__(self, wire: WireDiscord, step: Callable[..., Any], between: Between) -> None:
        self._wire, self._step, self._between = wire, step, between
        self.happened = False

    async def run(self, step: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        if step is self._step and not self.happened:
            self.happened = True
            await self._between()
            # The attempt goes on when the machine is awake again.
            named["now"] = self._wire.clock.now()
        return await self._wire.store.run(step, *arguments, **named)

    async def read(self, *arguments: Any, **named: Any) -> Any:
        return await self._wire.store.read(*arguments, **named)


def before(wire: WireDiscord, step: Callable[..., Any], between: Between) -> Courier:
    """A courier in whose first attempt something happens before that step."""
    return wire.courier(store=Interrupted(wire, step, between))


async def quiet(wire: WireDiscord, place: int) -> None:
    await wire.store.run(delivery_times.change, place, lambda _: QUIET, created_by=1, now=wire.clock.now())


async def test_what_a_night_has_overtaken_is_sent_in_the_morning_and_once(wire: WireDiscord) -> None:
    """While its picture is drawn the machine sleeps into the quiet hours, and another look undoes the batch."""
    place = await wire.channel()
    await wire.enqueue(place, "a-chart")
    await quiet(wire, place)

    async def sleep_for_an_hour() -> None:
        wire.clock.advance(HOUR)
        # Another look at the outbox than that of the process whose attempt is under way.
        assert await wire.store.run(outbox.claim_batches, now=wire.clock.now(), lease_seconds=180, limit=9) == []

    courier = before(wire, outbox.begin, sleep_for_an_hour)
    await courier.flush()
    assert wire.contents() == []
    assert await wire.states() == {"a-chart": "due"}
    wire.clock.advance(8 * HOUR)
    await courier.flush()
    assert wire.contents() == ["a-chart"]
    assert await wire.states() == {"a-chart": "sent"}


async def test_an_attempt_whose_claim_is_over_is_claimed_anew_at_once(wire: WireDiscord) -> None:
    await wire.enqueue(await wire.channel(), "a")

    async def sleep_for_an_hour() -> None:
        wire.clock.advance(HOUR)

    await before(wire, outbox.begin, sleep_for_an_hour).flush()
    assert wire.contents() == ["a"]
    assert await wire.states() == {"a": "sent"}


async def test_an_attempt_under_way_is_not_claimed_a_second_time_when_its_lease_ends(wire: WireDiscord) -> None:
    place = await wire.channel()
    await wire.enqueue(place, "slow-chart")
    wire.charts.slow.add("slow-chart")
    courier = wire.courier(policy=DeliveryPolicy(picture_seconds=60.0))
    running = asyncio.create_task(courier.run())
    async with asyncio.timeout(5):
        while not courier._tasks:
            await asyncio.sleep(0.01)
    [batch_id] = courier._tasks
    wire.clock.advance(HOUR)
    now = wire.clock.now()
    look = {"now": now, "under_way": tuple(courier._tasks)}
    assert await wire.store.read(outbox.next_attempt, **look) is None
    assert await wire.store.run(outbox.claim_batches, lease_seconds=180, limit=9, **look) == []
    (other,) = await wire.store.run(outbox.claim_batches, now=now, lease_seconds=180, limit=9)
    assert other.batch_id == batch_id
    await courier.stop(within_seconds=0)
    await running


async def test_a_person_whose_data_are_deleted_meanwhile_is_written_to_no_more(wire: WireDiscord) -> None:
    await wire.enqueue(await wire.dm(), "private")

    async def delete() -> None:
        await wire.store.run(privacy.delete, PERSON_ID)

    courier = before(wire, outbox.begin, delete)
    await courier.flush()
    assert wire.keys_shown() == []
    assert await wire.states() == {}


async def test_what_a_person_owned_in_a_channel_is_rendered_anew_when_their_data_are_deleted(wire: WireDiscord) -> None:
    await wire.enqueue(await wire.channel(), "a")
    await wire.store.run(lambda db: db.execute("UPDATE outbox SET owner_id = ?", (PERSON_ID,)))
    rendered = []

    def render(destination: Any, items: Any) -> Any:
        rendered.append([item.owner_id for item in items])
        return render_keys(destination, items)

    async def delete() -> None:
        await wire.store.run(privacy.delete, PERSON_ID)

    courier = wire.courier(render=render, store=Interrupted(wire, outbox.begin, delete))
    await courier.flush()
    assert rendered == [[PERSON_ID], [None]]
    assert wire.contents() == ["a"]


async def test_a_machine_that_sleeps_before_the_slot_of_a_message_sends_it_as_the_hour_is_then(
    wire: WireDiscord,
) -> None:
    place = await wire.channel()
    await wire.enqueue(place, "a")
    await quiet(wire, place)
    passed = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal passed
        if not passed:
            wire.clock.advance(HOUR)
        passed += seconds

    pacer = Pacer(1.0, elapsed=lambda: passed, sleep=sleep)
    for _ in range(2):
        await pacer.slot()
    courier = Courier(
        wire.store, DiscordNotifier(wire.client, answer_seconds=1.0), render_keys, wire.delivery_clock, pacer=pacer
    )
    await courier.flush()
    assert passed
    assert wire.contents() == []
    assert await wire.states() == {"a": "due"}
    wire.clock.advance(8 * HOUR)
    await courier.flush()
    assert wire.contents() == ["a"]
