"""Courier: claims batches from the outbox, limits their rate, sends them and settles the result.

The courier decides whether, when and how often to try. A process that dies between any two steps
loses nothing: what may have been posted is sent again with the same nonce, which Discord drops
while it remembers the nonce, or is first looked up in the channel.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from bot import outbox
from bot.courier.gate import Gate
from bot.courier.rate_limiter import Pacer
from bot.courier.retry_policy import DeliveryPolicy
from bot.database import DatabaseError
from bot.database.connection import Store
from bot.domain.ports import ChartRenderer, Clock
from bot.errors import TokenRefusedError
from bot.outbox import Claimed
from bot.outbox.message import (
    Ambiguous,
    DeliveryResult,
    DestinationGone,
    Notifier,
    Opened,
    Payload,
    PicturesRefused,
    Rejected,
    Render,
    RetryAfter,
    Sent,
    Unauthorized,
)
from bot.outbox.pictures import draw_stored

log = logging.getLogger(__name__)

T = TypeVar("T")

OnDelivered = Callable[[Claimed, Payload], None]
"""Called after a message has been settled as sent; must not raise."""


class Courier:
    """The only sender of a store: `run` delivers until `stop`, `flush` what can be sent now."""

    def __init__(
        self,
        store: Store,
        notifier: Notifier,
        render: Render,
        clock: Clock,
        *,
        pacer: Pacer | None = None,
        policy: DeliveryPolicy | None = None,
        chance: Callable[[], float] = random.random,
        on_delivered: OnDelivered | None = None,
        charts: ChartRenderer | None = None,
    ) -> None:
        self._store, self._notifier, self._render, self._clock = store, notifier, render, clock
        self._charts = charts
        self._pacer, self._policy = pacer or Pacer(), policy or DeliveryPolicy()
        self._chance, self._on_delivered = chance, on_delivered
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        self._stopping = False
        self._refused: TokenRefusedError | None = None
        self._gate = Gate(clock)

    def wake(self) -> None:
        """Look into the outbox again: there may be something to send. Safe at any time."""
        self._wake.set()

    async def run(self) -> None:
        """Deliver until `stop`; raises TokenRefusedError, and tries again on all other errors."""
        try:
            await self._release()
            while not self._stopping and self._refused is None:
                # Cleared before the outbox is read: a `wake` during the round must not be lost.
                self._wake.clear()
                await self._wait(await self._round())
            if self._refused is not None:
                raise self._refused
        except BaseException:
            self._drop_tasks()
            raise

    async def flush(self) -> None:
        """Deliver what can be sent at this instant; not while `run` runs. Raises as `run` does."""
        while await self._refill() or self._tasks:
            await asyncio.wait(self._tasks.values(), return_when=asyncio.FIRST_COMPLETED)
            if self._refused is not None:
                self._drop_tasks()
                raise self._refused

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
        if wait := self._gate.closed_seconds():
            return wait
        now = self._clock.now()
        upcoming = await self._store.read(outbox.next_attempt, now=now) if self._free() else None
        if upcoming is None:
            return self._policy.idle_seconds
        return min(max((upcoming - now).total_seconds(), 0.0), self._policy.idle_seconds)

    async def _refill(self) -> int:
        """Claim as many batches as there are free slots and start them; returns how many."""
        if self._stopping or self._gate.closed_seconds() or self._free() == 0:
            return 0
        lease, now = self._policy.lease_seconds, self._clock.now()
        batches = await self._store.run(outbox.claim_batches, now=now, lease_seconds=lease, limit=self._free())
        # `stop` may have been called meanwhile; it ends the leases of what is not started here.
        if self._stopping:
            return 0
        for batch in batches:
            self._start(batch)
        return len(batches)

    def _free(self) -> int:
        return self._policy.in_flight - len(self._tasks)

    def _start(self, claimed: Claimed) -> None:
        # A lease may end while its attempt is still under way: two must not run at the same time.
        if claimed.batch_id in self._tasks:
            return
        task = asyncio.create_task(self._deliver(claimed), name=f"batch {claimed.batch_id}")
        self._tasks[claimed.batch_id] = task
        task.add_done_callback(partial(self._ended, claimed.batch_id))

    def _ended(self, batch_id: int, task: asyncio.Task[None]) -> None:
        del self._tasks[batch_id]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("batch %d failed unexpectedly; it is retried when its lease ends", batch_id, exc_info=error)
        # Not after every single message: each look into the outbox is a transaction.
        if self._free() >= self._policy.in_flight // 8:
            self.wake()

    async def _deliver(self, claimed: Claimed) -> None:
        try:
            payload = claimed.payload or self._rendered(claimed)
        except Exception as error:
            log.exception("batch %d cannot be rendered", claimed.batch_id)
            await self._reject(claimed, f"rendering failed: {error!r}")
            return
        result, in_doubt = await self._attempt(claimed, payload)
        await self._settle(claimed, payload, result, in_doubt=in_doubt)

    def _rendered(self, claimed: Claimed) -> Payload:
        payload = self._render(claimed.destination, claimed.items)
        person = claimed.destination.user_id
        return payload.addressed_to(person) if claimed.fallback and person is not None else payload

    async def _attempt(self, claimed: Claimed, payload: Payload) -> tuple[DeliveryResult, bool]:
        """Try once; returns the result and whether the message may be there unconfirmed."""
        in_doubt = claimed.in_doubt_since is not None
        channel_id = await self._channel(claimed)
        if not isinstance(channel_id, int):
            return channel_id, in_doubt
        # Sending again is safe while Discord remembers the nonce; later only the history can tell.
        if claimed.in_doubt_since is not None and self._nonce_expired(claimed.in_doubt_since):
            result = await self._look_up(channel_id, payload, claimed.in_doubt_since)
            if result is not None:
                return result, in_doubt
            in_doubt = False
        # Drawn before the slot is taken: messages that waited for pictures must not be sent in a burst.
        pictures = await draw_stored(self._charts, payload.pictures, within_seconds=self._policy.picture_seconds)
        await self._store.run(
            outbox.begin,
            claimed.batch_id,
            payload,
            channel_id=channel_id,
            fresh=not in_doubt,
            lease_seconds=self._policy.lease_seconds,
            now=self._clock.now(),
        )
        send = partial(self._notifier.send, channel_id, payload, nonce=claimed.nonce)
        result = await self._paced(partial(send, pictures=pictures))
        if isinstance(result, PicturesRefused):
            log.info("batch %d is sent without its pictures: %s", claimed.batch_id, result.reason)
            result = await self._paced(send)
        return result, in_doubt or isinstance(result, Ambiguous)

    async def _channel(self, claimed: Claimed) -> int | DeliveryResult:
        # A DM is opened here only when its person's command could not, and at most one in `dm_seconds`.
        person = claimed.destination.user_id
        if claimed.channel_id is not None or person is None:
            return claimed.channel_id if claimed.channel_id is not None else Rejected("a channel without an id")
        if wait := self._gate.next_dm(every_seconds=self._policy.dm_seconds):
            return RetryAfter(wait, "waits for its turn to open a DM")
        opened = await self._paced(partial(self._notifier.open_dm, person))
        if isinstance(opened, Opened):
            await self._store.run(outbox.remember_channel, claimed.destination.id, opened.channel_id)
            return opened.channel_id
        return opened

    def _nonce_expired(self, in_doubt_since: datetime) -> bool:
        """Whether Discord may no longer remember the nonce of an attempt made then."""
        return self._clock.now() - in_doubt_since > timedelta(seconds=self._policy.nonce_seconds)

    async def _look_up(self, channel_id: int, payload: Payload, since: datetime) -> DeliveryResult | None:
        known = await self._store.read(outbox.known_messages, channel_id, since=since)
        return await self._paced(partial(self._notifier.find, channel_id, payload, since=since, known=known))

    async def _paced(self, request: Callable[[], Awaitable[T]]) -> T | DeliveryResult:
        """Make a request in the next free slot, unless nothing can be sent any more by then."""
        await self._pacer.slot()
        if self._refused is not None:
            return Unauthorized(str(self._refused))
        if wait := self._gate.closed_seconds():
            return RetryAfter(wait, "nothing can be sent at present")
        try:
            return await request()
        except Exception as error:
            log.exception("the notifier failed unexpectedly")
            return Ambiguous(repr(error))

    async def _settle(self, claimed: Claimed, payload: Payload, result: DeliveryResult, *, in_doubt: bool) -> None:
        match result:
            case Sent(message_id):
                await self._store.run(outbox.settle_sent, claimed.batch_id, message_id, now=self._clock.now())
                if self._on_delivered is not None:
                    self._on_delivered(claimed, payload)
            case DestinationGone(code, reason):
                await self._park(claimed, code, reason)
            case Rejected(reason) | PicturesRefused(reason):
                await self._reject(claimed, reason)
            case Unauthorized(reason):
                self._refused = TokenRefusedError(reason)
                await self._later(claimed, 0.0, reason, in_doubt=in_doubt)
                self.wake()
            case RetryAfter(seconds, reason, everywhere):
                pause = self._backoff(claimed) if seconds is None else seconds
                if everywhere:
                    self._gate.close(pause)
                await self._later(claimed, pause, reason, in_doubt=in_doubt)
            case _:
                await self._later(claimed, self._backoff(claimed), result.reason, in_doubt=in_doubt)

    def _backoff(self, claimed: Claimed) -> float:
        # The attempt that has just failed is not among those counted when the batch was claimed.
        return self._policy.backoff.after(claimed.attempts + 1, chance=self._chance()).total_seconds()

    async def _later(self, claimed: Claimed, seconds: float, reason: str, *, in_doubt: bool) -> None:
        not_before = self._clock.now() + timedelta(seconds=seconds)
        if reason != claimed.error:
            log.warning("batch %d to destination %d is retried: %s", claimed.batch_id, claimed.destination.id, reason)
        await self._store.run(
            outbox.settle_retry, claimed.batch_id, not_before=not_before, in_doubt=in_doubt, error=reason
        )

    async def _reject(self, claimed: Claimed, reason: str) -> None:
        split = await self._store.run(outbox.settle_rejected, claimed.batch_id, reason, now=self._clock.now())
        outcome = "its items are tried one by one" if split else "dead"
        log.error("batch %d refused, %s: %s", claimed.batch_id, outcome, reason)

    async def _park(self, claimed: Claimed, code: int, reason: str) -> None:
        redirected = await self._store.run(outbox.settle_gone, claimed.batch_id, code, reason, now=self._clock.now())
        outcome = "replaced by its fall-back channel" if redirected else "parked"
        log.warning("destination %d %s: %s (%d)", claimed.destination.id, outcome, reason, code)
