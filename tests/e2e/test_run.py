"""The program as its users run it: a process of its own, a token, a Discord on the loopback, signals that end it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot import outbox
from bot.database.connection import connect, transaction
from bot.database.places import destinations, guilds
from bot.domain.model import ItemKind, OutboxItem
from signals import catalogue
from tests.discord_server.faults import Answer, DropAfter, Hang
from tests.discord_server.server import DiscordServer
from tests.discord_server.world import CHANNEL_ID, GUILD_ID, TOKEN
from tests.support.http_stub import Reply, http_stub

pytestmark = pytest.mark.slow

STARTED_WITHIN = 30

PROGRAM = """
import atexit, json, pathlib, sys
home = sys.argv[1]
atexit.register(lambda: pathlib.Path(home, "modules.json").write_text(json.dumps(sorted(sys.modules))))
from bot.__main__ import main
main(["--home", home, "run"])
"""
"""The real program, which leaves a list of what it has imported."""

HEAVY = {"matplotlib", "PIL", "scipy", "yfinance", "curl_cffi", "openpyxl"}
"""Libraries that take tens of megabytes and belong to other processes."""


@dataclass
class Bot:
    """How to start the program over one home folder."""

    home: Path
    discord: DiscordServer

    def configure(self, sources: str) -> None:
        """Write a config with these lines about sources."""
        discord = f'[discord]\napi_base = "{self.discord.api_base}"\n'
        (self.home / "config.toml").write_text(f"{discord}[sources]\n{sources}\n")

    async def start(self, token: str | None = TOKEN) -> asyncio.subprocess.Process:
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("DISCORD_", "FRED_"))}
        if token is not None:
            environ["DISCORD_TOKEN"] = token
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            PROGRAM,
            str(self.home),
            env=environ,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.subprocess.Process]:
        identified = self.discord.gateway.identified
        process = await self.start()
        try:
            await until(lambda: self.discord.gateway.identified > identified)
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()

    def promise(self, count: int) -> None:
        """Leave news for a channel in the outbox, as a check does before it is killed."""
        now = datetime.now(UTC)
        db = connect(self.home / "bot.db")
        with transaction(db):
            guilds.joined(db, GUILD_ID, "Somewhere", now=now)
            there = destinations.channel_destination(db, CHANNEL_ID, GUILD_ID, now=now)
            for number in range(count):
                outbox.put(
                    db,
                    OutboxItem(
                        id=0,
                        key=f"notice:{number}",
                        kind=ItemKind.NOTICE,
                        destination_id=there.id,
                        session=date(2026, 1, 13) + timedelta(days=number),
                        created_at=now,
                        sentence=f"News {number}.",
                    ),
                )
        db.close()


async def until(condition: Callable[[], object], within_seconds: float = STARTED_WITHIN) -> None:
    """Look again and again: what another process does comes with no event of ours."""
    async with asyncio.timeout(within_seconds):
        while not condition():
            await asyncio.sleep(0.05)


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    async with DiscordServer() as discord:
        discord.world.add_guild()
        discord.world.add_channel(CHANNEL_ID)
        bot = Bot(tmp_path, discord)
        # No source, so no worker process that makes and computes a market for nobody.
        bot.configure("enabled = []")
        yield bot


async def test_the_bot_is_online_at_once_answers_while_it_loads_and_stops_on_sigterm(bot: Bot) -> None:
    bot.configure("simulated = true\nbackfill_years = 2")
    async with bot.running() as process:
        await until(lambda: bot.discord.world.commands)
        token = await bot.discord.command("status", channel_id=CHANNEL_ID)
        answers = await bot.discord.answered(token, within_seconds=3)
        assert answers
        process.send_signal(signal.SIGTERM)
        _, errors = await asyncio.wait_for(process.communicate(), timeout=10)
        assert process.returncode == 0, errors.decode()
        assert TOKEN not in errors.decode()
        assert '"stopped"' in errors.decode()
    modules = set(json.loads((bot.home / "modules.json").read_text()))
    assert "discord" in modules
    assert not modules & HEAVY


async def test_the_bot_asks_yahoo_from_another_process_and_a_request_that_hangs_does_not_hold_up_its_end(
    bot: Bot,
) -> None:
    async with http_stub() as yahoo:
        for ticker in catalogue.tickers():
            yahoo.on(f"query2.finance.yahoo.com/v8/finance/chart/{ticker}", Reply(how="slow"))
        bot.configure(f'enabled = ["yahoo"]\nbase_urls = {{ "*" = "{yahoo.url}" }}')
        async with bot.running() as process:
            await until(lambda: any("/v8/finance/chart/" in seen.place for seen in yahoo.seen))
            process.send_signal(signal.SIGTERM)
            _, errors = await asyncio.wait_for(process.communicate(), timeout=10)
            assert process.returncode == 0, errors.decode()
    modules = set(json.loads((bot.home / "modules.json").read_text()))
    assert "bot.sources.yahoo.source" in modules
    assert not modules & HEAVY


async def test_a_refused_token_ends_with_its_own_exit_code(bot: Bot) -> None:
    process = await bot.start("an.other.token")
    _, errors = await asyncio.wait_for(process.communicate(), timeout=STARTED_WITHIN)
    assert process.returncode == 3
    assert "Discord refused the token" in errors.decode()
    assert "an.other.token" not in errors.decode()


async def test_without_a_token_or_with_a_bad_config_nothing_starts(bot: Bot) -> None:
    process = await bot.start(None)
    _, errors = await asyncio.wait_for(process.communicate(), timeout=STARTED_WITHIN)
    assert process.returncode == 2
    assert "DISCORD_TOKEN_FILE" in errors.decode()
    (bot.home / "config.toml").write_text("[sources]\nbackfil_years = 3\n[log]\nlevel = 'loud'\n")
    process = await bot.start()
    _, errors = await asyncio.wait_for(process.communicate(), timeout=STARTED_WITHIN)
    assert process.returncode == 2
    assert "did you mean sources.backfill_years?" in errors.decode()
    assert "log.level" in errors.decode()


async def test_a_discord_that_is_down_at_the_start_is_tried_again(bot: Bot) -> None:
    bot.discord.faults.add("GET", "/users/@me", Answer(503), times=1)
    async with bot.running():
        assert [each.status for each in bot.discord.asked("GET", "/users/@me")][:2] == [503, 200]


@pytest.mark.parametrize(
    "fault",
    [pytest.param(Hang(), id="no answer", marks=pytest.mark.thorough), pytest.param(DropAfter(), id="lost answer")],
)
async def test_news_survives_kill_9_in_the_middle_of_sending_and_is_posted_once(
    bot: Bot, fault: Hang | DropAfter
) -> None:
    bot.promise(3)
    bot.discord.faults.add("POST", f"/channels/{CHANNEL_ID}/messages", fault, times=1)
    async with bot.running() as process:
        await until(lambda: bot.discord.asked("POST", f"/channels/{CHANNEL_ID}/messages"))
        process.kill()
        await process.wait()
    async with bot.running() as process:
        await until(lambda: any(each.status == 200 for each in bot.discord.asked("GET", "/messages")))
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), timeout=10)
        assert process.returncode == 0
    assert len(bot.discord.world.posted(CHANNEL_ID)) == 1


async def test_commands_that_cannot_be_registered_do_not_stop_delivery(bot: Bot) -> None:
    bot.promise(1)
    bot.discord.faults.add(
        "PUT", "/applications/*/commands", Answer(400, {"code": 50035, "message": "Invalid Form Body"})
    )
    async with bot.running():
        await until(lambda: bot.discord.world.posted(CHANNEL_ID))
    assert bot.discord.world.commands == []


async def test_intents_that_are_refused_end_with_a_sentence_and_no_traceback(bot: Bot) -> None:
    bot.discord.gateway.refuses = 4014
    process = await bot.start()
    _, errors = await asyncio.wait_for(process.communicate(), timeout=STARTED_WITHIN)
    assert process.returncode == 1
    assert "Discord refuses the connection because of its intents (4014)." in errors.decode()
    assert "Privileged Gateway Intents" in errors.decode()
    assert "Traceback" not in errors.decode()


async def test_sigterm_while_the_gateway_is_silent_at_the_reconnect_ends_in_time(bot: Bot) -> None:
    async with bot.running() as process:
        gateway = bot.discord.gateway
        await until(lambda: bot.discord.world.commands)
        gateway.silent, opened = True, gateway.opened
        await gateway.close(1001, forget=True)
        await until(lambda: gateway.opened > opened)
        process.send_signal(signal.SIGTERM)
        _, errors = await asyncio.wait_for(process.communicate(), timeout=14)
        assert process.returncode == 0, errors.decode()
        assert "Traceback" not in errors.decode()


async def test_a_second_signal_ends_at_once(bot: Bot) -> None:
    bot.promise(1)
    bot.discord.faults.add("POST", f"/channels/{CHANNEL_ID}/messages", Hang(), times=9)
    async with bot.running() as process:
        await until(lambda: bot.discord.asked("POST", f"/channels/{CHANNEL_ID}/messages"))
        # The first one waits for the message that is under way.
        process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.3)
        assert process.returncode is None
        process.send_signal(signal.SIGTERM)
        _, errors = await asyncio.wait_for(process.communicate(), timeout=2)
        assert process.returncode == 128 + signal.SIGTERM
        assert "a second signal" in errors.decode()


async def run_once(bot: Bot, *words: str) -> str:
    """What the program says to one command over the home; it has to succeed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "--home",
        str(bot.home),
        *words,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    said, errors = await asyncio.wait_for(process.communicate(), timeout=STARTED_WITHIN)
    assert process.returncode == 0, errors.decode()
    return said.decode()


async def test_a_restored_bot_posts_nothing_that_the_lost_one_has_posted(bot: Bot, tmp_path: Path) -> None:
    bot.promise(3)
    copy = tmp_path / "copy.db"
    await run_once(bot, "backup", str(copy))
    async with bot.running() as process:
        await until(lambda: bot.discord.world.posted(CHANNEL_ID))
        process.kill()
        await process.wait()
    posted = len(bot.discord.world.posted(CHANNEL_ID))
    said = await run_once(bot, "restore", str(copy))
    assert "3 messages that were owed then will not be posted." in said
    async with bot.running() as process:
        await until(lambda: bot.discord.asked("PUT", "/commands") or bot.discord.world.commands)
        token = await bot.discord.command("status", channel_id=CHANNEL_ID)
        await bot.discord.answered(token, at_least=2, within_seconds=10)
        assert len(bot.discord.world.posted(CHANNEL_ID)) == posted
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), timeout=14)
    assert len(bot.discord.world.posted(CHANNEL_ID)) == posted
