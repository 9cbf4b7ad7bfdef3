"""A home of version 0.1.0 under the real start of today's program: nothing is lost, and nothing is posted twice.

The real start knows the real date, months after the story of the home. So the server that the bot had left is deleted with
what was set up there, thirty days after it was left, and what was sent then is forgotten.
"""

from __future__ import annotations

import contextlib
import sqlite3
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.test_upgrade import ANN, ANN_DM, BEN, BEN_DM, FIXTURE, NONCE, ROOM, SERVER
from tests.discord_server.server import DiscordServer
from tests.e2e.test_run import Bot, until

pytestmark = [pytest.mark.slow, pytest.mark.thorough]

OWN = "SELECT id FROM alert WHERE owner_id IS NOT NULL"
KEPT = {
    "alerts": "SELECT count(*) FROM alert WHERE owner_id IS NOT NULL",
    "triggers": f"SELECT count(*) FROM trigger WHERE alert_id IN ({OWN})",
    "subscriptions": f"SELECT count(*) FROM subscription WHERE alert_id IN ({OWN})",
    "places": "SELECT count(*) FROM destination",
    "summaries": "SELECT count(*) FROM summary_channel",
}
WAITING = """SELECT 1 FROM outbox JOIN destination ON destination.id = destination_id
    WHERE outbox.state IN ('due', 'batched') AND destination.state = 'active'"""


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    with tarfile.open(FIXTURE) as archive:
        archive.extractall(tmp_path, filter="data")
    async with DiscordServer() as discord:
        discord.world.add_guild(SERVER, "Market watchers")
        discord.world.add_channel(ROOM, SERVER)
        discord.world.add_dm(ANN_DM, ANN)
        discord.world.add_dm(BEN_DM, BEN)
        home = tmp_path / "home"
        with (home / "config.toml").open("a", encoding="utf-8") as config:
            config.write(f'\n[discord]\napi_base = "{discord.api_base}"\n')
        yield Bot(home, discord)


def asked(home: Path, question: str) -> list[tuple[int, ...]]:
    with contextlib.closing(sqlite3.connect(f"{(home / 'bot.db').as_uri()}?mode=ro", uri=True)) as db:
        return db.execute(question).fetchall()


def counted(home: Path) -> dict[str, int]:
    return {name: asked(home, question)[0][0] for name, question in KEPT.items()}


async def test_all_is_there_after_the_start_and_what_waited_is_posted_once(bot: Bot) -> None:
    assert counted(bot.home) == {"alerts": 18, "triggers": 21, "subscriptions": 18, "places": 4, "summaries": 2}
    for _ in range(2):
        async with bot.running() as process:
            await until(lambda: not asked(bot.home, WAITING), within_seconds=120)
            process.terminate()
            assert await process.wait() == 0
    # Ben's alert in the server that was left, and that server's channel with its summary.
    assert counted(bot.home) == {"alerts": 17, "triggers": 20, "subscriptions": 17, "places": 3, "summaries": 1}
    in_room, to_ann = bot.discord.world.posted(ROOM), bot.discord.world.posted(ANN_DM)
    begun, topic = (message["content"] for message in in_room[:2])
    assert "Silver is below 91 USD" in begun
    assert "beat the S&P 500 by 1.02 points in one day" in topic
    # The summary waits for the first check and holds up nothing.
    titles = [embed["title"] for message in in_room[2:] for embed in message["embeds"]]
    assert sum("Jan 12" in title for title in titles) == 1
    assert "5 alerts" in to_ann[0]["content"]
    nonces = [message["nonce"] for message in (*in_room, *to_ann)]
    assert nonces[0] == NONCE
    assert len(nonces) == len(set(nonces))
    for words in ("Silver is below 91 USD", "“Silver above 90” has ended", "1.02 points in one day"):
        assert [words in message["content"] for message in in_room].count(True) == 1
