"""Outbox rows: how a message is enqueued and read back."""

from __future__ import annotations

import json
from datetime import date, datetime

from bot.database import Database
from bot.database.alerts import firings
from bot.database.codec import Row, changed, instant, instant_or_none, ordinal, rows, scalar, seconds, session
from bot.domain.model import ConditionKey, Direction, ItemEvent, ItemKind, ItemState, Loudness, OutboxItem
from signals.core.model import Measure

_PLAIN_COLUMNS = (
    *("key", "kind", "destination_id", "alert_id", "topic", "owner_id", "role_id"),
    *("signal", "measure", "direction", "level", "value", "sentence", "occasion", "fired"),
)

_SELECT = """SELECT outbox.*, reading.state AS reading_state, reading.value AS reading_value, reading.facts AS reading_facts,
        alert.number AS alert_number, alert.note AS alert_note, alert.loudness AS alert_loudness
    FROM outbox LEFT JOIN reading ON reading.id = outbox.reading_id LEFT JOIN alert ON alert.id = outbox.alert_id"""


def put(db: Database, item: OutboxItem, *, state: ItemState = ItemState.DUE) -> bool:
    """Enqueue one item without a reading; its `id` is ignored.

    Returns False when its key is already there.
    """
    inserted = changed(
        db,
        """INSERT INTO outbox (key, kind, destination_id, alert_id, topic, owner_id, role_id, signal, measure, direction,
            level, value, sentence, occasion, fired, session, created_at, state)
        VALUES (:key, :kind, :destination_id, :alert_id, :topic, :owner_id, :role_id, :signal, :measure, :direction,
            :level, :value, :sentence, :occasion, :fired, :session, :created_at, :state)
        ON CONFLICT (key) DO NOTHING""",
        {
            **{name: getattr(item, name) for name in _PLAIN_COLUMNS},
            "session": ordinal(item.session),
            "created_at": seconds(item.created_at),
            "state": state.value,
        },
    )
    return inserted > 0


def get(db: Database, item_id: int) -> OutboxItem | None:
    """One item, or None."""
    return next((_item(record) for record in rows(db, _SELECT + " WHERE outbox.id = ?", (item_id,))), None)


def of_batch(db: Database, batch_id: int) -> tuple[OutboxItem, ...]:
    """The items of a batch, oldest first, each with the reading that it is about."""
    records = rows(
        db,
        _SELECT + """ WHERE outbox.batch_id = ? ORDER BY outbox.id""",
        (batch_id,),
    )
    return tuple(_item(record) for record in records)


def undelivered(db: Database, destination_id: int) -> tuple[OutboxItem, ...]:
    """The items that wait for a place, oldest first, and those of which it is unknown whether they arrived."""
    records = rows(
        db,
        _SELECT + """ WHERE outbox.destination_id = ? AND outbox.state IN ('due', 'batched') ORDER BY outbox.id""",
        (destination_id,),
    )
    return tuple(_item(record) for record in records)


def drop(db: Database, destination_id: int, *, now: datetime) -> None:
    """Give up what waits for a place; whoever is concerned has been told. The history of its alerts says why."""
    firings.no_place(db, destination_id)
    db.execute(
        "UPDATE outbox SET state = 'cancelled' WHERE destination_id = ? AND state IN ('due', 'batched')",
        (destination_id,),
    )
    db.execute(
        "UPDATE batch SET state = 'dead', settled_at = ? WHERE destination_id = ? AND state = 'open'",
        (seconds(now), destination_id),
    )


def newest(db: Database) -> int:
    """The id of the newest item, 0 before any."""
    return int(scalar(db, "SELECT coalesce(max(id), 0) FROM outbox"))


def conditions(db: Database, after: int, limit: int) -> list[tuple[date, ConditionKey]]:
    """Sessions and conditions on which alerts fired, from the items after the one with id `after`.

    Each pair is given once, oldest first, at most `limit`.
    """
    records = rows(
        db,
        """SELECT session, signal, measure, direction, level FROM outbox
        WHERE id > ? AND kind = 'alert' AND event = 'fired' AND level IS NOT NULL AND signal NOT LIKE 'combined.%'
        GROUP BY session, signal, measure, direction, level ORDER BY min(id) LIMIT ?""",
        (after, limit),
    )
    return [
        (
            session(record["session"]),
            ConditionKey(record["signal"], Measure(record["measure"]), Direction(record["direction"]), record["level"]),
        )
        for record in records
    ]


def _item(record: Row) -> OutboxItem:
    return OutboxItem(
        **{name: record[name] for name in ("id", "key", "destination_id", "alert_id", "topic", "owner_id", "role_id")},
        kind=ItemKind(record["kind"]),
        session=session(record["session"]),
        created_at=instant(record["created_at"]),
        signal=record["signal"],
        measure=Measure(record["measure"]) if record["measure"] is not None else None,
        direction=Direction(record["direction"]) if record["direction"] is not None else None,
        level=record["level"],
        value=record["value"],
        reading=_reading(record),
        held_until=instant_or_none(record["held_until"]),
        sentence=record["sentence"],
        event=ItemEvent(record["event"]),
        since=session(record["since"]) if record["since"] is not None else None,
        number=record["alert_number"],
        note=record["alert_note"],
        loudness=Loudness(record["alert_loudness"] or Loudness.NORMAL),
        occasion=record["occasion"],
        fired=record["fired"],
    )


def _reading(record: Row) -> dict[str, object] | None:
    if record["reading_facts"] is None:
        return None
    return {"state": record["reading_state"], "value": record["reading_value"], **json.loads(record["reading_facts"])}
