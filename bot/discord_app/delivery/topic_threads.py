"""The thread of a topic: made once in its channel, found again afterwards."""

from __future__ import annotations

from typing import Literal

import discord

from bot.alerts.topics import TOPICS
from bot.commands.alerts.topic_choice import chosen_topics
from bot.commands.context import Core
from bot.database.places import topic_threads
from bot.discord_app.bot_base import Interaction
from bot.errors import UserError

_WEEK: Literal[10080] = 10080
"""Minutes without a message after which Discord archives it; a message opens it again."""


async def thread_of(interaction: Interaction, core: Core, channel_id: int, typed: str) -> int:
    """The id of the thread of a topic in a channel, made where there is none.

    Raises UserError for several topics at once, for a channel that cannot have threads, and without the permissions.
    """
    keys = await chosen_topics(core, typed)
    if len(keys) != 1:
        raise UserError("A thread holds one topic. Choose a single topic, or leave out thread.")
    guild = interaction.guild
    parent = guild.get_channel(channel_id) if guild is not None else None
    if guild is None or not isinstance(parent, discord.TextChannel):
        raise UserError(f"<#{channel_id}> cannot have threads. Choose a text channel.")
    stored_id = await core.store.read(topic_threads.find, channel_id, keys[0])
    if stored_id is not None and await _exists(guild, stored_id):
        return stored_id
    allowed = parent.permissions_for(guild.me)
    needed = {
        "Create Public Threads": allowed.create_public_threads,
        "Send Messages in Threads": allowed.send_messages_in_threads,
    }
    if lacking := [name for name, given in needed.items() if not given]:
        raise UserError(f"I cannot create a thread in <#{channel_id}>. Give me {' and '.join(lacking)} there.")
    title = next(topic.title for topic in TOPICS if topic.key == keys[0])
    # A kill may have come between making one and storing it.
    own = (thread for thread in parent.threads if thread.owner_id == guild.me.id and thread.name == title)
    created = next(own, None)
    if created is None:
        kind = discord.ChannelType.public_thread
        created = await parent.create_thread(name=title, type=kind, auto_archive_duration=_WEEK)
    await core.store.run(topic_threads.put, channel_id, keys[0], created.id, guild.id, now=core.now())
    return created.id


async def _exists(guild: discord.Guild, thread_id: int) -> bool:
    """Whether a thread is there, archived or not. Raises discord.HTTPException when Discord cannot be asked."""
    if guild.get_thread(thread_id) is not None:
        return True
    try:
        await guild.fetch_channel(thread_id)
    except discord.NotFound:
        return False
    return True
