"""Settling: recording that an attempt begins and how it ended.

Each function is one transaction, and the process may die before or after any of them: what is in
the database is then enough to go on. All of them leave a batch alone that is already settled,
undone or made anew (`_own`), so a late answer changes nothing.
"""

from __future__ import annotations

import math
from datetime import datetime

from bot.database import Database, records
from bot.database.codec import Row, instant, row, rows, scalar, seconds
from bot.database.places import boards, destinations, places
from bot.domain import place as rules
from bot.domain.model import DestinationState, ItemKind, OutboxItem
from bot.domain.place import Place
from bot.outbox import items
from bot.outbox.claim import Claimed, nonce, store_batch, take_apart
from bot.outbox.message import Payload

DM_REFUSED = 50007
"""Discord's code for a person who does not take DMs; only such a person still sees the fall-back
channel."""


def begin(
    db: Database, claimed: Claimed, payload: Payload, *, channel_id: int, fresh: bool, lease_seconds: int, now: datetime
) -> bool:
    """Record that an attempt is about to be made: from here on the message may be on Discord.

    This is committed before the request, so that after a crash the batch counts as in doubt and is
    not sent blindly again. The first rendering is kept, so a nonce never belongs to two texts. Items that it does not
    tell (`Payload.told`) leave the batch and are due again: they follow when this message is settled.

    Args:
        db: The database, inside a transaction.
        claimed: The batch as it was claimed.
        payload: Its rendering.
        channel_id: The channel that it is posted to.
        fresh: No earlier attempt has posted it, so the doubt begins now.
        lease_seconds: How long the attempt may take before the batch can be claimed again.
        now: The present.

    Returns:
        False where nothing may be sent, and nothing has been recorded: the batch has been undone, settled, made anew or
        claimed again since, or the claim is over or its items have changed, so that it is to be claimed anew.
    """
    batch = _own(db, claimed)
    if batch is None or batch["lease_until"] != claimed.lease_until:
        return False
    present = rows(db, "SELECT id, owner_id FROM outbox WHERE batch_id = ? ORDER BY id", (claimed.batch_id,))
    if claimed.lease_until <= seconds(now) or present != [
        {"id": item.id, "owner_id": item.owner_id} for item in claimed.items
    ]:
        db.execute("UPDATE batch SET lease_until = 0 WHERE id = ?", (claimed.batch_id,))
        return False
    told = len(claimed.items) if batch["payload"] is not None or payload.told is None else payload.told
    for item in claimed.items[told:]:
        db.execute("UPDATE outbox SET state = 'due', batch_id = NULL WHERE id = ?", (item.id,))
    db.execute(
        """UPDATE batch SET payload = coalesce(payload, :payload), channel_id = :channel, attempts = attempts + 1,
            marked = CASE WHEN :fresh THEN 1 ELSE marked END,
            in_doubt_since = CASE WHEN :fresh THEN :now ELSE coalesce(in_doubt_since, :now) END,
            lease_until = :now + :lease, aside = 0
        WHERE id = :id""",
        {
            "id": claimed.batch_id,
            "payload": payload.to_json(),
            "channel": channel_id,
            "fresh": fresh,
            "now": seconds(now),
            "lease": lease_seconds,
        },
    )
    return True


def settle_sent(db: Database, claimed: Claimed, message_id: int | None, *, now: datetime) -> None:
    """The message was posted: the batch and its rows are done, and its place takes messages."""
    if batch := _close(db, claimed, "sent", now=now, message_id=message_id):
        db.execute("UPDATE outbox SET state = 'sent' WHERE batch_id = ?", (claimed.batch_id,))
        records.sent(db, claimed.batch_id, now=now)
        boards.posted(db, claimed.batch_id, message_id, now=now)
        places.change(db, batch["destination_id"], rules.delivered, now=now)


