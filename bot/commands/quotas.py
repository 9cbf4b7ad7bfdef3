"""How many alerts and channels one person and one server may have; `[limits]` of the config file sets it.

Both are checked in the transaction that stores what would be one more. The numbers of own signals stand in
`bot/commands/own/watch.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.database import Database
from bot.database.alerts import alerts
from bot.database.own_signals import NOBODY
from bot.database.places import boards, destinations, reminders, subscriptions, summary_channels
from bot.domain.model import DestinationState
from bot.errors import UserError
from bot.settings.config import LimitsSection

_DEFAULT = LimitsSection()


@dataclass(frozen=True, slots=True)
class Quotas:
    """The most that one user and one server may have."""

    alerts_per_person: int = _DEFAULT.alerts_per_person
    alerts_per_server: int = _DEFAULT.alerts_per_server
    channels_per_server: int = _DEFAULT.channels_per_server


def check_alerts(db: Database, quotas: Quotas, owner_id: int | None, guild_id: int | None) -> None:
    """Check that one more alert may begin to live, or live again.

    Raises UserError where it would pass the quota of its owner or of its server.
    """
    if owner_id not in (None, NOBODY) and alerts.count_owned(db, owner_id) >= quotas.alerts_per_person:
        raise UserError(
            f"You have {quotas.alerts_per_person} alerts, which is the most one person may have. "
            "Remove one with /alert remove first."
        )
    if guild_id is not None and alerts.count_in_guild(db, guild_id) >= quotas.alerts_per_server:
        raise UserError(f"This server has {quotas.alerts_per_server} alerts, which is the most one server may have.")


def check_channels(db: Database, quotas: Quotas, guild_id: int, destination_id: int) -> None:
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
