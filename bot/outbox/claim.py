"""Claiming: which batches may be sent now, and making new ones of due rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.database import Database, key_value
from bot.database.codec import Row, instant_or_none, row, rows, scalar, seconds
from bot.database.places import delivery_times, destinations
from bot.database.places.destinations import REACHABLE
from bot.domain.model import Destination, DestinationState, OutboxItem
from bot.outbox.due_rows import (
    LONGEST_WAIT,
    TRIED,
    WITHOUT_OPEN,
    mergeable,
    over,
    places_to_write_to,
    with_due_rows,
)
from bot.outbox.items import of_batch
from bot.outbox.message import Payload

# Only the oldest open batch of a destination may be sent, so that messages arrive in order even
# when one of them waits for a retry. One that waits aside holds up no other.
_OLDEST_OPEN = """batch.state = 'open' AND NOT EXISTS (
    SELECT 1 FROM batch AS older
    WHERE older.state = 'open' AND NOT older.aside AND older.destination_id = batch.destination_id AND older.id < batch.id)"""

_AT_REST = "NOT EXISTS (SELECT 1 FROM json_each(:under_way) WHERE value = batch.id)"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A batch that the courier may send until its lease ends.

    `channel_id`: where to post, None while the DM has not been opened. `fallback`: whether that is
    the fall-back channel of a DM, so that the person must be mentioned. `payload`: the first
    rendering, None before it. `in_doubt_since`: the earliest instant at which an attempt of unknown
    outcome may have posted the message, in Discord's time, None when it is certainly not there.
    `attempts`: how many have begun. `error`: the reason that the last one failed. `lease_until`: the end of this claim,
    by which it is known when the attempt begins. `retries_place`: the place refused the last time. `marked`: what may be
    there carries the mark of the batch, which version 0.1.0 did not give. `doubtful_channel_id`: another channel, in which
    it may be since it was to go there.
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
    lease_until: int
    retries_place: bool = False
    marked: bool = True
    doubtful_channel_id: int | None = None


def claim_batches(
    db: Database,
    *,
    now: datetime,
    lease_seconds: int,
    limit: int,
    retries: int = LONGEST_WAIT,
    under_way: Collection[int] = (),
) -> list[Claimed]:
    """Take up to `limit` batches for sending: retries first, then new ones made of due rows.

    A new batch merges the oldest due rows of one destination and one kind, at most `MOST_ITEMS`;
    where they had to wait, because they were held back or because the place refused, all of them.
    What has to wait by the settings of its place (`bot.database.places.delivery_times`) is held back first, also what a batch
    has certainly not posted.
    Empty when nothing can be sent at `now`. At most `retries` are for places that refused the last
    time. Batches with an attempt `under_way` are left alone, also when their lease is over.

    The lease is stored in the same transaction: until it ends, no other call returns the batch, and
    after a crash the batch becomes claimable again by itself.
    """
    made_at, lease_until = seconds(now), seconds(now) + lease_seconds
    batch_ids = []
    for record in _retryable(db, made_at, limit, retries, under_way):
        if record["may_wait"] and _taken_apart(db, record, now):
            continue
        retries -= record["refused"]
        if retries >= 0 or not record["refused"]:
            batch_ids.append(record["id"])
    new = places_to_write_to(db, now, limit - len(batch_ids), retries)
    for record in new:
        retries -= record["refused"]
        if retries >= 0 or not record["refused"]:
            items = mergeable(db, record["id"], made_at, refused=bool(record["refused"]))
            batch_ids.append(store_batch(db, record["id"], items, made_at=made_at))
    for batch_id in batch_ids:
        db.execute("UPDATE batch SET lease_until = ? WHERE id = ?", (lease_until, batch_id))
    return [_claimed(db, batch_id) for batch_id in batch_ids]


def release(db: Database) -> None:
    """End every lease.

    Only for the start and the end of the one courier of this database: nothing is being sent then.
    """
    db.execute("UPDATE batch SET lease_until = 0 WHERE state = 'open' AND lease_until > 0")


def next_attempt(
    db: Database, *, now: datetime, retries: int = LONGEST_WAIT, under_way: Collection[int] = ()
) -> datetime | None:
    """When to claim next; None when nothing waits.

    `now` when rows are due, else the end of the wait before a retry, of a lease, of a place's pause or of what rows
    are held back by. `retries` 0: places that refused the last time do not count; nor do batches with an attempt
    `under_way`.
    """
    present = {"now": seconds(now), "retries": retries, "under_way": json.dumps([*under_way])}
    if with_due_rows(db, seconds(now), 1, retries):
        return now
    waits = rows(
        db,
        f"""SELECT MIN(MAX(batch.not_before, batch.lease_until, coalesce(destination.next_try, 0))) AS at
        FROM batch JOIN destination ON destination.id = batch.destination_id
        WHERE {_OLDEST_OPEN} AND {REACHABLE} AND (:retries > 0 OR destination.next_try IS NULL) AND {_AT_REST}
        UNION ALL
        SELECT MIN(MAX(coalesce(outbox.held_until, 0), coalesce(destination.next_try, 0)))
        FROM outbox JOIN destination ON destination.id = outbox.destination_id
        WHERE outbox.state = 'due' AND {REACHABLE} AND {WITHOUT_OPEN} AND (:retries > 0 OR destination.next_try IS NULL)
        """,  # noqa: S608 - constants of this module
        present,
    )
    return instant_or_none(min((wait["at"] for wait in waits if wait["at"] is not None), default=None))


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


def nonce(db: Database, batch_id: int, made_at: int, *, before: str = "") -> str:
    """The nonce by which Discord recognizes a repeated message: 24 characters, of at most 25.

    `before`, the nonce that a batch had, distinguishes the texts that it may have. The installation and `made_at` are part
    of the text because batch ids start again in a new database and repeat after a restored backup.
    """
    text = f"{key_value.installation(db)}:{batch_id}:{made_at}:{before}"
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def _retryable(db: Database, now: int, limit: int, retries: int, under_way: Collection[int]) -> list[Row]:
    """Ids of the batches that may be sent again at `now`, oldest first, and whether their place refused.

    `may_wait`: a batch is certainly not there, and somebody has set times or a snooze for some of it.
    """
    return rows(
        db,
        f"""SELECT batch.id, batch.destination_id, destination.next_try IS NOT NULL AS refused,
            batch.in_doubt_since IS NULL AND (
                EXISTS (SELECT 1 FROM delivery_times WHERE delivery_times.destination_id = destination.id)
                OR EXISTS (SELECT 1 FROM outbox JOIN subscription USING (alert_id, destination_id)
                    WHERE outbox.batch_id = batch.id AND subscription.snoozed_until > :now)) AS may_wait
        FROM batch JOIN destination ON destination.id = batch.destination_id
        WHERE {_OLDEST_OPEN} AND {over("batch.lease_until")} AND {over("batch.not_before")} AND {TRIED} AND {_AT_REST}
        ORDER BY batch.created_at, batch.id LIMIT :limit""",  # noqa: S608 - constants of this module
        {"now": now, "limit": limit, "retries": retries, "under_way": json.dumps([*under_way])},
    )


def _taken_apart(db: Database, batch: Row, now: datetime) -> bool:
    """Whether a batch has to wait by the settings of its place; its items are then due and held back.

    What is to be told as having waited is merged anew as well.
    """
    in_batch = {"id": batch["id"]}
    held = "SELECT count(held_until) AS count, max(held_until) AS until FROM outbox WHERE batch_id = :id"
    before = row(db, held, in_batch) or {}
    db.execute("UPDATE outbox SET state = 'due' WHERE batch_id = :id", in_batch)
    delivery_times.hold(db, batch["destination_id"], now=now)
    after = row(db, held, in_batch) or {}
    if after["count"] == before["count"] and (after["until"] or 0) <= seconds(now):
        db.execute("UPDATE outbox SET state = 'batched' WHERE batch_id = :id", in_batch)
        return False
    take_apart(db, batch["id"])
    return True


def take_apart(db: Database, batch_id: int) -> None:
    """Undo a batch that has certainly not been posted: its items are due."""
    db.execute("UPDATE outbox SET state = 'due', batch_id = NULL WHERE batch_id = ?", (batch_id,))
    db.execute("DELETE FROM batch WHERE id = ?", (batch_id,))


def _claimed(db: Database, batch_id: int) -> Claimed:
    batch = row(
        db,
        """SELECT batch.*, destination.next_try IS NOT NULL AS refused
        FROM batch JOIN destination ON destination.id = batch.destination_id WHERE batch.id = ?""",
        (batch_id,),
    )
    destination = destinations.get(db, batch["destination_id"]) if batch else None
    if batch is None or destination is None:
        raise LookupError(f"batch {batch_id} vanished within its own transaction")
    fallback = destination.state is DestinationState.PARKED
    channel_id = destination.fallback_channel_id if fallback else destination.channel_id
    elsewhere = batch["in_doubt_since"] is not None and batch["channel_id"] != channel_id
    return Claimed(
        batch_id=batch_id,
        destination=destination,
        channel_id=channel_id,
        fallback=fallback,
        items=of_batch(db, batch_id),
        nonce=batch["nonce"],
        payload=Payload.from_json(batch["payload"]) if batch["payload"] is not None else None,
        attempts=batch["attempts"],
        in_doubt_since=instant_or_none(batch["in_doubt_since"]),
        error=batch["error"],
        lease_until=batch["lease_until"],
        retries_place=bool(batch["refused"]),
        marked=bool(batch["marked"]),
        doubtful_channel_id=batch["channel_id"] if elsewhere else None,
    )
