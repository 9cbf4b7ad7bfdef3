"""Export and deletion of everything that is stored about a person."""

from __future__ import annotations

from sqlite_utils import Database

from bot.database import deletions
from bot.database.codec import Row, changed, rows

_PERSONAL_ROWS = {
    "destinations": "SELECT * FROM destination WHERE user_id = :user",
    "alerts": "SELECT * FROM alert WHERE owner_id = :user",
    "subscriptions": """SELECT * FROM subscription WHERE created_by = :user
        OR destination_id IN (SELECT id FROM destination WHERE user_id = :user)""",
    "summaries": "SELECT * FROM summary_channel WHERE created_by = :user",
    "messages": """SELECT id, kind, session, created_at, state, alert_id, topic, signal, measure, direction, level, value
        FROM outbox WHERE owner_id = :user OR destination_id IN (SELECT id FROM destination WHERE user_id = :user)""",
}


def export(db: Database, user_id: int) -> dict[str, list[Row]]:
    """Every row about a person by kind, JSON-ready; the lists are empty for an unknown person."""
    return {kind: rows(db, sql, {"user": user_id}) for kind, sql in _PERSONAL_ROWS.items()}


def delete(db: Database, user_id: int) -> int:
    """Delete everything about a person, as `delete_rows` does, and have it deleted from restored copies too.

    Returns how many alerts.
    """
    deletions.record(db, user_id)
    return delete_rows(db, user_id)


def delete_rows(db: Database, user_id: int) -> int:
    """Delete a person's DM and alerts with everything that belongs to them.

    Returns how many alerts.

    What they set up for a channel stays, without their id. Their messages that are not being sent
    yet are cancelled.
    """
    user = {"user": user_id}
    db.execute("UPDATE outbox SET state = 'cancelled' WHERE owner_id = :user AND state = 'due'", user)
    db.execute("UPDATE outbox SET owner_id = NULL WHERE owner_id = :user", user)
    deleted = changed(db, "DELETE FROM alert WHERE owner_id = :user", user)
    db.execute("DELETE FROM destination WHERE user_id = :user", user)
    db.execute("UPDATE subscription SET created_by = 0 WHERE created_by = :user", user)
    db.execute("UPDATE summary_channel SET created_by = 0 WHERE created_by = :user", user)
    return deleted
