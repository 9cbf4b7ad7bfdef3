"""`/calendar`, its reminders, and the line after a release."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import cast

import pandas as pd
import pytest

from bot.commands.context import Caller, Core
from bot.commands.delivery import me
from bot.commands.delivery.me import MeRequest
from bot.commands.market import agenda, occasions_due, release_line
from bot.commands.server import setup_list
from bot.database import Database
from bot.database.codec import rows
from bot.database.places import destinations, reminders
from bot.database.recovery import quiet_sessions
from bot.database.recovery.quiet_sessions import QuietSessions
from bot.discord_app.delivery.messages import payloads
from bot.domain.model import Destination, DestinationKind, DestinationState
from bot.domain.occasion import Occasion, OccasionKind
from bot.errors import UserError
from bot.outbox import Claimed, claim_batches
from bot.outbox.items import undelivered
from bot.readings import released
from signals.calendar_events import CalendarEvent, Event
from tests.support import ManualClock, sample_readings
from tests.support.sample_readings import SESSION, snapshot

BEFORE = date(2026, 1, 12)
PAYROLLS = date(2026, 1, 16)


def on(event: Event, day: date, **others: object) -> CalendarEvent:
    return CalendarEvent(event, day, day, **others)  # type: ignore[arg-type]


EVENTS = (on(Event.PAYROLLS, PAYROLLS), on(Event.EARNINGS, date(2026, 1, 22), tickers=("MSFT", "META")))


@pytest.fixture
def due(core: Core) -> Core:
    """A core that knows what is due after the newest session, and on it, and values of two sessions."""
    known = snapshot().readings
    before = {
        "macro.cpi_yoy": replace(known["macro.cpi_yoy"], value=2.8, observed=date(2025, 11, 1)),
        "rates.priced_cuts": replace(known["rates.priced_cuts"], value=1.9, observed=BEFORE),
    }
    now = {
        "macro.cpi_yoy": replace(known["macro.cpi_yoy"], value=2.7, observed=date(2025, 12, 1)),
        "rates.priced_cuts": replace(known["rates.priced_cuts"], value=2.1, observed=SESSION),
    }
    closes = pd.DataFrame({"^GSPC": [100.0, 99.8], "^IXIC": [100.0, 100.1]}, pd.DatetimeIndex([BEFORE, SESSION]))
    core.readings.put(
        replace(
            snapshot(),
            agenda={SESSION: EVENTS, BEFORE: (on(Event.CPI, SESSION), *EVENTS)},
            finals={BEFORE: before, SESSION: now},
            closes=closes,
        )
    )
    return core


def at(core: Core, *moment: int) -> Core:
    """The same core at another instant."""
    cast(ManualClock, core.clock).set(datetime(*moment, tzinfo=UTC))  # type: ignore[arg-type]
    return core


async def keys(core: Core) -> list[str]:
    return await core.store.read(lambda db: [row["key"] for row in rows(db, "SELECT key FROM outbox ORDER BY id")])


async def test_the_calendar_has_what_is_announced_in_each_readers_time(due: Core) -> None:
    assert agenda.show(due).lines == (
        "**Fri, Jan 16** <t:1768570200:t>: Payrolls, <t:1768570200:R>",
        "**Fri, Jan 16**: monthly options expire",
        "**Mon, Jan 19**: no trading, Martin Luther King Day",
        "**Thu, Jan 22**, after the close: Microsoft and Meta report",
    )


def test_its_title_names_the_feds_decision_where_that_is_further_away_than_the_two_weeks(due: Core) -> None:
    assert agenda.show(due).title == "Calendar: the next two weeks"
    for day, title in (
        (date(2026, 1, 27), "Calendar: the next two weeks"),
        (date(2026, 3, 4), "Calendar: the next two weeks, and the next Fed decision"),
    ):
        due.readings.put(replace(snapshot(), agenda={SESSION: (*EVENTS, on(Event.FED, day))}))
        assert agenda.show(due).title == title


def test_release_dates_are_called_unknown_only_where_they_are(due: Core) -> None:
    """Between the release of consumer prices and the next one of PCE none may be due for two weeks."""
    assert "come from FRED" not in " ".join(agenda.show(due).lines)
    due.readings.put(replace(snapshot(), agenda={SESSION: (), BEFORE: (on(Event.CPI, SESSION),)}))
    assert "come from FRED" not in " ".join(agenda.show(due).lines)
    due.readings.put(replace(snapshot(), agenda={SESSION: (), BEFORE: (on(Event.CPI, SESSION, usual=True),)}))
    assert "come from FRED" in agenda.show(due).lines[-1]


async def test_before_the_first_check_it_says_what_is_loading(empty_core: Core) -> None:
    with pytest.raises(UserError, match="No data yet"):
        agenda.show(empty_core)


async def test_a_reminder_is_enqueued_once_for_each_place_from_an_hour_before(
    due: Core, ann: Caller, boss: Caller
) -> None:
    await agenda.set_reminders(due, ann, enabled=True)
    await agenda.set_channel_reminders(due, boss, 100, enabled=True)
    await occasions_due.enqueue_due(at(due, 2026, 1, 16, 12, 29), complete=SESSION)
    assert await keys(due) == []
    for moment in ((2026, 1, 16, 12, 30), (2026, 1, 16, 12, 31), (2026, 1, 16, 13, 29)):
        await occasions_due.enqueue_due(at(due, *moment), complete=SESSION)
    assert await keys(due) == ["reminder:payrolls:2026-01-16:1", "reminder:payrolls:2026-01-16:2"]
    await agenda.set_reminders(due, replace(ann, user_id=77, dm_channel_id=7700), enabled=True)
    await occasions_due.enqueue_due(at(due, 2026, 1, 16, 13, 30), complete=SESSION)
    assert len(await keys(due)) == 2  # what has happened needs no reminder


async def test_ending_reminders_cancels_what_is_not_sent_and_starting_again_repeats_nothing(
    due: Core, ann: Caller
) -> None:
    at(due, 2026, 1, 16, 12, 40)
    await agenda.set_reminders(due, ann, enabled=True)
    await occasions_due.enqueue_due(due, complete=SESSION)
    await agenda.set_reminders(due, ann, enabled=False)
    await agenda.set_reminders(due, ann, enabled=True)
    assert await occasions_due.enqueue_due(due, complete=SESSION) == 0
    assert await due.store.read(lambda db: [row["state"] for row in rows(db, "SELECT state FROM outbox")]) == [
        "cancelled"
    ]
    await agenda.set_reminders(due, ann, enabled=False)
    with pytest.raises(UserError, match="You get no reminders"):
        await agenda.set_reminders(due, ann, enabled=False)


async def test_a_restored_database_repeats_no_reminder_and_no_line_that_the_lost_one_may_have_sent(
    due: Core, ann: Caller
) -> None:
    """The copy is of the night before; the lost database has sent a reminder at 7:30 and a line at 8:30 in New York."""
    await agenda.set_reminders(at(due, 2026, 1, 12, 3), ann, enabled=True)
    restored_at = datetime(2026, 1, 13, 21, 15, tzinfo=UTC)
    await due.store.run(quiet_sessions.put, QuietSessions(), now=restored_at)
    assert await occasions_due.enqueue_due(at(due, 2026, 1, 13, 21, 30), complete=SESSION) == 0
    await due.store.run(quiet_sessions.put, QuietSessions(), now=datetime(2026, 1, 16, 12, 30, tzinfo=UTC))
    assert await occasions_due.enqueue_due(at(due, 2026, 1, 16, 12, 45), complete=SESSION) == 0
    # One that becomes due after the restore is sent.
    await due.store.run(quiet_sessions.put, QuietSessions(), now=datetime(2026, 1, 16, 12, 29, tzinfo=UTC))
    await occasions_due.enqueue_due(due, complete=SESSION)
    assert await keys(due) == ["reminder:payrolls:2026-01-16:1"]


async def test_after_the_close_of_a_release_each_place_gets_its_line_once(due: Core, ann: Caller) -> None:
    at(due, 2026, 1, 13, 13)
    await agenda.set_reminders(due, ann, enabled=True)
    at(due, 2026, 1, 13, 21, 30)
    for _ in range(2):
        await occasions_due.enqueue_due(due, complete=SESSION)
    assert await keys(due) == ["release:cpi:2026-01-13:1"]
    items = await due.store.read(undelivered, 1)
    place = Destination(1, DestinationKind.DM, 11, 1100, None, DestinationState.ACTIVE, None, None)
    assert payloads(due)(place, items).content == (
        "Consumer prices (CPI) for December, Tue, Jan 13: 2.7% year over year, seasonally adjusted (2.8% before). "
        "Futures price 2.1 Fed cuts by December (1.9 before). S&P 500 \u22120.2%, Nasdaq +0.1%."
    )


async def test_what_quiet_hours_held_back_is_told_as_past_and_once(due: Core, ann: Caller) -> None:
    await agenda.set_reminders(at(due, 2026, 1, 16, 12), ann, enabled=True)
    await me.me(due, ann, MeRequest(zone="America/New_York", quiet="22-10"))
    await occasions_due.enqueue_due(at(due, 2026, 1, 16, 12, 30), complete=SESSION)

    async def claimed(now: datetime) -> list[Claimed]:
        return await due.store.run(claim_batches, now=now, lease_seconds=180, limit=9)

    assert await claimed(due.now()) == []
    [reminder] = await due.store.read(undelivered, 1)
    past = agenda.message_lines([reminder], now=datetime(2026, 1, 16, 15, tzinfo=UTC))
    assert past == ["Payrolls: was due at <t:1768570200:t> (<t:1768570200:R>)"]
    await occasions_due.enqueue_due(published(due, 2026, 1, 16, 14, 45, running=True), complete=SESSION)
    assert await claimed(due.now()) == []
    [batch] = await claimed(datetime(2026, 1, 16, 15, tzinfo=UTC))
    place = Destination(1, DestinationKind.DM, 11, 1100, None, DestinationState.ACTIVE, None, None)
    said = payloads(due)(place, batch.items).content
    assert said.startswith("Payrolls for December, Fri, Jan 16: ")
    assert "due" not in said


def published(core: Core, *moment: int, running: bool) -> Core:
    """The same core after the check of a moment of the day on which the figures of payrolls come."""
    known, day = snapshot().readings, PAYROLLS
    names = ("macro.payrolls_3m", "macro.unemployment")
    before = {name: replace(known[name], value=4.4, observed=date(2025, 11, 1)) for name in names}
    today = {name: replace(known[name], session=day, value=4.3, observed=date(2025, 12, 1)) for name in names}
    move = {
        "index.sp500.return_1d": replace(known["index.sp500.return_1d"], session=day, value=-0.42),
        "rates.priced_cuts": replace(known["rates.priced_cuts"], session=day, value=2.1),
    }
    eve = date(2026, 1, 15)
    priced = {"rates.priced_cuts": replace(known["rates.priced_cuts"], value=1.9)}
    days = pd.DatetimeIndex([*snapshot().history.index, pd.Timestamp(eve)])
    core.readings.put(
        replace(
            snapshot(),
            session=day if running else eve,
            readings=move if running else {},
            history=snapshot().history.reindex(days),
            agenda={eve: EVENTS},
            finals={eve: {**before, **priced}},
            published=today,
            made_at=datetime(*moment, tzinfo=UTC),  # type: ignore[arg-type]
        )
    )
    return at(core, *moment)


async def lines(core: Core) -> list[str]:
    return [json.loads(item.occasion or "{}")["line"] for item in await core.store.read(undelivered, 1)]


async def test_the_line_comes_when_the_figure_does_once_and_not_again_at_the_close(due: Core, ann: Caller) -> None:
    await agenda.set_reminders(at(due, 2026, 1, 16, 12), ann, enabled=True)
    await occasions_due.enqueue_due(published(due, 2026, 1, 16, 13, 29, running=False), complete=SESSION)
    assert await lines(due) == [""]  # the reminder
    early = published(due, 2026, 1, 16, 13, 37, running=False)
    for _ in range(2):
        await occasions_due.enqueue_due(early, complete=SESSION)
    assert (await lines(due))[1:] == [
        "Payrolls for December, Fri, Jan 16: +4 thousand a month on average over 3 months (+4 thousand before); "
        "unemployment 4.3% (4.4% before)."
    ]
    await occasions_due.enqueue_due(published(due, 2026, 1, 16, 16, 0, running=True), complete=SESSION)
    await occasions_due.enqueue_due(at(due, 2026, 1, 16, 21, 30), complete=PAYROLLS)
    assert len(await lines(due)) == 2


async def test_the_line_has_what_is_priced_and_the_move_so_far_with_their_time(due: Core, ann: Caller) -> None:
    await agenda.set_reminders(at(due, 2026, 1, 16, 12), ann, enabled=True)
    await occasions_due.enqueue_due(published(due, 2026, 1, 16, 15, 6, running=True), complete=SESSION)
    [line] = await lines(due)
    assert line.endswith("Futures price 2.1 Fed cuts by December (1.9 before). S&P 500 -0.4% by 10:06 a.m. ET.")


async def test_half_of_the_figures_are_no_release(due: Core, ann: Caller) -> None:
    await agenda.set_reminders(at(due, 2026, 1, 16, 12), ann, enabled=True)
    core = published(due, 2026, 1, 16, 15, 6, running=True)
    known = core.readings.snapshot
    assert known is not None
    core.readings.put(replace(known, published={"macro.unemployment": known.published["macro.unemployment"]}))
    assert await occasions_due.enqueue_due(core, complete=SESSION) == 0


async def test_the_line_of_a_decision_comes_half_an_hour_after_it(due: Core, ann: Caller) -> None:
    await agenda.set_reminders(at(due, 2026, 1, 16, 12), ann, enabled=True)
    for moment, count in (((2026, 1, 16, 19, 29), 0), ((2026, 1, 16, 19, 30), 1), ((2026, 1, 16, 19, 35), 0)):
        core = published(due, *moment, running=True)
        known = core.readings.snapshot
        assert known is not None
        core.readings.put(replace(known, agenda={date(2026, 1, 15): (on(Event.FED, PAYROLLS),)}))
        assert await occasions_due.enqueue_due(core, complete=SESSION) == count
    [line] = await lines(due)
    assert line == (
        "Fed decision, Fri, Jan 16. Futures price 2.1 Fed cuts by December (1.9 before). S&P 500 -0.4% by 2:30 p.m. ET."
    )


def test_every_figure_of_a_line_is_computed_before_the_close() -> None:
    assert {name for figures in release_line.FIGURES.values() for name, _ in figures} == set(released.FIGURES)


async def test_who_asks_after_a_release_gets_no_line_of_it_and_none_comes_six_hours_late(
    due: Core, ann: Caller
) -> None:
    await agenda.set_reminders(at(due, 2026, 1, 13, 21, 30), ann, enabled=True)
    assert await occasions_due.enqueue_due(due, complete=SESSION) == 0
    await due.store.run(lambda db: db.execute("UPDATE reminder SET created_at = 0"))
    assert await occasions_due.enqueue_due(at(due, 2026, 1, 14, 3, 21), complete=SESSION) == 0
    assert await occasions_due.enqueue_due(at(due, 2026, 1, 14, 3, 20), complete=SESSION) == 1


def test_a_figure_that_has_not_come_is_said_to_be_missing_and_the_fed_has_none() -> None:
    cpi = Occasion(OccasionKind.CPI, SESSION, sample_readings.NOW)
    assert release_line.line(snapshot(), cpi, SESSION) == (
        "Consumer prices (CPI), Tue, Jan 13: the figure has not arrived yet."
    )
    fed = replace(cpi, kind=OccasionKind.FED)
    assert release_line.line(snapshot(), fed, SESSION) == "Fed decision, Tue, Jan 13."


async def test_only_managers_remind_a_channel_and_setup_shows_it(due: Core, ann: Caller, boss: Caller) -> None:
    with pytest.raises(UserError, match="Manage Server"):
        await agenda.set_channel_reminders(due, ann, 100, enabled=True)
    with pytest.raises(UserError, match="gets no reminders"):
        await agenda.set_channel_reminders(due, boss, 100, enabled=False)
    await agenda.set_channel_reminders(due, boss, 100, enabled=True)
    (field,) = (await setup_list.show(due, boss)).fields
    assert "Reminders of the calendar" in field.value
    await agenda.set_channel_reminders(due, boss, 100, enabled=False)
    assert (await setup_list.show(due, boss)).fields == ()


async def test_a_place_that_is_gone_gets_none(due: Core, boss: Caller) -> None:
    await agenda.set_channel_reminders(due, boss, 100, enabled=True)

    def park(db: Database) -> bool:
        destinations.park(db, 1, "Unknown Channel", now=due.now())
        return bool(reminders.without(db, "reminder:x", asked_before=due.now() + timedelta(days=1)))

    assert not await due.store.run(park)
