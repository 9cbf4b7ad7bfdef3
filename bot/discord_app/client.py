"""RotationBot: discord.py's client with the commands, the buttons and the list of servers.

It holds no rules of the product. Nothing starts in `on_ready`, which Discord sends again after
every reconnect.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot.commands.context import Core
from bot.database.places import guilds, places
from bot.discord_app import (
    buttons,
    command_registration,
    error_responses,
    event_guard,
    option_kinds,
    place_reports,
    text_limits,
)
from bot.discord_app.bot_base import CoreBot, Interaction
from bot.discord_app.cogs import (
    about_cog,
    alert_cog,
    charts_cog,
    families_cog,
    market_cog,
    me_cog,
    record_cog,
    setup_cog,
    study_cog,
    topics_cog,
    watch_cog,
)
from bot.discord_app.forms import forms
from bot.discord_app.forms.refused_forms import RefusedForms
from bot.discord_app.permissions import bot_may_write
from bot.errors import UserError

log = logging.getLogger(__name__)


class Tree(app_commands.CommandTree["RotationBot"]):
    """Slash commands with one handler for all errors and one check of the length of all texts."""

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Refuse texts that are too long, and options of another kind than the command has.

        A command is refused with a sentence, an autocompletion with an empty list.
        """
        try:
            text_limits.check_texts(interaction.data)
            option_kinds.check(interaction.data or {}, self.get_command)
        except UserError as error:
            await self._refuse(interaction, str(error))
            return False
        return True

    async def _refuse(self, interaction: Interaction, sentence: str) -> None:
        if interaction.type is not discord.InteractionType.autocomplete:
            await error_responses.send_text(interaction, sentence)
            return
        try:
            await interaction.response.autocomplete([])
        except discord.HTTPException as error:
            log.info("no suggestions could be sent: %s", error)

    async def on_error(self, interaction: Interaction, error: app_commands.AppCommandError, /) -> None:
        """Show every error of a command as a sentence."""
        await error_responses.send_error(interaction, error)


class RotationBot(CoreBot):
    """The client around a core, which computes every answer."""

    def __init__(
        self, core: Core, *, shard_count: int | None = None, http_trace: aiohttp.TraceConfig | None = None
    ) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=Tree,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            shard_count=shard_count,
            http_trace=http_trace or aiohttp.TraceConfig(),
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            # For a longer wait discord.py raises RateLimited, and the courier can send other
            # messages meanwhile.
            max_ratelimit_timeout=30,
            # discord.py waits so long after each server that Discord announces before it calls the
            # bot ready. The servers' ids are known before that, and a server that is announced
            # later is stored then, so the default of two seconds would only delay deliveries.
            guild_ready_timeout=0.5,
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
        )
        self.core, self.refused_forms = core, RefusedForms()
        self._registering: asyncio.Task[None] | None = None

    async def setup_hook(self) -> None:
        """Make commands and buttons known before the gateway connects."""
        event_guard.guard(self._connection.parsers)
        self.add_dynamic_items(buttons.PressedButton, buttons.ChosenOption)
        for cog in cogs(self.core):
            if self.get_cog(cog.qualified_name) is None:
                await self.add_cog(cog)
        text_limits.set_max_lengths(self.tree)
        error_responses.quiet_late_autocompletes()
        # Beside the gateway, which is not kept waiting.
        self._registering = asyncio.create_task(command_registration.keep_registered(self), name="commands")

    async def close(self) -> None:
        """Leave Discord."""
        if self._registering is not None:
            self._registering.cancel()
        await super().close()

    async def on_message(self, message: discord.Message, /) -> None:
        """Ignore messages; the bot reacts to slash commands and buttons only."""

    async def on_interaction(self, interaction: Interaction) -> None:
        """Forms that discord.py does not know; everything else it hands to commands, buttons and forms by itself."""
        await forms.refuse_unknown(interaction)

    async def on_app_command_completion(self, interaction: Interaction, command: object) -> None:
        """A command has been answered: tell its person of places that Discord refuses."""
        await place_reports.report(interaction)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Store the server; its paused channels become active, and those that refused are tried."""
        await self.core.store.run(guilds.joined, guild.id, guild.name or "", now=self.core.now())
        # A server that was deleted meanwhile has chosen no role any more.
        self.core.managers.put(guild.id, await self.core.store.read(guilds.manager_role, guild.id))
        self.wake_courier()

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """As `on_guild_join`; Discord sends this for a re-join when the server was down meanwhile."""
        await self.on_guild_join(guild)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Pause the server's channels; the server is deleted after 30 days."""
        await self.core.store.run(guilds.left, guild.id, now=self.core.now())

    async def on_guild_channel_update(self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel) -> None:
        """The permissions of a channel may have changed."""
        await self._try_refused(after.guild)

    async def on_guild_role_update(self, before: discord.Role, after: discord.Role) -> None:
        """The permissions of a role may have changed."""
        await self._try_refused(after.guild)

    async def on_member_update(self, before: discord.Member, after: discord.Member) -> None:
        """The bot itself got or lost a role, or a time-out; of others nothing is told."""
        await self._try_refused(after.guild)

    async def on_raw_thread_update(self, payload: discord.RawThreadUpdateEvent) -> None:
        """A thread was unlocked, or taken out of the archive."""
        if (guild := self.get_guild(payload.guild_id)) is not None:
            await self._try_refused(guild)

    async def on_thread_join(self, thread: discord.Thread) -> None:
        """The bot was added to a thread."""
        await self._try_refused(thread.guild)

    async def _try_refused(self, guild: discord.Guild) -> None:
        """Try the channels of a server that refused, where the bot may write as far as is known here."""
        store = self.core.store
        refused = await store.read(places.refused_in_guild, guild.id)
        open_now = [channel_id for channel_id in refused if bot_may_write(guild, channel_id)]
        if open_now:
            await store.run(places.permitted, open_now, now=self.core.now())
            self.wake_courier()

    async def reconcile_guilds(self) -> None:
        """Bring the stored servers in line with Discord's after joins and leaves while offline, and read their managers.

        To be called once after READY.
        """
        await self.core.managers.load(self.core.store)
        present = {guild.id: guild.name or "" for guild in self.guilds}
        await self.core.store.run(guilds.reconcile, present, now=self.core.now())


def cogs(core: Core) -> Sequence[commands.Cog]:
    """One cog for each group of commands."""
    groups: Sequence[Callable[[Core], commands.Cog]] = (
        market_cog.MarketCog,
        families_cog.FamiliesCog,
        charts_cog.ChartsCog,
        study_cog.StudyCog,
        record_cog.RecordCog,
        alert_cog.AlertCog,
        topics_cog.TopicsCog,
        watch_cog.WatchCog,
        setup_cog.SetupCog,
        me_cog.MeCog,
        about_cog.AboutCog,
    )
    return [group(core) for group in groups]


def build_bot(
    core: Core, *, shard_count: int | None = None, http_trace: aiohttp.TraceConfig | None = None
) -> RotationBot:
    """The bot around a core.

    With `shard_count` None Discord is asked how many it should be (tests pass 1). `http_trace` follows its requests.
    """
    return RotationBot(core, shard_count=shard_count, http_trace=http_trace)
