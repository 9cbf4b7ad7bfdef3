"""Registering the commands with Discord, beside delivery: how it fails says when it is tried again.

Discord limits registrations, at times for a quarter of an hour. Meanwhile the bot is online, delivers, and
answers the commands that were registered before.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

import aiohttp
import discord

from bot.database import DatabaseError, key_value
from bot.domain.backoff import Backoff

if TYPE_CHECKING:
    from bot.discord_app.client import RotationBot

log = logging.getLogger(__name__)

RETRIES = Backoff(first=timedelta(minutes=1), most=timedelta(hours=1))

_SYNCED = "discord.commands"
_FAULT_IS_OURS = frozenset({400, 401, 413})
"""Another try would be answered alike."""

Failure = discord.HTTPException | discord.RateLimited | DatabaseError | aiohttp.ClientError | OSError


async def keep_registered(bot: RotationBot) -> None:
    """Register the commands, trying again after failures for as long as that may help; returns when it is over."""
    failures = 0
    while True:
        try:
            await _register(bot)
            return
        except (discord.HTTPException, discord.RateLimited, DatabaseError, aiohttp.ClientError, OSError) as error:
            failures += 1
            pause = pause_after(error, failures)
            if pause is None:
                log.error("commands could not be registered (%s); delivery goes on, the next start tries again", error)
                return
            log.warning("commands could not be registered (%s); tried again in %.0f s", error, pause)
            await asyncio.sleep(pause)


def pause_after(error: Failure, failures: int) -> float | None:
    """Seconds until the next try after so many failures in a row; None when none would help."""
    usual = RETRIES.after(failures).total_seconds()
    if isinstance(error, discord.RateLimited):
        return max(usual, error.retry_after)
    if isinstance(error, discord.HTTPException) and error.status in _FAULT_IS_OURS:
        return None
    return usual


async def _register(bot: RotationBot) -> None:
    """Register the commands with Discord when they differ from those registered last.

    Discord limits the number of registrations a day.
    """
    own = bot.tree.get_commands()
    definitions = json.dumps([command.to_dict(bot.tree) for command in own], sort_keys=True, default=str)
    fingerprint = f"{bot.application_id}:{hashlib.sha256(definitions.encode()).hexdigest()}"
    # Another program may have used the same token since, so the names that Discord has are
    # compared as well.
    if await bot.core.store.read(key_value.get, _SYNCED) == fingerprint and await _registered(bot) == {
        command.name for command in own
    }:
        return
    await bot.tree.sync()
    await bot.core.store.run(key_value.put, _SYNCED, fingerprint)
    log.info("commands registered with Discord")


async def _registered(bot: RotationBot) -> set[str]:
    return {command.name for command in await bot.tree.fetch_commands()}
