"""What is sent to Discord and what comes back: the contract between renderer, courier and notifier.

Imports neither discord.py nor the store. A renderer makes a `Payload` of outbox items, the notifier
sends it and returns a `DeliveryResult`, and the courier decides what follows from that.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from bot.domain.chart_request import Picture
from bot.domain.model import Destination, OutboxItem


@dataclass(frozen=True, slots=True)
class Payload:
    """One Discord message, JSON-ready.

    `content` is one line and holds no mention: `text` adds the mentions of `mention_roles` and
    `mention_user`, and Discord notifies nobody else. `embeds` are embed objects and `components`
    action rows as Discord's API takes them. `mention_owners`
    are people who asked for it. `silent` posts without a notification. `pictures` are
    chart requests as JSON; the embed that shows one has the image `attachment://NAME`, with the
    names of `bot.domain.chart_request.file_names`. Pictures are drawn when the message is sent and
    never stored. `layout`: `components` are the whole message, in Discord's newer layout; `content` is then not shown.
    `told`: of how many of its batch's items, in their order, it tells; None: of all.
    """

    content: str
    embeds: tuple[Mapping[str, Any], ...] = ()
    components: tuple[Mapping[str, Any], ...] = ()
    mention_roles: tuple[int, ...] = ()
    mention_user: int | None = None
    silent: bool = False
    pictures: tuple[str, ...] = ()
    mention_owners: tuple[int, ...] = ()
    layout: bool = False
    told: int | None = None

    @property
    def text(self) -> str:
        """The content as sent, with the person's mention in front and those of roles behind.

        Roles come last so that a phone's notification shows the content.
        """
        person = f"<@{self.mention_user}> " if self.mention_user is not None else ""
        owners = "".join(f" <@{owner}>" for owner in self.mention_owners)
        return f"{person}{self.content}{owners}" + "".join(f" <@&{role}>" for role in self.mention_roles)

    def addressed_to(self, user_id: int) -> Payload:
        """The same message for a public channel: it mentions that one person and no role."""
        return replace(self, mention_user=user_id, mention_roles=(), mention_owners=())

    def to_json(self) -> str:
        """The form that is stored with a batch before it is sent."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Payload:
        """Inverse of `to_json`. Raises ValueError or TypeError when `text` is none."""
        parts = json.loads(text)
        for name in ("embeds", "components", "mention_roles", "pictures", "mention_owners"):
            parts[name] = tuple(parts.get(name, ()))
        return cls(**parts)


@dataclass(frozen=True, slots=True)
class Sent:
    """The message was posted; `message_id` is None when it has been deleted since."""

    message_id: int | None


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """The message was certainly not sent.

    Try again after `seconds`, or by the courier's own backoff when None.

    `everywhere`: no destination can be reached until then (global limit, address blocked, not
    connected).
    """

    seconds: float | None
    reason: str
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Unknown whether the message was posted: no answer, a reset, an answer that is not Discord's own.

    `everywhere`: no destination can be reached, or what answers in Discord's place does so to every message.
    `seconds`: when to try again; by the courier's own backoff when None.
    """

    reason: str
    everywhere: bool = False
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class DestinationGone:
    """Nothing can be delivered to this destination; `code` is Discord's JSON error code."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class NotNow:
    """Certainly not sent, because the destination takes nothing for now: a permission, a lock, a time-out.

    `code` is Discord's JSON error code.
    """

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """Discord refused this message itself: the fault is ours, and sending it again cannot help.

    `code` is Discord's JSON error code, 0 where it was not Discord that refused it.
    """

    reason: str
    code: int = 0


@dataclass(frozen=True, slots=True)
class Unseen:
    """A look cannot tell whether the message is there, because the bot may not see what the channel holds."""

    reason: str


@dataclass(frozen=True, slots=True)
class EditRefused:
    """A message is not edited any more and has to be posted anew; `gone`: it has been deleted."""

    gone: bool


@dataclass(frozen=True, slots=True)
class PicturesRefused:
    """Certainly not sent, perhaps because of its pictures.

    Send it without them, with the same nonce.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class Unauthorized:
    """Discord refused the token; nothing can be sent until a person replaces it."""

    reason: str


class NotReadyError(Exception):
    """What a message is made of is not in memory yet: it is rendered later, and nothing has been sent."""


DeliveryResult = (
    Sent | RetryAfter | Ambiguous | DestinationGone | NotNow | Rejected | PicturesRefused | Unauthorized | Unseen
)
"""What came of posting a message, or of looking for it."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A DM channel that can be posted to."""

    channel_id: int


class Notifier(Protocol):
    """Sends to Discord and returns what happened; the courier decides about trying again.

    No method raises for an answer of Discord.
    """

    async def send(
        self, channel_id: int, payload: Payload, *, nonce: str, pictures: Sequence[Picture] = ()
    ) -> DeliveryResult:
        """Post `payload` with those of its `pictures` that are given.

        Embeds of the other pictures lose their image.
        With the same `nonce` (<= 25 characters) Discord posts it only once within a few minutes.
        """

    async def find(
        self, channel_id: int, *, nonce: str, since: datetime | None, unmarked: Payload | None = None
    ) -> DeliveryResult | None:
        """Look for the message with this nonce among our own ones in the channel since an instant of Discord's time.

        Among the newest ones without an instant. `unmarked`: what version 0.1.0 posted, without a mark.
        `Sent` when it is there, None when it is certainly not, `Unseen` when the bot may not see it, another result
        when Discord could not be asked.
        """

    async def edit(
        self, channel_id: int, message_id: int, payload: Payload, *, nonce: str
    ) -> DeliveryResult | EditRefused:
        """Make `payload` of a message of ours, without its pictures; doing it again changes nothing."""

    async def delete(self, channel_id: int, message_id: int) -> DeliveryResult:
        """Delete a message of ours; `Sent` also when it is there no more."""

    async def open_dm(self, user_id: int) -> Opened | DeliveryResult:
        """The DM channel with a person; a `DeliveryResult` when it cannot be opened."""


Render = Callable[[Destination, Sequence[OutboxItem]], Payload]
"""Renders the items of one destination, of one kind and oldest first, as one message.

Of what does not fit into it the message says nothing (`Payload.told`): that follows in the next one.
Raises NotReadyError for what cannot be rendered yet.
"""
