"""Settling: recording that an attempt begins and how it ended.

Each function is one transaction, and the process may die before or after any of them: what is in
the database is then enough to go on. All of them leave a batch alone that is already settled or
deleted, so a late answer changes nothing.
"""

from __future__ import annotations

import math
from datetime import datetime

from bot.database import Database, destinations
from bot.database.codec import Row, changed, row, rows, seconds
from bot.outbox.claim import nonce, store_batch
from bot.outbox.message import Payload

DM_REFUSED = 50007
"""Discord's code for a person who does not take DMs; only such a person still sees the fall-back
channel."""


def begin(
    db: Database, batch_id: int, payload: Payload, *, channel_id: int, fresh: bool, lease_seconds: int, now: datetime
) -> None:
    """Record that an attempt is about to be made: from here on the message may be on Discord.

    This is committed before the request, so that after a crash the batch counts as in doubt and is
    not sent blindly again. The first rendering is kept, so a nonce never belongs to two texts.

    Args:
        db: The database, inside a transaction.
        batch_id: The batch.
        payload: Its rendering.
        channel_id: The channel that it is posted to.
        fresh: No earlier attempt has posted it, so the doubt begins now.
        lease_seconds: How long the attempt may take before the batch can be claimed again.
        now: The present.
    """
    db.execute(
        """UPDATE batch SET payload = coalesce(payload, :payload), channel_id = :channel, attempts = attempts + 1,
            in_doubt_since = CASE WHEN :fresh THEN :now ELSE coalesce(in_doubt_since, :now) END,
            lease_until = :now + :lease
        WHERE id = :id AND state = 'open'""",
        {
            "id": batch_id,
            "payload": payload.to_json(),
            "channel": channel_id,
            "fresh": fresh,
            "now": seconds(now),
            "lease": lease_seconds,
        },
    )


def settle_sent(db: Database, batch_id: int, message_id: int | None, *, now: datetime) -> None:
    """The message was posted: the batch and its rows are done."""
    if _close(db, batch_id, "sent", now=now, message_id=message_id):
        db.execute("UPDATE outbox SET state = 'sent' WHERE batch_id = ?", (batch_id,))


def settle_retry(db: Database, batch_id: int, *, not_before: datetime, in_doubt: bool, error: str) -> None:
    """Try again from `not_before` on.

    `in_doubt` False: neither this attempt nor an earlier one posted the message.
    """
    db.execute(
        """UPDATE batch SET not_before = :not_before, lease_until = 0, error = :error,
            in_doubt_since = CASE WHEN :in_doubt THEN in_doubt_since END
        WHERE id = :id AND state = 'open'""",
        {
            "id": batch_id,
            "not_before": math.ceil(not_before.timestamp()),
            "in_doubt": in_doubt,
            "error": error,
        },
    )


def settle_dead(db: Database, batch_id: int, error: str, *, now: datetime) -> None:
    """Give up on a message that cannot be sent.

    Its payload stays in the database for finding the fault.
    """
    if _close(db, batch_id, "dead", now=now, error=error):
        db.execute("UPDATE outbox SET state = 'dead' WHERE batch_id = ?", (batch_id,))


def settle_rejected(db: Database, batch_id: int, error: str, *, now: datetime) -> bool:
    """Discord or the renderer refused the message: split it, or give it up.

    True when its items will be tried one by one, False when it is dead. One bad item must not stop
    the nine merged with it, so a merged batch is split; a batch of one item is a dead letter.
    """
    items = rows(db, "SELECT id FROM outbox WHERE batch_id = ? ORDER BY id", (batch_id,))
    if len(items) <= 1:
        settle_dead(db, batch_id, error, now=now)
        return False
    if closed := _close(db, batch_id, "dead", now=now, error=error):
        for item in items:
            store_batch(db, closed["destination_id"], [item["id"]], made_at=seconds(now))
    return True


def settle_gone(db: Database, batch_id: int, code: int, reason: str, *, now: datetime) -> bool:
    """Nothing can be delivered there any more: park the destination, once.

    True when its fall-back channel is used instead. Messages to a person who does not take DMs any
    more go to the channel where the person set them up, with a new nonce and rendering because a
    mention is added. Otherwise everything that waits for the destination is cancelled.
    """
    batch = row(db, "SELECT * FROM batch WHERE id = ? AND state = 'open'", (batch_id,))
    if batch is None:
        return False
    destination_id = batch["destination_id"]
    destination = destinations.get(db, destination_id)
    # False when the batch went to the fall-back channel: then that channel is gone too.
    went_to_dm = destination is not None and batch["channel_id"] in (None, destination.channel_id)
    destinations.park(db, destination_id, reason, now=now)
    if went_to_dm and code == DM_REFUSED and destination is not None and destination.fallback_channel_id is not None:
        _redirect(db, destination_id)
        return True
    db.execute("UPDATE destination SET fallback_channel_id = NULL WHERE id = ?", (destination_id,))
    _cancel_all(db, destination_id, reason, now=now)
    return False


def remember_channel(db: Database, destination_id: int, channel_id: int) -> None:
    """Keep the id of a DM channel that has just been opened."""
    db.execute("UPDATE destination SET channel_id = ? WHERE id = ? AND kind = 'dm'", (channel_id, destination_id))


def _redirect(db: Database, destination_id: int) -> None:
    """Send the open batches of a DM to its fall-back channel, as if they had never been tried."""
    batches = rows(
        db, "SELECT id, created_at FROM batch WHERE destination_id = ? AND state = 'open'", (destination_id,)
    )
    for batch in batches:
        db.execute(
            """UPDATE batch SET nonce = ?, payload = NULL, channel_id = NULL, attempts = 0, in_doubt_since = NULL,
                not_before = 0, lease_until = 0 WHERE id = ?""",
            (nonce(db, batch["id"], batch["created_at"], part=1), batch["id"]),
        )


def _cancel_all(db: Database, destination_id: int, reason: str, *, now: datetime) -> None:
    open_rows = "batch_id IN (SELECT id FROM batch WHERE destination_id = :destination AND state = 'open')"
    where = {"destination": destination_id, "reason": reason, "now": seconds(now)}
    db.execute(f"UPDATE outbox SET state = 'cancelled' WHERE {open_rows}", where)  # noqa: S608 - a constant
    db.execute("UPDATE outbox SET state = 'cancelled' WHERE state = 'due' AND destination_id = :destination", where)
    db.execute(
        """UPDATE batch SET state = 'dead', error = :reason, settled_at = :now, lease_until = 0
        WHERE destination_id = :destination AND state = 'open'""",
        where,
    )


def _close(
    db: Database, batch_id: int, state: str, *, now: datetime, message_id: int | None = None, error: str | None = None
) -> Row | None:
    """Close an open batch; returns its row from before, None when it is not open."""
    batch = row(db, "SELECT * FROM batch WHERE id = ? AND state = 'open'", (batch_id,))
    if batch is None:
        return None
    changed(
        db,
        """UPDATE batch SET state = :state, message_id = :message, error = :error, settled_at = :now, lease_until = 0,
            in_doubt_since = NULL WHERE id = :id""",
        {"id": batch_id, "state": state, "message": message_id, "error": error, "now": seconds(now)},
    )
    return batch
