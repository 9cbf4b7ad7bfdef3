"""Responses to interactions: the caller, sending and deferring replies."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace as with_parts
from typing import Any

import aiohttp
import discord

from bot.commands.context import Caller, Core
from bot.commands.reply import Reply
from bot.discord_app import components, embeds, place_reports, text_limits
from bot.discord_app.bot_base import Interaction
from bot.discord_app.delivery import attachments
from bot.discord_app.error_responses import announce, answered, refuse, send_error
from bot.discord_app.permissions import may_write
from bot.domain.chart_request import Picture
from bot.errors import UserError

log = logging.getLogger(__name__)

PICTURE_SECONDS = 20.0
"""How long a reply waits for its picture: a check and a dozen pictures may come first."""

_NO_PICTURE = "No chart: there is too little data, or too many charts are being drawn. Please try again later."
_NO_FILES = "No chart: I may not attach files here."


def core_of(interaction: Interaction) -> Core:
    """The core of the bot that received the interaction."""
    return interaction.client.core


def caller_of(interaction: Interaction, *, dm_channel_id: int | None = None) -> Caller:
    """The person who acted.

    A server that the bot is not a member of (user-installed app) counts as none.
    """
    member = interaction.guild_id is not None and interaction.client.get_guild(interaction.guild_id) is not None
    allowed = interaction.app_permissions
    by_role = member and not interaction.permissions.manage_guild and _has_manager_role(interaction)
    return Caller(
        user_id=interaction.user.id,
        guild_id=interaction.guild_id if member else None,
        channel_id=interaction.channel_id,
        may_manage=member and (interaction.permissions.manage_guild or by_role),
        by_role=by_role,
        dm_channel_id=dm_channel_id,
        can_post=member
        and all(may_write(interaction.channel, permissions) for permissions in (allowed, interaction.permissions)),
    )


def _has_manager_role(interaction: Interaction) -> bool:
    role_id = core_of(interaction).managers.of(interaction.guild_id or 0)
    person = interaction.user
    return role_id is not None and isinstance(person, discord.Member) and person.get_role(role_id) is not None


async def caller_with_dm(interaction: Interaction) -> Caller:
    """The caller with their DM opened now; `dm_channel_id` is None when Discord refuses it.

    Opening it here spreads the openings, which Discord limits: the courier need not open many at
    once when alerts fire.
    """
    try:
        channel = interaction.user.dm_channel or await interaction.user.create_dm()
    except discord.HTTPException as error:
        log.info("DM with %s refused: %s", interaction.user.id, error)
        return caller_of(interaction)
    return caller_of(interaction, dm_channel_id=channel.id)


async def run_handler(interaction: Interaction, work: Callable[[], Awaitable[None]]) -> None:
    """Run the handler of a button, a menu or a form; send its errors to the person, then what they have to be told of.

    discord.py would only log the errors. Texts that are too long are refused before the handler runs.
    """
    try:
        text_limits.check_texts(interaction.data)
        await work()
    except Exception as error:
        await send_error(interaction, error)
    await place_reports.report(interaction)


async def respond(interaction: Interaction, build: Callable[[], Reply]) -> None:
    """Respond at once with what is built from memory.

    A UserError is sent as its sentence here; the command tree handles every other error.
    """
    try:
        reply = build()
    except UserError as error:
        await refuse(interaction, str(error))
    else:
        await send(interaction, reply)


async def respond_soon(interaction: Interaction, build: Callable[[], Awaitable[Reply]]) -> None:
    """Respond with what is so quick that nothing has to be deferred. Errors as in `respond`."""
    try:
        reply = await build()
    except UserError as error:
        await refuse(interaction, str(error))
    else:
        await send(interaction, reply)


def charge(interaction: Interaction) -> None:
    """Take what costs off the person's account. Raises UserError where they ask too often."""
    core_of(interaction).costly.spend(interaction.user.id)


