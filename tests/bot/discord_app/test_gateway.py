"""Being on Discord: whatever Discord does, the bot comes back, ends in time and says when its token is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot import outbox
from bot.database.codec import row
from bot.database.places import destinations, guilds
from bot.discord_app import command_registration
from bot.discord_app import gateway as module
from bot.discord_app.gateway import IntentsRefusedError
from bot.domain.backoff import Backoff
from bot.domain.model import ItemKind, OutboxItem
from bot.errors import TokenRefusedError
from tests.discord_server import Answer, Hang
from tests.discord_server.world import CHANNEL_ID, GUILD_ID
from tests.helpers import CrampedStore
from tests.support import OnlineBot, core_without_readings, online_bot, online_for, sample_readings

pytestmark = pytest.mark.slow


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[OnlineBot]:
    async with core_without_readings(tmp_path) as core, online_bot(core) as made:
        yield made


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/users/@me"), ("PUT", "/applications/*"), ("GET", "/gateway/bot")]
)
async def test_a_log_in_without_an_answer_does_not_hold_up_the_end(bot: OnlineBot, method: str, path: str) -> None:
    bot.discord.faults.add(method, path, Hang(), times=9)
    task = bot.begin()
    await bot.until(lambda: bot.discord.asked(method, path.rstrip("*")))
    assert await bot.end(task) < 3


async def test_a_gateway_that_is_down_does_not_hold_up_the_end(bot: OnlineBot) -> None:
    bot.discord.gateway.url = "ws://127.0.0.1:9/gateway"
    task = bot.begin()
    await bot.until(lambda: bot.discord.asked("GET", "/gateway/bot"))
    await asyncio.sleep(0.2)
    assert await bot.end(task) < 3
    assert not bot.online.ready


async def test_a_gateway_that_nobody_reaches_is_asked_for_again(
    bot: OnlineBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "GATEWAY_SECONDS", 0.2)
    right, bot.discord.gateway.url = bot.discord.gateway.url, "ws://127.0.0.1:9/gateway"
    task = bot.begin()
    await bot.until(lambda: bot.discord.asked("GET", "/gateway/bot"))
    bot.discord.gateway.url = right
    await bot.until(lambda: bot.online.ready)
    await bot.end(task)


async def test_a_discord_that_is_down_at_the_start_is_tried_again(bot: OnlineBot) -> None:
    bot.discord.faults.add("GET", "/users/@me", Answer(503), times=2)
    task = bot.begin()
    await bot.until(lambda: bot.online.ready)
    assert [each.status for each in bot.discord.asked("GET", "/users/@me")] == [503, 503, 200]
    await bot.end(task)


@pytest.mark.parametrize("forgotten", [False, True], ids=["resumed", "invalid session"])
async def test_a_broken_session_is_taken_up_or_begun_again_at_the_same_gateway(bot: OnlineBot, forgotten: bool) -> None:
    task = bot.begin()
    gateway = bot.discord.gateway
    await bot.until(lambda: bot.online.ready)
    await gateway.close(1001, forget=forgotten)
    await bot.until(lambda: (gateway.identified, gateway.resumed) == ((2, 0) if forgotten else (1, 1)))
    await bot.end(task)


@pytest.mark.parametrize("code", [4004, 1001])
async def test_a_token_that_is_refused_later_ends_it(bot: OnlineBot, code: int) -> None:
    task = bot.begin()
    await bot.until(lambda: bot.online.ready)
    bot.discord.gateway.refuses = 4004
    await bot.discord.gateway.close(code, forget=True)
    with pytest.raises(TokenRefusedError):
        await asyncio.wait_for(task, 10)


async def test_a_full_disk_at_the_log_in_keeps_nobody_from_being_online(bot: OnlineBot) -> None:
    real, cramped = bot.core.store, CrampedStore(bot.core.store, range(3))
    bot.online = online_for(replace(bot.core, store=cramped))  # type: ignore[arg-type]
    task = bot.begin()
    await bot.until(lambda: cramped.writes >= 3)
    now = bot.core.now()
    room = await real.run(destinations.channel_destination, CHANNEL_ID, GUILD_ID, now=now)
    await real.run(outbox.put, OutboxItem(0, "k", ItemKind.NOTICE, room.id, sample_readings.SESSION, now))
    bot.online.wake()
    await bot.until(lambda: bot.discord.world.posted(CHANNEL_ID))
    assert bot.discord.gateway.identified == 1
    await bot.end(task)


async def test_commands_that_could_not_be_registered_are_registered_later_on_the_same_connection(
    bot: OnlineBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command_registration, "RETRIES", Backoff(timedelta(seconds=0.05), timedelta(seconds=1)))
    bot.discord.faults.add("PUT", "/applications/*/commands", Answer(403, "<html>blocked</html>"), times=2)
    task = bot.begin()
    await bot.until(lambda: bot.discord.world.commands)
    assert bot.discord.gateway.identified == 1
    await bot.end(task)


async def test_refused_intents_end_it_with_what_to_switch_on(bot: OnlineBot) -> None:
    bot.discord.gateway.refuses = 4014
    with pytest.raises(
        IntentsRefusedError, match=r"\(4014\).*on the page Bot switch on the Privileged Gateway Intents"
    ):
        await asyncio.wait_for(bot.begin(), 10)


async def test_leaving_and_coming_back_while_away_is_noticed_at_the_next_start(bot: OnlineBot) -> None:
    store = bot.core.store
    await store.run(guilds.joined, 5, "Elsewhere", now=bot.core.now() - timedelta(days=1))
    task = bot.begin()
    async with asyncio.timeout(10):
        while await store.read(row, "SELECT 1 FROM guild WHERE id = 5 AND left_at IS NOT NULL") is None:
            await asyncio.sleep(0.01)
    await bot.end(task)
    assert await store.read(row, "SELECT 1 FROM guild WHERE id = ? AND left_at IS NULL", (GUILD_ID,))


async def test_a_server_that_is_left_pauses_and_delivers_again_on_return(bot: OnlineBot) -> None:
    store = bot.core.store
    task = bot.begin()
    await bot.until(lambda: bot.online.ready)
    await store.run(destinations.channel_destination, CHANNEL_ID, GUILD_ID, now=bot.core.now())
    for event, data, state in (
        ("GUILD_DELETE", {"id": str(GUILD_ID), "unavailable": True}, "active"),
        ("GUILD_CREATE", bot.discord.world.guild_json(GUILD_ID), "active"),
        ("GUILD_DELETE", {"id": str(GUILD_ID)}, "paused"),
        ("GUILD_CREATE", bot.discord.world.guild_json(GUILD_ID), "active"),
    ):
        await bot.discord.gateway.dispatch(event, data)
        async with asyncio.timeout(5):
            await asyncio.sleep(0.1)
            while (await store.read(row, "SELECT state FROM destination") or {})["state"] != state:
                await asyncio.sleep(0.01)
    await bot.end(task)
