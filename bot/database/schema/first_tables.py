"""The tables of version 0.1.0, with which every bot.db begins; `migrations` changes them since."""

from __future__ import annotations

SQL = """
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
