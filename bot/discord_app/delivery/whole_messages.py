"""How many of the items that a place is owed one message tells; the rest follows in the next one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from bot.discord_app import limits
from bot.domain.model import Destination, OutboxItem
from bot.outbox.message import Payload


class Rendered(NamedTuple):
    """A message for some items; `whole`: nothing of what it says of them had to be cut."""

    payload: Payload
    whole: bool = True


def as_many_as_fit(
    destination: Destination, items: Sequence[OutboxItem], render: Callable[[Sequence[OutboxItem], bool], Rendered]
) -> Payload:
    """The message for as many of the items, in their order, as one holds whole; for one item at least, cut if need be.

    Args:
        destination: Where it is posted.
        items: What is owed there, at least one.
        render: Makes the message for some of them, and is told whether others follow.

    Returns:
        The message; its `told` is None where it tells all items.
    """

    def fits(rendered: Rendered) -> bool:
        return rendered.whole and _mentions_fit(destination, rendered.payload)

    rendered = render(items, False)
    if len(items) == 1 or fits(rendered):
        return rendered.payload
    told, too_many, payload = 1, len(items), None
    while too_many - told > 1:
        count = (told + too_many) // 2
        rendered = render(items[:count], True)
        if fits(rendered):
            told, payload = count, rendered.payload
        else:
            too_many = count
    return replace(payload or render(items[:1], True).payload, told=told)


def content_room(destination: Destination) -> int:
    """How long the content of a message may be beside the mention that a person's message has in a channel."""
    return limits.CONTENT - limits.length(_addressed(destination, Payload("")).text)


def _mentions_fit(destination: Destination, payload: Payload) -> bool:
    """Whether the mentions fit beside the content, and are not more than Discord takes."""
    most = max(len(payload.mention_owners), len(payload.mention_roles))
    return most <= limits.MENTIONS and limits.length(_addressed(destination, payload).text) <= limits.CONTENT


def _addressed(destination: Destination, payload: Payload) -> Payload:
    """The message as it would stand in the channel in which its person is mentioned when their DM is refused."""
    return payload if destination.user_id is None else payload.addressed_to(destination.user_id)
