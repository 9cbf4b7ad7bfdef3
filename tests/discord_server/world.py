"""What exists on the stand-in: a bot, people, servers, channels, messages and the nonces that are remembered."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.discord_server.furniture import furnish

TOKEN = "stand-in.token.of-the-bot"
BOT_ID = 900_000_000_000_000_001
PERSON_ID = 700_000_000_000_000_001
GUILD_ID = 800_000_000_000_000_001
CHANNEL_ID = 810_000_000_000_000_001
ROLE_ID = 820_000_000_000_000_001
DM_ID = 830_000_000_000_000_001
IS_COMPONENTS_V2 = 1 << 15
ALL_PERMISSIONS = str((1 << 50) - 1)
ADMINISTRATOR, READ_MESSAGE_HISTORY = 1 << 3, 1 << 16
DISCORD_EPOCH_MS = 1_420_070_400_000

Json = dict[str, Any]


class RefusalError(Exception):
    """An answer other than 2xx with Discord's JSON error code."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass
class Channel:
    """`guild_id` None: the DM with `person_id`. `refuses`: (status, code, message) of every attempt to post.

    `may_attach` False: the bot lacks the permission Attach Files there, `may_read` Read Message History.
    `largest_file` in bytes.
    `archived`: a thread that takes nothing until somebody opens it. `parent_id`: of a thread, the channel that it is in.
    """

    id: int
    guild_id: int | None = None
    person_id: int | None = None
    name: str = "alerts"
    refuses: tuple[int, int, str] | None = None
    may_attach: bool = True
    may_read: bool = True
    largest_file: int = 10 * 2**20
    archived: bool = False
    parent_id: int | None = None
    messages: dict[int, Json] = field(default_factory=dict)


