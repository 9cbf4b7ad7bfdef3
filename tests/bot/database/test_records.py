"""What is noted of sent alerts, found when it is due, and judged once."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlite_utils import Database

from bot import outbox
from bot.database import records
from bot.database.codec import rows, scalar
from bot.database.places import destinations
from bot.database.records import JudgedRecord
from bot.domain.model import ConditionKey, Direction, ItemKind, OutboxItem
from bot.outbox import items
from signals.core.model import Measure

SESSION = date(2026, 1, 13)
KEY = ConditionKey("havens.silver", Measure.VALUE, Direction.ABOVE, 90.0)
COUNTS = (79, 42, 5281, 2925)


def sent(db: Database, now: datetime, *, channels: int = 1, session: date = SESSION, settle: int = 1) -> None:
    """An alert that has fired in some channels; each message is settled as sent so many times."""
    for channel in range(channels):
        place = destinations.channel_destination(db, 80 + channel, 8, now=now)
        item = OutboxItem(
            id=0, key=f"{session}:{channel}", kind=ItemKind.ALERT, destination_id=place.id, session=session,
            created_at=now, signal=KEY.signal, measure=KEY.measure, direction=KEY.direction, level=KEY.level, value=91.0,
        )  # fmt: skip
        assert items.put(db, item)
    for claimed in outbox.claim_batches(db, now=now, lease_seconds=180, limit=10):
        for _ in range(settle):
            outbox.settle_sent(db, claimed, 1, now=now)


def test_an_alert_is_noted_when_it_is_sent_once_for_each_horizon_whoever_receives_it(
    db: Database, now: datetime
) -> None:
    sent(db, now, channels=3, settle=2)
    noted = rows(db, "SELECT signal, level, session, horizon, due_session - session AS days FROM record ORDER BY id")
    assert [(row["signal"], row["level"], row["horizon"], row["days"]) for row in noted] == [
        ("havens.silver", 90.0, 1, 1),
        ("havens.silver", 90.0, 21, 29),
    ]


def test_what_follows_a_firing_is_sent_and_not_noted(db: Database, now: datetime) -> None:
    place = destinations.channel_destination(db, 80, 8, now=now)
    for event in ("back", "reminder"):
        item = OutboxItem(0, event, ItemKind.ALERT, place.id, SESSION, now, signal=KEY.signal, measure=KEY.measure,
                          direction=KEY.direction, level=KEY.level, value=91.0)  # fmt: skip
        assert items.put(db, item)
        db.execute("UPDATE outbox SET event = ? WHERE key = ?", (event, event))
    [claimed] = outbox.claim_batches(db, now=now, lease_seconds=180, limit=10)
    outbox.settle_sent(db, claimed, 1, now=now)
    assert records.waiting(db) == (0, None)


def test_what_has_not_been_sent_is_not_noted(db: Database, now: datetime) -> None:
    place = destinations.channel_destination(db, 80, 8, now=now)
    item = OutboxItem(0, "a", ItemKind.ALERT, place.id, SESSION, now, signal=KEY.signal, measure=KEY.measure,
                      direction=KEY.direction, level=KEY.level)  # fmt: skip
    assert items.put(db, item)
    [claimed] = outbox.claim_batches(db, now=now, lease_seconds=180, limit=10)
    outbox.settle_dead(db, claimed, "no", now=now)
    assert records.waiting(db) == (0, None)


def test_a_record_is_due_when_its_horizon_may_have_passed_and_judged_once(db: Database, now: datetime) -> None:
    sent(db, now)
    assert records.due(db, SESSION, most=10) == []
    [first] = records.due(db, date(2026, 1, 14), most=10)
    assert (first.key, first.session, first.horizon) == (KEY, SESSION, 1)
    for outcome in (0.4, -9.0):
        records.judge(db, [JudgedRecord(first.id, outcome, COUNTS, undone=None)], date(2026, 1, 14), now=now)
    [known] = records.judged(db, 1)
    assert (known.key, known.session, known.outcome, known.counts, known.undone) == (KEY, SESSION, 0.4, COUNTS, None)
    assert records.due(db, date(2026, 1, 14), most=10) == []
    assert records.waiting(db) == (1, date(2026, 2, 11))
    [later] = records.due(db, date(2026, 2, 11), most=10)
    records.judge(db, [JudgedRecord(later.id, -1.2, None, undone=True)], date(2026, 2, 12), now=now)
    [month] = records.judged(db, 21)
    assert (month.outcome, month.counts, month.undone) == (-1.2, None, True)


def test_a_record_whose_prices_never_come_is_closed_without_an_outcome(db: Database, now: datetime) -> None:
    sent(db, now)
    kept, closed = SESSION + timedelta(days=61), SESSION + timedelta(days=62)
    records.judge(db, [], kept, now=now)
    assert records.waiting(db)[0] == 2
    records.judge(db, [], closed, now=now)
    assert records.waiting(db)[0] == 1
    assert records.judged(db, 1) == []


def test_what_is_due_is_found_by_its_index_however_many_are_stored(db: Database, now: datetime) -> None:
    for day in range(30):
        sent(db, now, session=SESSION + timedelta(days=day))
    plan = rows(
        db, "EXPLAIN QUERY PLAN SELECT * FROM record INDEXED BY record_due WHERE judged_at IS NULL AND due_session <= 1"
    )
    assert "SEARCH record USING INDEX record_due" in plan[0]["detail"]
    assert scalar(db, "SELECT count(*) FROM record") == 60
    assert len(records.due(db, SESSION + timedelta(days=60), most=25)) == 25
