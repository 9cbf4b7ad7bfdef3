"""The channel and role that a command is about, and whether the bot may write there and mention it."""

from __future__ import annotations

from typing import get_args

import discord

from bot.discord_app.bot_base import Interaction
from bot.discord_app.delivery import send_permissions
from bot.discord_app.delivery.send_permissions import Channel
from bot.errors import UserError
from bot.formatting import formats


def channel_id_of(interaction: Interaction, channel: Channel | None, *, writing: bool) -> int:
    """The id of the channel, by default of the one where the command was given.

    Raises UserError outside a server and, with `writing`, where the bot may not write.
    """
    target = channel if channel is not None else interaction.channel
    if target is None or interaction.guild is None:
        raise UserError("Choose a channel of this server.")
    if writing:
        if not isinstance(target, get_args(Channel)):
            raise UserError(f"<#{target.id}> takes no messages. Choose a text channel, a thread or a voice chat.")
        if lacking := send_permissions.missing(target, target.permissions_for(interaction.guild.me)):
            raise UserError(f"I cannot post in <#{target.id}>. Give me {formats.listed(lacking)} there.")
    return target.id


def role_id_of(interaction: Interaction, role: discord.Role | None, channel_id: int) -> int | None:
    """The id of a role to mention in that channel. Raises UserError for one that may not be mentioned there."""
    if role is None:
        return None
    guild, person = interaction.guild, interaction.user
    here = interaction.channel is not None and interaction.channel.id == channel_id
    channel = interaction.channel if here or guild is None else guild.get_channel_or_thread(channel_id)
    if guild is None or not isinstance(channel, get_args(Channel)) or not isinstance(person, discord.Member):
        raise UserError("Choose a channel of this server.")
    theirs = interaction.permissions if here else channel.permissions_for(person)
    send_permissions.check_role(
        role,
        person=send_permissions.may_mention_all(channel, theirs),
        bot=send_permissions.may_mention_all(channel, channel.permissions_for(guild.me)),
    )
    return role.id


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
    if guild is None or not isinstance(channel, get_args(Channel)):
        raise UserError("That channel is not in this server. Type the command again.")
    role = guild.get_role(role_id) if role_id is not None else None
    if role_id is not None and role is None:
        raise UserError("That role is not in this server any more. Type the command again.")
    channel_id_of(interaction, channel, writing=True)
    role_id_of(interaction, role, channel_id)
