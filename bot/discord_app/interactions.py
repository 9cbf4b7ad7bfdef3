"""The way back to a person: who asks, the answer on its way, and the one place where errors become sentences."""

from __future__ import annotations

import asyncio
import io
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace as with_parts
from typing import Any, cast

import aiohttp
import discord
from discord import app_commands

from bot.commands.context import Caller, Core
from bot.commands.reply import Reply
from bot.database import destinations
from bot.discord_app import attachments, components, embeds, text_limits
from bot.discord_app.bot_base import Interaction
from bot.domain.chart_request import Picture
from bot.errors import UserError
from bot.formatting import formats

log = logging.getLogger(__name__)

_UNKNOWN_INTERACTION = 10062
PICTURE_SECONDS = 20.0
"""How long a person who asked waits for a picture: behind a check, and behind a dozen others."""

_NO_PICTURE = "There is no picture: too little is known for one, or too much is being drawn. Please try again later."
_NO_FILES = "There is no picture: I may not attach files here."


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


async def respond_soon(interaction: Interaction, ask: Callable[[], Awaitable[Reply]]) -> None:
    """Answer with what takes a moment so short that nothing has to be deferred. Errors as in `respond`."""
    try:
        reply = await ask()
    except UserError as error:
        await say(interaction, str(error))
    else:
        await send(interaction, reply)


async def respond_drawn(interaction: Interaction, ask: Callable[[], Reply | Awaitable[Reply]]) -> None:
    """Answer with a picture. What `ask` refuses at once is told privately; what follows takes a moment, so it is deferred."""
    try:
        asked = ask()
    except UserError as error:
        await say(interaction, str(error))
        return

    async def reply() -> Reply:
        return asked if isinstance(asked, Reply) else await asked

    await respond_later(interaction, reply, private=False)


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
    parked = await store.read(destinations.parked_unseen, interaction.user.id)
    if not parked:
        return
    await store.run(destinations.mark_seen, [place.id for place in parked])
    where = [f"<#{place.channel_id}>" if place.guild_id is not None else "your DM" for place in parked]
    why = parked[0].reason or "Discord refused it"
    await say(interaction, f"Nothing can be delivered to {formats.listed(where)} any more: {why}")


async def finish(interaction: Interaction, reply: Reply) -> None:
    """Put the answer in the place that was kept by deferring, with its picture or with a word on why there is none."""
    picture = await _picture(interaction, reply, within_seconds=PICTURE_SECONDS)
    files = [discord.File(io.BytesIO(reply.file.content), reply.file.name)] if reply.file is not None else []
    if picture is not None:
        try:
            await interaction.edit_original_response(
                **_parts(reply, picture), attachments=[*files, attachments.file(picture)]
            )
        except discord.HTTPException as error:
            log.warning("the picture %s was refused: %s", picture.name, error)
        else:
            return
    if reply.picture is not None:
        allowed = interaction.app_permissions.attach_files
        reply = with_parts(reply, lines=(*reply.lines, _NO_PICTURE if allowed else _NO_FILES))
    await interaction.edit_original_response(**_parts(reply, None), attachments=files)


async def defer(interaction: Interaction, *, private: bool = True) -> None:
    """Tell Discord that the answer takes a moment; at once, before anything that may wait."""
    if not interaction.response.is_done():
        await interaction.response.defer(ephemeral=private, thinking=True)


async def send(interaction: Interaction, reply: Reply) -> None:
    """Give the answer, whether or not it was deferred. A picture that has to be drawn first is added when it is there."""
    picture = await _picture(interaction, reply, within_seconds=0)
    parts = _parts(reply, picture)
    files = [discord.File(io.BytesIO(reply.file.content), reply.file.name)] if reply.file is not None else []
    if picture is not None:
        files.append(attachments.file(picture))
    if files:
        parts["files"] = files
    message: discord.WebhookMessage | None = None
    if not interaction.response.is_done():
        await interaction.response.send_message(ephemeral=reply.private, **parts)
    else:
        message = await interaction.followup.send(ephemeral=reply.private, wait=True, **parts)
    if reply.picture is not None and picture is None:
        await _add_picture(interaction, reply, message)


async def _add_picture(interaction: Interaction, reply: Reply, message: discord.WebhookMessage | None) -> None:
    """Draw what the answer was given without, and show it in the same place. A person who reads already is told of no failure."""
    picture = await _picture(interaction, reply, within_seconds=PICTURE_SECONDS)
    if picture is None:
        return
    edit = interaction.edit_original_response if message is None else message.edit
    try:
        await edit(embed=_embed(reply, picture), attachments=[attachments.file(picture)])
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        log.info("the picture %s was drawn for nothing: %s", picture.name, error)


async def _picture(interaction: Interaction, reply: Reply, *, within_seconds: float) -> Picture | None:
    """The picture of an answer if it can be had in time and may be shown there; in no time one that is ready."""
    if reply.picture is None or not interaction.app_permissions.attach_files:
        return None
    if isinstance(reply.picture, Picture):
        return reply.picture
    charts = core_of(interaction).charts
    if charts is None:
        return None
    drawing = asyncio.ensure_future(charts.draw(reply.picture))
    done, _ = await asyncio.wait({drawing}, timeout=within_seconds)
    drawing.cancel()
    return drawing.result() if done else None


def _embed(reply: Reply, picture: Picture | None) -> discord.Embed:
    shown = embeds.embed(reply)
    return discord.Embed.from_dict(attachments.with_image(shown, picture.name) if picture is not None else shown)


def _parts(reply: Reply, picture: Picture | None) -> dict[str, Any]:
    parts: dict[str, Any] = {"embed": _embed(reply, picture)}
    if rows := components.of_reply(reply):
        parts["view"] = components.view(rows)
    return parts


async def replace(interaction: Interaction, reply: Reply) -> None:
    """Put the answer in place of the message whose button was pressed; its picture follows as with `send`."""
    picture = await _picture(interaction, reply, within_seconds=0)
    view = components.view(components.of_reply(reply))
    # A file that no embed shows any more would hang below the message.
    files = [attachments.file(picture)] if picture is not None else []
    if interaction.response.is_done():
        await interaction.edit_original_response(embed=_embed(reply, picture), view=view, attachments=files)
    else:
        await interaction.response.edit_message(embed=_embed(reply, picture), view=view, attachments=files)
    if reply.picture is not None and picture is None:
        await _add_picture(interaction, reply, None)


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
    """Run the handler of a button, a menu or a form so that whatever it raises reaches the person; discord.py would swallow it.

    Texts that are too long are refused before it runs.
    """
    try:
        text_limits.check_texts(interaction.data)
        await work()
    except Exception as error:
        await explain(interaction, error)