async def respond_with_picture(interaction: Interaction, build: Callable[[], Reply | Awaitable[Reply]]) -> None:
    """Respond with a picture, deferred because drawing takes a moment.

    A UserError that `build` raises before it returns is sent privately. So is the one for a person
    who asks too often.
    """

    def charged() -> Reply | Awaitable[Reply]:
        charge(interaction)
        return build()

    await respond_computed(interaction, charged)


async def respond_computed(interaction: Interaction, build: Callable[[], Reply | Awaitable[Reply]]) -> None:
    """Respond with what takes a moment, as `respond_with_picture` does, where `build` itself takes care of what it costs."""
    try:
        built = build()
    except UserError as error:
        await refuse(interaction, str(error))
        return

    async def reply() -> Reply:
        return built if isinstance(built, Reply) else await built

    await respond_later(interaction, reply, private=False)


async def respond_later(
    interaction: Interaction, build: Callable[[], Awaitable[Reply]], *, private: bool = True
) -> None:
    """Respond from the store: defers first, because a check may be writing."""
    await defer(interaction, private=private)
    try:
        reply = await build()
    except UserError as error:
        await refuse(interaction, str(error))
    else:
        await finish(interaction, reply)


async def finish(interaction: Interaction, reply: Reply) -> None:
    """Replace the deferred response by the reply, with its picture or a line on why it has none."""
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
            answered(interaction)
            return
    if reply.picture is not None:
        allowed = interaction.app_permissions.attach_files
        reply = with_parts(reply, lines=(*reply.lines, _NO_PICTURE if allowed else _NO_FILES))
    await interaction.edit_original_response(**_parts(reply, None), attachments=files)
    answered(interaction)


async def defer(interaction: Interaction, *, private: bool = True) -> None:
    """Tell Discord that the response takes a moment.

    To be called first, before anything that may wait.
    """
    if not interaction.response.is_done():
        await interaction.response.defer(ephemeral=private, thinking=True)
        if not private:
            announce(interaction)


async def send(interaction: Interaction, reply: Reply) -> None:
    """Send the reply, whether or not it was deferred.

    A picture that has to be drawn first is added when it is ready.
    """
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
    """Draw the picture that the reply was sent without, and add it to the message.

    A failure is only logged, because the person already has the reply.
    """
    picture = await _picture(interaction, reply, within_seconds=PICTURE_SECONDS)
    if picture is None:
        return
    edit = interaction.edit_original_response if message is None else message.edit
    try:
        await edit(embed=_embed(reply, picture), attachments=[attachments.file(picture)])
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        log.info("the picture %s could not be added: %s", picture.name, error)


async def _picture(interaction: Interaction, reply: Reply, *, within_seconds: float) -> Picture | None:
    """The picture of a reply if it is ready in time and may be shown there.

    With 0 seconds only one that is ready.
    """
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
    embed = embeds.embed(reply)
    return discord.Embed.from_dict(attachments.with_image(embed, picture.name) if picture is not None else embed)


def _parts(reply: Reply, picture: Picture | None) -> dict[str, Any]:
    parts: dict[str, Any] = {"embed": _embed(reply, picture)}
    if rows := components.of_reply(reply):
        parts["view"] = components.view_of(rows)
    return parts


async def replace(interaction: Interaction, reply: Reply) -> None:
    """Replace the message whose button was pressed by the reply.

    So does a form that was opened again replace the sentence that refused it. Its picture follows as with `send`.
    """
    picture = await _picture(interaction, reply, within_seconds=0)
    view = components.view_of(components.of_reply(reply))
    # Attachments are always set: a file that no embed shows any more would stay below the message.
    files = [attachments.file(picture)] if picture is not None else []
    edit = interaction.edit_original_response if interaction.response.is_done() else interaction.response.edit_message
    await edit(content=None, embed=_embed(reply, picture), view=view, attachments=files)
    if reply.picture is not None and picture is None:
        await _add_picture(interaction, reply, None)
