"""A local stand-in for Discord: REST with real rate limits, nonces and faults, and a gateway. See `server.py`.

In a test: `async with DiscordServer() as discord: ... discord.api_base ...`. As a process of its own:
`python -m tests.discord_server --port 0 --record messages.jsonl`.
"""

from tests.discord_server.faults import Answer, AnswerAfter, DropAfter, DropBefore, Hang, HangAfterHeaders, Slow
from tests.discord_server.server import DiscordServer
from tests.discord_server.world import TOKEN, World

__all__ = [
    "TOKEN",
    "Answer",
    "AnswerAfter",
    "DiscordServer",
    "DropAfter",
    "DropBefore",
    "Hang",
    "HangAfterHeaders",
    "Slow",
    "World",
]
