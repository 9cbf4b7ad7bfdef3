"""How attempts end: what is stored of them, and what a late answer may change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlite_utils import Database

from bot import outbox
from bot.database.codec import rows, scalar
from bot.database.places import boards, destinations, places
from bot.domain.model import DestinationState
from bot.outbox.message import Payload
from bot.outbox.settle import DM_REFUSED
from tests.bot.outbox.test_claim import LEASE, NOW, claimed, enqueued

WORDS = Payload("x")


def begun(
    db: Database,
    batch: outbox.Claimed,
    *,
    channel_id: int = 81,
    at: datetime = NOW,
    payload: Payload = WORDS,
) -> bool:
    return outbox.begin(db, batch, payload, channel_id=channel_id, fresh=True, lease_seconds=LEASE, now=at)


def states(db: Database) -> dict[str, str]:
    return {record["key"]: record["state"] for record in rows(db, "SELECT key, state FROM outbox ORDER BY id")}


def rows_of(db: Database) -> list[dict[str, object]]:
    """All that an attempt may change."""
    tables = ("batch", "outbox", "destination", "board", "record")
    return [record for table in tables for record in rows(db, f"SELECT * FROM {table} ORDER BY rowid")]


LATE: dict[str, Callable[[Database, outbox.Claimed], object]] = {
    "begin": lambda db, batch: begun(db, batch),
    "sent": lambda db, batch: outbox.settle_sent(db, batch, 5, now=NOW),
    "retry": lambda db, batch: outbox.settle_retry(db, batch, not_before=NOW, in_doubt=True, error="late"),
    "unseen": lambda db, batch: outbox.settle_unseen(db, batch, "late", "Late.", not_before=NOW, now=NOW),
    "dead": lambda db, batch: outbox.settle_dead(db, batch, "late", now=NOW),
    "rejected": lambda db, batch: outbox.settle_rejected(db, batch, "late", now=NOW),
    "not now": lambda db, batch: outbox.settle_not_now(db, batch, "late", now=NOW, in_doubt=False),
    "gone": lambda db, batch: outbox.settle_gone(db, batch, 10003, "late", now=NOW),
    "elsewhere": lambda db, batch: outbox.settle_elsewhere(db, batch),
    "board edited": lambda db, batch: boards.edited(db, batch.batch_id, batch.nonce, now=NOW),
    "board put off": lambda db, batch: boards.put_off(db, batch.batch_id, batch.nonce, until=NOW),
    "board forgotten": lambda db, batch: boards.forget(db, batch.batch_id, batch.nonce),
}


@pytest.mark.parametrize("late", LATE.values(), ids=LATE)
@pytest.mark.parametrize("meanwhile", ["settled", "undone", "made anew"])
def test_an_attempt_that_goes_on_after_its_batch_is_another_one_changes_nothing(
    db: Database, meanwhile: str, late: Callable[[Database, outbox.Claimed], object]
) -> None:
    place = destinations.dm_destination(db, 7, channel_id=70, now=NOW)
    destinations.set_fallback(db, 7, 99, 900, now=NOW)
    enqueued(db, "a", "b")
    db.execute("UPDATE outbox SET destination_id = ?", (place.id,))
    (batch,) = claimed(db, NOW)
    match meanwhile:
        case "settled":
            outbox.settle_sent(db, batch, 5, now=NOW)
        case "undone":
            outbox.settle_not_now(db, batch, "no", now=NOW, in_doubt=False)
        case _:
            outbox.settle_gone(db, batch, DM_REFUSED, "off", now=NOW)
    before = rows_of(db)
    assert not late(db, batch)
    assert rows_of(db) == before


def test_only_the_newest_claim_of_a_batch_begins_and_only_while_it_lasts(db: Database) -> None:
    enqueued(db, "a")
    (first,) = claimed(db, NOW)
    (second,) = claimed(db, NOW + timedelta(seconds=LEASE))
    assert not begun(db, first)
    assert not begun(db, second, at=NOW + timedelta(seconds=2 * LEASE))
    # What is over is to be claimed anew.
    (third,) = claimed(db, NOW + timedelta(seconds=LEASE))
    assert begun(db, third)


def test_what_a_message_does_not_tell_is_due_while_it_is_sent_and_follows_it(db: Database) -> None:
    enqueued(db, *(f"k{number}" for number in range(5)))
    (batch,) = claimed(db, NOW)
    assert begun(db, batch, payload=Payload("k0 k1", told=2))
    assert states(db) == {"k0": "batched", "k1": "batched", "k2": "due", "k3": "due", "k4": "due"}
    # It is in doubt: nothing passes it, and what it tells stays as it is.
    (again,) = claimed(db, TRIED)
    assert [item.key for item in again.items] == ["k0", "k1"]
    assert begun(db, again, payload=Payload("k0", told=1), at=TRIED)
    assert (again.nonce, states(db)["k1"]) == (batch.nonce, "batched")
    outbox.settle_sent(db, again, 5, now=TRIED)
    assert states(db) == {"k0": "sent", "k1": "sent", "k2": "due", "k3": "due", "k4": "due"}
    (rest,) = claimed(db, TRIED)
    assert [item.key for item in rest.items] == ["k2", "k3", "k4"]
    assert rest.nonce != batch.nonce


def test_what_a_refused_message_did_not_tell_is_merged_with_it_again(db: Database) -> None:
    enqueued(db, "k0", "k1", "k2")
    (batch,) = claimed(db, NOW)
    begun(db, batch, payload=Payload("k0", told=1))
    outbox.settle_not_now(db, batch, "no", now=NOW, in_doubt=False)
    (whole,) = claimed(db, TRIED)
    assert [item.key for item in whole.items] == ["k0", "k1", "k2"]


def test_a_batch_that_is_made_anew_twice_has_three_nonces(db: Database) -> None:
    enqueued(db, "a")
    nonces = set()
    for _ in range(3):
        (batch,) = claimed(db, NOW)
        nonces.add(batch.nonce)
        outbox.settle_elsewhere(db, batch)
    assert len(nonces) == 3


def test_a_board_forgets_only_the_message_that_is_gone(db: Database) -> None:
    place = destinations.channel_destination(db, 81, 8, now=NOW).id
    boards.put(db, place, created_by=7, now=NOW)
    db.execute("UPDATE board SET message_id = 6")
    boards.lost(db, place, 5)
    assert scalar(db, "SELECT message_id FROM board") == 6


def refused(db: Database, *channel_ids: int, in_doubt: bool) -> None:
    """Places that refused ten minutes before `TRIED`, each with one message."""
    for channel_id in channel_ids:
        enqueued(db, f"k{channel_id}", channel_id=channel_id)
    for batch in claimed(db, NOW):
        begun(db, batch)
        outbox.settle_not_now(db, batch, "no", now=NOW, in_doubt=in_doubt)


TRIED = NOW + timedelta(minutes=10)


@pytest.mark.parametrize("in_doubt", [False, True])
@pytest.mark.parametrize("retries", [0, 1, 2, 3])
def test_no_more_places_that_refused_are_tried_than_may_refuse_again(
    db: Database, retries: int, in_doubt: bool
) -> None:
    refused(db, 81, 82, 83, in_doubt=in_doubt)
    enqueued(db, "new", channel_id=84)
    taken = outbox.claim_batches(db, now=TRIED, lease_seconds=180, limit=9, retries=retries)
    assert sum(batch.retries_place for batch in taken) == retries
    assert [item.key for batch in taken if not batch.retries_place for item in batch.items] == ["new"]


def test_a_dm_whose_mention_is_refused_as_well_is_not_redirected_again(db: Database) -> None:
    place = destinations.dm_destination(db, 7, channel_id=70, now=NOW)
    destinations.set_fallback(db, 7, 99, 900, now=NOW)
    enqueued(db, "a")
    db.execute("UPDATE outbox SET destination_id = ?", (place.id,))
    (dm,) = claimed(db, NOW)
    begun(db, dm, channel_id=70)
    assert outbox.settle_gone(db, dm, DM_REFUSED, "off", now=NOW)
    (mention,) = claimed(db, NOW)
    assert (mention.channel_id, mention.fallback, mention.attempts, mention.payload) == (99, True, 0, None)
    assert mention.nonce != dm.nonce
    begun(db, mention, channel_id=99)
    assert not outbox.settle_gone(db, mention, DM_REFUSED, "off", now=NOW)
    assert claimed(db, TRIED) == []


def test_only_messages_of_which_an_attempt_failed_count_as_retried(db: Database) -> None:
    enqueued(db, "a", channel_id=81)
    enqueued(db, "b", channel_id=82)
    first, _ = claimed(db, NOW)
    assert outbox.pending(db) == outbox.Pending(waiting=2, retrying=0, dead=0)
    outbox.settle_retry(db, first, not_before=NOW, in_doubt=False, error="503")
    assert outbox.pending(db) == outbox.Pending(waiting=2, retrying=1, dead=0)
    outbox.settle_dead(db, first, "400", now=NOW)
    assert outbox.pending(db) == outbox.Pending(waiting=1, retrying=0, dead=1)


def test_a_late_word_that_the_place_is_gone_parks_nothing(db: Database) -> None:
    enqueued(db, "a")
    (batch,) = claimed(db, NOW)
    outbox.settle_sent(db, batch, 5, now=NOW)
    assert not outbox.settle_gone(db, batch, DM_REFUSED, "gone", now=NOW)
    place = places.get(db, batch.destination.id)
    assert place is not None
    assert place.state is DestinationState.ACTIVE


def test_a_batch_in_doubt_of_a_place_that_refused_counts_only_while_refusals_are_free(db: Database) -> None:
    enqueued(db, "a")
    (batch,) = claimed(db, NOW)
    begun(db, batch)
    outbox.settle_not_now(db, batch, "no", now=NOW, in_doubt=True)
    assert outbox.next_attempt(db, now=NOW, retries=0) is None
    assert outbox.next_attempt(db, now=NOW, retries=1) == NOW + timedelta(minutes=10)


def test_the_next_attempt_is_the_earlier_of_a_retry_and_a_hold(db: Database) -> None:
    enqueued(db, "a")
    (batch,) = claimed(db, NOW)
    retry, held = NOW + timedelta(seconds=7), NOW + timedelta(seconds=30)
    outbox.settle_retry(db, batch, not_before=retry, in_doubt=False, error="503")
    enqueued(db, "b", channel_id=82)
    db.execute("UPDATE outbox SET held_until = ? WHERE key = 'b'", (int(held.timestamp()),))
    assert outbox.next_attempt(db, now=NOW) == retry


def test_what_waited_is_at_most_200_items_in_a_message(db: Database) -> None:
    enqueued(db, *(f"k{number}" for number in range(201)))
    db.execute("UPDATE outbox SET held_until = ?", (int(NOW.timestamp()),))
    (batch,) = claimed(db, NOW)
    assert len(batch.items) == 200


def test_what_did_not_wait_is_at_most_ten(db: Database) -> None:
    enqueued(db, *(f"k{number}" for number in range(11)))
    (batch,) = claimed(db, NOW)
    assert [item.key for item in batch.items] == [f"k{number}" for number in range(10)]


def test_only_what_waits_90_days_for_a_parked_place_is_given_up(db: Database) -> None:
    enqueued(db, "gone", channel_id=81)
    enqueued(db, "here", channel_id=82)
    (batch,) = [each for each in claimed(db, NOW) if each.channel_id == 81]
    outbox.settle_gone(db, batch, 10003, "no such channel", now=NOW)
    outbox.clean_up(db, now=NOW + timedelta(days=90))
    assert scalar(db, "SELECT count(*) FROM outbox WHERE state = 'cancelled'") == 0
    outbox.clean_up(db, now=NOW + timedelta(days=90, seconds=1))
    assert {row["key"]: row["state"] for row in rows(db, "SELECT key, state FROM outbox")} == {"here": "batched"}


def test_a_refused_dm_with_a_mention_in_its_place_is_never_given_up(db: Database) -> None:
    place = destinations.dm_destination(db, 7, channel_id=70, now=NOW)
    destinations.set_fallback(db, 7, 99, 900, now=NOW)
    enqueued(db, "a")
    db.execute("UPDATE outbox SET destination_id = ?", (place.id,))
    (batch,) = claimed(db, NOW)
    assert outbox.settle_gone(db, batch, DM_REFUSED, "off", now=NOW)
    outbox.clean_up(db, now=NOW + timedelta(days=200))
    assert scalar(db, "SELECT state FROM outbox WHERE key = 'a'") == "batched"


def test_dropping_what_waits_for_a_place_concerns_no_other_and_nothing_settled(db: Database) -> None:
    enqueued(db, "sent", channel_id=81)
    (sent,) = claimed(db, NOW)
    outbox.settle_sent(db, sent, 5, now=NOW)
    enqueued(db, "open", channel_id=81)
    enqueued(db, "other", channel_id=82)
    assert len(claimed(db, NOW)) == 2
    enqueued(db, "due", channel_id=81)
    assert [item.key for item in outbox.undelivered(db, sent.destination.id)] == ["open", "due"]
    outbox.drop(db, sent.destination.id, now=NOW)
    states = {row["key"]: row["state"] for row in rows(db, "SELECT key, state FROM outbox")}
    assert states == {"sent": "sent", "open": "cancelled", "due": "cancelled", "other": "batched"}
    batches = [row["state"] for row in rows(db, "SELECT state FROM batch ORDER BY id")]
    assert batches == ["sent", "dead", "open"]
    assert outbox.undelivered(db, sent.destination.id) == ()


def test_a_dm_that_was_opened_is_remembered_and_a_channel_keeps_its_own(db: Database) -> None:
    person = destinations.dm_destination(db, 7, now=NOW)
    channel = destinations.channel_destination(db, 81, 8, now=NOW)
    for place in (person, channel):
        outbox.remember_channel(db, place.id, 70)
    found = [destinations.get(db, place.id) for place in (person, channel)]
    assert [place.channel_id for place in found if place is not None] == [70, 81]


@pytest.mark.parametrize(("dead", "days"), [(False, 30), (True, 90)])
def test_what_was_delivered_is_kept_for_30_days_and_a_dead_letter_for_90(db: Database, dead: bool, days: int) -> None:
    enqueued(db, "a")
    (batch,) = claimed(db, NOW)
    if dead:
        outbox.settle_dead(db, batch, "400", now=NOW)
    else:
        outbox.settle_sent(db, batch, 5, now=NOW)
    end = NOW + timedelta(days=days)
    assert outbox.clean_up(db, now=end) == 0
    assert outbox.clean_up(db, now=end + timedelta(seconds=1)) == 1
    assert scalar(db, "SELECT count(*) FROM batch") == 0


def test_a_message_that_was_split_is_kept_as_long_as_one_that_was_sent(db: Database) -> None:
    enqueued(db, "a", "b")
    (batch,) = claimed(db, NOW)
    assert outbox.settle_rejected(db, batch, "400", now=NOW)
    outbox.clean_up(db, now=NOW + timedelta(days=30))
    assert scalar(db, "SELECT count(*) FROM batch WHERE state = 'dead'") == 1
    outbox.clean_up(db, now=NOW + timedelta(days=30, seconds=1))
    assert [row["state"] for row in rows(db, "SELECT state FROM batch")] == ["open", "open"]
