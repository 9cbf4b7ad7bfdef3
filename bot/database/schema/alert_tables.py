"""What a migration adds to alerts: how they notify, what follows a firing, composites and a history.

`session_number` numbers sessions in the order in which they were first judged. `member` says of which
alerts and topics a composite is made: `inside` while one counts, `out_at` the number of the session at
which it leaves the window. `firing` has a row for each firing of a person's alert, with why nobody was
told where nobody was.
"""

from __future__ import annotations

from sqlite_utils import Database

_TABLES = """
ALTER TABLE alert ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
ALTER TABLE alert ADD COLUMN note TEXT;
ALTER TABLE alert ADD COLUMN loudness TEXT NOT NULL DEFAULT 'normal' CHECK (loudness IN ('ping', 'normal', 'silent'));
ALTER TABLE alert ADD COLUMN expires INTEGER;
ALTER TABLE alert ADD COLUMN expiry_told INTEGER NOT NULL DEFAULT 0;
ALTER TABLE alert ADD COLUMN paused_at INTEGER;
ALTER TABLE alert ADD COLUMN after TEXT NOT NULL DEFAULT 'nothing' CHECK (after IN ('nothing', 'back', 'remind'));
ALTER TABLE alert ADD COLUMN remind_every INTEGER NOT NULL DEFAULT 0;
ALTER TABLE alert ADD COLUMN at_least INTEGER;
ALTER TABLE alert ADD COLUMN within INTEGER;
CREATE INDEX alert_expiring ON alert (expires) WHERE expires IS NOT NULL AND ended_at IS NULL;
UPDATE alert SET number = id WHERE topic IS NULL;
ALTER TABLE trigger ADD COLUMN until_session INTEGER;
ALTER TABLE trigger ADD COLUMN paused INTEGER NOT NULL DEFAULT 0;
ALTER TABLE trigger ADD COLUMN tell_back INTEGER NOT NULL DEFAULT 0;
ALTER TABLE trigger ADD COLUMN remind_every INTEGER NOT NULL DEFAULT 0;
ALTER TABLE trigger ADD COLUMN told INTEGER NOT NULL DEFAULT 0;
ALTER TABLE trigger ADD COLUMN remind_at INTEGER;
ALTER TABLE trigger ADD COLUMN fired_number INTEGER;
CREATE INDEX trigger_remind ON trigger (signal, measure, remind_at) WHERE remind_at IS NOT NULL;
ALTER TABLE outbox ADD COLUMN event TEXT NOT NULL DEFAULT 'fired'
    CHECK (event IN ('fired', 'back', 'reminder', 'expiring'));
ALTER TABLE outbox ADD COLUMN since INTEGER;
CREATE TABLE session_number (
    session INTEGER PRIMARY KEY,
    number INTEGER NOT NULL
) STRICT;
CREATE INDEX session_number_newest ON session_number (number);
CREATE TABLE member (
    composite_id INTEGER NOT NULL REFERENCES alert (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    alert_id INTEGER REFERENCES alert (id) ON DELETE CASCADE,
    topic TEXT,
    inside INTEGER NOT NULL DEFAULT 0,
    out_at INTEGER,
    PRIMARY KEY (composite_id, position),
    CHECK ((alert_id IS NULL) <> (topic IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX member_alert ON member (alert_id) WHERE alert_id IS NOT NULL;
CREATE INDEX member_topic ON member (topic) WHERE topic IS NOT NULL;
CREATE INDEX member_leaving ON member (out_at) WHERE out_at IS NOT NULL;
CREATE TABLE firing (
    trigger_id INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    alert_id INTEGER NOT NULL REFERENCES alert (id) ON DELETE CASCADE,
    signal TEXT NOT NULL,
    measure TEXT NOT NULL,
    direction TEXT NOT NULL,
    level REAL NOT NULL,
    value REAL NOT NULL,
    session INTEGER NOT NULL,
    fired_at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (trigger_id, generation)
) STRICT, WITHOUT ROWID;
CREATE INDEX firing_alert ON firing (alert_id, fired_at);
"""


def add_tables(db: Database) -> None:
    """Add the columns, tables and indexes; existing alerts keep their ids as numbers."""
    for statement in _TABLES.split(";"):
        if statement.strip():
            db.execute(statement)
