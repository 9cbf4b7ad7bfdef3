"""The way back to a person: who asks, the answer on its way, and the one place where errors become sentences."""

from __future__ import annotations

import io
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

import aiohttp
import discord
from discord import app_commands

from bot.chat import components, embeds
from bot.commands import formats
from bot.commands.core import Caller, Core
from bot.commands.reply import Reply
from bot.errors import UserError
from bot.store import destinations

if TYPE_CHECKING:
    from bot.chat.client import RotationBot

    Interaction = discord.Interaction[RotationBot]
else:
    Interaction = discord.Interaction

log = logging.getLogger(__name__)

_UNKNOWN_INTERACTION = 10062
_TOO_LATE = "That took Discord or me too long. Please try again."


def core_of(interaction: Interaction) -> Core:
    """The core of the bot that received the interaction."""
    return interaction.client.core


def caller_of(interaction: Interaction, *, dm_channel_id: int | None = None) -> Caller:
    """Who asks. A server that the bot itself is not a member of (user-installed app) counts as none."""
    member = interaction.guild_id is not None and interaction.client.get_guild(interaction.guild_id) is not None
    allowed = interaction.app_permissions
    return Caller(
        user_id=interaction.user.id,
        guild_id=interaction.guild_id if member else None,
        channel_id=interaction.channel_id,
        may_manage=member and interaction.permissions.manage_guild,
        dm_channel_id=dm_channel_id,
        can_post=member and allowed.view_channel and allowed.send_messages,
    )


async def caller_with_dm(interaction: Interaction) -> Caller:
    """The caller with their DM opened now, so that nothing has to open it in a storm later. A refusal leaves it None."""
    try:
        channel = interaction.user.dm_channel or await interaction.user.create_dm()
    except discord.HTTPException as error:
        log.info("DM with %s refused: %s", interaction.user.id, error)
        return caller_of(interaction)
    return caller_of(interaction, dm_channel_id=channel.id)


async def respond(interaction: Interaction, ask: Callable[[], Reply]) -> None:
    """Answer from memory at once. A UserError becomes its sentence here; everything else is the tree's to explain."""
    try:
        reply = ask()
    except UserError as error:
        await say(interaction, str(error))
    else:
        await send(interaction, reply)


async def respond_later(interaction: Interaction, ask: Callable[[], Awaitable[Reply]], *, private: bool = True) -> None:
    """Answer from the store: deferred first, because a check may be writing. Adds what the person must be told."""
    await defer(interaction, private=private)
    try:
        reply = await ask()
    except UserError as error:
        await say(interaction, str(error))
    else:
        await finish(interaction, reply)
        await _tell(interaction)


async def _tell(interaction: Interaction) -> None:
    """Places of this person where Discord refused delivery since their last command, told once."""
    store = interaction.client.core.store
    parked = await store.read(destinations.to_tell, interaction.user.id)
    if not parked:
        return
    await store.run(destinations.told, [place.id for place in parked])
    where = [f"<#{place.channel_id}>" if place.guild_id is not None else "your DM" for place in parked]
    why = parked[0].reason or "Discord refused it"
    await say(interaction, f"Nothing can be delivered to {formats.listed(where)} any more: {why}")


async def finish(interaction: Interaction, reply: Reply) -> None:
    """Put the answer in the place that was kept by deferring."""
    parts: dict[str, Any] = {"embed": discord.Embed.from_dict(embeds.embed(reply))}
    if rows := components.of_reply(reply):
        parts["view"] = components.view(rows)
    if reply.file is not None:
        parts["attachments"] = [discord.File(io.BytesIO(reply.file.content), reply.file.name)]
    await interaction.edit_original_response(**parts)


async def defer(interaction: Interaction, *, private: bool = True) -> None:
    """Tell Discord that the answer takes a moment; at once, before anything that may wait."""
    if not interaction.response.is_done():
        await interaction.response.defer(ephemeral=private, thinking=True)


async def send(interaction: Interaction, reply: Reply) -> None:
    """Give the answer, whether or not it was deferred."""
    parts: dict[str, Any] = {"embed": discord.Embed.from_dict(embeds.embed(reply))}
    if rows := components.of_reply(reply):
        parts["view"] = components.view(rows)
    if reply.file is not None:
        parts["file"] = discord.File(io.BytesIO(reply.file.content), reply.file.name)
    if not interaction.response.is_done():
        await interaction.response.send_message(ephemeral=reply.private, **parts)
    else:
        await interaction.followup.send(ephemeral=reply.private, **parts)


async def replace(interaction: Interaction, reply: Reply) -> None:
    """Put the answer in place of the message whose button was pressed."""
    found = discord.Embed.from_dict(embeds.embed(reply))
    view = components.view(components.of_reply(reply))
    if interaction.response.is_done():
        await interaction.edit_original_response(embed=found, view=view)
    else:
        await interaction.response.edit_message(embed=found, view=view)


async def say(interaction: Interaction, text: str) -> None:
    """One private sentence."""
    shown = embeds.sentence(text)
    try:
        if not interaction.response.is_done():
            await interaction.response.send_message(shown, ephemeral=True)
        else:
            await interaction.followup.send(shown, ephemeral=True)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        log.warning("the answer %r did not reach %s: %s", text, interaction.user.id, error)


async def explain(interaction: Interaction, error: BaseException) -> None:
    """Turn an error into a sentence for the person: their own to mend, or ours with an id that is in the log."""
    cause = cast(BaseException, getattr(error, "original", error))
    if isinstance(cause, UserError):
        await say(interaction, str(cause))
    elif isinstance(cause, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
        await say(interaction, "That command has changed. Reload Discord (Ctrl+R, or restart the app) and try again.")
    elif isinstance(cause, app_commands.TransformerError):
        await say(interaction, f'"{cause.value}" does not fit there. Choose from the list that Discord offers.')
    elif isinstance(cause, discord.NotFound) and cause.code == _UNKNOWN_INTERACTION:
        log.warning("an interaction of %s was answered too late", interaction.user.id)
    else:
        await _ours(interaction, cause)


async def _ours(interaction: Interaction, cause: BaseException) -> None:
    number = secrets.token_hex(2).upper()
    data: Mapping[str, Any] = cast(Mapping[str, Any], interaction.data or {})
    what = interaction.command.qualified_name if interaction.command else data.get("custom_id", "an interaction")
    log.error("error %s in %s", number, what, exc_info=(type(cause), cause, cause.__traceback__))
    await say(interaction, f"That went wrong on our side (error {number}). It has been logged.")


async def guarded(interaction: Interaction, work: Callable[[], Awaitable[None]]) -> None:
    """Run a handler so that whatever it raises reaches the person. Discord.py swallows errors of buttons and modals."""
    try:
        await work()
    except Exception as error:
        await explain(interaction, error)
