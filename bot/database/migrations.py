"""Every table of bot.db.

Only this module creates tables; each migration and its record commit together.

Instants are epoch seconds, sessions are proleptic ordinals of their date, snowflakes and ids are
integers. AUTOINCREMENT keeps the id of a deleted row from being used again: buttons, outbox keys
and nonces outlive their row.

`alert.part` numbers the alerts of one topic, from 0: a topic may watch several signals. `reading`
holds what was known when an alert fired or a summary showed it, `watch` the pairs of signal and
measure that any trigger watches. `checkpoint` says how far the engine is: `final_session` is the newest session whose final
value it has acted on, `seen_session` the newest one of any value.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from bot.database import channel_tables, moved_signals

migrations = Migrations("rotation_bot")

_FIRST = """
CREATE TABLE guild (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL DEFAULT '',
    joined_at INTEGER NOT NULL,
    left_at INTEGER
) STRICT;

CREATE TABLE destination (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('dm', 'channel')),
    user_id INTEGER,
    channel_id INTEGER,
    guild_id INTEGER REFERENCES guild (id) ON DELETE CASCADE,
    fallback_channel_id INTEGER,
    state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'parked', 'paused')),
    reason TEXT,
    state_since INTEGER NOT NULL,
    told INTEGER NOT NULL DEFAULT 1,
    CHECK ((kind = 'dm' AND user_id IS NOT NULL) OR (kind = 'channel' AND channel_id IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX destination_dm ON destination (user_id) WHERE kind = 'dm';
CREATE UNIQUE INDEX destination_channel ON destination (channel_id) WHERE kind = 'channel';
CREATE INDEX destination_guild ON destination (guild_id);

CREATE TABLE alert (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    topic TEXT,
    part INTEGER NOT NULL DEFAULT 0,
    owner_id INTEGER,
    guild_id INTEGER,
    signal TEXT NOT NULL,
    measure TEXT NOT NULL,
    condition TEXT NOT NULL CHECK (condition IN ('above', 'below', 'crosses', 'outside')),
    level REAL NOT NULL,
    level_high REAL,
    timing TEXT NOT NULL CHECK (timing IN ('close', 'live')),
    confirm INTEGER NOT NULL CHECK (confirm >= 1),
    repeat TEXT NOT NULL CHECK (repeat IN ('every', 'once')),
    cooldown_days INTEGER NOT NULL CHECK (cooldown_days >= 0),
    band REAL NOT NULL CHECK (band >= 0),
    created_at INTEGER NOT NULL,
    ended_at INTEGER,
    UNIQUE (topic, part),
    CHECK ((topic IS NULL) <> (owner_id IS NULL)),
    CHECK (confirm = 1 OR timing = 'close')
) STRICT;
CREATE INDEX alert_owner ON alert (owner_id) WHERE owner_id IS NOT NULL;

CREATE TABLE trigger (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    alert_id INTEGER NOT NULL REFERENCES alert (id) ON DELETE CASCADE,
    signal TEXT NOT NULL,
    measure TEXT NOT NULL,
    timing TEXT NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('above', 'below')),
    level REAL NOT NULL,
    rearm REAL NOT NULL,
    confirm INTEGER NOT NULL,
    once INTEGER NOT NULL,
    cooldown_days INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('new', 'armed', 'fired', 'ended')),
    streak INTEGER NOT NULL DEFAULT 0,
    generation INTEGER NOT NULL DEFAULT 0,
    fired_session INTEGER,
    quiet_until INTEGER,
    since_session INTEGER NOT NULL
) STRICT;
CREATE INDEX trigger_alert ON trigger (alert_id);
CREATE INDEX trigger_new ON trigger (signal, measure) WHERE state = 'new';
CREATE INDEX trigger_armed_above ON trigger (signal, measure, level) WHERE state = 'armed' AND direction = 'above';
CREATE INDEX trigger_armed_below ON trigger (signal, measure, level) WHERE state = 'armed' AND direction = 'below';
CREATE INDEX trigger_fired_above ON trigger (signal, measure, rearm) WHERE state = 'fired' AND direction = 'above';
CREATE INDEX trigger_fired_below ON trigger (signal, measure, rearm) WHERE state = 'fired' AND direction = 'below';
CREATE INDEX trigger_streak ON trigger (signal, measure) WHERE streak > 0;

CREATE TABLE subscription (
    alert_id INTEGER NOT NULL REFERENCES alert (id) ON DELETE CASCADE,
    destination_id INTEGER NOT NULL REFERENCES destination (id) ON DELETE CASCADE,
    role_id INTEGER,
    snoozed_until INTEGER,
    created_by INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (alert_id, destination_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX subscription_destination ON subscription (destination_id);

CREATE TABLE reading (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    signal TEXT NOT NULL,
    session INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('final', 'provisional', 'withheld')),
    value REAL,
    facts TEXT NOT NULL,
    recorded_at INTEGER NOT NULL
) STRICT;
CREATE INDEX reading_signal ON reading (signal, session);

CREATE TABLE latest (
    signal TEXT PRIMARY KEY,
    facts TEXT NOT NULL,
    recorded_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE watch (
    signal TEXT NOT NULL,
    measure TEXT NOT NULL,
    PRIMARY KEY (signal, measure)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoint (
    signal TEXT PRIMARY KEY,
    final_session INTEGER,
    seen_session INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('alert', 'summary', 'notice')),
    destination_id INTEGER NOT NULL REFERENCES destination (id) ON DELETE CASCADE,
    alert_id INTEGER REFERENCES alert (id) ON DELETE SET NULL,
    topic TEXT,
    owner_id INTEGER,
    role_id INTEGER,
    signal TEXT,
    measure TEXT,
    direction TEXT,
    level REAL,
    value REAL,
    reading_id INTEGER REFERENCES reading (id),
    facts TEXT,
    session INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'batched', 'sent', 'dead', 'cancelled', 'skipped')),
    batch_id INTEGER REFERENCES batch (id) ON DELETE SET NULL
) STRICT;
CREATE INDEX outbox_due ON outbox (destination_id, id) WHERE state = 'due';
CREATE INDEX outbox_batch ON outbox (batch_id) WHERE batch_id IS NOT NULL;
CREATE INDEX outbox_alert ON outbox (alert_id) WHERE alert_id IS NOT NULL;

