"""How many channels of one server the bot may post to."""

from __future__ import annotations

from bot.commands.context import Quotas
from bot.database import Database
from bot.database.places import boards, destinations, reminders, subscriptions, summary_channels
from bot.domain.model import DestinationState
from bot.errors import UserError


def within_quota(db: Database, quotas: Quotas, guild_id: int, destination_id: int) -> None:
    """Raise UserError where the server has so many channels set up that one more would be too many.

    A channel that takes nothing any more does not count: Discord offers no deleted channel to end what is set up there.
    """
    places = destinations.in_guild(db, guild_id)
    used = {place.id for place in places if place.state is not DestinationState.PARKED} - {destination_id}
    in_use = sum(1 for used_id in used if _is_used(db, used_id))
    if in_use >= quotas.channels_per_server:
        raise UserError(f"This server has {in_use} channels set up, which is the most one server may have.")


def _is_used(db: Database, destination_id: int) -> bool:
    return (
        summary_channels.get(db, destination_id) is not None
        or reminders.has(db, destination_id)
        or boards.running(db, destination_id)
        or bool(subscriptions.of_destination(db, destination_id))
    )
