"""The same over the real wire of discord.py: whatever Discord passes on is answered within three seconds, without a traceback."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path
from typing import Any, cast

import pytest

from bot.database import Database
from bot.discord_app import buttons, components
from tests.bot.fuzz.test_core import MOST_SECONDS, SEED, state
from tests.bot.fuzz.texts import text
from tests.discord_server import DiscordServer
from tests.discord_server.world import CHANNEL_ID
from tests.support import core_with_readings, online_bot
from tests.support.clock import ManualClock

FEW, MANY = 60, 1_500
DEFERRALS = (5, 6)
Json = dict[str, Any]


def commands(server: DiscordServer) -> list[tuple[str, list[Json]]]:
    """Every command that is registered, as it is typed, with its options."""
    found = []
    for command in server.world.commands:
        parts = [part for part in command.get("options", ()) if part["type"] == 1]
        found += [(f"{command['name']} {part['name']}", part.get("options", [])) for part in parts]
        if not parts:
            found.append((command["name"], command.get("options", [])))
    return found


def options(declared: list[Json], chance: random.Random) -> Json:
    """Values for the options of a command that are texts, numbers and switches; only required ones are always given."""
    given: Json = {}
    for each in declared:
        if not each.get("required") and chance.random() < 0.6:
            continue
        if each["type"] == 3:
            choices = [choice["value"] for choice in each.get("choices", ())]
            given[each["name"]] = chance.choice(choices) if choices and chance.random() < 0.8 else sendable(chance)
        elif each["type"] == 4:
            given[each["name"]] = chance.choice((0, 1, 3, 63, -1, 10**6))
        elif each["type"] == 5:
            given[each["name"]] = chance.random() < 0.5
    return given


def sendable(chance: random.Random) -> str:
    """A text that JSON can carry: Discord sends no halves of signs."""
    return text(chance).encode("utf-8", "replace").decode()


async def send(server: DiscordServer, chance: random.Random) -> tuple[str, str]:
    """Send one interaction; returns its token and what it was."""
    person_id = chance.choice((11, 12))
    kind = chance.random()
    line, declared = chance.choice(commands(server))
    if kind < 0.5:
        given = options(declared, chance)
        return await server.command(line, given, channel_id=CHANNEL_ID, person_id=person_id), f"/{line} {given}"
    texts = [each["name"] for each in declared if each.get("autocomplete")]
    if kind < 0.65 and texts:
        name, typed = chance.choice(texts), sendable(chance)
        token = await server.command(line, {name: typed}, channel_id=CHANNEL_ID, person_id=person_id, focused=name)
        return token, f"/{line} {name}: {typed!r}..."
    message = {
        "id": "1",
        "channel_id": str(CHANNEL_ID),
        "content": "",
        "components": [],
        "embeds": [],
        "attachments": [],
    }
    if kind < 0.9:
        words = [chance.choice([*buttons.BUTTONS]), *(sendable(chance) for _ in range(chance.randrange(4)))]
        custom_id = f"{components.BUTTON}:{'~'.join(words)}"
        return await server.press(full(message, custom_id, 2), custom_id, person_id=person_id), custom_id
    custom_id = f"{components.MENU}:{chance.choice([*buttons.MENUS])}"
    values = [sendable(chance)]
    token = await server.press(full(message, custom_id, 3), custom_id, person_id=person_id, values=values)
    return token, f"{custom_id} {values}"


def full(message: Json, custom_id: str, kind: int) -> Json:
    """A message of the bot under which a component stands."""
    part: Json = {"type": kind, "custom_id": custom_id, "style": 2, "label": "x", "options": []}
    person = {"id": "900000000000000001", "username": "bot", "discriminator": "0", "avatar": None}
    more = {"author": person, "timestamp": "2026-01-13T21:00:00+00:00", "edited_timestamp": None, "type": 0, "flags": 0}
    rest = {"mentions": [], "mention_roles": [], "mention_everyone": False, "pinned": False, "tts": False}
    return {**message, **more, **rest, "components": [{"type": 1, "components": [part]}]}


def is_there(answers: list[Json]) -> bool:
    """Whether more than the announcement of an answer has come."""
    first = [each for each in answers if each["step"] == "callback"]
    return len(answers) > len(first) or any(each["body"]["type"] not in DEFERRALS for each in first)


@pytest.mark.slow
async def test_whatever_discord_passes_on_is_answered_in_time_and_without_a_traceback(
    tmp_path: Path, thorough: bool, caplog: pytest.LogCaptureFixture
) -> None:
    seed = random.randrange(2**32) if thorough else SEED
    chance = random.Random(seed)
    late: list[object] = []
    async with core_with_readings(tmp_path) as core, online_bot(core) as bot:
        bot.discord.world.add_guild()
        bot.discord.world.add_channel(CHANNEL_ID)
        task = bot.begin()
        await bot.until(lambda: bot.online.ready and bot.discord.world.commands)
        for _ in range(MANY if thorough else FEW):
            cast(ManualClock, core.clock).advance(20)
            begun = time.perf_counter()
            token, what = await send(bot.discord, chance)
            try:
                async with asyncio.timeout(MOST_SECONDS):
                    answers = await bot.discord.answered(token, within_seconds=MOST_SECONDS)
                    while not is_there(answers):
                        answers = await bot.discord.answered(
                            token, at_least=len(answers) + 1, within_seconds=MOST_SECONDS
                        )
            except TimeoutError:
                late.append((what, bot.discord.answers(token), round(time.perf_counter() - begun, 1)))
        assert await core.store.read(_is_whole)
        assert await core.store.read(state)
        await bot.end(task)
    assert not late, (seed, late[:8])
    assert not [
        each.getMessage() for each in caplog.records if each.exc_info or each.levelname in ("ERROR", "CRITICAL")
    ]


def _is_whole(db: Database) -> bool:
    return not db.execute("PRAGMA foreign_key_check").fetchall()
