"""Where the messages of an alert go, in words: a channel, a DM, the digest that somebody has set, a mention."""

from __future__ import annotations

from bot.calendar.delivery_times import AT_ONCE, DeliveryTimes
from bot.commands.context import Caller, Core
from bot.database import Database
from bot.database.places import delivery_times, destinations
from bot.domain.model import Destination
from bot.formatting import formats


async def times_of_dm(core: Core, caller: Caller) -> DeliveryTimes:
    """When the caller wants their alerts by DM."""
    return await core.store.read(_times_of_dm, caller.user_id)


def _times_of_dm(db: Database, user_id: int) -> DeliveryTimes:
    place = destinations.find_dm(db, user_id)
    return AT_ONCE if place is None else delivery_times.get(db, place.id)


def beside(channel_id: int | None, times: DeliveryTimes) -> str:
    """`in #markets`, `by DM`, or `in your digest at 8:00 a.m.`, behind the terms of an alert."""
    if channel_id is not None:
        return f"in <#{channel_id}>"
    return "by DM" if times.digest is None else f"in your digest at {formats.hour(times.digest)}"


def sentence(channel_id: int | None, role_id: int | None, times: DeliveryTimes) -> str:
    """The same as a sentence, with the role that is mentioned."""
    if channel_id is None:
        return "You'll get a DM." if times.digest is None else f"It comes {beside(None, times)}"
    return f"Posts to <#{channel_id}>{f', mentioning <@&{role_id}>' if role_id is not None else ''}."


def dm_words(caller: Caller, destination: Destination, times: DeliveryTimes = AT_ONCE) -> str:
    """The sentence on a person's own messages: by DM, or by a mention where the DM is refused now."""
    if caller.dm_channel_id is None:
        return f"I cannot open a DM with you, so I will mention you in <#{destination.fallback_channel_id}> instead."
    return sentence(None, None, times)
