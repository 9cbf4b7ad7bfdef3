"""What becomes of stored levels that have more places than values."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
import sqlite_utils
from sqlite_utils import Database

from bot.alerts import composites
from bot.alerts.rules import holds, new_triggers, returned
from bot.database.alerts import alerts
from bot.database.connection import connect
from bot.database.places import destinations
from bot.database.schema.migrations import migrations
from bot.domain.model import AlertSpec, Combination, Condition, Direction, Trigger
from signals.core.model import Measure
from tests.bot.alerts.watching import Watch, day, final

DAY = date(2026, 1, 13)
NOISE = 0.1 + 0.2


@pytest.fixture
def old() -> Iterator[Database]:
    """A database from before levels had places."""
    database = sqlite_utils.Database(memory=True)
    migrations.apply(database, stop_before="m024_levels_with_the_places_of_values")
    yield database
    database.close()


def stored(
    db: Database, now: datetime, condition: Condition, low: float, high: float | None = None, rearm: float | None = None
) -> int:
    """An alert as it was stored: with the level that was typed, re-armed at `rearm` or else at its rounded level."""
    spec = AlertSpec("megacap.down_2pct", Measure.VALUE, condition, low, high)
    place = destinations.dm_destination(db, 7, channel_id=70, now=now).id
    alert = alerts.add(
        db, spec, new_triggers(spec, None, DAY), owner_id=7, guild_id=None, destination_id=place, now=now
    ).id
    db.execute("UPDATE alert SET level = ?, level_high = ? WHERE id = ?", (low, high, alert))
    for trigger in alerts.triggers_of(db, alert):
        level = high if high is not None and trigger.direction is Direction.ABOVE else low
        again = round(level, 8) if rearm is None else rearm
        db.execute("UPDATE trigger SET level = ?, rearm = ? WHERE id = ?", (level, again, trigger.id))
    return alert


@pytest.mark.parametrize(
    ("condition", "low", "high", "levels", "triggers"),
    [
        (Condition.ABOVE, 4.999999999, None, (4.99999999, None), [("above", 4.99999999)]),
        (Condition.BELOW, 0.000000001, None, (0.00000001, None), [("below", 0.00000001)]),
        (Condition.ABOVE, NOISE, None, (0.3, None), [("above", 0.3)]),
        (Condition.BELOW, NOISE, None, (0.3, None), [("below", 0.3)]),
        (Condition.CROSSES, 4.999999999, None, (5.0, None), [("above", 4.99999999), ("below", 5.0)]),
        (
            Condition.OUTSIDE,
            1.000000001,
            4.999999999,
            (1.00000001, 4.99999999),
            [("above", 4.99999999), ("below", 1.00000001)],
        ),
        (Condition.BELOW, 90.5, None, (90.5, None), [("below", 90.5)]),
    ],
)
def test_a_level_becomes_its_neighbour_that_asks_for_the_same(
    old: Database,
    now: datetime,
    condition: Condition,
    low: float,
    high: float | None,
    levels: tuple[float, float | None],
    triggers: list[tuple[str, float]],
) -> None:
    alert = stored(old, now, condition, low, high)
    migrations.apply(old)
    (kept,) = old.execute("SELECT level, level_high FROM alert WHERE id = ?", (alert,)).fetchall()
    assert kept == levels
    assert [(each.direction.value, each.level) for each in alerts.triggers_of(old, alert)] == triggers


@pytest.mark.parametrize("condition", [Condition.ABOVE, Condition.BELOW])
def test_every_value_is_past_a_level_after_it_as_before(old: Database, now: datetime, condition: Condition) -> None:
    """Levels between, and on, values of eight places, up to numbers whose floats have no more places than that."""
    steps = [-5_000_000_003, -1, 0, 1, 30_000_000, 499_999_999, 8_999_999_999_999]
    wanted = {
        stored(old, now, condition, level): level
        for step in steps
        for level in ((step + part / 10) / 1e8 for part in range(10))
    }
    migrations.apply(old)
    for alert, level in wanted.items():
        (trigger,) = alerts.triggers_of(old, alert)
        before = Trigger(trigger.direction, level, level)
        after = Trigger(trigger.direction, trigger.level, trigger.rearm)
        for value in (round((round(level * 1e8) + near) / 1e8, 8) for near in range(-2, 3)):
            assert holds(after, value) == holds(before, value), (level, value)
            assert not (holds(after, value) and returned(after, value))


def test_rearm_levels_become_decimals_on_the_near_side_of_their_level(old: Database, now: datetime) -> None:
    decimal = stored(old, now, Condition.ABOVE, 0.8, rearm=0.8 - 0.1)
    past_their_level = ((Condition.ABOVE, 3.5), (Condition.BELOW, 2.5))
    past = [stored(old, now, condition, 3.0, rearm=rearm) for condition, rearm in past_their_level]
    assert alerts.triggers_of(old, decimal)[0].rearm == 0.7000000000000001
    migrations.apply(old)
    assert [alerts.triggers_of(old, alert)[0].rearm for alert in (decimal, *past)] == [0.7, 3.0, 3.0]


def test_a_home_whose_checks_failed_alerts_again(tmp_path: Path, now: datetime) -> None:
    """Five of the seven are down, as on the session on which checks began to fail."""
    path = tmp_path / "bot.db"
    with sqlite_utils.Database(path) as db:
        migrations.apply(db, stop_before="m024_levels_with_the_places_of_values")
        above = stored(db, now, Condition.ABOVE, 4.999999999, rearm=5.0)
        below = stored(db, now, Condition.BELOW, 0.000000001, rearm=0.0)
        db.execute("UPDATE trigger SET state = CASE alert_id WHEN ? THEN 'fired' ELSE 'armed' END", (above,))
    watch = Watch(connect(path), now)
    composites.create(
        watch.db,
        Combination(2, 2, (above, below)),
        owner_id=7,
        guild_id=None,
        destination_id=watch.dm.id,
        session=DAY,
        now=now,
    )
    for number, value in enumerate([5.0, 0.0, 5.0, 5.0]):
        watch.see(final(value, day(1 + number), signal="megacap.down_2pct"))
    told = [(each["alert_id"], each["value"]) for each in watch.enqueued()]
    assert told == [(below, 0.0), (above, 5.0), (above + 2, 2.0)], "both fired within two sessions"
    watch.db.close()
