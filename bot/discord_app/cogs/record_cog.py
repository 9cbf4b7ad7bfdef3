"""`/claims` and `/asof`, computed in the worker process, so that their answers are deferred, and `/since`, from memory."""

from __future__ import annotations

from collections.abc import Awaitable

from discord import app_commands
from discord.ext import commands

from bot.commands.context import Core
from bot.commands.record import as_of, claims, record, since
from bot.commands.record.session_of import session_of
from bot.commands.reply import Reply
from bot.discord_app import interactions
from bot.discord_app.bot_base import Interaction
from bot.discord_app.interactions import caller_of


class RecordCog(commands.Cog):
    """What was known, what has changed, and what it was worth."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @app_commands.command(name="claims", description="Public claims about the rotation: true or not, as of any session")
    @app_commands.describe(date="As of the close of this day, such as 2025-12-31 (default: the newest close)")
    async def claims(self, interaction: Interaction, date: str | None = None) -> None:
        """Every public claim with its verdict."""

        def work() -> Awaitable[Reply]:
            return claims.show(self._core, caller_of(interaction), session_of(self._core, date))

        await interactions.respond_computed(interaction, work)

    @app_commands.command(
        name="since", description="What has changed since a day: states, legs, families, moves, crossings"
    )
    @app_commands.describe(date="From the close of this day, such as 2025-12-31")
    async def since(self, interaction: Interaction, date: str) -> None:
        """What has changed since a day."""
        await interactions.respond(interaction, lambda: since.show(self._core, date))

    @app_commands.command(
        name="asof", description="A past session as it was known on its evening, and what it reads today"
    )
    @app_commands.describe(date="The day, such as 2025-12-31")
    async def asof(self, interaction: Interaction, date: str) -> None:
        """A past session as it was known."""

        def work() -> Awaitable[Reply]:
            return as_of.show(self._core, caller_of(interaction), session_of(self._core, date))

        await interactions.respond_computed(interaction, work)

    @app_commands.command(
        name="record", description="What followed every alert ever sent: hit rates, intervals, states undone"
    )
    async def record(self, interaction: Interaction) -> None:
        """The track record of everything that was sent."""
        await interactions.respond_later(interaction, lambda: record.show(self._core), private=False)
