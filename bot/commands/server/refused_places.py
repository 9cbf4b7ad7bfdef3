"""What a person is told at their next command of places that Discord refuses: their DM, and channels they set up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot import outbox
from bot.commands.alerts.texts import composite_message, first_line
from bot.commands.context import Core
from bot.database import Database
from bot.database.places import destinations, places
from bot.domain.foreign_text import ForeignText
from bot.domain.model import Destination, DestinationState, ItemKind, OutboxItem
from bot.domain.place import Place
from bot.formatting import formats

_MOST_LINES = 10


@dataclass(frozen=True, slots=True)
class Refused:
    """A place that Discord refuses, and what waited for it where it is parked."""

    destination: Destination
    place: Place
    items: tuple[OutboxItem, ...]


async def concern(core: Core, user_id: int) -> bool:
    """Whether a place of this person waits for its next try, or is one that they have to be told of."""
    return await core.store.read(places.concern, user_id)


async def take(core: Core, user_id: int) -> list[str]:
    """Have what waits for this person tried at once; a sentence for each place that they have not been told of.

    What waited for a place that is parked is told with it, and dropped.
    """
    refused = await core.store.run(take_from, user_id, now=core.now())
    return [_sentence(core, place) for place in refused]


def take_from(db: Database, user_id: int, *, now: datetime) -> list[Refused]:
    """The places that this person has not been told of; what waits elsewhere is tried at once, what waited there dropped."""
    refused = []
    for destination_id in places.untold(db, user_id):
        destination, place = destinations.get(db, destination_id), places.told(db, destination_id, now=now)
        if destination is None or place is None:
            continue
        items: tuple[OutboxItem, ...] = ()
        if place.state is DestinationState.PARKED and destination.fallback_channel_id is None:
            items = outbox.undelivered(db, destination_id)
            outbox.drop(db, destination_id, now=now)
        refused.append(Refused(destination, place, items))
    places.wake(db, user_id, now=now)
    return refused


def _sentence(core: Core, refused: Refused) -> str:
    where = f"<#{refused.destination.channel_id}>" if refused.destination.guild_id is not None else "your DM"
    reason = ForeignText((refused.place.reason or "Discord refused it").rstrip("."))
    if refused.place.state is not DestinationState.PARKED:
        return (
            f"Discord takes no message to {where} for now: {reason}. What is due there waits and is sent together. "
            "I try again now, at growing distances for 14 days, and when the permissions change."
        )
    lines = [f"Nothing can be delivered to {where} any more: {reason}."]
    if refused.items:
        lines.append(f"{formats.counted(len(refused.items), 'message')} could not be delivered and will not come:")
        guild = refused.destination.guild_id
        lines += [f"- {_line(core.seen_at(item.owner_id, guild), item)}" for item in refused.items[-_MOST_LINES:]]
        if more := len(refused.items) - _MOST_LINES:
            lines += [f"- and {more:,} older"] if more > 0 else []
    return "\n".join(lines)


def _line(core: Core, item: OutboxItem) -> str:
    when = formats.day(item.session, today=core.today())
    if item.kind is ItemKind.SUMMARY:
        return f"summary of {when}"
    if item.kind is ItemKind.LETTER:
        return f"weekly letter of {when}"
    if item.kind is ItemKind.BOARD:
        return f"live board of {when}"
    if item.kind in (ItemKind.REMINDER, ItemKind.RELEASE):
        return f"{item.kind} of the calendar of {when}"
    if item.kind is ItemKind.NOTICE:
        return f"notice of {when}"
    if composite_message.is_composite(item):
        return f"alert {item.number}: {composite_message.event_line(core, item)} on {when}"
    signal = core.signals.get(item.signal or "")
    if signal is None:
        return f"alert on {ForeignText(item.signal or '')} of {when}"
    value = formats.measured(item.value, signal, item.measure) if item.value is not None and item.measure else ""
    return f"{formats.capitalised(first_line.short_name(item, signal))}{': ' + value if value else ''} on {when}"
