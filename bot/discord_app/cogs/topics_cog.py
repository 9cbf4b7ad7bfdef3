"""`/topics`, `/subscribe`, `/unsubscribe`."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from bot.commands.alerts import topics
from bot.commands.alerts.topic_choice import complete_topic
from bot.commands.context import Core
from bot.commands.reply import Reply
from bot.discord_app import interactions
from bot.discord_app.bot_base import Interaction
from bot.discord_app.cogs.autocomplete import choices
from bot.discord_app.interactions import caller_of, caller_with_dm


class TopicsCog(commands.Cog):
    """Ready-made alerts for one person."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @app_commands.command(name="topics", description="Ready-made alerts, and which of them you follow")
    async def topics(self, interaction: Interaction) -> None:
        """All topics."""
        await interactions.respond_later(interaction, lambda: topics.listing(self._core, caller_of(interaction)))

    @app_commands.command(name="subscribe", description="Follow a topic: a DM each time it fires")
    @app_commands.describe(topic="Choose a topic, or all (rare) ones")
    async def subscribe(self, interaction: Interaction, topic: str) -> None:
        """Subscribe by DM."""

        async def work() -> Reply:
            return await topics.subscribe(self._core, await caller_with_dm(interaction), topic)

        await interactions.respond_later(interaction, work)

    @app_commands.command(name="unsubscribe", description="Stop following a topic")
    @app_commands.describe(topic="Choose a topic, or all (rare) ones")
    async def unsubscribe(self, interaction: Interaction, topic: str) -> None:
        """Unsubscribe."""
        await interactions.respond_later(
            interaction, lambda: topics.unsubscribe(self._core, caller_of(interaction), topic)
        )

    @subscribe.autocomplete("topic")
    @unsubscribe.autocomplete("topic")
    async def _topics(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return choices(complete_topic(typed))
