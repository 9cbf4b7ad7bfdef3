"""Messages that a snooze holds back: nothing is lost, and one message at the end."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot import outbox
from bot.database.places import subscriptions
from bot.domain.model import Destination
from bot.outbox.message import Payload
from tests.bot.alerts.watching import ABOVE_90, Watch


def claimed(watch: Watch, now: datetime) -> list[tuple[int, Destination]]:
    found = outbox.claim_batches(watch.db, now=now, lease_seconds=180, limit=9)
    return [(len(each.items), each.destination) for each in found]


@pytest.fixture
def snoozed(watch: Watch, now: datetime) -> int:
    """An alert, snoozed for three days, that has crossed its level twice since."""
    alert = watch.add(ABOVE_90)
    subscriptions.snooze(watch.db, alert.id, watch.dm.id, now + timedelta(days=3))
    watch.closes([91, 89, 92])
    return alert.id


def test_what_crosses_during_a_snooze_comes_in_one_message_at_its_end(
    watch: Watch, now: datetime, snoozed: int
) -> None:
    end = now + timedelta(days=3)
    assert claimed(watch, end - timedelta(seconds=1)) == []
    assert outbox.next_attempt(watch.db, now=now) == end
    [(count, _)] = claimed(watch, end)
    assert count == 2


def test_ending_a_snooze_sends_what_was_held_back_at_once(watch: Watch, now: datetime, snoozed: int) -> None:
    subscriptions.snooze(watch.db, snoozed, watch.dm.id, None)
    assert [count for count, _ in claimed(watch, now)] == [2]


def test_a_snooze_also_holds_back_what_waits_for_another_reason(watch: Watch, now: datetime) -> None:
    alert = watch.add(ABOVE_90)
    watch.closes([91])
    subscriptions.snooze(watch.db, alert.id, watch.dm.id, now + timedelta(days=1))
    assert claimed(watch, now + timedelta(hours=23)) == []
    assert [count for count, _ in claimed(watch, now + timedelta(days=1))] == [1]


@pytest.mark.parametrize("in_doubt", [False, True])
def test_a_message_that_has_certainly_not_arrived_waits_as_well_one_in_doubt_is_finished(
    watch: Watch, now: datetime, in_doubt: bool
) -> None:
    alert = watch.add(ABOVE_90)
    watch.closes([91])
    [batch] = outbox.claim_batches(watch.db, now=now, lease_seconds=180, limit=9)
    outbox.begin(watch.db, batch, Payload("x"), channel_id=70, fresh=True, lease_seconds=180, now=now)
    outbox.settle_retry(watch.db, batch, not_before=now, in_doubt=in_doubt, error="503")
    subscriptions.snooze(watch.db, alert.id, watch.dm.id, now + timedelta(days=1))
    later = outbox.claim_batches(watch.db, now=now + timedelta(hours=1), lease_seconds=180, limit=9)
    assert [each.batch_id for each in later] == [batch.batch_id] * in_doubt
    if not in_doubt:
        [anew] = outbox.claim_batches(watch.db, now=now + timedelta(days=1), lease_seconds=180, limit=9)
        assert anew.payload is None
        assert [item.held_until for item in anew.items] == [now + timedelta(days=1)]


def test_a_longer_snooze_holds_it_back_for_longer(watch: Watch, now: datetime, snoozed: int) -> None:
    subscriptions.snooze(watch.db, snoozed, watch.dm.id, now + timedelta(days=7))
    assert claimed(watch, now + timedelta(days=6)) == []
    assert [count for count, _ in claimed(watch, now + timedelta(days=7))] == [2]


def test_what_was_held_back_and_what_is_new_are_messages_of_their_own(
    watch: Watch, now: datetime, snoozed: int
) -> None:
    watch.add(ABOVE_90)
    watch.closes([89, 93], first=5)
    end = now + timedelta(days=3)
    counts = []
    for _ in range(2):
        for batch in outbox.claim_batches(watch.db, now=end, lease_seconds=180, limit=9):
            counts.append(len(batch.items))
            outbox.settle_sent(watch.db, batch, 1, now=end)
    assert sorted(counts) == [1, 3]


def test_whoever_unsubscribes_hears_nothing_more(watch: Watch, now: datetime, snoozed: int) -> None:
    subscriptions.unsubscribe(watch.db, snoozed, watch.dm.id)
    assert claimed(watch, now + timedelta(days=9)) == []
