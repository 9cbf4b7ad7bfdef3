"""Outbox rows: how a promise is stored and read back."""

from __future__ import annotations

import json
from datetime import date

from bot.database import Database
from bot.database.codec import Row, changed, instant, ordinal, rows, scalar, seconds, session
from bot.domain.model import ConditionKey, Direction, ItemKind, ItemState, OutboxItem
from signals.core.model import Measure

_AS_THEY_ARE = (
    *("key", "kind", "destination_id", "alert_id", "topic", "owner_id", "role_id"),
    *("signal", "measure", "direction", "level", "value"),
)


def put(db: Database, item: OutboxItem, *, state: ItemState = ItemState.DUE) -> bool:
    """Store one promise without a reading; its `id` is ignored. False when its key is already there."""
    touched = changed(
        db,
        """INSERT INTO outbox (key, kind, destination_id, alert_id, topic, owner_id, role_id, signal, measure, direction,
            level, value, session, created_at, state)
        VALUES (:key, :kind, :destination_id, :alert_id, :topic, :owner_id, :role_id, :signal, :measure, :direction,
            :level, :value, :session, :created_at, :state)
        ON CONFLICT (key) DO NOTHING""",
        {
            **{name: getattr(item, name) for name in _AS_THEY_ARE},
            "session": ordinal(item.session),
            "created_at": seconds(item.created_at),
            "state": state.value,
        },
    )
    return touched > 0


def of_batch(db: Database, batch_id: int) -> tuple[OutboxItem, ...]:
    """The items of a batch, oldest first, each with the reading it was made of."""
    found = rows(
        db,
        """SELECT outbox.*, reading.state AS reading_state, reading.value AS reading_value, reading.facts AS reading_facts
        FROM outbox LEFT JOIN reading ON reading.id = outbox.reading_id
        WHERE outbox.batch_id = ? ORDER BY outbox.id""",
        (batch_id,),
    )
    return tuple(_item(each) for each in found)


def newest(db: Database) -> int:
    """The id of the newest promise, 0 before any."""
    return int(scalar(db, "SELECT coalesce(max(id), 0) FROM outbox"))


def conditions(db: Database, after: int, limit: int) -> list[tuple[date, ConditionKey]]:
    """Sessions and sides of conditions that alerts promised after the promise of that id fired on, each once, oldest first."""
    found = rows(
        db,
        """SELECT session, signal, measure, direction, level FROM outbox
        WHERE id > ? AND kind = 'alert' AND level IS NOT NULL AND signal IS NOT NULL
        GROUP BY session, signal, measure, direction, level ORDER BY min(id) LIMIT ?""",
        (after, limit),
    )
    return [
        (
            session(each["session"]),
            ConditionKey(each["signal"], Measure(each["measure"]), Direction(each["direction"]), each["level"]),
        )
        for each in found
    ]


def _item(found: Row) -> OutboxItem:
    return OutboxItem(
        **{name: found[name] for name in ("id", "key", "destination_id", "alert_id", "topic", "owner_id", "role_id")},
        kind=ItemKind(found["kind"]),
        session=session(found["session"]),
        created_at=instant(found["created_at"]),
        signal=found["signal"],
        measure=Measure(found["measure"]) if found["measure"] is not None else None,
        direction=Direction(found["direction"]) if found["direction"] is not None else None,
        level=found["level"],
        value=found["value"],
        reading=_reading(found),
    )


def _reading(found: Row) -> dict[str, object] | None:
    if found["reading_facts"] is None:
        return None
    return {"state": found["reading_state"], "value": found["reading_value"], **json.loads(found["reading_facts"])}