@dataclass
class World:
    """Everything the stand-in remembers; `now` gives epoch seconds and may be moved by a test.

    `nonce_seconds`: how long the nonce of a message is remembered. `furnished`: servers that are announced with the
    channels, roles, emojis and threads of a common size.
    """

    now: Callable[[], float] = time.time
    nonce_seconds: float = 180.0
    token: str = TOKEN
    channels: dict[int, Channel] = field(default_factory=dict)
    guilds: dict[int, str] = field(default_factory=dict)
    furnished: set[int] = field(default_factory=set)
    commands: list[Json] = field(default_factory=list)
    answers: list[Json] = field(default_factory=list)
    on_message: list[Callable[[Json], None]] = field(default_factory=list)
    _nonces: dict[tuple[int, str], tuple[int, float]] = field(default_factory=dict)
    _dms: dict[int, Channel] = field(default_factory=dict)
    _serial: itertools.count[int] = field(default_factory=itertools.count)

    def snowflake(self) -> int:
        """A fresh id that holds the present instant, as Discord's do."""
        return (int(self.now() * 1000) - DISCORD_EPOCH_MS) << 22 | next(self._serial) & 0x3FFFFF

    def add_guild(self, guild_id: int = GUILD_ID, name: str = "Somewhere") -> int:
        """A server in which the bot is."""
        self.guilds[guild_id] = name
        return guild_id

    def add_channel(self, channel_id: int, guild_id: int = GUILD_ID, name: str = "alerts") -> Channel:
        """A text channel."""
        self.channels[channel_id] = Channel(channel_id, guild_id=guild_id, name=name)
        return self.channels[channel_id]

    def add_thread(self, parent_id: int, name: str) -> Channel:
        """A thread that the bot makes in a channel."""
        parent = self.channel(parent_id)
        thread = Channel(self.snowflake(), guild_id=parent.guild_id, name=name, parent_id=parent_id)
        self.channels[thread.id] = thread
        return thread

    def add_dm(self, channel_id: int, person_id: int = PERSON_ID) -> Channel:
        """The DM channel with a person."""
        self.channels[channel_id] = self._dms[person_id] = Channel(channel_id, person_id=person_id, name="")
        return self.channels[channel_id]

    def open_dm(self, person_id: int) -> Json:
        """What `POST /users/@me/channels` answers: the same channel every time."""
        return self.channel_json(self._dms.get(person_id) or self.add_dm(self.snowflake(), person_id))

    def channel(self, channel_id: int) -> Channel:
        """Raises RefusalError 10003 when there is none."""
        if channel_id not in self.channels:
            raise RefusalError(404, 10003, "Unknown Channel")
        return self.channels[channel_id]

    def post(self, channel_id: int, body: Json) -> Json:
        """Post a message as Discord does: checked, and once only per remembered nonce."""
        channel = self.channel(channel_id)
        if channel.refuses is not None:
            raise RefusalError(*channel.refuses)
        if channel.archived:
            raise RefusalError(400, 50083, "Thread is archived")
        check_message(body)
        check_files(channel, body)
        key = (channel_id, str(body.get("nonce")))
        if body.get("enforce_nonce") and (known := self._remembered(key)) is not None:
            if known not in channel.messages:
                raise RefusalError(404, 10008, "Unknown Message")
            return channel.messages[known]
        message = self.message_json(channel, body)
        channel.messages[int(message["id"])] = message
        if body.get("nonce"):
            self._nonces[key] = (int(message["id"]), self.now())
        for tell in self.on_message:
            tell(message)
        return message

    def _remembered(self, key: tuple[int, str]) -> int | None:
        message_id, at = self._nonces.get(key, (0, float("-inf")))
        return message_id if self.now() - at <= self.nonce_seconds else None

    def history(self, channel_id: int, *, after: int = 0, before: int = 0, limit: int = 50) -> list[Json]:
        """The oldest `limit` messages after an id, or the newest before one, newest first.

        Without the nonce, as Discord gives them; none where the bot may not read the history.
        """
        channel = self.channel(channel_id)
        if not self.may_read(channel):
            return []
        every = sorted(channel.messages.items())
        newer = [message for key, message in every if key > after and (key < before or not before)]
        page = newer[:limit] if after else newer[-limit:]
        return [{key: value for key, value in message.items() if key != "nonce"} for message in reversed(page)]

    def may_read(self, channel: Channel) -> bool:
        """Whether the bot may read the history; of a thread, that of the channel that it is in."""
        return (channel if channel.parent_id is None else self.channel(channel.parent_id)).may_read

    def posted(self, channel_id: int) -> list[Json]:
        """Messages of a channel, oldest first."""
        return list(self.channel(channel_id).messages.values())

    def bot_json(self) -> Json:
        return {**person_json(BOT_ID, "rotation-bot"), "bot": True}

    def message_json(self, channel: Channel, body: Json) -> Json:
        mentions = body.get("allowed_mentions") or {}
        text = str(body.get("content") or "")
        return {
            "id": str(self.snowflake()),
            "type": 0,
            "channel_id": str(channel.id),
            "author": self.bot_json(),
            "content": text.strip(),
            "timestamp": datetime.fromtimestamp(self.now(), UTC).isoformat(),
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [person_json(int(key)) for key in mentions.get("users", ()) if f"<@{key}>" in text],
            "mention_roles": [str(key) for key in mentions.get("roles", ()) if f"<@&{key}>" in text],
            "attachments": attachments_json(body),
            "embeds": [{"type": "rich", **embed} for embed in body.get("embeds") or ()],
            "components": body.get("components") or [],
            "pinned": False,
            "flags": body.get("flags") or 0,
            "nonce": body.get("nonce"),
            "reactions": [],
        }

    def channel_json(self, channel: Channel) -> Json:
        if channel.guild_id is None:
            return {
                "id": str(channel.id),
                "type": 1,
                "last_message_id": None,
                "recipients": [person_json(channel.person_id or PERSON_ID)],
            }
        if channel.parent_id is not None:
            return {**self.thread_json(channel), "guild_id": str(channel.guild_id)}
        return {
            "id": str(channel.id),
            "type": 0,
            "guild_id": str(channel.guild_id),
            "name": channel.name,
            "position": 0,
            "parent_id": None,
            "topic": None,
            "nsfw": False,
            "last_message_id": None,
            "rate_limit_per_user": 0,
            "permission_overwrites": [] if channel.may_read else [unread_json(channel.guild_id)],
        }

    def thread_json(self, thread: Channel) -> Json:
        metadata = {
            "archived": thread.archived,
            "auto_archive_duration": 10080,
            "archive_timestamp": datetime.fromtimestamp(self.now(), UTC).isoformat(),
            "locked": False,
        }
        return {
            "id": str(thread.id),
            "type": 11,
            "name": thread.name,
            "parent_id": str(thread.parent_id),
            "owner_id": str(BOT_ID),
            "last_message_id": None,
            "rate_limit_per_user": 0,
            "message_count": len(thread.messages),
            "member_count": 1,
            "thread_metadata": metadata,
        }

    def guild_json(self, guild_id: int) -> Json:
        # An administrator would be above what channels deny.
        allowed = str(int(ALL_PERMISSIONS) & ~ADMINISTRATOR)
        everyone = {"id": str(guild_id), "name": "@everyone", "permissions": allowed, "position": 0}
        chosen = {"id": str(ROLE_ID), "name": "readers", "permissions": "0", "position": 1}
        here = [each for each in self.channels.values() if each.guild_id == guild_id]
        more = {"color": 0, "hoist": False, "managed": False, "mentionable": False, "flags": 0}
        announced = {
            "id": str(guild_id),
            "name": self.guilds[guild_id],
            "owner_id": str(PERSON_ID),
            "unavailable": False,
            "member_count": 2,
            "joined_at": datetime.fromtimestamp(self.now(), UTC).isoformat(),
            "roles": [{**everyone, **more}, {**chosen, **more}],
            "members": [member_json(self.bot_json())],
            "channels": [self.channel_json(each) for each in here if each.parent_id is None],
            "threads": [self.channel_json(each) for each in here if each.parent_id is not None and not each.archived],
            "presences": [],
            "voice_states": [],
            "emojis": [],
            "stickers": [],
            "features": [],
            "preferred_locale": "en-US",
        }
        return furnish(announced) if guild_id in self.furnished else announced


