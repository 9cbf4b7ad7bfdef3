"""`/alert duplicate | history | combine`: what concerns more than one alert."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.alerts.composites import MOST_MEMBERS, MOST_WITHIN
from bot.commands.alerts import alert_lookup, manage
from bot.commands.alerts import combine as combining
from bot.commands.alerts import history as histories
from bot.commands.alerts.combine import CombinationRequest
from bot.commands.alerts.draft import AlertPlace
from bot.commands.alerts.parse import AlertChange
from bot.commands.context import Core
from bot.commands.market import signals
from bot.commands.reply import Reply
from bot.discord_app import interactions
from bot.discord_app.bot_base import Interaction
from bot.discord_app.cogs.autocomplete import choices
from bot.discord_app.delivery.send_permissions import Channel
from bot.discord_app.interactions import caller_of, caller_with_dm
from bot.discord_app.permissions import channel_id_of, role_id_of
from bot.errors import UserError


class AlertGroupsCog(commands.Cog):
    """The part of `/alert` that is about several alerts."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @app_commands.command(name="duplicate", description="Set another alert like one of yours")
    @app_commands.describe(
        alert="Choose one of your alerts",
        signal="On this signal instead",
        condition="With this condition instead",
        channel="Post to this channel instead; needs Manage Server",
        role="Role to mention there",
    )
    async def duplicate(
        self,
        interaction: Interaction,
        alert: str,
        signal: str | None = None,
        condition: str | None = None,
        channel: Channel | None = None,
        role: discord.Role | None = None,
    ) -> None:
        """Copy it with the options that were given."""

        async def work() -> Reply:
            change = AlertChange(signal=signal, condition=condition)
            place = chosen_place(interaction, channel, role)
            return await manage.duplicate(self._core, await caller_with_dm(interaction), alert, change, place)

        await interactions.respond_later(interaction, work)

    @app_commands.command(name="history", description="When your alerts fired, at what value, and what followed")
    @app_commands.describe(alert="Choose one of your alerts; all of them without it")
    async def history(self, interaction: Interaction, alert: str | None = None) -> None:
        """The newest firings."""
        await interactions.respond_later(interaction, lambda: histories.show(self._core, caller_of(interaction), alert))

    @app_commands.command(name="combine", description="Get an alert when enough of several alerts and topics hold")
    @app_commands.describe(
        of="Numbers of your alerts and topics, such as 1, 3, russell-streak",
        at_least="How many of them must hold (default: all)",
        within="A member counts for so many sessions after it fires (default: 1, only while it holds)",
        channel="Post to this channel instead of your DM; needs Manage Server",
        role="Role to mention there",
        alert="Change this combination instead of setting one",
    )
    async def combine(
        self,
        interaction: Interaction,
        of: str | None = None,
        at_least: app_commands.Range[int, 1, MOST_MEMBERS] | None = None,
        within: app_commands.Range[int, 1, MOST_WITHIN] | None = None,
        channel: Channel | None = None,
        role: discord.Role | None = None,
        alert: str | None = None,
    ) -> None:
        """Set a combination, or change one."""

        async def work() -> Reply:
            request = CombinationRequest(of, at_least, within, alert)
            place = chosen_place(interaction, channel, role) or AlertPlace()
            return await combining.combine(self._core, await caller_with_dm(interaction), request, place)

        await interactions.respond_later(interaction, work)

    @combine.autocomplete("of")
    async def _members(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return choices(await combining.complete_members(self._core, caller_of(interaction), typed))

    @duplicate.autocomplete("signal")
    async def _signals_of_a_copy(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return choices(signals.complete(self._core, typed, caller_of(interaction)))

    @duplicate.autocomplete("alert")
    @history.autocomplete("alert")
    @combine.autocomplete("alert")
    async def _one_of_several(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return choices(await alert_lookup.complete_own(self._core, caller_of(interaction), typed))


def chosen_place(interaction: Interaction, channel: Channel | None, role: discord.Role | None) -> AlertPlace | None:
    """The channel and role that were chosen, None where none was.

    Raises UserError where they may not be used, and for a role without a channel.
    """
    if channel is None:
        if role is not None:
            raise UserError("A role is mentioned in a channel. Choose the channel as well, or leave the role out.")
        return None
    caller_of(interaction).need_manager()
    channel_id = channel_id_of(interaction, channel, writing=True)
    return AlertPlace(channel_id, role_id_of(interaction, role, channel_id))
