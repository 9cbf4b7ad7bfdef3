"""`/watch add | list | remove`: own signals."""

from __future__ import annotations

from typing import Literal

from discord import app_commands
from discord.ext import commands

from bot.commands.context import Core
from bot.commands.own import watch
from bot.commands.reply import Reply
from bot.discord_app import interactions
from bot.discord_app.bot_base import Interaction
from bot.discord_app.cogs.autocomplete import choices
from bot.discord_app.interactions import caller_of


class WatchCog(commands.GroupCog, group_name="watch", group_description="Make signals of your own out of any tickers"):
    """Own signals of people and servers."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @app_commands.command(name="add", description="Make a signal out of tickers, such as SMH/IGV")
    @app_commands.describe(
        expression="SMH/IGV, (XLY+XLK)/(XLP+XLU), ret(KRE, 21) - ret(SPY, 21); also sma, z, dd, dc",
        name="Its name: you type mine.NAME wherever a signal is asked for",
        owner="Yours (default), or the server's, which all members see (needs Manage Server)",
    )
    async def add(
        self, interaction: Interaction, expression: str, name: str, owner: Literal["me", "server"] = "me"
    ) -> None:
        """Look the tickers up and store the signal."""

        async def work() -> Reply:
            return await watch.add(self._core, caller_of(interaction), expression, name, server=owner == "server")

        await interactions.respond_later(interaction, work)

    @app_commands.command(name="list", description="Your signals and the server's, with their latest values")
    async def listing(self, interaction: Interaction) -> None:
        """The signals that the caller sees here."""
        await interactions.respond(interaction, lambda: watch.listing(self._core, caller_of(interaction)))

    @app_commands.command(name="remove", description="Remove one of your signals; alerts on it end")
    @app_commands.describe(name="Choose one")
    async def remove(self, interaction: Interaction, name: str) -> None:
        """Delete its name."""

        async def work() -> Reply:
            return await watch.remove(self._core, caller_of(interaction), name)

        await interactions.respond_later(interaction, work)

    @remove.autocomplete("name")
    async def _own(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return choices(watch.complete(self._core, caller_of(interaction), typed))
