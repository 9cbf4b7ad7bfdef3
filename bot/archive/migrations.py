"""Every table of market.db. Only this module creates tables; each step and its record commit together.

Days are proleptic ordinals of their date, instants epoch seconds. A `known_at` of 0 means: by the
rule of `signals.asof.series`; rows of records always have their own. `looked` is the last session
after which a ticker or series was requested, `looked_at` when a fund was (`request_log`).
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from signals.core.datasets import DATASETS, ColumnKind, Dataset

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
    """Batches of fetching, bars with their revisions, observations, lists of members and
    unconfirmed jumps.
    """
    for statement in _FIRST.split(";"):
        if statement.strip():
            db.execute(statement)


_GAPS = """
CREATE TABLE closure (
    day INTEGER PRIMARY KEY,
    learned_at INTEGER NOT NULL
) STRICT;

CREATE TABLE gap (
    job TEXT NOT NULL,
    name TEXT NOT NULL,
    day INTEGER NOT NULL,
    noted_at INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    declined INTEGER NOT NULL DEFAULT 0,
    next_try INTEGER NOT NULL,
    PRIMARY KEY (job, name, day)
) STRICT, WITHOUT ROWID;
"""

_DOUBT = """
CREATE TABLE doubt (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    day INTEGER NOT NULL,
    rule TEXT NOT NULL,
    value REAL,
    before REAL,
    before_day INTEGER,
    sentence TEXT NOT NULL,
    source TEXT NOT NULL,
    held TEXT NOT NULL DEFAULT '[]',
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    times INTEGER NOT NULL DEFAULT 1,
    state TEXT NOT NULL DEFAULT 'open',
    evidence TEXT NOT NULL DEFAULT '',
    UNIQUE (kind, subject, day)
) STRICT
"""


@migrations()
def m002_gaps_and_closures(db: Database) -> None:
    """What is missing and when it is requested next, and closures that prices have shown."""
    for statement in _GAPS.split(";"):
        if statement.strip():
            db.execute(statement)


@migrations()
def m003_doubts(db: Database) -> None:
    """Doubts of every kind with what decides them, in place of unconfirmed jumps.

    A bar that was held back is asked for again with the next prices, so nothing of it is carried
    over but the fact.
    """
    db.execute(_DOUBT)
    db.execute("CREATE INDEX open_doubt ON doubt (kind, subject) WHERE state = 'open'")
    db.execute(
        "INSERT INTO doubt (kind, subject, day, rule, value, sentence, source, first_at, last_at) "
        "SELECT 'price', symbol, day, 'band', close, sentence, 'yahoo', fetched_at, fetched_at FROM suspect"
    )
    db.execute("DROP TABLE suspect")


@migrations()
def m004_requests_of_funds(db: Database) -> None:
    """When figures of a fund were last requested, so that those that come later are not dated before."""
    db.execute("CREATE TABLE fund_request (fund TEXT PRIMARY KEY, looked_at INTEGER NOT NULL) STRICT, WITHOUT ROWID")


_TYPES = {ColumnKind.DATE: "INTEGER", ColumnKind.TEXT: "TEXT NOT NULL DEFAULT ''", ColumnKind.NUMBER: "REAL"}


def follow_records(db: Database) -> None:
    """Create the missing tables and columns of the datasets of `signals.core.datasets`.

    Run at each opening, because a dataset is added there and nowhere else. Nothing is ever dropped.
    """
    for dataset in DATASETS.values():
        table = f"record_{dataset.name}"
        db.execute(f"CREATE TABLE IF NOT EXISTS {table} ({_columns(dataset)}) STRICT, WITHOUT ROWID")
        there = {row[1] for row in db.execute(f"PRAGMA table_info({table})").fetchall()}
        for column in dataset.columns:
            if column.name not in there:
                db.execute(f'ALTER TABLE {table} ADD COLUMN "{column.name}" {_TYPES[column.kind]}')


def _columns(dataset: Dataset) -> str:
    parts = []
    for column in dataset.columns:
        needed = " NOT NULL" if column.name in dataset.key and column.kind is not ColumnKind.TEXT else ""
        parts.append(f'"{column.name}" {_TYPES[column.kind]}{needed}')
    key = ", ".join(f'"{name}"' for name in (*dataset.key, "known_at"))
    batch = "batch INTEGER NOT NULL REFERENCES batch (id)"
    return ", ".join((*parts, "known_at INTEGER NOT NULL", batch, f"PRIMARY KEY ({key})"))
