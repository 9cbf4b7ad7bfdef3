"""What happens to alerts of version 0.1.0 on signals that have another id, or none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime

import pytest
import sqlite_utils
from sqlite_utils import Database

from bot.alerts import rules
from bot.commands.alerts.texts import ended_notice
from bot.database.alerts import alerts
from bot.database.codec import rows
from bot.database.schema import moved_signals
from bot.database.schema.migrations import migrations
from bot.domain.model import AlertSpec, Condition, ItemKind, OutboxItem, TriggerState
from signals import catalogue
from signals.core.model import Measure
from tests.helpers import utc

DAY = date(2026, 1, 13)


@pytest.fixture
def old() -> Iterator[Database]:
    """A database with the tables of version 0.1.0."""
    database = sqlite_utils.Database(memory=True)
    migrations.apply(database, stop_before="m004_alerts_on_other_signals")
    yield database
    database.close()


def room_of_old(db: Database, now: datetime) -> int:
    """A channel, in the tables of that version; returns the id of its destination."""
    at = int(now.timestamp())
    db.execute("INSERT OR IGNORE INTO guild (id, joined_at) VALUES (5, ?)", (at,))
    db.execute(
        "INSERT OR IGNORE INTO destination (kind, channel_id, guild_id, state_since) VALUES ('channel', 9, 5, ?)", (at,)
    )
    return int(db.execute("SELECT id FROM destination").fetchone()[0])


def added(db: Database, now: datetime, signal: str, measure: Measure = Measure.VALUE, *, level: float = 0.5) -> int:
    spec = AlertSpec(signal, measure, Condition.ABOVE, level, band=0.1)
    room = room_of_old(db, now)
    start = rules.new_triggers(spec, 0.0, DAY)
    values = {**asdict(spec), "now": int(now.timestamp()), "room": room}
    added = db.execute(
        """INSERT INTO alert (owner_id, guild_id, created_at, signal, measure, condition, level, timing, confirm, repeat,
            cooldown_days, band)
        VALUES (7, 5, :now, :signal, :measure, :condition, :level, :timing, :confirm, :repeat, :cooldown_days, :band)""",
        values,
    )
    values["id"] = added.lastrowid
    for side in start:
        db.execute(
            """INSERT INTO trigger (alert_id, signal, measure, timing, direction, level, rearm, confirm, once, cooldown_days,
                state, since_session)
            VALUES (:id, :signal, :measure, :timing, 'above', :level, :rearm, 1, 0, 0, :state, 1)""",
            {**values, "rearm": side.side.rearm, "state": side.state},
        )
    db.execute("INSERT OR IGNORE INTO watch VALUES (:signal, :measure)", values)
    db.execute("INSERT INTO subscription VALUES (:id, :room, NULL, NULL, 7, :now)", values)
    return int(values["id"])


@pytest.mark.parametrize(("before", "after"), moved_signals.MOVED.items())
def test_an_alert_on_a_renamed_signal_watches_the_new_one_and_begins_anew(
    old: Database, now: datetime, before: str, after: str
) -> None:
    alert = added(old, now, before)
    assert [side.state for side in alerts.triggers_of(old, alert)] == [TriggerState.ARMED]
    migrations.apply(old)
    moved = alerts.get(old, alert)
    assert moved is not None
    assert (moved.spec.signal, moved.ended_at) == (after, None)
    assert [side.state for side in alerts.triggers_of(old, alert)] == [TriggerState.NEW]
    assert rows(old, "SELECT signal, measure FROM watch") == [{"signal": after, "measure": "value"}]
    assert rows(old, "SELECT DISTINCT signal FROM trigger") == [{"signal": after}]
    assert not rows(old, "SELECT 1 FROM outbox")


def test_an_alert_on_a_signal_that_is_gone_ends_with_a_sentence_to_its_place(old: Database, now: datetime) -> None:
    gone, other = added(old, now, "flows.ai_4w"), added(old, now, "havens.silver")
    migrations.apply(old)
    ended = alerts.get(old, gone)
    assert ended is not None
    assert ended.ended_at is not None
    assert [side.state for side in alerts.triggers_of(old, gone)] == [TriggerState.ENDED]
    assert [side.state for side in alerts.triggers_of(old, other)] == [TriggerState.ARMED]
    (owed,) = rows(old, "SELECT key, kind, alert_id, owner_id, signal, measure, state FROM outbox")
    assert owed == {
        "key": f"ended:{gone}:1",
        "kind": "notice",
        "alert_id": gone,
        "owner_id": 7,
        "signal": "flows.ai_4w",
        "measure": "value",
        "state": "due",
    }
    assert told(owed) == (
        f"Alert {gone}, flows.ai_4w, has ended: no source that can be reached publishes AI funds; "
        "flows.software_4w counts software alone."
    )


def told(owed: dict[str, object]) -> str:
    item = OutboxItem(
        0,
        str(owed["key"]),
        ItemKind.NOTICE,
        1,
        DAY,
        utc("2026-01-13 21:20"),
        alert_id=owed["alert_id"],  # type: ignore[arg-type]
        signal=str(owed["signal"]),
        measure=Measure(str(owed["measure"])),
    )
    return ended_notice.sentence(item, catalogue.SIGNALS)


@pytest.mark.parametrize("signal", ["size.iwm_spy.ytd_gap", "megacap.count_beating_ytd", "sectors.xlre.return_ytd"])
@pytest.mark.parametrize(
    ("measure", "ends"), [(Measure.PERCENTILE_1Y, True), (Measure.Z_1Y, True), (Measure.VALUE, False)]
)
def test_an_alert_on_a_place_within_the_year_ends_where_signals_start_anew(
    old: Database, now: datetime, signal: str, measure: Measure, ends: bool
) -> None:
    alert = added(old, now, signal, measure)
    migrations.apply(old)
    after = alerts.get(old, alert)
    assert after is not None
    assert (after.ended_at is not None) is ends
    owed = rows(old, "SELECT key, alert_id, signal, measure FROM outbox")
    assert len(owed) == ends
    if ends:
        assert told(owed[0]).endswith(" any more, because its values start anew or name a state.")


def test_what_is_no_longer_ranked_and_what_is_named_anew_agree_with_the_catalogue() -> None:
    known = [moved_signals.MOVED.get(id, id) for id in moved_signals.UNRANKED]
    ranked = [id for id in known if id in catalogue.SIGNALS and Measure.Z_1Y in catalogue.signal(id).measures]
    assert ranked == []
    assert not set(moved_signals.GONE) & set(catalogue.SIGNALS)
