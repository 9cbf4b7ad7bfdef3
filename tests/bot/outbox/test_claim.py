"""Claims: when there is something to send, and that a lease keeps a batch from being taken twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from sqlite_utils import Database

from bot import outbox
from bot.database.places import boards, destinations
from bot.domain.model import ItemKind, OutboxItem
from bot.outbox import items

NOW = datetime(2026, 1, 13, 21, 20, tzinfo=UTC)
LEASE = 180


def enqueued(db: Database, *keys: str, channel_id: int = 81) -> None:
    place = destinations.channel_destination(db, channel_id, 8, now=NOW)
    for key in keys:
        item = OutboxItem(
            id=0,
            key=key,
            kind=ItemKind.ALERT,
            destination_id=place.id,
            session=date(2026, 1, 13),
            created_at=NOW,
        )
        assert items.put(db, item)


def claimed(db: Database, now: datetime, limit: int = 10) -> list[outbox.Claimed]:
    return outbox.claim_batches(db, now=now, lease_seconds=LEASE, limit=limit)


def test_nothing_to_send_has_no_next_attempt_and_due_rows_have_it_now(db: Database) -> None:
    assert outbox.next_attempt(db, now=NOW) is None
    enqueued(db, "a")
    assert outbox.next_attempt(db, now=NOW) == NOW


def test_a_claimed_batch_is_free_again_when_its_lease_ends_and_not_before(db: Database) -> None:
    enqueued(db, "a")
    (batch,) = claimed(db, NOW)
    end = NOW + timedelta(seconds=LEASE)
    assert outbox.next_attempt(db, now=NOW) == end
    assert claimed(db, end - timedelta(seconds=1)) == []
    (again,) = claimed(db, end)
    assert (again.batch_id, again.nonce) == (batch.batch_id, batch.nonce)


def test_due_rows_of_one_place_do_not_wait_for_the_retry_of_another(db: Database) -> None:
    enqueued(db, "a")
    (batch,) = claimed(db, NOW)
    later = NOW + timedelta(seconds=7)
    outbox.settle_retry(db, batch, not_before=later, in_doubt=False, error="503")
    assert outbox.next_attempt(db, now=NOW) == later
    enqueued(db, "b", channel_id=82)
    assert outbox.next_attempt(db, now=NOW) == NOW
    assert [item.key for taken in claimed(db, NOW) for item in taken.items] == ["b"]
    assert [item.key for taken in claimed(db, later) for item in taken.items] == ["a"]


def test_no_more_batches_are_claimed_than_there_is_room_for_retries_first(db: Database) -> None:
    enqueued(db, "a")
    (batch,) = claimed(db, NOW)
    outbox.settle_retry(db, batch, not_before=NOW, in_doubt=False, error="503")
    for channel_id in (82, 83, 84):
        enqueued(db, f"k{channel_id}", channel_id=channel_id)
    taken = claimed(db, NOW, limit=2)
    assert [item.key for batch in taken for item in batch.items] == ["a", "k82"]


def test_a_board_that_was_held_back_stands_behind_what_is_due_anywhere(db: Database) -> None:
    """Two checks within a minute: the board's next edit has a time (`held_until`), and its row is the older one."""
    place = destinations.channel_destination(db, 81, 8, now=NOW).id
    boards.put(db, place, created_by=7, now=NOW)
    db.execute("UPDATE board SET edited_at = ?", (int(NOW.timestamp()),))
    checked = NOW + timedelta(seconds=30)
    boards.enqueue(db, date(2026, 1, 13), checked, now=checked)
    enqueued(db, "younger", channel_id=82)
    later = NOW + timedelta(seconds=90)
    assert [each.items[0].key for each in claimed(db, later, limit=1)] == ["younger"]
    (board,) = claimed(db, later, limit=1)
    assert board.items[0].kind is ItemKind.BOARD


def steps(db: Database, channels: Iterable[int]) -> int:
    """Hundreds of instructions of SQLite that a claim of eight and the look for the next take once these wait as well."""
    for channel_id in channels:
        enqueued(db, f"{channel_id}", channel_id=channel_id)
    taken = [0]

    def count() -> int:
        taken[0] += 1
        return 0

    claimed(db, NOW, limit=8)
    db.conn.set_progress_handler(count, 100)
    assert len(claimed(db, NOW, limit=8)) == 8
    assert outbox.next_attempt(db, now=NOW) == NOW
    db.conn.set_progress_handler(None, 0)
    return taken[0]


def test_a_claim_costs_by_what_it_takes_and_not_by_what_waits(db: Database) -> None:
    few = steps(db, range(1000, 1050))
    assert steps(db, range(2000, 3000)) <= few + 2
