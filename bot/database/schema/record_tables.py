"""The tables of claims and of what is held on record, as their migrations make them."""

from __future__ import annotations

from sqlite_utils import Database

CLAIMS = """
CREATE TABLE claim (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    owner_id INTEGER NOT NULL,
    sentence TEXT NOT NULL,
    source TEXT NOT NULL,
    signal TEXT NOT NULL,
    measure TEXT NOT NULL,
    condition TEXT NOT NULL,
    level REAL NOT NULL,
    level_high REAL,
    outcome TEXT NOT NULL,
    horizon INTEGER NOT NULL,
    share REAL NOT NULL CHECK (share > 0 AND share < 1),
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX claim_owner ON claim (owner_id);
"""

RECORDS = """
CREATE TABLE record (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    signal TEXT NOT NULL,
    measure TEXT NOT NULL,
    direction TEXT NOT NULL,
    level REAL NOT NULL,
    session INTEGER NOT NULL,
    horizon INTEGER NOT NULL,
    due_session INTEGER NOT NULL,
    sent_at INTEGER NOT NULL,
    judged_at INTEGER,
    outcome REAL,
    said_n INTEGER,
    said_hits INTEGER,
    base_n INTEGER,
    base_hits INTEGER,
    undone INTEGER CHECK (undone IN (0, 1)),
    UNIQUE (signal, measure, direction, level, session, horizon)
) STRICT;
CREATE INDEX record_due ON record (due_session) WHERE judged_at IS NULL;
CREATE INDEX record_judged ON record (horizon, session) WHERE outcome IS NOT NULL;
"""


def create(db: Database, statements: str) -> None:
    """Run the statements of a migration."""
    for statement in statements.split(";"):
        if statement.strip():
            db.execute(statement)
