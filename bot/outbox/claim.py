"""Claiming: which batches may be sent now, and merging due rows into new batches."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.database import Database, delivery_times, destinations, key_value
from bot.database.codec import Row, instant_or_none, row, rows, scalar, seconds
from bot.domain.model import Destination, DestinationState, ItemKind, OutboxItem
from bot.outbox.items import of_batch
from bot.outbox.message import Payload

MOST_ITEMS = 10
"""Items in one message: Discord takes ten embeds."""

MOST_WAITING = 200
"""Items in the one message about what waited; the renderer makes lines of those that have no embed."""

LONGEST_WAIT = 2 * 86_400
"""No wait is longer, in seconds. One that ends later was reckoned by a clock that was wrong, and is over."""

# A parked DM with a fall-back channel counts as reachable: its messages go to that channel.
_REACHABLE = """(destination.state = 'active' OR (
    destination.state = 'parked' AND destination.kind = 'dm' AND destination.fallback_channel_id IS NOT NULL))"""


def _over(column: str) -> str:
    return f"({column} <= :now OR {column} > :now + {LONGEST_WAIT})"


# A place that refused is tried when its time has come, and while there may be more refusals at all.
_TRIED = f"""{_REACHABLE} AND (destination.next_try IS NULL OR (:retries > 0 AND {_over("destination.next_try")}))"""

_DUE = "outbox.state = 'due' AND (outbox.held_until IS NULL OR outbox.held_until <= :now)"

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
    outcome may have posted the message, in Discord's time, None when it is certainly not there.
    `attempts`: how many have begun. `error`: the reason that the last one failed. `retries_place`:
    the place refused the last time. `marked`: what may be there carries the mark of the batch, which
    version 0.1.0 did not give. `doubtful_channel_id`: another channel, in which it may be since it was to go there.
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
    retries_place: bool = False
    marked: bool = True
    doubtful_channel_id: int | None = None


def claim_batches(
    db: Database, *, now: datetime, lease_seconds: int, limit: int, retries: int = LONGEST_WAIT
) -> list[Claimed]:
    """Take up to `limit` batches for sending: retries first, then new ones made of due rows.

    A new batch merges the oldest due rows of one destination and one kind, at most `MOST_ITEMS`;
    where they had to wait, because they were held back or because the place refused, all of them.
    Alerts whose place has quiet hours or a digest (`bot.database.delivery_times`) are held back first, also those of a
    batch that has certainly not been posted.
    Empty when nothing can be sent at `now`. At most `retries` are for places that refused the last
    time.

    The lease is stored in the same transaction: until it ends, no other call returns the batch, and
    after a crash the batch becomes claimable again by itself.
    """
    made_at, lease_until = seconds(now), seconds(now) + lease_seconds
    batch_ids = []
    for record in _retryable(db, made_at, limit, retries):
        if record["may_wait"] and _taken_apart(db, record, now):
            continue
        retries -= record["refused"]
        if retries >= 0 or not record["refused"]:
            batch_ids.append(record["id"])
    new = _places_to_write_to(db, now, limit - len(batch_ids), retries)
    for record in new:
        retries -= record["refused"]
        if retries >= 0 or not record["refused"]:
            items = _mergeable(db, record["id"], made_at, refused=bool(record["refused"]))
            batch_ids.append(store_batch(db, record["id"], items, made_at=made_at))
    for batch_id in batch_ids:
        db.execute("UPDATE batch SET lease_until = ? WHERE id = ?", (lease_until, batch_id))
    return [_claimed(db, batch_id) for batch_id in batch_ids]


def release(db: Database) -> None:
    """End every lease.

    Only for the start and the end of the one courier of this database: nothing is being sent then.
    """
    db.execute("UPDATE batch SET lease_until = 0 WHERE state = 'open' AND lease_until > 0")


def next_attempt(db: Database, *, now: datetime, retries: int = LONGEST_WAIT) -> datetime | None:
    """When to claim next; None when nothing waits.

    `now` when rows are due, else the end of the wait before a retry, of a lease, of a place's pause or of what rows
    are held back by. `retries` 0: places that refused the last time do not count.
    """
    present = {"now": seconds(now), "retries": retries}
    if _with_due_rows(db, seconds(now), 1, retries):
        return now
    waits = rows(
        db,
        f"""SELECT MIN(MAX(batch.not_before, batch.lease_until, coalesce(destination.next_try, 0))) AS at
        FROM batch JOIN destination ON destination.id = batch.destination_id
        WHERE {_OLDEST_OPEN} AND {_REACHABLE} AND (:retries > 0 OR destination.next_try IS NULL)
        UNION ALL
        SELECT MIN(MAX(coalesce(outbox.held_until, 0), coalesce(destination.next_try, 0)))
        FROM outbox JOIN destination ON destination.id = outbox.destination_id
        WHERE outbox.state = 'due' AND {_REACHABLE} AND {_WITHOUT_OPEN} AND (:retries > 0 OR destination.next_try IS NULL)
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


