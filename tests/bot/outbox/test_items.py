"""Rows of the outbox: on which conditions alerts fired, from a row on."""

from __future__ import annotations

from datetime import date

import pytest
from sqlite_utils import Database

from bot import outbox
from bot.database.places import destinations
from bot.domain.model import ConditionKey, Direction, ItemKind, OutboxItem
from signals.core.model import Measure
from tests.bot.outbox.test_claim import NOW

MONDAY, TUESDAY = date(2026, 1, 12), date(2026, 1, 13)


def put(db: Database, key: str, level: float | None, session: date = TUESDAY, kind: ItemKind = ItemKind.ALERT) -> None:
    place = destinations.channel_destination(db, 81, 8, now=NOW)
    alert = kind is ItemKind.ALERT
    item = OutboxItem(
        id=0,
        key=key,
        kind=kind,
        destination_id=place.id,
        session=session,
        created_at=NOW,
        signal="havens.silver" if alert else None,
        measure=Measure.VALUE if alert else None,
        direction=Direction.ABOVE if alert else None,
        level=level,
    )
    assert outbox.put(db, item)


def above(level: float) -> ConditionKey:
    return ConditionKey("havens.silver", Measure.VALUE, Direction.ABOVE, level)


@pytest.fixture
def mixed(db: Database) -> int:
    put(db, "before", 1.0)
    before = outbox.newest(db)
    put(db, "a", 90.0, MONDAY)
    put(db, "b", 95.0)
    put(db, "summary", None, kind=ItemKind.SUMMARY)
    put(db, "c", 90.0, MONDAY)
    put(db, "d", 90.0)
    return before


def test_conditions_are_those_of_alerts_alone_each_once_oldest_first(db: Database, mixed: int) -> None:
    assert outbox.conditions(db, mixed, 9) == [(MONDAY, above(90.0)), (TUESDAY, above(95.0)), (TUESDAY, above(90.0))]


def test_conditions_are_at_most_so_many(db: Database, mixed: int) -> None:
    assert outbox.conditions(db, mixed, 2) == [(MONDAY, above(90.0)), (TUESDAY, above(95.0))]


def test_a_key_is_there_once(db: Database) -> None:
    put(db, "a", 90.0)
    with pytest.raises(AssertionError):
        put(db, "a", 90.0)
    assert outbox.newest(db) == 1
