"""RotationBot: the connection to Discord. It owns commands, buttons and the list of servers, and no rule of the product.

Nothing starts in `on_ready`, which Discord sends again after every reconnect.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Sequence

import discord
from discord import app_commands
from discord.ext import commands

from bot.commands.context import Core
from bot.database import DatabaseError, guilds, key_value
from bot.discord_app import buttons, interactions, text_limits
from bot.discord_app.bot_base import CoreBot, Interaction
from bot.discord_app.cogs import about, alert, charts, families, market, setup, study, topics
from bot.errors import UserError

log = logging.getLogger(__name__)

_SYNCED = "discord.commands"


class Tree(app_commands.CommandTree["RotationBot"]):
    """Slash commands with the one handler of their errors and the one measure of their texts."""

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Refuse texts that are too long: a command with a sentence, what is still being typed by offering nothing."""
        try:
            text_limits.check_texts(interaction.data)
        except UserError as error:
            if interaction.type is discord.InteractionType.autocomplete:
                await interaction.response.autocomplete([])
            else:
                await interactions.say(interaction, str(error))
            return False
        return True

    async def on_error(self, interaction: Interaction, error: app_commands.AppCommandError, /) -> None:
        """Whatever a command raised becomes a sentence."""
        await interactions.explain(interaction, error)


class RotationBot(CoreBot):
    """The client around a core; everything it answers comes from there."""

    def __init__(self, core: Core, *, shard_count: int | None = None) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=Tree,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            shard_count=shard_count,
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            # A longer wait for a bucket comes back as a 429, and the courier decides what to do meanwhile.
            max_ratelimit_timeout=30,
            # READY waits so long after the last server that Discord tells of. Servers are known by their ids before that, and one
            # that comes later is taken in when it comes, so the default of two seconds would only delay what is to be delivered.
            guild_ready_timeout=0.5,
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
        )
        self.core = core

    async def setup_hook(self) -> None:
        """Register commands and buttons before the gateway connects."""
        self.add_dynamic_items(buttons.Pressed, buttons.Chosen)
        for cog in cogs(self.core):
            if self.get_cog(cog.qualified_name) is None:
                await self.add_cog(cog)
        text_limits.tell_limits(self.tree)
        try:
            await self._sync()
        except (discord.HTTPException, DatabaseError) as error:
            if isinstance(error, discord.HTTPException) and error.status == 401:
                raise
            log.error("commands could not be registered (%s); delivery goes on, the next start tries again", error)

    async def _sync(self) -> None:
        """Tell Discord the commands when they differ from those told last: the number of registrations a day is limited."""
        own = self.tree.get_commands()
        shape = json.dumps([command.to_dict(self.tree) for command in own], sort_keys=True, default=str)
        told = f"{self.application_id}:{hashlib.sha256(shape.encode()).hexdigest()}"
        # Somebody else may have used the same token since, so what Discord has is looked at as well.
        if await self.core.store.read(key_value.get, _SYNCED) == told and await self._registered() == {
            command.name for command in own
        }:
            return
        await self.tree.sync()
        await self.core.store.run(key_value.put, _SYNCED, told)
        log.info("commands registered with Discord")

    async def _registered(self) -> set[str]:
        return {command.name for command in await self.tree.fetch_commands()}

    async def on_message(self, message: discord.Message, /) -> None:
        """Messages are none of our business; only slash commands and buttons are."""

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Remember the server; what was paused there delivers again."""
        await self.core.store.run(guilds.joined, guild.id, guild.name, now=self.core.now())

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Discord tells of a return in this way as well, depending on whether the server was down meanwhile."""
        await self.on_guild_join(guild)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Pause what belongs to the server; it is deleted after 30 days."""
        await self.core.store.run(guilds.left, guild.id, now=self.core.now())

    async def reconcile_guilds(self) -> None:
        """Bring the store's servers in line with Discord's, for joins and leaves while the bot was away.

        To be called once after READY by whoever started the bot.
        """
        present = {guild.id: guild.name for guild in self.guilds}
        await self.core.store.run(guilds.reconcile, present, now=self.core.now())


def cogs(core: Core) -> Sequence[commands.Cog]:
    """One cog for each group of commands."""
    groups: Sequence[Callable[[Core], commands.Cog]] = (
        market.MarketCog,
        families.ScreensCog,
        charts.PicturesCog,
        study.StudyCog,
        alert.AlertCog,
        topics.TopicsCog,
        setup.SetupCog,
        about.AboutCog,
    )
    return [group(core) for group in groups]


def build_bot(core: Core, *, shard_count: int | None = None) -> RotationBot:
    """The real bot around a core. `shard_count` None asks Discord how many it should be (tests pass 1)."""
    return RotationBot(core, shard_count=shard_count)
