"""New databases as copies of one that the migrations made once, because most tests want tables and few want the steps."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from threading import Lock

import pytest
from sqlite_utils import Database, Migrations

from bot.archive import migrations as archive_migrations
from bot.database.schema import migrations as bot_migrations


def copy_tables_into_new_databases(patch: pytest.MonkeyPatch) -> None:
    """Run the steps of bot.db and of market.db once in this process; from then on each empty database gets a copy.

    A database that has tables already, and steps up to some version, take the same way as ever.
    """
    for migrations in (bot_migrations.migrations, archive_migrations.migrations):
        patch.setattr(migrations, "apply", _Copier(migrations))


class _Copier:
    def __init__(self, migrations: Migrations) -> None:
        self._apply, self._lock = migrations.apply, Lock()
        # Databases are opened in threads of their own.
        self._made = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._apply(Database(self._made, execute_plugins=False))

    def __call__(self, db: Database, *, stop_before: str | Iterable[str] | None = None) -> None:
        if stop_before is not None or db.conn.in_transaction or _has_tables(db.conn):
            self._apply(db, stop_before=stop_before)
            return
        with self._lock:
            self._made.backup(db.conn)


def _has_tables(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is not None
