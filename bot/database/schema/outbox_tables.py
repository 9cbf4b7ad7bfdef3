"""More kinds of rows in the outbox, for migrations."""

from __future__ import annotations

import re

from sqlite_utils import Database

_KINDS = re.compile(r"CHECK \(kind IN \((?P<kinds>[^)]*)\)\)")


def allow(db: Database, *kinds: str) -> None:
    """Let rows of the outbox have more kinds, whichever they could have before.

    SQLite cannot change a CHECK. What it recommends for one that only widens is to write the new text of the table into
    the schema: no row is touched (https://sqlite.org/lang_altertable.html#otheralter). Raises LookupError where the
    table does not list its kinds.
    """
    (text,) = db.execute("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = 'outbox'").fetchone()
    listed = _KINDS.search(text)
    if listed is None:
        raise LookupError("the table outbox does not list the kinds of its rows")
    more = [f"'{kind}'" for kind in kinds if f"'{kind}'" not in listed["kinds"]]
    widened = f"CHECK (kind IN ({', '.join([listed['kinds'], *more])}))"
    (version,) = db.execute("PRAGMA schema_version").fetchone()
    db.execute("PRAGMA writable_schema = ON")
    try:
        db.execute(
            "UPDATE sqlite_schema SET sql = ? WHERE type = 'table' AND name = 'outbox'",
            (text.replace(listed[0], widened),),
        )
        db.execute(f"PRAGMA schema_version = {version + 1}")
    finally:
        db.execute("PRAGMA writable_schema = OFF")
