"""`/breadth`, `/yields`, `/flows`, `/rotation`, `/sectors`, `/megacaps`, `/earnings`, `/havens`: answered from memory."""

from __future__ import annotations

from typing import Literal

from discord import app_commands
from discord.ext import commands

from bot.commands.context import Core
from bot.commands.market import family, rotation
from bot.discord_app import interactions
from bot.discord_app.bot_base import Interaction


class FamiliesCog(commands.Cog):
    """One command for each family of signals."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def _show(self, interaction: Interaction, name: str) -> None:
        await interactions.respond(interaction, lambda: family.show(self._core, name))

    @app_commands.command(name="breadth", description="How many shares take part in a move")
    async def breadth(self, interaction: Interaction) -> None:
        """How many shares take part in a move."""
        await self._show(interaction, "breadth")

    @app_commands.command(name="yields", description="Real and nominal yields, the curve, the Fed, prices and jobs")
    async def yields(self, interaction: Interaction) -> None:
        """Real and nominal yields, the curve, the Fed, prices and jobs."""
        await self._show(interaction, "yields")

    @app_commands.command(name="flows", description="Where the money of funds goes")
    async def flows(self, interaction: Interaction) -> None:
        """Where the money of funds goes."""
        await self._show(interaction, "flows")

    @app_commands.command(
        name="rotation", description="Is money rotating out of big tech? Since when, by which yardsticks"
    )
    @app_commands.describe(view="The answer (default), past turns with what followed, or the signals behind it")
    async def rotation(
        self, interaction: Interaction, view: Literal["answer", "past turns", "signals"] = "answer"
    ) -> None:
        """Is money rotating out of big tech, since when, by which yardsticks."""
        if view == "signals":
            await self._show(interaction, "rotation")
            return
        show = rotation.history if view == "past turns" else rotation.show
        await interactions.respond(interaction, lambda: show(self._core))

    @app_commands.command(name="sectors", description="The eleven sectors ranked, and tech among them")
    async def sectors(self, interaction: Interaction) -> None:
        """The eleven sectors ranked, and tech among them."""
        await self._show(interaction, "sectors")

    @app_commands.command(name="megacaps", description="The Magnificent Seven vs. the rest")
    async def megacaps(self, interaction: Interaction) -> None:
        """The Magnificent Seven vs. the rest."""
        await self._show(interaction, "megacaps")

    @app_commands.command(name="earnings", description="Estimates, spending and valuations")
    async def earnings(self, interaction: Interaction) -> None:
        """Estimates, spending and valuations."""
        await self._show(interaction, "earnings")

    @app_commands.command(name="havens", description="Gold, silver, oil and what fear costs")
    async def havens(self, interaction: Interaction) -> None:
        """Gold, silver, oil and what fear costs."""
        await self._show(interaction, "havens")
