"""The channel that a command is about, and whether the bot may write there."""

from __future__ import annotations

import discord

from bot.discord_app.bot_base import Interaction
from bot.errors import UserError

Channel = discord.TextChannel | discord.Thread


def channel_id_of(interaction: Interaction, channel: Channel | None, *, writing: bool) -> int:
    """The id of the channel, by default of the one where the command was given.

    Raises UserError outside a server and, with `writing`, where the bot may not write.
    """
    target = channel if channel is not None else interaction.channel
    if target is None or interaction.guild is None:
        raise UserError("Choose a channel of this server.")
    if writing and isinstance(target, discord.TextChannel | discord.Thread):
        allowed = target.permissions_for(interaction.guild.me)
        if not (allowed.view_channel and allowed.embed_links and allowed.send_messages):
            raise UserError(
                f"I may not write in <#{target.id}>. Give me View Channel, Send Messages and Embed Links there."
            )
    return target.id


def may_write(channel: object, allowed: discord.Permissions) -> bool:
    """Whether these permissions are enough to write in that channel."""
    write = allowed.send_messages_in_threads if isinstance(channel, discord.Thread) else allowed.send_messages
    return allowed.view_channel and write


def bot_may_write(guild: discord.Guild, channel_id: int) -> bool:
    """Whether the bot may write in a channel or thread, as far as is known here; what is not in memory may be so."""
    channel = guild.get_channel_or_thread(channel_id)
    me: discord.Member | None = guild.me
    if channel is None or me is None:
        return True
    allowed = channel.permissions_for(me)
    if not allowed.view_channel or me.is_timed_out():
        return False
    if not isinstance(channel, discord.Thread):
        return allowed.send_messages
    return allowed.send_messages_in_threads and (allowed.manage_threads or not channel.locked)


def check_again(interaction: Interaction, channel_id: int | None, role_id: int | None) -> None:
    """Raise UserError when the channel or role of a button is gone or forbidden by now.

    A DM (None) needs no check.
    """
    if channel_id is None:
        return
    guild = interaction.guild
    channel = guild.get_channel_or_thread(channel_id) if guild is not None else None
    if guild is None or not isinstance(channel, discord.TextChannel | discord.Thread):
        raise UserError("That channel is not in this server. Type the command again.")
    if role_id is not None and guild.get_role(role_id) is None:
        raise UserError("That role is not in this server any more. Type the command again.")
    channel_id_of(interaction, channel, writing=True)
