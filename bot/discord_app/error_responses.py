"""Errors as sentences, and answers that came too late for Discord.

Only the person who acted sees a sentence, also where the answer was announced to everybody.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from typing import Any, cast

import aiohttp
import discord
from discord import app_commands

from bot.database import full_disk
from bot.discord_app import embeds
from bot.discord_app.bot_base import Interaction
from bot.errors import UserError
from bot.formatting.quoting import quoted

log = logging.getLogger(__name__)

_LATE = frozenset({10062, 40060, 10015, 50027})
"""Discord's codes for an answer that came too late or twice: unknown interaction, already
acknowledged, unknown webhook, invalid webhook token."""

_ANNOUNCED = "announced"
"""Key of `Interaction.extras` while everybody sees that an answer is under way."""

_WAY_BACK = "way back"
"""Key of `Interaction.extras` for what makes the buttons below a refusal."""

COMMAND_CHANGED = "That command has changed. Reload Discord (Ctrl+R, or restart the app) and try again."
_ELSEWHERE = "The answer is for the person who asked."
_NO_ROOM = "The disk is full: nothing can be saved until it has room. Please try again later."
_TREE_LOG = "discord.app_commands.tree"


def is_late(error: BaseException | None) -> bool:
    """Whether Discord refused an answer because it came too late or had been given already."""
    return isinstance(error, discord.HTTPException) and error.code in _LATE


class LateAutocompletes(logging.Filter):
    """Makes one line at INFO of the traceback that discord.py logs for suggestions that came too late.

    People type faster than suggestions come; nothing is wrong then.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Drop the record of a late answer and log the line in its place."""
        error = record.exc_info[1] if record.exc_info else None
        if not is_late(error):
            return True
        log.info("suggestions came too late: %s", error)
        return False


def quiet_late_autocompletes() -> None:
    """Put the filter on discord.py's log; once more changes nothing."""
    tree = logging.getLogger(_TREE_LOG)
    if not any(isinstance(installed, LateAutocompletes) for installed in tree.filters):
        tree.addFilter(LateAutocompletes())


def announce(interaction: Interaction) -> None:
    """Record that everybody sees that an answer is under way."""
    interaction.extras[_ANNOUNCED] = True


def answered(interaction: Interaction) -> None:
    """Record that the announced answer is there."""
    interaction.extras.pop(_ANNOUNCED, None)


def offer_way_back(interaction: Interaction, make: Callable[[], discord.ui.View]) -> None:
    """Let the sentence of a refusal have these buttons below it, which are made only then."""
    interaction.extras[_WAY_BACK] = make


async def refuse(interaction: Interaction, text: str) -> None:
    """Send the sentence of an error privately, with the way back from it where there is one."""
    make = interaction.extras.pop(_WAY_BACK, None)
    await send_text(interaction, text, make() if make is not None else discord.utils.MISSING)


async def send_text(interaction: Interaction, text: str, view: discord.ui.View = discord.utils.MISSING) -> None:
    """Send a sentence privately, with buttons below it where there are any."""
    content = embeds.sentence(text)
    try:
        if not interaction.response.is_done():
            await interaction.response.send_message(content, view=view, ephemeral=True)
            return
        announced = interaction.extras.pop(_ANNOUNCED, False)
        if announced:
            # Discord shows the first message after an announcement in its place, to everybody,
            # whatever its flags say. So the announcement is completed first and deleted last.
            await interaction.edit_original_response(content=_ELSEWHERE)
        await interaction.followup.send(content, view=view, ephemeral=True)
        if announced:
            await interaction.delete_original_response()
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        level = logging.INFO if is_late(error) else logging.WARNING
        log.log(level, "the response %r could not be sent to %s: %s", text, interaction.user.id, error)


async def send_error(interaction: Interaction, error: BaseException) -> None:
    """Send an error as a sentence: what the person can mend, or a number that is in the log."""
    cause = cast(BaseException, getattr(error, "original", error))
    if interaction.client.is_closed():
        # Its HTTP session is closed before the last commands have ended.
        log.info("no response to an interaction of %s, because the program stops: %r", interaction.user.id, cause)
    elif isinstance(cause, UserError):
        await refuse(interaction, str(cause))
    elif isinstance(cause, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
        await refuse(interaction, COMMAND_CHANGED)
    elif isinstance(cause, app_commands.TransformerError):
        await refuse(
            interaction, f"{quoted(str(cause.value))} does not fit there. Choose from the list that Discord offers."
        )
    elif full_disk.is_full(cause):
        await refuse(interaction, _NO_ROOM)
    elif is_late(cause):
        log.info("the response to an interaction of %s was too late: %s", interaction.user.id, cause)
    else:
        await _send_internal_error(interaction, cause)


async def _send_internal_error(interaction: Interaction, cause: BaseException) -> None:
    number = secrets.token_hex(2).upper()
    data: Mapping[str, Any] = cast(Mapping[str, Any], interaction.data or {})
    what = interaction.command.qualified_name if interaction.command else data.get("custom_id", "an interaction")
    log.error("error %s in %s", number, what, exc_info=(type(cause), cause, cause.__traceback__))
    await refuse(interaction, f"Something went wrong on our side (error {number}). It has been logged.")
