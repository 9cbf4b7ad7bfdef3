"""Courier: claims batches from the outbox, limits their rate, sends them and settles the result.

The courier decides whether, when and how often to try. A process that dies between any two steps
loses nothing: what may have been posted is sent again with the same nonce while it is certain that
Discord remembers it, and is first looked up in the channel otherwise.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable
from functools import partial

from bot import outbox
from bot.courier.delivery import Delivery, OnDelivered
from bot.courier.delivery_counts import DeliveryCounts
from bot.courier.rate_limiter import Pacer
from bot.courier.retry_policy import DeliveryPolicy
from bot.database import DatabaseError
from bot.database.connection import Store
from bot.domain.ports import ChartRenderer, DeliveryClock
from bot.outbox import Claimed
from bot.outbox.message import Notifier, Render

log = logging.getLogger(__name__)


class Courier:
    """The only sender of a store: `run` delivers until `stop`, `flush` what can be sent now."""

    def __init__(
        self,
        store: Store,
        notifier: Notifier,
        render: Render,
        clock: DeliveryClock,
        *,
        pacer: Pacer | None = None,
        policy: DeliveryPolicy | None = None,
        chance: Callable[[], float] = random.random,
        on_delivered: OnDelivered | None = None,
        charts: ChartRenderer | None = None,
        counts: DeliveryCounts | None = None,
    ) -> None:
        self._store, self._clock, self._policy = store, clock, policy or DeliveryPolicy()
        self._delivery = Delivery(
            store,
            notifier,
            render,
            clock,
            pacer=pacer,
            policy=self._policy,
            chance=chance,
            on_delivered=on_delivered,
            charts=charts,
            counts=counts,
        )
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._retrying: set[int] = set()
        self._wake = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """Look into the outbox again: there may be something to send. Safe at any time."""
        self._wake.set()

    async def run(self) -> None:
        """Deliver until `stop`; raises TokenRefusedError, and tries again on all other errors."""
        try:
            await self._release()
            while not self._stopping and self._delivery.refused is None:
                # Cleared before the outbox is read: a `wake` during the round must not be lost.
                self._wake.clear()
                await self._wait(await self._round())
            if self._delivery.refused is not None:
                raise self._delivery.refused
        except BaseException:
            self._drop_tasks()
            raise

    async def flush(self) -> None:
        """Deliver what can be sent at this instant; not while `run` runs. Raises as `run` does."""
        while True:
            under_way = {*self._tasks.values()}
            await self._refill()
            # What was under way was left alone by this look, and may be due again.
            tasks = under_way | {*self._tasks.values()}
            if not tasks:
                return
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if self._delivery.refused is not None:
                self._drop_tasks()
                raise self._delivery.refused

    async def stop(self, *, within_seconds: float = 5.0) -> None:
        """Begin nothing new, wait so long for messages under way, leave others to the next start."""
        self._stopping = True
        self.wake()
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=within_seconds)
        tasks = self._drop_tasks()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._release()

    async def _release(self) -> None:
        # If this cannot be written, the leases end by themselves.
        with contextlib.suppress(DatabaseError):
            await self._store.run(outbox.release)

    def _drop_tasks(self) -> list[asyncio.Task[None]]:
        for task in (tasks := list(self._tasks.values())):
            task.cancel()
        return tasks

    async def _round(self) -> float:
        """Start what can be started; returns for how many seconds there is nothing more to do."""
        try:
            await self._refill()
            return await self._idle_seconds()
        except Exception:
            log.exception("the outbox could not be read; trying again")
            return self._policy.backoff.first.total_seconds()

    async def _wait(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()

    async def _idle_seconds(self) -> float:
        if wait := self._delivery.gate.closed_seconds():
            return wait
        now = self._clock.now()
        if not self._free():
            return self._policy.idle_seconds
        upcoming = await self._store.read(
            outbox.next_attempt, now=now, retries=self._retries(), under_way=tuple(self._tasks)
        )
        if upcoming is None:
            return self._policy.idle_seconds
        return min(max((upcoming - now).total_seconds(), 0.0), self._policy.idle_seconds)

    async def _refill(self) -> None:
        """Claim as many batches as there are free slots and start them."""
        if self._stopping or self._delivery.gate.closed_seconds() or self._free() == 0:
            return
        # A lease may end while its attempt is still under way: two must not run at the same time.
        batches = await self._store.run(
            outbox.claim_batches,
            now=self._clock.now(),
            lease_seconds=self._policy.lease_seconds,
            limit=self._free(),
            retries=self._retries(),
            under_way=tuple(self._tasks),
        )
        # `stop` may have been called meanwhile; it ends the leases of what is not started here.
        if self._stopping:
            return
        for batch in batches:
            self._start(batch)

    def _free(self) -> int:
        return self._policy.in_flight - len(self._tasks)

    def _retries(self) -> int:
        return self._delivery.cap.free(under_way=len(self._retrying))

    def _start(self, claimed: Claimed) -> None:
        if claimed.retries_place:
            self._retrying.add(claimed.batch_id)
        task = asyncio.create_task(self._delivery.deliver(claimed), name=f"batch {claimed.batch_id}")
        self._tasks[claimed.batch_id] = task
        task.add_done_callback(partial(self._ended, claimed.batch_id))

    def _ended(self, batch_id: int, task: asyncio.Task[None]) -> None:
        del self._tasks[batch_id]
        self._retrying.discard(batch_id)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a delivery failed unexpectedly; it is tried again when its lease ends", exc_info=error)
        # Not after every single message: each look into the outbox is a transaction.
        if self._free() >= self._policy.in_flight // 8 or self._delivery.refused is not None:
            self.wake()
