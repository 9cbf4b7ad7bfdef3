"""The engine's temporary tables: the values of one check, the triggers that they move, and the composites concerned."""

from __future__ import annotations

from sqlite_utils import Database

_SCRATCH = """
CREATE TEMP TABLE seen (
    id INTEGER PRIMARY KEY,
    signal TEXT NOT NULL,
    measure TEXT NOT NULL,
    value REAL NOT NULL,
    closing INTEGER NOT NULL,
    live INTEGER NOT NULL,
    notifies INTEGER NOT NULL,
    notifies_live INTEGER NOT NULL,
    reading_id INTEGER
);
CREATE TEMP TABLE hit (
    id INTEGER PRIMARY KEY,
    seen_id INTEGER NOT NULL,
    fires INTEGER NOT NULL,
    notifies INTEGER NOT NULL,
    once INTEGER NOT NULL,
    cooldown_days INTEGER NOT NULL,
    follows INTEGER NOT NULL
);
CREATE TEMP TABLE moved (
    id INTEGER PRIMARY KEY,
    seen_id INTEGER NOT NULL,
    returned INTEGER NOT NULL
);
CREATE TEMP TABLE owed (
    id INTEGER PRIMARY KEY,
    seen_id INTEGER NOT NULL,
    event TEXT NOT NULL
);
CREATE TEMP TABLE affected (
    id INTEGER PRIMARY KEY,
    notifies INTEGER NOT NULL
);
CREATE TEMP TABLE standing (
    composite_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    holding INTEGER NOT NULL,
    last INTEGER,
    PRIMARY KEY (composite_id, position)
);
"""


def scratch(db: Database) -> None:
    """Create the engine's temporary tables: the values of one check, the triggers that they move, and the composites."""
    for statement in _SCRATCH.split(";"):
        if statement.strip():
            db.execute(statement)
