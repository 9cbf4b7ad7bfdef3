"""The stand-in itself, driven by an unmodified discord.py: what courier and end-to-end tests rely on."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import discord
import pytest
from discord import app_commands

from tests.discord_server import TOKEN, Answer, DiscordServer
from tests.discord_server.world import BOT_ID, CHANNEL_ID, GUILD_ID, PERSON_ID


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiscordServer]:
    async with DiscordServer() as running:
        running.world.add_guild()
        running.world.add_channel(CHANNEL_ID)
        monkeypatch.setattr(discord.http.Route, "BASE", running.api_base)
        yield running


class Bot(discord.AutoShardedClient):
    """As small as a bot can be: one command and one count of resumes."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True), guild_ready_timeout=0.05)
        self.tree = app_commands.CommandTree(self)
        self.resumes = asyncio.Event()

        @self.tree.command(name="ping", description="answers")
        async def ping(interaction: discord.Interaction, word: str) -> None:
            await interaction.response.defer(ephemeral=True)
            await interaction.followup.send(f"pong {word} for {interaction.user.id}")

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def on_shard_resumed(self, shard_id: int) -> None:
        self.resumes.set()


@asynccontextmanager
async def ready(bot: Bot, token: str = TOKEN) -> AsyncIterator[Bot]:
    async with bot:
        running = asyncio.create_task(bot.start(token))
        async with asyncio.timeout(5):
            await bot.wait_until_ready()
        yield bot
        await bot.close()
        await running


async def test_a_sharded_bot_becomes_ready_and_sees_its_server(server: DiscordServer) -> None:
    async with ready(Bot()) as bot:
        assert bot.user is not None
        assert bot.user.id == BOT_ID
        guild = bot.get_guild(GUILD_ID)
        assert guild is not None
        assert [channel.id for channel in guild.text_channels] == [CHANNEL_ID]


async def test_a_thread_that_the_bot_makes_is_in_its_server_until_it_is_archived(server: DiscordServer) -> None:
    async def threads() -> list[discord.Thread]:
        async with ready(Bot()) as bot:
            guild = bot.get_guild(GUILD_ID)
            assert guild is not None
            return list(guild.threads)

    async with ready(Bot()) as bot:
        channel = bot.get_channel(CHANNEL_ID)
        assert isinstance(channel, discord.TextChannel)
        made = await channel.create_thread(name="Silver", type=discord.ChannelType.public_thread)
        await made.send("hello")
    [seen] = await threads()
    assert (seen.id, seen.name, seen.parent_id, seen.owner_id) == (made.id, "Silver", CHANNEL_ID, BOT_ID)
    server.world.channel(made.id).archived = True
    assert await threads() == []


async def test_a_typed_command_reaches_the_bot_and_its_answers_come_back(server: DiscordServer) -> None:
    async with ready(Bot()):
        token = await server.command("/ping", {"word": "twice"}, channel_id=CHANNEL_ID)
        deferred, followup = await server.answered(token, at_least=2)
        assert deferred["body"]["type"] == 5
        assert followup["body"]["content"] == f"pong twice for {PERSON_ID}"


async def test_a_command_or_an_option_that_was_never_synced_cannot_be_typed(server: DiscordServer) -> None:
    async with ready(Bot()):
        with pytest.raises(LookupError, match="/pong has not been synced; there are: ping"):
            await server.command("/pong", channel_id=CHANNEL_ID)
        with pytest.raises(LookupError, match="/ping has no option times"):
            await server.command("/ping", {"word": "twice", "times": 2}, channel_id=CHANNEL_ID)


async def test_a_broken_connection_is_resumed_at_this_server(server: DiscordServer) -> None:
    async with ready(Bot()) as bot:
        await server.gateway.close(code=4000)
        async with asyncio.timeout(5):
            await bot.resumes.wait()
        assert (server.gateway.identified, server.gateway.resumed) == (1, 1)


async def test_a_wrong_token_is_refused_with_401(server: DiscordServer) -> None:
    async with Bot() as bot:
        with pytest.raises(discord.LoginFailure):
            await bot.login("wrong")


async def test_the_51st_request_of_a_second_gets_a_global_429(server: DiscordServer) -> None:
    headers = {"Authorization": f"Bot {TOKEN}"}
    async with aiohttp.ClientSession(headers=headers) as session:

        async def ask() -> aiohttp.ClientResponse:
            return await session.get(f"{server.api_base}/users/@me")

        answers = await asyncio.gather(*(ask() for _ in range(51)))
    refused = [answer for answer in answers if answer.status == 429]
    assert len(refused) == 1
    assert refused[0].headers["X-RateLimit-Global"] == "true"
    assert "Via" in refused[0].headers


async def test_the_sixth_message_of_five_seconds_in_a_channel_gets_a_429(server: DiscordServer) -> None:
    url = f"{server.api_base}/channels/{CHANNEL_ID}/messages"
    async with aiohttp.ClientSession(headers={"Authorization": f"Bot {TOKEN}"}) as session:
        statuses = [(await session.post(url, json={"content": str(index)})).status for index in range(6)]
    assert statuses == [200] * 5 + [429]
    assert len(server.world.posted(CHANNEL_ID)) == 5


async def test_a_repeated_nonce_posts_once_until_it_is_forgotten() -> None:
    now = [1_700_000_000.0]
    async with DiscordServer() as server:
        server.world.now = lambda: now[0]
        server.world.add_channel(CHANNEL_ID)
        body = {"content": "once", "nonce": "n", "enforce_nonce": True}
        first = server.world.post(CHANNEL_ID, body)
        now[0] += 180
        assert server.world.post(CHANNEL_ID, body)["id"] == first["id"]
        now[0] += 1
        assert server.world.post(CHANNEL_ID, body)["id"] != first["id"]
        assert len(server.world.posted(CHANNEL_ID)) == 2


async def test_the_tester_s_door_breaks_requests_and_shows_what_was_asked(server: DiscordServer) -> None:
    door = f"http://127.0.0.1:{server.port}/control"
    async with aiohttp.ClientSession() as session:
        wish = {"method": "GET", "path": "/users/@me", "kind": "answer", "status": 503}
        assert (await session.post(f"{door}/fault", json=wish)).status == 200
        answer = await session.get(f"{server.api_base}/users/@me")
        asked = await (await session.get(f"{door}/requests")).json()
    assert answer.status == 503
    assert asked == [{"method": "GET", "path": "/users/@me", "status": 503}]


async def test_a_fault_is_met_once_per_time_asked_for(server: DiscordServer) -> None:
    server.faults.add("GET", "/users/*", Answer(502), times=2)
    headers = {"Authorization": f"Bot {TOKEN}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        statuses = [(await session.get(f"{server.api_base}/users/@me")).status for _ in range(3)]
    assert statuses == [502, 502, 200]


async def test_as_a_process_of_its_own_it_says_where_it_is_and_records_messages(tmp_path: Path) -> None:
    record = tmp_path / "messages.jsonl"
    arguments = ("-m", "tests.discord_server", "--port", "0", "--record", str(record))
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    try:
        assert process.stdout is not None
        first = json.loads(await process.stdout.readline())
        url = f"{first['api_base']}/channels/{first['channel_ids'][0]}/messages"
        async with aiohttp.ClientSession(headers={"Authorization": f"Bot {first['token']}"}) as session:
            assert (await session.post(url, json={"content": "hello"})).status == 200
    finally:
        process.terminate()
        await process.wait()
    assert [json.loads(line)["content"] for line in record.read_text().splitlines()] == ["hello"]
