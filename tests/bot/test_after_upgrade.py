"""What an upgrade from version 0.1.0 must leave working: every alert fires, and there is a way back."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database, Migrations

from bot import outbox
from bot.alerts import engine
from bot.database import connection
from bot.database.codec import rows
from bot.database.connection import Store, StoreError, connect
from bot.settings.paths import Home
from signals import catalogue
from signals.core.model import Measures, Reading, State
from tests.bot.test_upgrade import home as home

LOW, HIGH = -1e6, 1e6
FIRST = date(2026, 3, 2)
"""After all that the home's people had snoozed."""

GENERATIONS = """SELECT alert_id, sum(generation) FROM trigger JOIN alert ON alert.id = alert_id
    WHERE alert.ended_at IS NULL GROUP BY alert_id"""
SUBSCRIBED = """SELECT DISTINCT alert_id FROM subscription JOIN destination ON destination.id = destination_id
    JOIN alert ON alert.id = alert_id WHERE destination.state = 'active' AND alert.ended_at IS NULL"""


def reading(name: str, session: date, value: float) -> Reading:
    every = dict.fromkeys(("change_1d", "change_5d", "change_21d", "percentile_1y", "z_1y"), value)
    return Reading(name, session, value, State.FINAL, measures=replace(Measures(), **every))


def test_every_alert_fires_at_its_next_crossing(home: Home) -> None:
    """Three sessions far below all levels, three far above, three far below, at distances longer than any cooldown."""
    with connect(home.bot) as db:
        generations = dict(db.execute(GENERATIONS).fetchall())
        newest = outbox.newest(db)
        values = [LOW] * 3 + [HIGH] * 3 + [LOW] * 3
        for number, value in enumerate(values):
            session = FIRST + timedelta(days=20 * number)
            known = {name: reading(name, session, value) for name in catalogue.SIGNALS}
            with connection.transaction(db):
                engine.evaluate(db, session, known, now=datetime.combine(session, time(22), UTC))
        unmoved = {alert for alert, before in db.execute(GENERATIONS) if before == generations[alert]}
        enqueued = rows(db, "SELECT alert_id, key FROM outbox WHERE id > ? AND kind = 'alert'", (newest,))
        owed = {each["alert_id"] for each in rows(db, SUBSCRIBED)}
    # 18 alerts of people but the one that was for once, and 14 topics.
    assert len(generations) == 31
    assert unmoved == set()
    assert {each["alert_id"] for each in enqueued} == owed
    assert len({each["key"] for each in enqueued}) == len(enqueued)


@pytest.fixture
def program_of_before(home: Home, monkeypatch: pytest.MonkeyPatch) -> Migrations:
    """The project's migrations as far as the home has them: what a program knows that is as old as it."""
    with connection.read_only(home.bot, any_version=True) as db:
        known = {each["name"] for each in db.query("SELECT name FROM _sqlite_migrations")}
    older = Migrations("rotation_bot")
    for step in connection.migrations.pending(Database(memory=True)):
        if step.name in known:
            older(name=step.name)(step.fn)
    return older


async def test_the_way_back_is_named_by_the_refusal_and_leads_back(
    home: Home, program_of_before: Migrations, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Store.open(home.bot):
        pass
    monkeypatch.setattr(connection, "migrations", program_of_before)
    with pytest.raises(StoreError, match="written by a newer version") as refusal:
        Store.open(home.bot)
    named = re.search(r"restore (\S+\.db)`\.$", str(refusal.value))
    assert named is not None
    copy = Path(named[1])
    assert copy.parent == home.path / "backups"
    with connection.read_only(copy, any_version=True) as db:
        assert connection.newer_migrations(db) == []
        assert rows(db, "SELECT count(*) AS number FROM alert WHERE owner_id IS NOT NULL") == [{"number": 18}]