CREATE TABLE batch (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    destination_id INTEGER NOT NULL REFERENCES destination (id) ON DELETE CASCADE,
    nonce TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'sent', 'dead')),
    payload TEXT,
    channel_id INTEGER,
    message_id INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    lease_until INTEGER NOT NULL DEFAULT 0,
    not_before INTEGER NOT NULL DEFAULT 0,
    in_doubt_since INTEGER,
    error TEXT,
    created_at INTEGER NOT NULL,
    settled_at INTEGER
) STRICT;
CREATE INDEX batch_open ON batch (not_before) WHERE state = 'open';
CREATE INDEX batch_destination ON batch (destination_id, state);

CREATE TABLE summary_channel (
    destination_id INTEGER PRIMARY KEY REFERENCES destination (id) ON DELETE CASCADE,
    zone TEXT NOT NULL,
    minute_of_day INTEGER NOT NULL CHECK (minute_of_day BETWEEN 0 AND 1439),
    created_by INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    done_session INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE setting (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
"""


@migrations()
def m001_first_tables(db: Database) -> None:
    """Guilds, destinations, alerts and triggers, subscriptions, readings, outbox and summaries."""
    for statement in _FIRST.split(";"):
        if statement.strip():
            db.execute(statement)


@migrations()
def m002_without_latest_readings(db: Database) -> None:
    """Drop the newest reading of each signal, which every check wrote and nothing read."""
    db.execute("DROP TABLE latest")


@migrations()
def m003_without_facts_of_items(db: Database) -> None:
    """Drop the facts of items.

    What a renderer needs follows from reading and session, so no item ever had any.
    """
    db.execute("ALTER TABLE outbox DROP COLUMN facts")


@migrations()
def m004_alerts_on_other_signals(db: Database) -> None:
    """Move alerts on signals that have another id, and end those on signals that are gone."""
    moved_signals.follow(db)


@migrations()
def m005_mentions_by_consent(db: Database) -> None:
    """Forget channels that stood in for refused DMs without their person's consent.

    Who is not reached any more is told at their next command.
    """
    db.execute("ALTER TABLE guild ADD COLUMN mentions INTEGER NOT NULL DEFAULT 0 CHECK (mentions IN (0, 1))")
    db.execute("ALTER TABLE destination ADD COLUMN fallback_guild_id INTEGER")
    db.execute("UPDATE destination SET told = 0 WHERE state = 'parked' AND fallback_channel_id IS NOT NULL")
    db.execute("UPDATE destination SET fallback_channel_id = NULL")


_PLACES = """
ALTER TABLE destination ADD COLUMN refused_since INTEGER;
ALTER TABLE destination ADD COLUMN next_try INTEGER;
CREATE INDEX destination_refused ON destination (next_try) WHERE refused_since IS NOT NULL;
ALTER TABLE outbox ADD COLUMN held_until INTEGER;
ALTER TABLE batch ADD COLUMN marked INTEGER NOT NULL DEFAULT 0;
UPDATE destination SET state = 'active', refused_since = state_since, next_try = state_since
    WHERE state = 'parked' AND fallback_channel_id IS NULL AND reason NOT LIKE 'Unknown %';
"""


@migrations()
def m006_places_that_wait(db: Database) -> None:
    """Places that refuse for now wait, messages that are held back have an end of that, messages on Discord a mark.

    Places were parked at their first refusal, whatever it was; those that may take messages again are tried once more.
    """
    for statement in _PLACES.split(";"):
        if statement.strip():
            db.execute(statement)


for _step in channel_tables.STEPS:
    migrations()(_step)


_SCRATCH = """
CREATE TEMP TABLE seen (
    id INTEGER PRIMARY KEY,
    signal TEXT NOT NULL,
    measure TEXT NOT NULL,
    value REAL NOT NULL,
    closing INTEGER NOT NULL,
    live INTEGER NOT NULL,
    notifies INTEGER NOT NULL,
    reading_id INTEGER
);
CREATE TEMP TABLE hit (
    id INTEGER PRIMARY KEY,
    seen_id INTEGER NOT NULL,
    fires INTEGER NOT NULL,
    notifies INTEGER NOT NULL,
    once INTEGER NOT NULL,
    cooldown_days INTEGER NOT NULL
);
"""


def scratch(db: Database) -> None:
    """Create the engine's temporary tables: the values of one check and the triggers they hit."""
    for statement in _SCRATCH.split(";"):
        if statement.strip():
            db.execute(statement)
