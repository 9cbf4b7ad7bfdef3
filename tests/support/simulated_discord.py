"""The real bot in a Discord that is simulated inside the process: no network, people who type and press."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import discord
from simcord.env import Env

from bot.commands.context import Core
from bot.discord_app.client import RotationBot, build_bot


@dataclass
class SimulatedDiscord:
    """One server with one text channel, the bot, and two people.

    `person` has no special permission, `manager` has Manage Server. People act by `slash`, `click`, `select` and
    `submit_modal`; `env` makes more of everything and waits with `settle` until the bot has done its work.
    """

    env: Any
    bot: RotationBot
    core: Core
    guild: Any
    channel: Any
    person: Any
    manager: Any


@contextlib.asynccontextmanager
async def simulated_discord(core: Core) -> AsyncIterator[SimulatedDiscord]:
    """A simulated Discord in which the real bot runs on `core`, which stays open.

    At the end the bot is shut down. An error of the bot that no test has looked at is raised there.
    """
    # Not `simcord.run`: its context variable cannot be reset in the other context in which pytest-asyncio ends a fixture.
    env = Env(build_bot(core, shard_count=1), settle_timeout=20)
    await env.start()
    try:
        guild = env.create_guild(name="Desk")
        channel = guild.create_text_channel("market")
        managers = guild.create_role("Managers", permissions=discord.Permissions(manage_guild=True))
        person = guild.add_member(env.create_user("ann"))
        manager = guild.add_member(env.create_user("boss"), roles=[managers])
        yield SimulatedDiscord(env, env.bot, core, guild, channel, person, manager)
    finally:
        await env.shutdown()
    env._raise_errors_since(env._errors_acknowledged)


def message_text(message: Any) -> str:
    """Everything that a message of the simulated Discord shows, in one text."""
    parts = [message.content]
    for embed in message.embeds:
        parts += [embed.title or "", embed.description or "", embed.footer.text or ""]
        parts += [f"{field.name}\n{field.value}" for field in embed.fields]
    return "\n".join(parts)


def answer_text(result: Any) -> str:
    """Everything that a person was answered, in one text: the first answer and those that followed."""
    return "\n".join(message_text(message) for message in (result.response, *result.followups) if message is not None)


def button_labels(message: Any) -> list[str]:
    """What stands on the buttons of a message of the simulated Discord."""
    rows = message.components
    return [part["label"] for row in rows for part in row["components"] if part["type"] == 2]
