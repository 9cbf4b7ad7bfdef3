"""The channel that a command is about, checked against what the bot may do there."""

from __future__ import annotations

import discord

from bot.discord_app.bot_base import Interaction
from bot.errors import UserError

Channel = discord.TextChannel | discord.Thread


def place_of(interaction: Interaction, channel: Channel | None, *, writing: bool) -> int:
    """The channel's id, here by default. Raises UserError where the bot could not write what is asked for."""
    place = channel if channel is not None else interaction.channel
    if place is None or interaction.guild is None:
        raise UserError("Choose a channel of this server.")
    if writing and isinstance(place, discord.TextChannel | discord.Thread):
        allowed = place.permissions_for(interaction.guild.me)
        if not (allowed.view_channel and allowed.embed_links and allowed.send_messages):
            raise UserError(
                f"I may not write in <#{place.id}>. Give me View Channel, Send Messages and Embed Links there."
            )
    return place.id


def check_again(interaction: Interaction, channel_id: int | None, role_id: int | None) -> None:
    """What a button remembers may be gone or forbidden by now. Raises UserError when it is; a DM (None) needs no check."""
    if channel_id is None:
        return
    guild = interaction.guild
    channel = guild.get_channel_or_thread(channel_id) if guild is not None else None
    if guild is None or not isinstance(channel, discord.TextChannel | discord.Thread):
        raise UserError("That channel is not in this server. Type the command again.")
    if role_id is not None and guild.get_role(role_id) is None:
        raise UserError("That role is not in this server any more. Type the command again.")
    place_of(interaction, channel, writing=True)
