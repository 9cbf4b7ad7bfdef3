"""Single values that the program stores by name."""

from __future__ import annotations

import secrets

from sqlite_utils import Database

from bot.database.codec import scalar


def get(db: Database, key: str) -> str | None:
    """The text stored under a key, or None."""
    value: str | None = scalar(db, "SELECT value FROM setting WHERE key = ?", (key,))
    return value


def put(db: Database, key: str, value: str) -> None:
    """Store `value` under `key` in place of an older one."""
    db.execute(
        "INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, value),
    )


def forget(db: Database, key: str) -> None:
    """Delete what is stored under `key`."""
    db.execute("DELETE FROM setting WHERE key = ?", (key,))


def installation(db: Database) -> str:
    """A random name of this installation, made once.

    It makes this installation's nonces and timetable differ from those of others.
    """
    db.execute(
        "INSERT INTO setting (key, value) VALUES ('installation', ?) ON CONFLICT (key) DO NOTHING",
        (secrets.token_hex(8),),
    )
    return str(get(db, "installation"))
