"""Posting the message of `/alert test` where the alert posts."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.commands.reply import Reply
from bot.discord_app.bot_base import Interaction
from bot.discord_app.delivery import attachments as files
from bot.domain.chart_request import Picture
from bot.errors import UserError
from bot.outbox.message import Payload


async def post_test(
    interaction: Interaction, channel_id: int | None, payload: Payload, pictures: Sequence[Picture]
) -> Reply:
    """Post a test message where the alert would post. Raises UserError when Discord refuses it."""
    if channel_id is None:
        raise UserError(
            "Discord does not let me write to you. Allow direct messages from this server, then test again."
        )
    channel = interaction.client.get_partial_messageable(channel_id)
    content = payload.content[:200]
    try:
        try:
            sent = await channel.send(content, embeds=_embeds(payload, pictures), files=[*map(files.file, pictures)])
        except discord.Forbidden:
            if not pictures:
                raise
            sent = await channel.send(content, embeds=_embeds(payload, ()))
    except (discord.Forbidden, discord.NotFound) as error:
        raise UserError(
            "Discord refused the test message, so the alert could not reach you either. "
            "Allow direct messages from this server, or let me write in that channel."
        ) from error
    return Reply(title="Test sent", lines=(f"It is here: {sent.jump_url}",), private=True)


def _embeds(payload: Payload, pictures: Sequence[Picture]) -> list[discord.Embed]:
    return [discord.Embed.from_dict(embed) for embed in files.with_only(payload.embeds, pictures)]
