"""`/setup summary | alerts | board | calendar | mentions | quiet | managers | show`: what is posted to a server's channels.

The core checks the permission.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import discord
from discord import app_commands
from discord.ext import commands

from bot.commands.alerts import mention
from bot.commands.alerts.topic_choice import complete_topic
from bot.commands.context import Caller, Core
from bot.commands.delivery import server_quiet
from bot.commands.market import agenda
from bot.commands.reply import Reply
from bot.commands.server import board, managers, setup, setup_list
from bot.discord_app import interactions
from bot.discord_app.bot_base import Interaction
from bot.discord_app.cogs.autocomplete import choices
from bot.discord_app.delivery import topic_threads
from bot.discord_app.delivery.send_permissions import Channel
from bot.discord_app.interactions import caller_of
from bot.discord_app.permissions import channel_id_of, role_id_of
from bot.errors import UserError


class SetupCog(commands.GroupCog, group_name="setup", group_description="What the bot posts to this server's channels"):
    """Channels of a server."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @app_commands.command(
        name="summary", description="A daily summary or a weekly letter in a channel (needs Manage Server)"
    )
    @app_commands.describe(
        channel="Where (default: here)",
        time="Local time of day, such as 17:00 or 5 p.m.",
        zone="Time zone, such as Europe/Berlin",
        weekly="A letter after the last session of each week instead",
        off="End the summary of that channel",
    )
    async def summary(
        self,
        interaction: Interaction,
        channel: Channel | None = None,
        time: str | None = None,
        zone: str | None = None,
        weekly: bool = False,
        off: bool = False,
    ) -> None:
        """Set or end a channel's summary."""

        async def change(caller: Caller, channel_id: int) -> Reply:
            if off:
                return await setup.end_summary(self._core, caller, channel_id)
            return await setup.set_summary(self._core, caller, channel_id, time, zone, weekly=weekly)

        await _respond(interaction, channel, change, off=off)

    @app_commands.command(name="alerts", description="Topics in a channel (needs Manage Server)")
    @app_commands.describe(
        topic="Choose a topic, or all (rare) ones",
        channel="Where (default: here)",
        role="Role to mention",
        thread="In a thread of its own in that channel",
        off="End it for that channel",
    )
    async def alerts(
        self,
        interaction: Interaction,
        topic: str,
        channel: Channel | None = None,
        role: discord.Role | None = None,
        thread: bool = False,
        off: bool = False,
    ) -> None:
        """Subscribe a channel to topics, or end it."""

        async def change(caller: Caller, channel_id: int) -> Reply:
            if off:
                return await setup.end_topics(self._core, caller, channel_id, topic)
            role_id = role_id_of(interaction, role, channel_id)
            if thread:
                channel_id = await topic_threads.thread_of(interaction, self._core, channel_id, topic)
            return await setup.set_topics(self._core, caller, channel_id, topic, role_id)

        await _respond(interaction, channel, change, off=off)

    @app_commands.command(
        name="board", description="A live board in a channel, edited after every check (needs Manage Server)"
    )
    @app_commands.describe(channel="Where (default: here)", off="Remove it from that channel")
    async def board(self, interaction: Interaction, channel: Channel | None = None, off: bool = False) -> None:
        """Give a channel a live board, or remove it."""

        async def change(caller: Caller, channel_id: int) -> Reply:
            work = board.end_board if off else board.set_board
            return await work(self._core, caller, channel_id)

        await _respond(interaction, channel, change, off=off)

    @app_commands.command(name="calendar", description="Reminders of the calendar in a channel (needs Manage Server)")
    @app_commands.describe(channel="Where (default: here)", off="End them for that channel")
    async def calendar(self, interaction: Interaction, channel: Channel | None = None, off: bool = False) -> None:
        """Remind a channel, or end it."""

        async def change(caller: Caller, channel_id: int) -> Reply:
            return await agenda.set_channel_reminders(self._core, caller, channel_id, enabled=not off)

        await _respond(interaction, channel, change, off=off)

    @app_commands.command(
        name="mentions", description="Let people be mentioned here when Discord refuses them a DM (needs Manage Server)"
    )
    @app_commands.describe(off="Mention nobody in place of a DM, as at first")
    async def mentions(self, interaction: Interaction, off: bool = False) -> None:
        """Allow mentions in place of refused DMs, or end them."""
        await interactions.respond_later(
            interaction, lambda: mention.set_allowed(self._core, caller_of(interaction), allowed=not off)
        )

    @app_commands.command(name="quiet", description="Hours without alerts in a channel (needs Manage Server)")
    @app_commands.describe(
        hours="From and to, such as 22:00-07:00",
        days="Days on which they begin: weekdays, weekends, Mon-Fri (default: every day)",
        zone="Time zone, such as Europe/Berlin",
        channel="Where (default: here)",
        off="End the quiet hours of that channel",
    )
    async def quiet(
        self,
        interaction: Interaction,
        hours: str | None = None,
        days: str | None = None,
        zone: str | None = None,
        channel: Channel | None = None,
        off: bool = False,
    ) -> None:
        """Set or end a channel's quiet hours."""

        async def change(caller: Caller, channel_id: int) -> Reply:
            if off:
                return await server_quiet.end_quiet(self._core, caller, channel_id)
            return await server_quiet.set_quiet(self._core, caller, channel_id, hours, days, zone)

        await _respond(interaction, channel, change, off=off)

    @app_commands.command(name="managers", description="A role that may use /setup besides Manage Server")
    @app_commands.describe(role="Its members may set up this server", off="Only Manage Server counts again")
    async def managers(self, interaction: Interaction, role: discord.Role | None = None, off: bool = False) -> None:
        """Choose the role, or end it."""

        async def work() -> Reply:
            caller = caller_of(interaction)
            caller.need_manager()
            if off:
                return await managers.end(self._core, caller)
            if role is None:
                raise UserError("Choose a role, or off:True to remove the one that is set.")
            return await managers.set_role(self._core, caller, role.id)

        await interactions.respond_later(interaction, work)

    @app_commands.command(name="show", description="What is set up in this server (needs Manage Server)")
    async def show(self, interaction: Interaction) -> None:
        """Everything that is set up."""
        await interactions.respond_later(interaction, lambda: setup_list.show(self._core, caller_of(interaction)))

    @summary.autocomplete("zone")
    @quiet.autocomplete("zone")
    async def _zones(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return choices(setup.complete_zone(typed))

    @alerts.autocomplete("topic")
    async def _topics(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return choices(complete_topic(typed))


async def _respond(
    interaction: Interaction, channel: Channel | None, change: Callable[[Caller, int], Awaitable[Reply]], *, off: bool
) -> None:
    """Have a manager change what is posted to a channel; what is ended needs no permission to write there."""

    async def work() -> Reply:
        caller = caller_of(interaction)
        caller.need_manager()
        return await change(caller, channel_id_of(interaction, channel, writing=not off))

    await interactions.respond_later(interaction, work)