def settle_retry(
    db: Database, claimed: Claimed, *, not_before: datetime, in_doubt: bool, error: str, aside: bool = False
) -> None:
    """Try again from `not_before` on.

    `in_doubt` False: neither this attempt nor an earlier one posted the message. `aside`: what comes after it for its
    place does not wait for it; so it stays while a look at one that waits aside gets no answer.
    """
    db.execute(
        """UPDATE batch SET not_before = :not_before, lease_until = 0, error = :error,
            aside = :aside OR (aside AND :in_doubt),
            in_doubt_since = CASE WHEN :in_doubt THEN in_doubt_since END
        WHERE id = :id AND nonce = :nonce AND state = 'open'""",
        {
            "id": claimed.batch_id,
            "nonce": claimed.nonce,
            "not_before": math.ceil(not_before.timestamp()),
            "in_doubt": in_doubt,
            "error": error,
            "aside": aside,
        },
    )


def settle_unseen(
    db: Database, claimed: Claimed, reason: str, sentence: str, *, not_before: datetime, now: datetime
) -> None:
    """A look cannot tell whether the message is there: from `not_before` on it is looked for again, and sent nowhere else.

    What comes after it for its place does not wait. The place is told once, by `sentence`, and of a notice not at all.
    After as long as a place is tried it is a dead letter: whoever runs the installation may decide to send it again.
    """
    batch = _own(db, claimed)
    if batch is None:
        return
    if instant(batch["in_doubt_since"]) + rules.GIVEN_UP <= now:
        settle_dead(db, claimed, f"no answer, and a look could not tell whether it arrived: {reason}", now=now)
        return
    db.execute(
        "UPDATE batch SET not_before = ?, lease_until = 0, error = ?, aside = 1 WHERE id = ?",
        (math.ceil(not_before.timestamp()), reason, claimed.batch_id),
    )
    first = items.of_batch(db, claimed.batch_id)[0]
    if first.kind is not ItemKind.NOTICE:
        notice = OutboxItem(
            id=0,
            key=f"unseen:{batch['nonce']}",
            kind=ItemKind.NOTICE,
            destination_id=batch["destination_id"],
            session=first.session,
            created_at=now,
            sentence=sentence,
        )
        items.put(db, notice)


def settle_dead(db: Database, claimed: Claimed, error: str, *, now: datetime) -> None:
    """Give up on a message that cannot be sent.

    Its payload stays in the database for finding the fault.
    """
    if _close(db, claimed, "dead", now=now, error=error):
        db.execute("UPDATE outbox SET state = 'dead' WHERE batch_id = ?", (claimed.batch_id,))


def settle_rejected(db: Database, claimed: Claimed, error: str, *, now: datetime) -> bool:
    """Discord or the renderer refused the message: split it, or give it up.

    True when its items will be tried one by one, False when it is dead. One bad item must not stop
    the nine merged with it, so a merged batch is split; a batch of one item is a dead letter.
    """
    parts = rows(db, "SELECT id FROM outbox WHERE batch_id = ? ORDER BY id", (claimed.batch_id,))
    if len(parts) > 1 and (closed := _close(db, claimed, "dead", now=now, error=error)):
        for part in parts:
            store_batch(db, closed["destination_id"], [part["id"]], made_at=seconds(now))
        return True
    settle_dead(db, claimed, error, now=now)
    return False


def settle_not_now(db: Database, claimed: Claimed, reason: str, *, now: datetime, in_doubt: bool) -> Place | None:
    """The place does not take messages for now: everything for it waits, until it is parked.

    A message that is certainly not there is taken apart, so that one message tells everything that waits when the
    place takes messages again. One in doubt is kept as it is. Returns the state of the place, None for a batch that
    is not open.
    """
    batch = _own(db, claimed)
    if batch is None:
        return None
    destination_id = batch["destination_id"]
    place = places.change(db, destination_id, lambda place: rules.refused(place, reason, now=now), now=now)
    if in_doubt:
        db.execute(
            "UPDATE batch SET not_before = 0, lease_until = 0, error = ? WHERE id = ?", (reason, claimed.batch_id)
        )
    else:
        take_apart(db, claimed.batch_id)
    if place is not None and place.state is DestinationState.PARKED and not place.waits:
        _nothing_more(db, destination_id)
    return place


