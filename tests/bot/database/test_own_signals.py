"""Own signals in bot.db: names, listings, the alerts that end with them, and notices about tickers that are gone."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlite_utils import Database

from bot.alerts import composites
from bot.database import own_signals, privacy
from bot.database.alerts import alerts, members
from bot.database.codec import rows
from bot.database.places import destinations, guilds
from bot.domain.model import AlertSpec, Combination, Condition, Direction, NewTrigger, Trigger, TriggerState
from bot.domain.own_signal import Listing, OwnSignal
from signals.core.model import Measure

ANN, BEN, GUILD, CHANNEL = 71, 72, 5, 9
SMH = Listing("SMH", "VanEck Semiconductor ETF", "USD", date(2000, 5, 5))
IGV = Listing("IGV", "iShares Software ETF", "USD", None)
ABOVE_3 = AlertSpec("own.SMH/IGV", Measure.VALUE, Condition.ABOVE, 3.0)
FRIDAY = date(2026, 1, 9)


def of(person: int, name: str = "semis", expression: str = "SMH/IGV") -> OwnSignal:
    return OwnSignal(expression, name, user_id=person, created_by=person)


def of_server(name: str = "chips", *, by: int = ANN, expression: str = "SMH/IGV") -> OwnSignal:
    return OwnSignal(expression, name, guild_id=GUILD, created_by=by)


def alert(db: Database, now: datetime, owner: int, *, channel: int | None = None) -> int:
    place = (
        destinations.dm_destination(db, owner, now=now)
        if channel is None
        else destinations.channel_destination(db, channel, GUILD, now=now)
    )
    guild = None if channel is None else GUILD
    return alerts.add(db, ABOVE_3, (), owner_id=owner, guild_id=guild, destination_id=place.id, now=now).id


def ended(db: Database) -> list[int]:
    return [record["id"] for record in rows(db, "SELECT id FROM alert WHERE ended_at IS NOT NULL ORDER BY id")]


def notices(db: Database) -> list[tuple[int, str]]:
    sql = "SELECT destination_id, signal FROM outbox WHERE kind = 'notice' AND state = 'due' ORDER BY id"
    return [(record["destination_id"], record["signal"]) for record in rows(db, sql)]


def test_two_people_with_one_expression_have_one_signal(db: Database, now: datetime) -> None:
    own_signals.add(db, of(ANN), [SMH, IGV], now=now)
    own_signals.add(db, of(BEN, "chips"), [SMH, IGV], now=now)
    own_signals.add(db, of_server(), [SMH, IGV], now=now)
    held = own_signals.load(db)
    assert held.signals == ("own.SMH/IGV",)
    assert held.symbols == ("SMH", "IGV")
    assert held.listings == {"SMH": SMH, "IGV": IGV}
    assert [own.title for own in held.of(ANN, None)] == ["mine.semis"]
    assert [own.title for own in held.of(BEN, GUILD)] == ["mine.chips", "server.chips"]
    assert held.of(99, 6) == []


def test_a_name_is_given_once_by_each_owner(db: Database, now: datetime) -> None:
    own_signals.add(db, of(ANN), [SMH], now=now)
    with pytest.raises(sqlite3.IntegrityError):
        own_signals.add(db, of(ANN, expression="TLT"), [SMH], now=now)


def test_the_last_name_takes_the_alerts_and_the_listings_along(db: Database, now: datetime) -> None:
    own_signals.add(db, of(ANN), [SMH, IGV], now=now)
    own_signals.add(db, of(BEN), [SMH, IGV], now=now)
    of_ann, of_ben = alert(db, now, ANN), alert(db, now, BEN)
    assert own_signals.remove(db, of(ANN), now=now, newest=FRIDAY) == 1
    assert ended(db) == [of_ann]
    assert notices(db) == [(1, "own.SMH/IGV")]
    assert set(own_signals.load(db).listings) == {"SMH", "IGV"}
    assert own_signals.remove(db, of(BEN), now=now, newest=FRIDAY) == 1
    assert ended(db) == [of_ann, of_ben]
    assert own_signals.load(db).listings == {}
    assert rows(db, "SELECT * FROM watch WHERE signal LIKE 'own.%'") == []


def test_a_name_of_the_server_carries_its_members_alerts(db: Database, now: datetime) -> None:
    own_signals.add(db, of(ANN), [SMH, IGV], now=now)
    own_signals.add(db, of_server(), [SMH, IGV], now=now)
    alert(db, now, ANN)
    assert own_signals.remove(db, of(ANN), now=now, newest=FRIDAY) == 0
    assert own_signals.remove(db, of_server(), now=now, newest=FRIDAY) == 1
    assert own_signals.remove(db, of_server(), now=now, newest=FRIDAY) == 0


def test_other_alerts_are_not_looked_at(db: Database) -> None:
    plan = rows(db, f"EXPLAIN QUERY PLAN SELECT id FROM alert WHERE {own_signals._OF_OWN_SIGNALS}")
    assert "USING INDEX alert_own" in plan[0]["detail"]


def test_who_has_a_name_may_use_the_signal(db: Database, now: datetime) -> None:
    own_signals.add(db, of(ANN), [SMH, IGV], now=now)
    assert own_signals.may_use(db, "own.SMH/IGV", [ANN], None)
    assert not own_signals.may_use(db, "own.SMH/IGV", [BEN, None], GUILD)
    own_signals.add(db, of_server(), [SMH, IGV], now=now)
    assert own_signals.may_use(db, "own.SMH/IGV", [BEN], GUILD)
    assert not own_signals.may_use(db, "own.SMH/IGV", [BEN], 6)


def test_a_ticker_that_is_gone_is_reported_once_to_each_owner(db: Database, now: datetime) -> None:
    own_signals.add(db, of(ANN), [SMH, IGV], now=now)
    own_signals.add(db, of(ANN, "again"), [SMH, IGV], now=now)
    own_signals.add(db, of_server(by=BEN), [SMH, IGV], now=now)
    assert own_signals.report_gone(db, ["IGV", "ZZZ"], now=now, newest=FRIDAY) == 2
    assert own_signals.report_gone(db, ["IGV"], now=now, newest=FRIDAY) == 0
    assert [signal for _, signal in notices(db)] == ["own.IGV", "own.IGV"]


def test_deletion_hands_what_channels_stand_on_to_their_server(db: Database, now: datetime) -> None:
    own_signals.add(db, of(ANN), [SMH, IGV], now=now)
    own_signals.add(db, of(ANN, "bonds", "TLT"), [Listing("TLT")], now=now)
    public = alert(db, now, ANN, channel=CHANNEL)
    privacy.delete(db, ANN)
    assert [(own.title, own.created_by) for own in own_signals.load(db).rows] == [("server.semis", own_signals.NOBODY)]
    assert own_signals.tidy(db, now=now, newest=FRIDAY) == 0
    kept = alerts.get(db, public)
    assert kept is not None
    assert kept.ended_at is None
    assert set(own_signals.load(db).listings) == {"SMH", "IGV"}


def test_a_server_that_is_deleted_takes_its_own_signals_along(db: Database, now: datetime) -> None:
    guilds.joined(db, GUILD, "Desk", now=now)
    own_signals.add(db, of_server(), [SMH, IGV], now=now)
    of_ben = alert(db, now, BEN)
    guilds.left(db, GUILD, now=now)
    guilds.delete_expired(db, now=now + guilds.KEEP_AFTER_LEAVING)
    assert own_signals.load(db).rows == ()
    assert ended(db) == [of_ben]


def test_an_alert_that_ends_with_its_signal_is_in_no_combination_any_more(db: Database, now: datetime) -> None:
    """It held: of the combinations one needs it, which its owner is told, and the other waits for its next crossing."""
    own_signals.add(db, of(ANN), [SMH, IGV], now=now)
    ending = alert(db, now, ANN)
    place = destinations.dm_destination(db, ANN, now=now)
    other = replace(ABOVE_3, signal="havens.silver")
    side = Trigger(Direction.ABOVE, 3.0, 2.9)
    kept = alerts.add(
        db,
        other,
        (NewTrigger(side, TriggerState.ARMED, FRIDAY),),
        owner_id=ANN,
        guild_id=None,
        destination_id=place.id,
        now=now,
    ).id
    triggers = (NewTrigger(side, TriggerState.FIRED, FRIDAY),)
    alerts.edit(db, ending, ABOVE_3, triggers)
    both, either = (
        composites.create(
            db,
            Combination(at_least, 5, (ending, kept)),
            owner_id=ANN,
            guild_id=None,
            destination_id=place.id,
            session=FRIDAY,
            now=now,
        )
        for at_least in (2, 1)
    )
    assert [each.state for each in alerts.triggers_of(db, either.id)] == [TriggerState.FIRED]
    assert own_signals.remove(db, of(ANN), now=now, newest=FRIDAY) == 1
    assert [each.state for each in alerts.triggers_of(db, either.id)] == [TriggerState.ARMED]
    assert [member.inside for member in members.of_composite(db, either.id)] == [False, False]
    sql = "SELECT sentence FROM outbox WHERE kind = 'notice' AND sentence IS NOT NULL"
    assert [record["sentence"] for record in rows(db, sql)] == [
        f"Alert {both.number} cannot fire any more: the signal of one of its members was removed, so this combination has 1 "
        f"member left and needs 2. `/alert combine alert:{both.number}` gives it others."
    ]
    composites.settle(db, kept)
    assert [member.inside for member in members.of_composite(db, either.id)] == [False, False]
