"""Export and deletion of everything that is stored about a person."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sqlite_utils import Database

from bot.database import own_signals
from bot.database.alerts import members
from bot.database.codec import Row, changed, rows
from bot.database.own_signals import NOBODY
from bot.database.recovery import deletions

PERSON_COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "destination": ("user_id",),
        "alert": ("owner_id",),
        "subscription": ("created_by",),
        "summary_channel": ("created_by",),
        "delivery_times": ("created_by",),
        "reminder": ("created_by",),
        "board": ("created_by",),
        "outbox": ("owner_id",),
        "own_signal": ("user_id", "created_by"),
        "claim": ("owner_id",),
        "removed_alert": ("owner_id",),
    }
)
"""Every column that holds the id of a person, by table."""

_PERSONAL_ROWS = {
    "destinations": "SELECT * FROM destination WHERE user_id = :user",
    "alerts": "SELECT * FROM alert WHERE owner_id = :user",
    "members": "SELECT * FROM member WHERE composite_id IN (SELECT id FROM alert WHERE owner_id = :user)",
    "firings": "SELECT * FROM firing WHERE alert_id IN (SELECT id FROM alert WHERE owner_id = :user)",
    "subscriptions": """SELECT * FROM subscription WHERE created_by = :user
        OR destination_id IN (SELECT id FROM destination WHERE user_id = :user)""",
    "summaries": """SELECT * FROM summary_channel WHERE created_by = :user
        OR destination_id IN (SELECT id FROM destination WHERE user_id = :user)""",
    "reminders": """SELECT * FROM reminder WHERE created_by = :user
        OR destination_id IN (SELECT id FROM destination WHERE user_id = :user)""",
    "boards": "SELECT * FROM board WHERE created_by = :user",
    "delivery times": """SELECT * FROM delivery_times WHERE created_by = :user
        OR destination_id IN (SELECT id FROM destination WHERE user_id = :user)""",
    "own signals": "SELECT * FROM own_signal WHERE user_id = :user OR created_by = :user",
    "claims": "SELECT * FROM claim WHERE owner_id = :user",
    "removed alerts": "SELECT * FROM removed_alert WHERE owner_id = :user",
    "messages": """SELECT id, kind, session, created_at, state, alert_id, topic, signal, measure, direction, level, value,
        sentence, fired, owner_id FROM outbox WHERE owner_id = :user
        OR destination_id IN (SELECT id FROM destination WHERE user_id = :user)""",
}


def export(db: Database, user_id: int) -> dict[str, list[Row]]:
    """Every row about a person by kind, JSON-ready; the lists are empty for an unknown person."""
    return {kind: rows(db, sql, {"user": user_id}) for kind, sql in _PERSONAL_ROWS.items()}


def people(db: Database) -> list[int]:
    """Everybody whose id stands somewhere in the database."""
    columns = [(table, column) for table, names in PERSON_COLUMNS.items() for column in names]
    ids = {row[0] for table, column in columns for row in db.execute(f"SELECT DISTINCT {column} FROM {table}")}  # noqa: S608 - constants of this module
    return sorted(ids - {None, NOBODY})


def delete(db: Database, user_id: int) -> int:
    """Delete everything about a person, as `delete_rows` does, and have it deleted from restored copies too.

    Returns how many alerts.
    """
    deletions.record(db, user_id)
    return delete_rows(db, user_id)


def delete_rows(db: Database, user_id: int) -> int:
    """Delete a person's DM and private alerts with everything that belongs to them.

    Returns how many alerts.

    What they set up for a channel, alerts included, is handed to its server: it goes on without
    their id, and its managers may change it. Messages to the person that are not being sent yet go
    with the DM.
    """
    user = {"user": user_id, "nobody": NOBODY}
    own_signals.hand_over(db, user_id)
    db.execute(
        """UPDATE alert SET owner_id = :nobody, note = NULL, loudness = replace(loudness, 'ping', 'normal')
        WHERE owner_id = :user AND guild_id IS NOT NULL""",
        user,
    )
    db.execute(
        """UPDATE outbox SET state = 'cancelled'
        WHERE state = 'due' AND alert_id IN (SELECT id FROM alert WHERE owner_id = :user)""",
        user,
    )
    db.execute("UPDATE outbox SET owner_id = NULL WHERE owner_id = :user", user)
    deleted = changed(db, "DELETE FROM alert WHERE owner_id = :user", user)
    members.settle_lost(db)
    for table in ("claim", "removed_alert"):
        db.execute(f"DELETE FROM {table} WHERE owner_id = :user", user)  # noqa: S608 - constants
    db.execute("DELETE FROM destination WHERE user_id = :user", user)
    db.execute("UPDATE subscription SET created_by = :nobody WHERE created_by = :user", user)
    for table in ("summary_channel", "delivery_times", "reminder", "board"):
        db.execute(f"UPDATE {table} SET created_by = :nobody WHERE created_by = :user", user)  # noqa: S608 - constants
    return deleted
