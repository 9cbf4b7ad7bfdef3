"""Private sentences to the person of an interaction."""

from __future__ import annotations

import logging

import aiohttp
import discord

from bot.discord_app import embeds
from bot.discord_app.bot_base import Interaction

log = logging.getLogger(__name__)


async def send_text(interaction: Interaction, text: str) -> None:
    """Send a sentence privately."""
    content = embeds.sentence(text)
    try:
        if not interaction.response.is_done():
            await interaction.response.send_message(content, ephemeral=True)
        else:
            await interaction.followup.send(content, ephemeral=True)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        log.warning("the response %r could not be sent to %s: %s", text, interaction.user.id, error)
