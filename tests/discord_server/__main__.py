"""Run the stand-in by itself: `python -m tests.discord_server --port 0 --record messages.jsonl`.

The first line on stdout is JSON with `port`, `api_base`, `token` and the ids of what exists.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from tests.discord_server.furniture import SERVER_IDS_APART
from tests.discord_server.limits import Limits
from tests.discord_server.server import DiscordServer
from tests.discord_server.world import CHANNEL_ID, DM_ID, GUILD_ID, PERSON_ID, ROLE_ID, TOKEN, Json, World


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.discord_server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--record", type=Path, help="append every message posted to this file, one JSON object a line")
    parser.add_argument("--token", default=TOKEN, help="the token that is right")
    parser.add_argument("--channels", type=int, default=3, help="text channels in the one server")
    parser.add_argument(
        "--servers", type=int, default=1, help="the further ones have what servers of a common size have"
    )
    parser.add_argument("--shards", type=int, default=1, help="how many are recommended to the bot")
    parser.add_argument("--dms", type=int, default=0, help="people whose direct messages are open")
    parser.add_argument("--no-limits", action="store_true", help="answer no 429 of its own accord")
    return parser.parse_args()


def make(arguments: argparse.Namespace) -> DiscordServer:
    world = World(token=arguments.token)
    world.add_guild()
    for index in range(arguments.channels):
        world.add_channel(CHANNEL_ID + index, name=f"channel-{index}")
    for number in range(1, arguments.servers):
        world.furnished.add(world.add_guild(GUILD_ID + number * SERVER_IDS_APART, f"Server {number}"))
    for number in range(arguments.dms):
        world.add_dm(DM_ID + number, PERSON_ID + number)
    if arguments.record:
        world.on_message.append(lambda message: append(arguments.record, message))
    limits = Limits(global_per_second=None, per_channel=None) if arguments.no_limits else Limits()
    server = DiscordServer(world, limits, port=arguments.port)
    server.gateway.shards = arguments.shards
    return server


def append(path: Path, message: Json) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(message) + "\n")


async def serve(server: DiscordServer) -> None:
    done = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, done.set)
    async with server:
        first = {
            "port": server.port,
            "api_base": server.api_base,
            "token": server.world.token,
            "guild_id": GUILD_ID,
            "channel_ids": [key for key, channel in server.world.channels.items() if channel.guild_id is not None],
            "person_id": PERSON_ID,
            "role_id": ROLE_ID,
        }
        sys.stdout.write(json.dumps(first) + "\n")
        sys.stdout.flush()
        await done.wait()


if __name__ == "__main__":
    asyncio.run(serve(make(parse())))