def check_message(body: Json) -> None:
    """Discord's limits on a message. Raises RefusalError 50035 or 50006."""
    embeds = body.get("embeds") or []
    if int(body.get("flags") or 0) & IS_COMPONENTS_V2:
        check_layout(body)
        return
    if not (body.get("content") or embeds or body.get("sticker_ids") or body.get("attachments")):
        raise RefusalError(400, 50006, "Cannot send an empty message")
    too_long = [
        *(["content"] if len(body.get("content") or "") > 2000 else []),
        *(["embeds"] if len(embeds) > 10 or sum(map(_embed_size, embeds)) > 6000 else []),
        *(["embeds.title"] if any(len(each.get("title") or "") > 256 for each in embeds) else []),
        *(["embeds.description"] if any(len(each.get("description") or "") > 4096 for each in embeds) else []),
        *(["embeds.fields"] if any(len(each.get("fields") or ()) > 25 for each in embeds) else []),
        *(["nonce"] if len(str(body.get("nonce") or "")) > 25 else []),
    ]
    if too_long:
        raise RefusalError(400, 50035, f"Invalid Form Body: {', '.join(too_long)}")


def check_layout(body: Json) -> None:
    """What Discord says of a message of the newer layout. Raises RefusalError 50035 or 50006."""
    if not body.get("components"):
        raise RefusalError(400, 50006, "Cannot send an empty message")
    if {"content", "embeds"} & body.keys():
        raise RefusalError(400, 50035, "Invalid Form Body: MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2")
    parts = [part for row in body["components"] for part in (row, *row.get("components", ()))]
    if len(parts) > 40 or sum(len(part.get("content") or "") for part in parts) > 4000:
        raise RefusalError(400, 50035, "Invalid Form Body: components")


def check_files(channel: Channel, body: Json) -> None:
    """What Discord says of files. Raises RefusalError 50013, 40005 or 50035."""
    files = body.get("files") or {}
    if files and not channel.may_attach:
        raise RefusalError(403, 50013, "Missing Permissions")
    if any(each["size"] > channel.largest_file for each in files.values()):
        raise RefusalError(413, 40005, "Request entity too large")
    described = body.get("attachments") or []
    if {str(each["id"]) for each in described} - set(files):
        raise RefusalError(400, 50035, "Invalid Form Body: attachments")
    if any(len(each.get("description") or "") > 1024 for each in described):
        raise RefusalError(400, 50035, "Invalid Form Body: attachments.description")
    names = {each["filename"] for each in files.values()}
    urls = [(each.get("image") or {}).get("url", "") for each in body.get("embeds") or ()]
    if any(url.startswith("attachment://") and url.removeprefix("attachment://") not in names for url in urls):
        raise RefusalError(
            400, 50035, "Invalid Form Body: embeds.image.url: Referenced attachment is not in attachments"
        )


def attachments_json(body: Json) -> list[Json]:
    """The files of a message, with the words that the body gives to them."""
    said = {str(each["id"]): each.get("description") for each in body.get("attachments") or ()}
    found = body.get("files") or {}
    return [{"id": number, **each, "description": said.get(number)} for number, each in found.items()]


def _embed_size(embed: Json) -> int:
    parts = [embed.get("title"), embed.get("description"), (embed.get("footer") or {}).get("text")]
    parts += [part for each in embed.get("fields") or () for part in (each.get("name"), each.get("value"))]
    return sum(len(part or "") for part in parts)


def unread_json(guild_id: int) -> Json:
    """What a channel says of everybody in whose history nobody may read."""
    return {"id": str(guild_id), "type": 0, "allow": "0", "deny": str(READ_MESSAGE_HISTORY)}


def person_json(person_id: int = PERSON_ID, name: str = "Ada") -> Json:
    """A user."""
    return {"id": str(person_id), "username": name, "discriminator": "0", "global_name": name, "avatar": None}


def member_json(person: Json) -> Json:
    """A user as member of a server, with every permission."""
    return {
        "user": person,
        "nick": None,
        "roles": [],
        "joined_at": "2024-01-02T00:00:00+00:00",
        "deaf": False,
        "mute": False,
        "flags": 0,
        "permissions": ALL_PERMISSIONS,
    }
