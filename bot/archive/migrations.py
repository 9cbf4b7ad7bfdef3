"""Every table of market.db. Only this module creates tables; each step and its record commit together.

Days are proleptic ordinals of their date, instants epoch seconds. A `known_at` of 0 means: by the register's rule.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

migrations = Migrations("market")

_FIRST = """
CREATE TABLE batch (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    fetched_at INTEGER NOT NULL
) STRICT;

CREATE TABLE ticker (
    id INTEGER PRIMARY KEY,
    symbol TEXT NOT NULL UNIQUE,
    looked INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE bar (
    ticker_id INTEGER NOT NULL REFERENCES ticker (id),
    day INTEGER NOT NULL,
    close REAL NOT NULL,
    adj REAL,
    batch INTEGER NOT NULL REFERENCES batch (id),
    PRIMARY KEY (ticker_id, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE bar_revision (
    ticker_id INTEGER NOT NULL,
    day INTEGER NOT NULL,
    known_at INTEGER NOT NULL,
    close REAL NOT NULL,
    batch INTEGER NOT NULL REFERENCES batch (id),
    PRIMARY KEY (ticker_id, day, known_at),
    FOREIGN KEY (ticker_id, day) REFERENCES bar (ticker_id, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    looked INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE observation (
    series_id INTEGER NOT NULL REFERENCES series (id),
    day INTEGER NOT NULL,
    known_at INTEGER NOT NULL DEFAULT 0,
    value REAL NOT NULL,
    batch INTEGER NOT NULL REFERENCES batch (id),
    PRIMARY KEY (series_id, day, known_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE listing (
    id INTEGER PRIMARY KEY,
    known_at INTEGER NOT NULL DEFAULT 0,
    batch INTEGER NOT NULL REFERENCES batch (id)
) STRICT;

CREATE TABLE member (
    listing_id INTEGER NOT NULL REFERENCES listing (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    ticker TEXT NOT NULL,
    name TEXT NOT NULL,
    sector TEXT NOT NULL,
    industry TEXT NOT NULL,
    groups TEXT NOT NULL,
    PRIMARY KEY (listing_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE suspect (
    symbol TEXT PRIMARY KEY,
    day INTEGER NOT NULL,
    close REAL NOT NULL,
    sentence TEXT NOT NULL,
    fetched_at INTEGER NOT NULL
) STRICT;
"""


@migrations()
def m001_first_tables(db: Database) -> None:
    """Batches of fetching, bars with their revisions, observations, lists of members and unconfirmed jumps."""
    for statement in _FIRST.split(";"):
        if statement.strip():
            db.execute(statement)
