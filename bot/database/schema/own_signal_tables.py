"""The tables of own signals, which `migrations` creates."""

from __future__ import annotations

CREATE = """
CREATE TABLE own_signal (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    expression TEXT NOT NULL,
    name TEXT NOT NULL,
    user_id INTEGER,
    guild_id INTEGER REFERENCES guild (id) ON DELETE CASCADE,
    created_by INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    CHECK ((user_id IS NULL) <> (guild_id IS NULL))
) STRICT;
CREATE UNIQUE INDEX own_signal_person ON own_signal (user_id, name) WHERE user_id IS NOT NULL;
CREATE UNIQUE INDEX own_signal_guild ON own_signal (guild_id, name) WHERE guild_id IS NOT NULL;
CREATE TABLE own_ticker (
    symbol TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    currency TEXT NOT NULL,
    first_day INTEGER,
    added_at INTEGER NOT NULL,
    gone_told INTEGER NOT NULL DEFAULT 0 CHECK (gone_told IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_own ON alert (signal) WHERE signal >= 'own.' AND signal < 'own/';
"""
