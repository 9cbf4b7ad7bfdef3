"""Threads that the bot made for one topic of a channel."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlite_utils import Database

from bot.database.codec import rows, scalar
from bot.database.places import destinations


def find(db: Database, parent_id: int, topic: str) -> int | None:
    """Discord's id of the thread of a topic in a channel; None where none was made."""
    thread_id = scalar(
        db,
        """SELECT destination.channel_id FROM topic_thread
        JOIN destination ON destination.id = topic_thread.destination_id WHERE parent_id = ? AND topic = ?""",
        (parent_id, topic),
    )
    return None if thread_id is None else int(thread_id)


def put(db: Database, parent_id: int, topic: str, thread_id: int, guild_id: int, *, now: datetime) -> None:
    """Store the thread of a topic, in place of one that is there no more."""
    place = destinations.channel_destination(db, thread_id, guild_id, now=now)
    db.execute("DELETE FROM topic_thread WHERE parent_id = ? AND topic = ?", (parent_id, topic))
    db.execute(
        "INSERT INTO topic_thread (destination_id, parent_id, topic) VALUES (?, ?, ?)", (place.id, parent_id, topic)
    )


def of_channel(db: Database, parent_id: int, guild_id: int | None, topics: Collection[str]) -> list[int]:
    """Ids of the destinations of the threads of these topics in a channel of that server."""
    threads = rows(
        db,
        """SELECT destination_id, topic FROM topic_thread
        JOIN destination ON destination.id = topic_thread.destination_id
        WHERE parent_id = ? AND destination.guild_id = ? ORDER BY destination_id""",
        (parent_id, guild_id),
    )
    return [record["destination_id"] for record in threads if record["topic"] in topics]
