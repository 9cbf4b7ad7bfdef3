"""One delivery: render a claimed batch, try to send it, and settle what came of that."""

from __future__ import annotations

import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import TypeVar

from bot import outbox
from bot.courier import words
from bot.courier.board_delivery import BoardDelivery
from bot.courier.delivery_counts import DeliveryCounts
from bot.courier.gate import Gate
from bot.courier.rate_limiter import Pacer
from bot.courier.refusal_cap import RefusalCap
from bot.courier.retry_policy import DeliveryPolicy
from bot.courier.words import place_words
from bot.database.connection import Store
from bot.database.places import boards
from bot.domain.chart_request import Picture
from bot.domain.model import DestinationState, ItemKind
from bot.domain.ports import ChartRenderer, DeliveryClock
from bot.errors import TokenRefusedError
from bot.outbox import Claimed
from bot.outbox.message import (
    Ambiguous,
    DeliveryResult,
    DestinationGone,
    Notifier,
    NotNow,
    NotReadyError,
    Opened,
    Payload,
    PicturesRefused,
    Rejected,
    Render,
    RetryAfter,
    Sent,
    Unauthorized,
    Unseen,
)
from bot.outbox.pictures import draw_stored
from bot.outbox.settle import DM_REFUSED

log = logging.getLogger(__name__)

T = TypeVar("T")

OnDelivered = Callable[[Claimed, Payload], None]
"""Called after a message has been settled as sent; must not raise."""


