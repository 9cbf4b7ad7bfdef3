"""What the program knows of a person: all of it to read, or none of it any more."""

from __future__ import annotations

from sqlite_utils import Database

from bot.database.codec import Row, changed, rows

_HELD = {
    "destinations": "SELECT * FROM destination WHERE user_id = :user",
    "alerts": "SELECT * FROM alert WHERE owner_id = :user",
    "subscriptions": """SELECT * FROM subscription WHERE created_by = :user
        OR destination_id IN (SELECT id FROM destination WHERE user_id = :user)""",
    "summaries": "SELECT * FROM summary_channel WHERE created_by = :user",
    "messages": """SELECT id, kind, session, created_at, state, alert_id, topic, signal, measure, direction, level, value
        FROM outbox WHERE owner_id = :user OR destination_id IN (SELECT id FROM destination WHERE user_id = :user)""",
}


def export(db: Database, user_id: int) -> dict[str, list[Row]]:
    """Every row about a person by kind, JSON-ready; the lists are empty for a stranger."""
    return {kind: rows(db, sql, {"user": user_id}) for kind, sql in _HELD.items()}


def delete(db: Database, user_id: int) -> int:
    """Delete a person's DM and alerts with everything that hangs on them; returns how many alerts went.

    What they set up for a channel stays, without their name. News of theirs that nobody has begun to send is cancelled.
    """
    user = {"user": user_id}
    db.execute("UPDATE outbox SET state = 'cancelled' WHERE owner_id = :user AND state = 'due'", user)
    db.execute("UPDATE outbox SET owner_id = NULL WHERE owner_id = :user", user)
    gone = changed(db, "DELETE FROM alert WHERE owner_id = :user", user)
    db.execute("DELETE FROM destination WHERE user_id = :user", user)
    db.execute("UPDATE subscription SET created_by = 0 WHERE created_by = :user", user)
    db.execute("UPDATE summary_channel SET created_by = 0 WHERE created_by = :user", user)
    return gone
