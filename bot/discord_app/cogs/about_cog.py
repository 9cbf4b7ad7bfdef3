"""`/status`, `/sources`, `/help`, `/privacy`."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from bot.commands.context import Core
from bot.commands.server import help_privacy, sources, status
from bot.discord_app import interactions
from bot.discord_app.bot_base import Interaction
from bot.discord_app.interactions import caller_of


class AboutCog(commands.Cog):
    """The bot itself."""

    privacy = app_commands.Group(name="privacy", description="What is stored about you")

    def __init__(self, core: Core) -> None:
        self._core = core

    @app_commands.command(name="status", description="How fresh the data are, what waits, how far loading is")
    async def status(self, interaction: Interaction) -> None:
        """The state of the bot."""
        await interactions.respond_later(interaction, lambda: status.status(self._core), private=False)

    @app_commands.command(
        name="sources", description="Each source of data: fresh or old, why, and when it is asked next"
    )
    async def sources(self, interaction: Interaction) -> None:
        """A line for each source."""
        await interactions.respond(interaction, lambda: sources.show(self._core))

    @app_commands.command(name="help", description="What I can do")
    async def help(self, interaction: Interaction) -> None:
        """Every command in a line."""
        await interactions.respond(interaction, lambda: help_privacy.help_page(self._core))

    @privacy.command(name="export", description="Everything that I keep about you, as a file")
    async def export(self, interaction: Interaction) -> None:
        """The caller's rows."""
        await interactions.respond_later(interaction, lambda: help_privacy.export(self._core, caller_of(interaction)))

    @privacy.command(name="delete", description="Delete everything that I keep about you")
    async def delete(self, interaction: Interaction) -> None:
        """Ask first."""
        await interactions.respond(interaction, help_privacy.confirm_delete)
