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


def create(db: Database, statements: str) -> None:
    """Run the statements of a migration."""
    for statement in statements.split(";"):
        if statement.strip():
            db.execute(statement)
