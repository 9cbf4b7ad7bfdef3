"""Claiming: which batches may be sent now, and merging due rows into new batches."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.database import Database, destinations, key_value
from bot.database.codec import instant_or_none, row, rows, scalar, seconds
from bot.domain.model import Destination, DestinationState, OutboxItem
from bot.outbox.items import of_batch
from bot.outbox.message import Payload

MOST_ITEMS = 10
"""Items in one message: Discord takes ten embeds."""

# A parked DM with a fall-back channel counts as reachable: its messages go to that channel.
_REACHABLE = """(destination.state = 'active' OR (
    destination.state = 'parked' AND destination.kind = 'dm' AND destination.fallback_channel_id IS NOT NULL))"""

# Only the oldest open batch of a destination may be sent, so that messages arrive in order even
# when one of them waits for a retry.
_OLDEST_OPEN = """batch.state = 'open' AND NOT EXISTS (
    SELECT 1 FROM batch AS older
    WHERE older.state = 'open' AND older.destination_id = batch.destination_id AND older.id < batch.id)"""

# No new batch while another one of the destination is open: rows that become due meanwhile are
# merged into the next one, so a destination that cannot be reached for hours gets a few full
# messages instead of hundreds.
_WITHOUT_OPEN = """NOT EXISTS (
    SELECT 1 FROM batch WHERE batch.state = 'open' AND batch.destination_id = outbox.destination_id)"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A batch that the courier may send until its lease ends.

    `channel_id`: where to post, None while the DM has not been opened. `fallback`: whether that is
    the fall-back channel of a DM, so that the person must be mentioned. `payload`: the first
    rendering, None before it. `in_doubt_since`: the earliest instant at which an attempt of unknown
    outcome may have posted the message, None when it is certainly not there. `attempts`: how many
    have begun. `error`: the reason that the last one failed.
    """

    batch_id: int
    destination: Destination
    channel_id: int | None
    fallback: bool
    items: tuple[OutboxItem, ...]
    nonce: str
    payload: Payload | None
    attempts: int
    in_doubt_since: datetime | None
    error: str | None


def claim_batches(db: Database, *, now: datetime, lease_seconds: int, limit: int) -> list[Claimed]:
    """Take up to `limit` batches for sending: retries first, then new ones made of due rows.

    A new batch merges the oldest due rows of one destination and one kind, at most `MOST_ITEMS`.
    Rows for parked destinations without a fall-back are cancelled first. Empty when nothing can be
    sent at `now`.

    The lease is stored in the same transaction: until it ends, no other call returns the batch, and
    after a crash the batch becomes claimable again by itself.
    """
    _cancel_unreachable(db)
    made_at, lease_until = seconds(now), seconds(now) + lease_seconds
    batch_ids = _retryable(db, made_at, limit)
    for destination_id in _with_due_rows(db, limit - len(batch_ids)):
        batch_ids.append(store_batch(db, destination_id, _mergeable(db, destination_id), made_at=made_at))
    for batch_id in batch_ids:
        db.execute("UPDATE batch SET lease_until = ? WHERE id = ?", (lease_until, batch_id))
    return [_claimed(db, batch_id) for batch_id in batch_ids]


def release(db: Database) -> None:
    """End every lease.

    Only for the start and the end of the one courier of this database: nothing is being sent then.
    """
    db.execute("UPDATE batch SET lease_until = 0 WHERE state = 'open' AND lease_until > 0")


def next_attempt(db: Database, *, now: datetime) -> datetime | None:
    """When to claim next; None when no batch is open.

    `now` when rows are due, else the end of the wait before a retry or of a lease.
    """
    if _with_due_rows(db, 1):
        return now
    earliest = scalar(
        db,
        f"""SELECT MIN(MAX(batch.not_before, batch.lease_until))
        FROM batch JOIN destination ON destination.id = batch.destination_id
        WHERE {_OLDEST_OPEN} AND {_REACHABLE}""",  # noqa: S608 - both are constants of this module
    )
    return instant_or_none(earliest)


def known_messages(db: Database, channel_id: int, *, since: datetime) -> list[int]:
    """Ids of our messages in a channel whose batches were settled since an instant.

    None of them can be the message of another batch.
    """
    messages = rows(
        db,
        """SELECT message_id FROM batch
        WHERE channel_id = ? AND state = 'sent' AND settled_at >= ? AND message_id IS NOT NULL""",
        (channel_id, seconds(since)),
    )
    return [message["message_id"] for message in messages]


def store_batch(db: Database, destination_id: int, item_ids: Sequence[int], *, made_at: int) -> int:
    """Store a new open batch of these rows with its own nonce; returns its id.

    The caller sets the lease.
    """
    batch_id = int(
        scalar(
            db,
            "INSERT INTO batch (destination_id, nonce, created_at) VALUES (?, '', ?) RETURNING id",
            (destination_id, made_at),
        )
    )
    db.execute("UPDATE batch SET nonce = ? WHERE id = ?", (nonce(db, batch_id, made_at), batch_id))
    db.conn.executemany(
        "UPDATE outbox SET state = 'batched', batch_id = ? WHERE id = ?", [(batch_id, item_id) for item_id in item_ids]
    )
    return batch_id


def nonce(db: Database, batch_id: int, made_at: int, *, part: int = 0) -> str:
    """The nonce by which Discord recognizes a repeated message: 24 characters, of at most 25.

    `part` distinguishes the texts that one batch may have. The installation and `made_at` are part
    of the text because batch ids start again in a new database and repeat after a restored backup.
    """
    text = f"{key_value.installation(db)}:{batch_id}:{made_at}:{part}"
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def _cancel_unreachable(db: Database) -> None:
    db.execute(
        """UPDATE outbox SET state = 'cancelled' WHERE state = 'due' AND destination_id IN (
            SELECT id FROM destination WHERE state = 'parked' AND (kind <> 'dm' OR fallback_channel_id IS NULL))"""
    )


def _retryable(db: Database, now: int, limit: int) -> list[int]:
    """Ids of the batches that may be sent again at `now`, oldest first."""
    batches = rows(
        db,
        f"""SELECT batch.id FROM batch JOIN destination ON destination.id = batch.destination_id
        WHERE {_OLDEST_OPEN} AND batch.lease_until <= :now AND batch.not_before <= :now AND {_REACHABLE}
        ORDER BY batch.created_at, batch.id LIMIT :limit""",  # noqa: S608 - both are constants of this module
        {"now": now, "limit": limit},
    )
    return [batch["id"] for batch in batches]


def _with_due_rows(db: Database, limit: int) -> list[int]:
    """Ids of the destinations that a new batch can be made for, by their oldest due row."""
    waiting = rows(
        db,
        f"""SELECT destination.id FROM outbox JOIN destination ON destination.id = outbox.destination_id
        WHERE outbox.state = 'due' AND {_REACHABLE} AND {_WITHOUT_OPEN}
        GROUP BY destination.id ORDER BY MIN(outbox.id) LIMIT :limit""",  # noqa: S608 - both are constants of this module
        {"limit": limit},
    )
    return [destination["id"] for destination in waiting]


def _mergeable(db: Database, destination_id: int) -> list[int]:
    """Ids of the oldest due rows of a destination that fit into one message.

    All of them have the kind of the oldest one.
    """
    items = rows(
        db,
        """SELECT id FROM outbox WHERE state = 'due' AND destination_id = :destination AND kind = (
            SELECT kind FROM outbox WHERE state = 'due' AND destination_id = :destination ORDER BY id LIMIT 1)
        ORDER BY id LIMIT :most""",
        {"destination": destination_id, "most": MOST_ITEMS},
    )
    return [item["id"] for item in items]


def _claimed(db: Database, batch_id: int) -> Claimed:
    batch = row(db, "SELECT * FROM batch WHERE id = ?", (batch_id,))
    destination = destinations.get(db, batch["destination_id"]) if batch else None
    if batch is None or destination is None:
        raise LookupError(f"batch {batch_id} vanished within its own transaction")
    fallback = destination.state is DestinationState.PARKED
    return Claimed(
        batch_id=batch_id,
        destination=destination,
        channel_id=destination.fallback_channel_id if fallback else destination.channel_id,
        fallback=fallback,
        items=of_batch(db, batch_id),
        nonce=batch["nonce"],
        payload=Payload.from_json(batch["payload"]) if batch["payload"] is not None else None,
        attempts=batch["attempts"],
        in_doubt_since=instant_or_none(batch["in_doubt_since"]),
        error=batch["error"],
    )
