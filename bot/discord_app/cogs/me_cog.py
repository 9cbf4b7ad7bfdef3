"""`/me`: when a person wants their messages."""

from __future__ import annotations

from typing import Literal

from discord import app_commands
from discord.ext import commands

from bot.commands.context import Core
from bot.commands.delivery import me
from bot.commands.reply import Reply
from bot.commands.server import setup
from bot.discord_app import interactions
from bot.discord_app.bot_base import Interaction
from bot.discord_app.cogs.autocomplete import choices
from bot.discord_app.interactions import caller_of, caller_with_dm


class MeCog(commands.Cog):
    """The settings of one person."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @app_commands.command(name="me", description="Your time zone, quiet hours, daily digest, and the summary by DM")
    @app_commands.describe(
        zone="Your time zone, such as Europe/Berlin",
        quiet="Hours without alerts, such as 22:00-07:00; off ends them",
        days="Days on which they begin: weekdays, weekends, Mon-Fri (default: every day)",
        delivery="each: every alert at once; or the time of one digest a day, such as 18:00",
        summary="The market summary by DM: daily, weekly as a letter, or off",
    )
    async def me(
        self,
        interaction: Interaction,
        zone: str | None = None,
        quiet: str | None = None,
        days: str | None = None,
        delivery: str | None = None,
        summary: Literal["daily", "weekly", "off"] | None = None,
    ) -> None:
        """Change what is given, and show the settings."""
        request = me.MeRequest(zone, quiet, days, delivery, summary)

        async def work() -> Reply:
            caller = caller_of(interaction) if summary in (None, me.OFF) else await caller_with_dm(interaction)
            return await me.me(self._core, caller, request)

        await interactions.respond_later(interaction, work)

    @me.autocomplete("zone")
    async def _zones(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return choices(setup.complete_zone(typed))
