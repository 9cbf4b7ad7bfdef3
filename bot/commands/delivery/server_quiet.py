"""`/setup quiet`: the quiet hours of a server's channel."""

from __future__ import annotations

from dataclasses import replace

from bot.calendar.delivery_times import DeliveryTimes
from bot.commands.context import Caller, Core
from bot.commands.delivery import delivery_input
from bot.commands.delivery.me import WAITS
from bot.commands.reply import Reply, Tone
from bot.commands.server.setup import parse_zone
from bot.database import Database
from bot.database.places import delivery_times, destinations
from bot.errors import UserError
from bot.formatting.quiet_hours import quiet_words


async def set_quiet(
    core: Core, caller: Caller, channel_id: int, hours: str | None, days: str | None, zone: str | None
) -> Reply:
    """Set the quiet hours of a channel to which something is posted.

    Raises UserError for hours, days or a zone that make no sense, for a channel without anything, and without the
    permission.
    """
    guild_id = caller.need_manager()
    if hours is None:
        raise UserError("From when to when? Add the hours, such as 22:00-07:00.")
    quiet = delivery_input.parse_quiet(hours, days)
    name, usual, now = parse_zone(zone) if zone else None, core.summary_zone, core.now()

    def work(db: Database) -> DeliveryTimes:
        place = destinations.find_channel(db, channel_id)
        if place is None or place.guild_id != guild_id:
            raise UserError(
                f"Nothing is posted to <#{channel_id}>. Set up /setup alerts or /setup summary there first."
            )
        return delivery_times.change(
            db,
            place.id,
            lambda before: replace(before, zone=name or before.zone or usual, quiet=quiet),
            created_by=caller.user_id,
            now=now,
        )

    times = await core.store.run(work)
    return Reply(
        title="Quiet hours are set",
        lines=(f"<#{channel_id}> gets no alerts during **{quiet_words(quiet, times.zone)}**.", WAITS),
        tone=Tone.BROADENING,
        private=True,
        footer=core.footer("/setup show lists everything; /setup quiet with off ends it"),
    )


async def end_quiet(core: Core, caller: Caller, channel_id: int) -> Reply:
    """End the quiet hours of a channel. Raises UserError where it has none."""
    guild_id, now = caller.need_manager(), core.now()

    def work(db: Database) -> bool:
        place = destinations.find_channel(db, channel_id)
        if place is None or place.guild_id != guild_id or delivery_times.get(db, place.id).quiet is None:
            return False
        delivery_times.change(
            db, place.id, lambda before: replace(before, quiet=None), created_by=caller.user_id, now=now
        )
        return True

    if not await core.store.run(work):
        raise UserError(f"<#{channel_id}> has no quiet hours. /setup show lists what is set up.")
    return Reply(
        title="Quiet hours ended",
        lines=(f"Alerts come to <#{channel_id}> at once again, with what crossed in the meantime.",),
        private=True,
    )