def nonce(db: Database, batch_id: int, made_at: int, *, part: int = 0) -> str:
    """The nonce by which Discord recognizes a repeated message: 24 characters, of at most 25.

    `part` distinguishes the texts that one batch may have. The installation and `made_at` are part
    of the text because batch ids start again in a new database and repeat after a restored backup.
    """
    text = f"{key_value.installation(db)}:{batch_id}:{made_at}:{part}"
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def _retryable(db: Database, now: int, limit: int, retries: int) -> list[Row]:
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
        WHERE {_OLDEST_OPEN} AND {_over("batch.lease_until")} AND {_over("batch.not_before")} AND {_TRIED}
        ORDER BY batch.created_at, batch.id LIMIT :limit""",  # noqa: S608 - constants of this module
        {"now": now, "limit": limit, "retries": retries},
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


def _places_to_write_to(db: Database, now: datetime, limit: int, retries: int) -> list[Row]:
    """As `_with_due_rows`, after holding back what has to wait by the settings of its place.

    Twice as many places are looked at each time that some had to wait, so that a night in which everybody's alerts fire
    costs a few looks at the outbox and not one for each batch.
    """
    looked_at = limit
    while True:
        found = _with_due_rows(db, seconds(now), looked_at, retries)
        if not sum(delivery_times.hold(db, place["id"], now=now) for place in found if place["timed"]):
            return found[:limit]
        looked_at *= 2


def _with_due_rows(db: Database, now: int, limit: int, retries: int) -> list[Row]:
    """Ids of the destinations that a new batch can be made for, by their oldest due row.

    With each whether it refused the last time, and whether its alerts have times. Those that wait for
    nothing but a live board come last.
    """
    return rows(
        db,
        f"""SELECT destination.id, destination.next_try IS NOT NULL AS refused,
            EXISTS (SELECT 1 FROM delivery_times WHERE delivery_times.destination_id = destination.id) AS timed
        FROM outbox JOIN destination ON destination.id = outbox.destination_id
        WHERE {_DUE} AND {_TRIED} AND {_WITHOUT_OPEN}
        GROUP BY destination.id ORDER BY MIN(outbox.kind = 'board'), MIN(outbox.id) LIMIT :limit""",  # noqa: S608 - constants of this module
        {"now": now, "limit": limit, "retries": retries},
    )


def _mergeable(db: Database, destination_id: int, now: int, *, refused: bool) -> list[int]:
    """Ids of the oldest due rows of a destination that fit into one message.

    All of them have the kind of the oldest one, and were held back as it was or were not. A live board waits for the rest.
    """
    where = {"destination": destination_id, "now": now}
    first = row(
        db,
        f"""SELECT kind, held_until IS NOT NULL AS held FROM outbox WHERE {_DUE} AND destination_id = :destination
        ORDER BY kind = 'board', id LIMIT 1""",  # noqa: S608 - a constant of this module
        where,
    )
    if first is None:
        raise LookupError(f"the due rows of destination {destination_id} vanished within their own transaction")
    together = refused or first["held"] or first["kind"] in (ItemKind.SUMMARY.value, ItemKind.LETTER.value)
    items = rows(
        db,
        f"""SELECT id FROM outbox WHERE {_DUE} AND destination_id = :destination AND kind = :kind
            AND (held_until IS NOT NULL) = :held ORDER BY id LIMIT :most""",  # noqa: S608 - a constant of this module
        {**where, **first, "most": MOST_WAITING if together else MOST_ITEMS},
    )
    return [item["id"] for item in items]


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
        retries_place=bool(batch["refused"]),
        marked=bool(batch["marked"]),
        doubtful_channel_id=batch["channel_id"] if elsewhere else None,
    )
