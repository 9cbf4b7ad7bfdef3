"""What is handed to Discord and what comes back: the contract between renderer, courier and notifier.

Knows neither discord.py nor the store. A renderer makes a `Payload` out of facts, a courier decides what to do
with a `DeliveryResult`, a notifier turns one into the other.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from bot.domain.chart_request import Picture
from bot.domain.model import Destination, OutboxItem


@dataclass(frozen=True, slots=True)
class Payload:
    """One Discord message, JSON-ready.

    `content` tells the story in one line and holds no mention: `text` adds those of `mention_roles` and `mention_user`,
    and nobody else is ever notified. `embeds` are embed objects and `components` action rows as Discord's API takes them.
    `silent` posts without a notification. `pictures` are requests as JSON; the embed that shows one has the image
    `attachment://NAME`, with the names of `bot.domain.chart_request.file_names`. Pictures are drawn at sending and never stored.
    """

    content: str
    embeds: tuple[Mapping[str, Any], ...] = ()
    components: tuple[Mapping[str, Any], ...] = ()
    mention_roles: tuple[int, ...] = ()
    mention_user: int | None = None
    silent: bool = False
    pictures: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The content as sent: the person addressed first, chosen roles last, so that the story stays in front."""
        person = f"<@{self.mention_user}> " if self.mention_user is not None else ""
        return f"{person}{self.content}" + "".join(f" <@&{role}>" for role in self.mention_roles)

    def addressed_to(self, user_id: int) -> Payload:
        """The same message for a public channel: it mentions that one person and no role."""
        return replace(self, mention_user=user_id, mention_roles=())

    def to_json(self) -> str:
        """The form that is stored with a batch before it is sent."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Payload:
        """Inverse of `to_json`. Raises ValueError or TypeError when `text` is none."""
        parts = json.loads(text)
        for name in ("embeds", "components", "mention_roles", "pictures"):
            parts[name] = tuple(parts.get(name, ()))
        return cls(**parts)


@dataclass(frozen=True, slots=True)
class Sent:
    """The message is there, or was and has been deleted since (`message_id` None)."""

    message_id: int | None


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """Certainly not sent. Try again after `seconds`, or by the courier's own backoff when None.

    `everywhere`: no destination can be reached until then (global limit, address blocked, not connected).
    """

    seconds: float | None
    reason: str
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Nobody can say whether the message is there: no answer, a reset, an error of Discord's servers."""

    reason: str


@dataclass(frozen=True, slots=True)
class DestinationGone:
    """Nothing can be delivered to this destination any more; `code` is Discord's JSON error code."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """Discord refuses this message itself: our fault, sending it again cannot help."""

    reason: str


@dataclass(frozen=True, slots=True)
class PicturesRefused:
    """Certainly not sent, and it may have been for its pictures: send it without them, with the same nonce."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unauthorized:
    """The token is refused; nothing can be sent until a person replaces it."""

    reason: str


DeliveryResult = Sent | RetryAfter | Ambiguous | DestinationGone | Rejected | PicturesRefused | Unauthorized


@dataclass(frozen=True, slots=True)
class Opened:
    """A DM channel that can be posted to."""

    channel_id: int


class Notifier(Protocol):
    """Says what happened; when and whether to try again is the courier's business. No method raises for Discord's answers."""

    async def send(
        self, channel_id: int, payload: Payload, *, nonce: str, pictures: Sequence[Picture] = ()
    ) -> DeliveryResult:
        """Post `payload` with those of its `pictures` that could be had; embeds of the others lose their image.

        With the same `nonce` (<= 25 characters) Discord posts it only once within a few minutes.
        """

    async def find(
        self, channel_id: int, payload: Payload, *, since: datetime, known: Collection[int]
    ) -> DeliveryResult | None:
        """Look for `payload` among our own messages in the channel since an instant, leaving out the message ids `known`.

        `Sent` when it is there, None when it is not, another verdict when that could not be learned.
        """

    async def open_dm(self, user_id: int) -> Opened | DeliveryResult:
        """The DM channel with a person; a verdict when it cannot be had."""


Render = Callable[[Destination, Sequence[OutboxItem]], Payload]
"""Makes one message of the items of one destination: 1 to 10 items of one kind, oldest first."""
