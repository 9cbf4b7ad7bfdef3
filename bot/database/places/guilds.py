"""Servers that the bot is or was in.

Leaving pauses their channels; 30 days later all is deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlite_utils import Database

from bot.database import own_signals
from bot.database.alerts import alerts, members
from bot.database.codec import changed, rows, scalar, seconds
from bot.database.places import destinations, places

KEEP_AFTER_LEAVING = timedelta(days=30)

_ALERT_LEFT = "one of its alerts posted to a server that the bot has left"


def joined(db: Database, guild_id: int, name: str, *, now: datetime) -> None:
    """Record that the bot is in that server: new, renamed or back.

    Where it is back, its paused channels become active.
    """
    back = scalar(db, "SELECT left_at IS NOT NULL FROM guild WHERE id = ?", (guild_id,))
    db.execute(
        """INSERT INTO guild (id, name, joined_at) VALUES (:id, :name, :now)
        ON CONFLICT (id) DO UPDATE SET name = excluded.name, left_at = NULL,
            joined_at = CASE WHEN left_at IS NULL THEN joined_at ELSE excluded.joined_at END""",
        {"id": guild_id, "name": name, "now": seconds(now)},
    )
    if back:
        places.joined(db, guild_id, now=now)


def left(db: Database, guild_id: int, *, now: datetime) -> None:
    """Record that the bot left that server, pause its channels, and mention nobody there any more.

    A second call keeps the first date.
    """
    destinations.end_fallbacks_in(db, guild_id)
    db.execute(
        "UPDATE guild SET left_at = :now WHERE id = :id AND left_at IS NULL", {"id": guild_id, "now": seconds(now)}
    )
    places.left(db, guild_id, now=now)


def reconcile(db: Database, present: Mapping[int, str], *, now: datetime) -> None:
    """Bring the stored servers in line with those that Discord listed (id -> name).

    That covers joins and leaves while the bot was offline.
    """
    for guild_id, name in present.items():
        joined(db, guild_id, name, now=now)
    for guild in rows(db, "SELECT id FROM guild WHERE left_at IS NULL"):
        if guild["id"] not in present:
            left(db, guild["id"], now=now)


def mentions_allowed(db: Database, guild_id: int) -> bool:
    """Whether people may be mentioned in that server's channels when their DM is refused."""
    return bool(scalar(db, "SELECT coalesce(max(mentions), 0) FROM guild WHERE id = ?", (guild_id,)))


def allow_mentions(db: Database, guild_id: int, *, allowed: bool, now: datetime) -> None:
    """Store whether that is allowed; without it nobody is mentioned there from now on."""
    db.execute(
        """INSERT INTO guild (id, joined_at, mentions) VALUES (:id, :now, :mentions)
        ON CONFLICT (id) DO UPDATE SET mentions = excluded.mentions""",
        {"id": guild_id, "now": seconds(now), "mentions": allowed},
    )
    if not allowed:
        destinations.end_fallbacks_in(db, guild_id)


def manager_role(db: Database, guild_id: int) -> int | None:
    """The role whose members may set that server up; None where only Manage Server counts."""
    role_id = scalar(db, "SELECT max(manager_role_id) FROM guild WHERE id = ?", (guild_id,))
    return None if role_id is None else int(role_id)


def manager_roles(db: Database) -> dict[int, int]:
    """That role of every server that has one."""
    chosen = rows(db, "SELECT id, manager_role_id FROM guild WHERE manager_role_id IS NOT NULL")
    return {guild["id"]: guild["manager_role_id"] for guild in chosen}


def set_manager_role(db: Database, guild_id: int, role_id: int | None, *, now: datetime) -> None:
    """Store that role, or that there is none."""
    db.execute(
        """INSERT INTO guild (id, joined_at, manager_role_id) VALUES (:id, :now, :role)
        ON CONFLICT (id) DO UPDATE SET manager_role_id = excluded.manager_role_id""",
        {"id": guild_id, "now": seconds(now), "role": role_id},
    )


def delete_expired(db: Database, *, now: datetime) -> int:
    """Delete servers left at least 30 days ago with all that is theirs; returns how many servers.

    That is their channels, alerts and messages. Combinations of other places that lack these alerts are settled.
    """
    expired = {"until": seconds(now - KEEP_AFTER_LEAVING)}
    db.execute("DELETE FROM alert WHERE guild_id IN (SELECT id FROM guild WHERE left_at <= :until)", expired)
    deleted = changed(db, "DELETE FROM guild WHERE left_at <= :until", expired)
    if deleted:
        alerts.end_orphans(db)
        members.tell_unreachable(db, _ALERT_LEFT, session=now.date(), now=now)
        members.settle_lost(db)
        own_signals.tidy(db, now=now, newest=now.date())
    return deleted
