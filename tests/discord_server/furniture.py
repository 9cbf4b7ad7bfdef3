"""What a server of a common size is announced with: 30 channels, 20 roles, 20 emojis and 5 open threads.

Nobody posts there; it is what a bot that is in many servers has to hold.
"""

from __future__ import annotations

from typing import Any

CHANNELS, ROLES, EMOJIS, THREADS = 30, 20, 20, 5
SERVER_IDS_APART = 1 << 22
"""Discord gives a server to a shard by the bits above these."""


def furnish(guild: dict[str, Any]) -> dict[str, Any]:
    """A server as `GUILD_CREATE` announces it, with these parts; their ids are unique while servers are `SERVER_IDS_APART`."""
    first = int(guild["id"]) + 1000
    roles = [
        {
            "id": str(first + number),
            "name": f"role {number}",
            "permissions": "1071698660929",
            "position": number + 2,
            "color": 0x336699,
            "hoist": False,
            "managed": False,
            "mentionable": False,
            "flags": 0,
        }
        for number in range(ROLES)
    ]
    overwrites = [{"id": role["id"], "type": 0, "allow": "1024", "deny": "2048"} for role in roles[:2]]
    channels = [
        {
            "id": str(first + 100 + number),
            "type": 0,
            "guild_id": guild["id"],
            "name": f"a channel {number}",
            "position": number,
            "parent_id": None,
            "topic": "What this channel is for, in a sentence of a common length.",
            "nsfw": False,
            "last_message_id": str(first + 200 + number),
            "rate_limit_per_user": 0,
            "permission_overwrites": overwrites,
        }
        for number in range(CHANNELS)
    ]
    emojis = [
        {
            "id": str(first + 300 + number),
            "name": f"emoji_{number}",
            "roles": [],
            "require_colons": True,
            "managed": False,
        }
        for number in range(EMOJIS)
    ]
    threads = [
        {
            "id": str(first + 400 + number),
            "type": 11,
            "guild_id": guild["id"],
            "parent_id": channels[number]["id"],
            "owner_id": str(first),
            "name": f"a thread {number}",
            "last_message_id": None,
            "message_count": 10,
            "member_count": 5,
            "rate_limit_per_user": 0,
            "thread_metadata": {
                "archived": False,
                "auto_archive_duration": 1440,
                "archive_timestamp": "2026-01-02T00:00:00+00:00",
                "locked": False,
            },
        }
        for number in range(THREADS)
    ]
    parts = {"roles": roles, "channels": channels, "emojis": emojis, "threads": threads}
    return {**guild, **{name: [*guild[name], *more] for name, more in parts.items()}}