class Delivery:
    """Delivers claimed batches, one call for each; several may run at once.

    `gate`: closed while nothing at all can be sent. `cap`: how many refusals there may still be. `refused`: Discord
    has refused the token.
    """

    def __init__(
        self,
        store: Store,
        notifier: Notifier,
        render: Render,
        clock: DeliveryClock,
        *,
        pacer: Pacer | None = None,
        policy: DeliveryPolicy,
        chance: Callable[[], float] = random.random,
        on_delivered: OnDelivered | None = None,
        charts: ChartRenderer | None = None,
        counts: DeliveryCounts | None = None,
    ) -> None:
        self._counts = counts or DeliveryCounts()
        self._store, self._notifier, self._render, self._clock = store, notifier, render, clock
        self._pacer, self._policy = pacer or Pacer(), policy
        self._chance, self._on_delivered, self._charts = chance, on_delivered, charts
        self.gate, self.cap = Gate(clock.elapsed), RefusalCap(clock.elapsed)
        self.refused: TokenRefusedError | None = None
        # When this process first tried the batches that are in doubt. Only of these it is known how long Discord
        # has had their nonce: another process had another clock.
        self._tried: dict[int, float] = {}
        self._outage = False
        self._boards = BoardDelivery(store, notifier, clock, policy, self._paced)

    async def deliver(self, claimed: Claimed) -> None:
        """Try once and settle."""
        if claimed.doubtful_channel_id is not None:
            await self._look_elsewhere(claimed, claimed.doubtful_channel_id)
            return
        try:
            payload = claimed.payload or self._rendered(claimed)
        except NotReadyError:
            await self._not_ready(claimed)
            return
        except Exception as error:
            log.exception("batch %d cannot be rendered", claimed.batch_id)
            await self._reject(claimed, f"rendering failed: {error!r}")
            return
        if claimed.items and claimed.items[0].kind is ItemKind.BOARD:
            outcome = await self._boards.edit(claimed, payload)
            if not isinstance(outcome, Sent):
                if outcome is not None:
                    await self._settle(claimed, payload, outcome, in_doubt=claimed.in_doubt_since is not None)
                return
        if (attempt := await self._attempt(claimed, payload)) is None:
            return
        result, in_doubt = attempt
        await self._settle(claimed, payload, result, in_doubt=in_doubt)
        if not in_doubt or isinstance(result, Sent | Rejected | DestinationGone):
            self._tried.pop(claimed.batch_id, None)

    def _rendered(self, claimed: Claimed) -> Payload:
        payload = self._render(claimed.destination, claimed.items)
        person = claimed.destination.user_id
        return payload.addressed_to(person) if claimed.fallback and person is not None else payload

    async def _not_ready(self, claimed: Claimed) -> None:
        """Render later. What waits for a check holds up no alert of its place; alerts keep their order."""
        kind, pause = claimed.items[0].kind, self._backoff(claimed)
        if kind is ItemKind.BOARD:
            until = self._clock.now() + timedelta(seconds=pause)
            await self._store.run(boards.put_off, claimed.batch_id, claimed.nonce, until=until)
        else:
            await self._later(claimed, pause, words.READINGS, in_doubt=False, aside=kind is not ItemKind.ALERT)

    async def _attempt(self, claimed: Claimed, payload: Payload) -> tuple[DeliveryResult, bool] | None:
        """Try once; returns the result and whether the message may be there unconfirmed.

        None where the batch is not the one that was claimed any more: nothing is sent, and there is nothing to settle.
        """
        in_doubt = claimed.in_doubt_since is not None
        channel_id = await self._channel(claimed)
        if not isinstance(channel_id, int):
            return channel_id, in_doubt
        # Sending again is safe while Discord remembers the nonce; later only the history can tell.
        if in_doubt and not self._nonce_remembered(claimed.batch_id):
            result = await self._look_up(claimed, payload, channel_id)
            # What is certainly not there is claimed anew: by now its place may have quiet hours, or a snooze.
            return (RetryAfter(0.0, words.ABSENT), False) if result is None else (result, in_doubt)
        # Drawn before the slot is taken: messages that waited for pictures must not be sent in a burst.
        pictures = await draw_stored(self._charts, payload.pictures, within_seconds=self._policy.picture_seconds)
        lease, now = self._policy.lease_seconds, self._clock.now()
        if not await self._store.run(
            outbox.begin, claimed, payload, channel_id=channel_id, fresh=not in_doubt, lease_seconds=lease, now=now
        ):
            return None
        if not in_doubt:
            self._tried[claimed.batch_id] = self._clock.elapsed()

        async def send(pictures: Sequence[Picture] = ()) -> DeliveryResult:
            # Asked again where it counts: writing, drawing and the turn took their time, and the machine may have slept.
            if not self._nonce_remembered(claimed.batch_id):
                return RetryAfter(0.0, words.OVERDUE)
            return await self._notifier.send(channel_id, payload, nonce=claimed.nonce, pictures=pictures)

        result = await self._paced(partial(send, pictures))
        if isinstance(result, PicturesRefused):
            self.cap.refused()
            log.info(
                "a message to %s is sent without its pictures: %s", place_words(claimed.destination), result.reason
            )
            result = await self._paced(send)
        return result, in_doubt or isinstance(result, Ambiguous)

    async def _channel(self, claimed: Claimed) -> int | DeliveryResult:
        # A DM is opened here only when its person's command could not, and at most one in `dm_seconds`.
        person = claimed.destination.user_id
        if claimed.channel_id is not None or person is None:
            return claimed.channel_id if claimed.channel_id is not None else Rejected("a channel without an id")
        if wait := self.gate.next_dm(claimed.destination.id, every_seconds=self._policy.dm_seconds):
            return RetryAfter(wait, words.TURN)
        opened = await self._paced(partial(self._notifier.open_dm, person))
        if isinstance(opened, Opened):
            await self._store.run(outbox.remember_channel, claimed.destination.id, opened.channel_id)
            return opened.channel_id
        return opened

    def _nonce_remembered(self, batch_id: int) -> bool:
        """Whether Discord still knows the nonce of all attempts at this batch, for certain."""
        tried = self._tried.get(batch_id)
        return tried is not None and self._clock.elapsed() - tried <= self._policy.nonce_seconds

    async def _look_elsewhere(self, claimed: Claimed, channel_id: int) -> None:
        """Settle what has arrived in a channel to which it would not go now; what has not goes where it would."""
        payload = claimed.payload or Payload("")
        result = await self._look_up(claimed, payload, channel_id)
        if result is None or isinstance(result, DestinationGone):
            await self._store.run(outbox.settle_elsewhere, claimed)
            return
        # Of a channel that it may not see the bot cannot tell either.
        result = Unseen(result.reason) if isinstance(result, NotNow) else result
        await self._settle(claimed, payload, result, in_doubt=True)

    async def _look_up(self, claimed: Claimed, payload: Payload, channel_id: int) -> DeliveryResult | None:
        since, unmarked = claimed.in_doubt_since, None if claimed.marked else payload
        if since is not None and since > self._clock.now():
            since = None  # stored by a clock that was wrong: only the newest messages can tell
        find = partial(self._notifier.find, channel_id, nonce=claimed.nonce, since=since, unmarked=unmarked)
        return await self._paced(find)

    async def _paced(self, request: Callable[[], Awaitable[T]]) -> T | DeliveryResult:
        """Make a request in the next free slot, unless nothing can be sent any more by then."""
        await self._pacer.slot()
        if self.refused is not None:
            return Unauthorized(str(self.refused))
        if wait := self.gate.closed_seconds():
            return RetryAfter(wait, words.CLOSED)
        try:
            return await request()
        except Exception as error:
            log.exception("the notifier failed unexpectedly")
            return Ambiguous(repr(error))

    async def _settle(self, claimed: Claimed, payload: Payload, result: DeliveryResult, *, in_doubt: bool) -> None:
        match result:
            case Sent(message_id):
                await self._store.run(outbox.settle_sent, claimed, message_id, now=self._clock.now())
                self._counts.sent += 1
                if self._outage:
                    self._outage = False
                    log.info("messages are sent again")
                if self._on_delivered is not None:
                    self._on_delivered(claimed, payload)
            case NotNow(code, reason):
                self._counts.parked += 1
                await self._wait_for_place(claimed, code, reason, in_doubt=in_doubt)
            case DestinationGone(code, reason):
                self._counts.parked += 1
                self.cap.refused()
                await self._park(claimed, code, reason, in_doubt=in_doubt)
            case Rejected(reason) | PicturesRefused(reason):
                await self._reject(claimed, reason)
            case Unauthorized(reason):
                self.refused = TokenRefusedError(reason)
                await self._later(claimed, 0.0, reason, in_doubt=in_doubt)
            case Unseen(reason):
                await self._unseen(claimed, reason)
            case _:
                pause = self._backoff(claimed) if result.seconds is None else result.seconds
                if result.everywhere:
                    self.gate.close(pause)
                await self._later(claimed, pause, result.reason, in_doubt=in_doubt)

    def _backoff(self, claimed: Claimed) -> float:
        # The attempt that has just failed is not among those counted when the batch was claimed.
        return self._policy.backoff.after(claimed.attempts + 1, chance=self._chance()).total_seconds()

    async def _later(self, claimed: Claimed, pause: float, reason: str, *, in_doubt: bool, aside: bool = False) -> None:
        not_before = self._clock.now() + timedelta(seconds=pause)
        self._counts.retried += reason not in words.NO_TROUBLE
        if reason not in words.NO_TROUBLE and not self._outage:
            self._outage = True
            where = place_words(claimed.destination)
            log.warning("messages wait and are tried again, the first to %s: %s", where, reason)
        await self._store.run(
            outbox.settle_retry, claimed, not_before=not_before, in_doubt=in_doubt, error=reason, aside=aside
        )

    async def _unseen(self, claimed: Claimed, reason: str) -> None:
        """It is not told twice and goes nowhere else: it waits for a look that can tell, beside what comes after it."""
        if claimed.error != reason:
            log.warning("whether a message to %s arrived cannot be seen: %s", place_words(claimed.destination), reason)
        sentence = words.unseen_sentence(claimed)
        now, wait = self._clock.now(), timedelta(seconds=self._policy.look_seconds)
        await self._store.run(outbox.settle_unseen, claimed, reason, sentence, not_before=now + wait, now=now)

    async def _reject(self, claimed: Claimed, reason: str) -> None:
        self._counts.failed += 1
        split = await self._store.run(outbox.settle_rejected, claimed, reason, now=self._clock.now())
        outcome = "its parts are tried one by one" if split else "see rotation-bot outbox list"
        log.error("a message to %s is refused, %s: %s", place_words(claimed.destination), outcome, reason)

    async def _wait_for_place(self, claimed: Claimed, code: int, reason: str, *, in_doubt: bool) -> None:
        self.cap.refused()
        if code == DM_REFUSED and await self._store.read(outbox.falls_back, claimed.batch_id):
            await self._park(claimed, code, reason, in_doubt=in_doubt)
            return
        place = await self._store.run(outbox.settle_not_now, claimed, reason, now=self._clock.now(), in_doubt=in_doubt)
        if place is not None and place.state is DestinationState.PARKED:
            log.warning("%s takes nothing any more: %s (%d)", place_words(claimed.destination), reason, code)
        elif claimed.destination.refused_since is None:
            log.warning("%s takes nothing for now: %s (%d)", place_words(claimed.destination), reason, code)

    async def _park(self, claimed: Claimed, code: int, reason: str, *, in_doubt: bool) -> None:
        redirected = await self._store.run(
            outbox.settle_gone, claimed, code, reason, now=self._clock.now(), in_doubt=in_doubt
        )
        outcome = "is replaced by a mention" if redirected else "takes nothing any more"
        log.warning("%s %s: %s (%d)", place_words(claimed.destination), outcome, reason, code)
