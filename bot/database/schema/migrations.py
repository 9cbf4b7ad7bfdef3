"""Every table of bot.db.

Only migrations create tables; each and its record commit together.

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

from bot.database import incidents
from bot.database.alerts import removed_alerts
from bot.database.schema import (
    alert_tables,
    channel_tables,
    delivery_tables,
    first_tables,
    level_places,
    moved_signals,
    own_signal_tables,
    record_tables,
)

migrations = Migrations("rotation_bot")


@migrations()
def m001_first_tables(db: Database) -> None:
    """Guilds, destinations, alerts and triggers, subscriptions, readings, outbox and summaries."""
    for statement in first_tables.SQL.split(";"):
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


_OPERATOR = """
CREATE TABLE incident (
    key TEXT PRIMARY KEY,
    since INTEGER NOT NULL,
    over TEXT NOT NULL
) STRICT, WITHOUT ROWID;
ALTER TABLE outbox ADD COLUMN sentence TEXT;
"""


@migrations()
def m007_incidents_of_the_operator(db: Database) -> None:
    """Incidents that whoever runs the installation is told, and notices that bring their own sentence."""
    for statement in _OPERATOR.split(";"):
        if statement.strip():
            db.execute(statement)


@migrations()
def m008_own_signals(db: Database) -> None:
    """Names that people and servers give to expressions of tickers, and what those tickers are."""
    for statement in own_signal_tables.CREATE.split(";"):
        if statement.strip():
            db.execute(statement)


@migrations()
def m009_alerts_that_say_more(db: Database) -> None:
    """Numbers by person, notes, loudness, expiry, pause, what follows a firing, composites, and a history of firings.

    Alerts keep the numbers by which their owners know them.
    """
    alert_tables.add_tables(db)


@migrations()
def m010_claims_of_people(db: Database) -> None:
    """Claims that people want judged, each mapped to a study."""
    record_tables.create(db, record_tables.CLAIMS)


@migrations()
def m011_records_of_sent_alerts(db: Database) -> None:
    """What has been sent, to be judged once its horizon has passed."""
    record_tables.create(db, record_tables.RECORDS)


@migrations()
def m012_delivery_times(db: Database) -> None:
    """Quiet hours, digests and snoozes of places."""
    delivery_tables.delivery_times(db)


@migrations()
def m013_letters(db: Database) -> None:
    """Weekly letters."""
    delivery_tables.letters(db)


@migrations()
def m014_reminders_of_the_calendar(db: Database) -> None:
    """Places that are reminded of what the calendar announces."""
    channel_tables.reminders_of_the_calendar(db)


@migrations()
def m015_live_boards(db: Database) -> None:
    """Channels with one message that is edited after every check."""
    channel_tables.live_boards(db)


@migrations()
def m016_threads_of_topics(db: Database) -> None:
    """Threads that were made for one topic of a channel."""
    channel_tables.threads_of_topics(db)


@migrations()
def m017_roles_of_managers(db: Database) -> None:
    """The role of each server whose members may set it up."""
    channel_tables.roles_of_managers(db)


@migrations()
def m018_what_is_due_in_its_order(db: Database) -> None:
    """Indexes by which the next messages are found without a look at all that waits."""
    db.execute("CREATE INDEX outbox_at_once ON outbox (id) WHERE state = 'due' AND held_until IS NULL")
    db.execute("CREATE INDEX outbox_held ON outbox (held_until) WHERE state = 'due' AND held_until IS NOT NULL")


@migrations()
def m019_letters_tell_of_the_alerts_of_their_place(db: Database) -> None:
    """What the alerts of a place did in the two weeks that a letter is about."""
    db.execute("ALTER TABLE outbox ADD COLUMN fired TEXT")


@migrations()
def m020_removed_alerts(db: Database) -> None:
    """Alerts that their owners have removed, which can be put back for a day."""
    db.execute(removed_alerts.CREATE)


@migrations()
def m021_batches_that_wait_aside(db: Database) -> None:
    """Batches that hold up nothing of what comes after them for their place."""
    db.execute("ALTER TABLE batch ADD COLUMN aside INTEGER NOT NULL DEFAULT 0")


_SILENCES = """
ALTER TABLE alert ADD COLUMN silence_told INTEGER;
UPDATE alert SET silence_told = (
    SELECT cast(julianday(max(substr(key, -10))) - 1721424.5 AS INTEGER) FROM outbox
    WHERE outbox.alert_id = alert.id AND key LIKE 'silent:%');
"""


@migrations()
def m022_silences_told(db: Database) -> None:
    """Of which silence an alert's owner has been told, also where its notice is still kept from before."""
    for statement in _SILENCES.split(";"):
        if statement.strip():
            db.execute(statement)


@migrations()
def m023_messages_that_wait_for_the_operators_place(db: Database) -> None:
    """What whoever runs the installation is to be told while the place for it is not known."""
    db.execute(incidents.CREATE_MESSAGES)


@migrations()
def m024_levels_with_the_places_of_values(db: Database) -> None:
    """Levels and bands have as many places as values, and no trigger re-arms where it could fire."""
    level_places.give(db)
