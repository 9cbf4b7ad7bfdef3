"""Delivery of a live board: its message is edited, and posted anew where it cannot be, or in a new week.

An edit can be repeated: after a kill it is simply made again. The old message is deleted before a new one is posted, so
at no step a channel has two.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

from bot.courier.retry_policy import DeliveryPolicy
from bot.database.connection import Store
from bot.database.places import boards
from bot.domain.ports import DeliveryClock
from bot.outbox import Claimed
from bot.outbox.message import Ambiguous, DeliveryResult, EditRefused, Notifier, Payload, RetryAfter, Sent

Paced = Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]]


class BoardDelivery:
    """Delivers batches of live boards. `paced` makes a request in the next free slot."""

    def __init__(
        self, store: Store, notifier: Notifier, clock: DeliveryClock, policy: DeliveryPolicy, paced: Paced
    ) -> None:
        self._store, self._notifier, self._clock = store, notifier, clock
        self._policy, self._paced = policy, paced

    async def edit(self, claimed: Claimed, payload: Payload) -> DeliveryResult | None:
        """Bring the message up to date, or remove that of a board that has ended.

        Returns:
            None when all is done; `Sent` when the message has to be posted, which the caller does; what Discord
            refused otherwise, which the caller settles.
        """
        board = await self._store.read(boards.get, claimed.destination.id)
        channel_id = claimed.channel_id
        if board is None or channel_id is None:
            await self._forget(claimed)
            return None
        if claimed.in_doubt_since is not None:
            return Sent(None)  # it may have been posted: posting looks for it first
        message_id = board.message_id
        if message_id is not None and not board.ended and not _new_week(claimed, board.posted_session):
            edit = partial(self._notifier.edit, channel_id, message_id, payload, nonce=claimed.nonce)
            result: DeliveryResult | EditRefused = await self._paced(edit)
            if isinstance(result, Sent):
                await self._store.run(boards.edited, claimed.batch_id, claimed.nonce, now=self._clock.now())
                return None
            if not isinstance(result, EditRefused):
                return await self._later(claimed, result)
        if message_id is not None:
            removed: DeliveryResult = await self._paced(partial(self._notifier.delete, channel_id, message_id))
            if not isinstance(removed, Sent):
                return await self._later(claimed, removed)
            await self._store.run(boards.lost, claimed.destination.id, message_id)
        if board.ended:
            await self._forget(claimed)
            return None
        return Sent(None)

    async def _forget(self, claimed: Claimed) -> None:
        await self._store.run(boards.forget, claimed.batch_id, claimed.nonce)

    async def _later(self, claimed: Claimed, result: DeliveryResult) -> DeliveryResult | None:
        """What may simply be tried again holds up nothing else that the channel is owed."""
        if not isinstance(result, RetryAfter | Ambiguous) or result.everywhere:
            return result
        pause = result.seconds
        wait = self._policy.backoff.after(1, chance=1.0) if pause is None else timedelta(seconds=pause)
        until = self._clock.now() + max(wait, boards.EVERY)
        await self._store.run(boards.put_off, claimed.batch_id, claimed.nonce, until=until)
        return None


def _new_week(claimed: Claimed, posted: date | None) -> bool:
    """Whether what is to be shown belongs to a later week than the one in which the message was posted."""
    shown = max(item.session for item in claimed.items)
    return posted is None or shown.isocalendar()[:2] > posted.isocalendar()[:2]
