"""The channel that a command is about, checked against what the bot may do there."""

from __future__ import annotations

import discord

from bot.chat.answer import Interaction
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