def settle_gone(
    db: Database, claimed: Claimed, code: int, reason: str, *, now: datetime, in_doubt: bool = False
) -> bool:
    """Nothing can be delivered there any more: park the destination, once.

    True when its fall-back channel is used instead. Messages to a person who does not take DMs go to the channel
    where the person set them up, with a new nonce and rendering because a mention is added; one of which an earlier
    attempt may have arrived (`in_doubt`) is first looked for. Otherwise everything that waits for the destination
    stays until whoever set it up has been told of it.
    """
    batch = _own(db, claimed)
    if batch is None:
        return False
    destination_id = batch["destination_id"]
    destinations.park(db, destination_id, reason, now=now)
    if code == DM_REFUSED and falls_back(db, claimed.batch_id):
        if not in_doubt:
            _anew(db, batch)
        _redirect(db, destination_id)
        return True
    take_apart(db, claimed.batch_id)
    _nothing_more(db, destination_id)
    return False


def falls_back(db: Database, batch_id: int) -> bool:
    """Whether a message that a person's DM refuses goes to their fall-back channel. It has not gone there before."""
    return bool(
        scalar(
            db,
            """SELECT EXISTS (SELECT 1 FROM batch JOIN destination ON destination.id = batch.destination_id
            WHERE batch.id = ? AND destination.kind = 'dm' AND destination.fallback_channel_id IS NOT NULL
                AND (batch.channel_id IS NULL OR batch.channel_id IS destination.channel_id))""",
            (batch_id,),
        )
    )


def remember_channel(db: Database, destination_id: int, channel_id: int) -> None:
    """Keep the id of a DM channel that has just been opened."""
    db.execute("UPDATE destination SET channel_id = ? WHERE id = ? AND kind = 'dm'", (channel_id, destination_id))


def settle_elsewhere(db: Database, claimed: Claimed) -> None:
    """The message is not in the channel in which it may have been: it goes where its place is now."""
    if batch := _own(db, claimed):
        _anew(db, batch)


def _redirect(db: Database, destination_id: int) -> None:
    """Send the open batches of a DM to its fall-back channel; those in doubt when it is certain that they are not there."""
    batches = rows(db, "SELECT * FROM batch WHERE destination_id = ? AND state = 'open'", (destination_id,))
    for batch in batches:
        if batch["in_doubt_since"] is None:
            _anew(db, batch)
        else:
            db.execute("UPDATE batch SET not_before = 0, lease_until = 0 WHERE id = ?", (batch["id"],))


def _anew(db: Database, batch: Row) -> None:
    """Render and send a batch for another channel, as if it had never been tried."""
    db.execute(
        """UPDATE batch SET nonce = ?, payload = NULL, channel_id = NULL, attempts = 0, in_doubt_since = NULL,
            not_before = 0, lease_until = 0, aside = 0 WHERE id = ?""",
        (nonce(db, batch["id"], batch["created_at"], before=batch["nonce"]), batch["id"]),
    )


def _nothing_more(db: Database, destination_id: int) -> None:
    """End what is open for a place; its items stay, for whoever has to be told of them.

    A message in doubt stays as it is: should the place come back, it is looked for.
    """
    db.execute(
        "UPDATE destination SET fallback_channel_id = NULL, fallback_guild_id = NULL WHERE id = ?", (destination_id,)
    )
    certainly_not_there = "SELECT id FROM batch WHERE destination_id = ? AND state = 'open' AND in_doubt_since IS NULL"
    for batch in rows(db, certainly_not_there, (destination_id,)):
        take_apart(db, batch["id"])


def _own(db: Database, claimed: Claimed) -> Row | None:
    """The row of an open batch that still is the message of an attempt; None where it is another one or none by now."""
    sql = "SELECT * FROM batch WHERE id = ? AND nonce = ? AND state = 'open'"
    return row(db, sql, (claimed.batch_id, claimed.nonce))


def _close(
    db: Database,
    claimed: Claimed,
    state: str,
    *,
    now: datetime,
    message_id: int | None = None,
    error: str | None = None,
) -> Row | None:
    """Close an open batch; returns its row from before, None when it is not that of the attempt any more."""
    batch = _own(db, claimed)
    if batch is None:
        return None
    db.execute(
        """UPDATE batch SET state = :state, message_id = :message, error = :error, settled_at = :now, lease_until = 0,
            in_doubt_since = NULL WHERE id = :id""",
        {"id": claimed.batch_id, "state": state, "message": message_id, "error": error, "now": seconds(now)},
    )
    return batch
