"""The figures of a week, worked out by hand on weeks with and without a holiday."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time

import pandas as pd
import pytest

from bot.alerts import topics
from bot.alerts.rules import new_triggers
from bot.commands.context import Core
from bot.commands.summary import letter, letter_alerts
from bot.commands.summary.due import shown_readings
from bot.commands.summary.headline.index_moves import NASDAQ, SP500
from bot.database import Database
from bot.database.alerts import alerts
from bot.database.places import destinations, subscriptions, summary_channels
from bot.domain.model import AlertSpec, Condition, ItemKind, SummaryCadence
from bot.outbox import summary_schedule, undelivered
from signals.catalogue import SIGNALS
from signals.core.model import Measure
from tests.support import core_without_store, sample_readings

SILVER = sample_readings.SILVER
FRIDAY, MONDAY = date(2026, 1, 9), date(2026, 1, 5)
ABOVE_80 = {"silver": (AlertSpec(SILVER, Measure.VALUE, Condition.ABOVE, 80.0),)}
CALENDAR = sample_readings.calendar()
NOW, LATER = datetime(2026, 1, 9, 12, tzinfo=UTC), datetime(2026, 1, 9, 22, 30, tzinfo=UTC)


def frames(silver: dict[str, float], index: dict[str, float]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A year of sessions with silver at 70 and the S&P 500 at 100, but for the values that are given."""
    days = pd.DatetimeIndex(CALENDAR.between(date(2025, 1, 2), date(2026, 1, 13)))
    history, closes = pd.DataFrame({SILVER: 70.0}, index=days), pd.DataFrame({SP500: 100.0}, index=days)
    for frame, values in ((history, silver), (closes, index)):
        for day, value in values.items():
            frame.loc[day] = value
    return history, closes


def test_a_weeks_move_runs_from_the_last_close_of_the_week_before() -> None:
    """Friday, January 2 closed at 80 and January 9 at 100; what comes after Friday is not known to the letter."""
    found = letter.week(SIGNALS, *frames({}, {"2026-01-02": 80.0, "2026-01-12": 500.0}), FRIDAY, {})
    assert found.moves == {SP500: pytest.approx(25.0)}
    assert NASDAQ not in found.moves


def test_a_week_that_a_holiday_shortens_is_measured_from_the_same_close() -> None:
    """New Year's Day was a Thursday: the week to January 2 began after the close of Friday, December 26."""
    found = letter.week(SIGNALS, *frames({}, {"2025-12-26": 80.0}), date(2026, 1, 2), {})
    assert found.moves == {SP500: pytest.approx(25.0)}


def test_crossings_belong_to_their_weeks_and_what_followed_runs_from_their_close() -> None:
    """Silver crossed 80 on Wednesday, December 31 and, after a fall, on Thursday, January 8; one on January 12 is later."""
    silver = {"2025-12-31": 81.0, "2026-01-08": 82.0, "2026-01-12": 83.0}
    found = letter.week(SIGNALS, *frames(silver, {"2025-12-31": 125.0}), FRIDAY, ABOVE_80)
    assert [(day, crossing.value) for day, crossing in found.fired] == [(date(2026, 1, 8), 82.0)]
    assert [(day, crossing.value) for day, crossing in found.fired_before] == [(date(2025, 12, 31), 81.0)]
    assert found.since == {date(2025, 12, 31): {SP500: pytest.approx(-20.0)}}
    assert found.shown >= {SILVER}


def test_movers_are_those_of_the_week_not_of_the_day() -> None:
    """Silver rose on Monday and stood still on Friday."""
    history, closes = frames(dict.fromkeys(("2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08"), 75.0), {})
    history.loc["2026-01-09":, SILVER] = 75.0  # type: ignore[misc]
    [mover] = letter.week(SIGNALS, history, closes, FRIDAY, {}).movers
    assert (mover.signal.id, mover.value, mover.change) == (SILVER, 75.0, 5.0)


def test_a_session_that_is_not_in_memory_is_said() -> None:
    shown = letter.of_week(core_without_store(), date(2019, 5, 3))
    assert "not in memory" in shown.lines[0]


async def test_what_a_letter_shows_is_stored_with_it(core: Core) -> None:
    """Beside what the summary of its session shows."""
    made = sample_readings.snapshot()
    core.readings.put(replace(made, finals={FRIDAY: made.readings}))
    daily = {reading.signal for reading in shown_readings(core, FRIDAY)}
    weekly = {reading.signal for reading in shown_readings(core, FRIDAY, letter=True)}
    assert daily < weekly
    assert letter.week_of(core, FRIDAY).shown <= weekly


async def test_a_letter_is_enqueued_with_what_the_alerts_of_its_place_did_in_two_weeks(core: Core) -> None:
    """The place's own alert of Dec 31 and Jan 8; neither an older firing nor that of another place."""

    def work(db: Database) -> str | None:
        places = [destinations.dm_destination(db, user, channel_id=user, now=NOW).id for user in (11, 12)]
        for place, user in zip(places, (11, 12), strict=True):
            spec = ABOVE_80["silver"][0]
            made = alerts.add(
                db, spec, new_triggers(spec, None, MONDAY), owner_id=user, guild_id=None, destination_id=place, now=NOW
            )
            for generation, day in enumerate((date(2025, 12, 26), date(2025, 12, 31), date(2026, 1, 8)), 1):
                db.execute(
                    "INSERT INTO firing VALUES (?, ?, ?, ?, 'value', 'above', 80.0, ?, ?, ?, 'told')",
                    (made.id, generation, made.id, SILVER, 81.0 + user, day.toordinal(), generation),
                )
        zone, at = "America/New_York", time(17)
        summary_channels.put(db, places[0], zone=zone, at=at, created_by=11, now=NOW, cadence=SummaryCadence.WEEKLY)
        summary_schedule.enqueue_due(db, CALENDAR, now=LATER)
        [item] = undelivered(db, places[0])
        assert item.kind is ItemKind.LETTER
        return item.fired

    found = letter_alerts.read(await core.store.run(work)).fired
    assert [(one.session, one.value, one.number) for one in found] == [
        (date(2025, 12, 31), 92.0, 1),
        (date(2026, 1, 8), 92.0, 1),
    ]
    this_week, before = letter_alerts.of_week(found, FRIDAY)
    assert [one.session for one in (*before, *this_week)] == [date(2025, 12, 31), date(2026, 1, 8)]
    assert letter_alerts.fired_lines(core, this_week) == ["Thu, Jan 8: **alert 1**, Silver above $80: $92.00"]
    assert letter_alerts.followed_lines(core, before, lambda day: {"S&P 500": f"+{day.day}.0%"}) == [
        "Wed, Dec 31, 2025: **alert 1**, Silver above $80 · S&P 500 +31.0% since"
    ]
    assert letter_alerts.fired_lines(core, found * 4)[-1] == "and 2 more"


async def test_a_letter_is_enqueued_with_the_topics_that_its_place_follows(core: Core) -> None:
    def work(db: Database) -> str | None:
        place = destinations.dm_destination(db, 11, channel_id=11, now=NOW).id
        topics.ensure(db, topics.prepare(core.signals, core.readings.series), session=MONDAY, now=NOW)
        for key in ("russell-streak", "gold-or-silver-high"):
            subscriptions.subscribe(db, key, place, created_by=11, now=NOW)
        summary_channels.put(
            db, place, zone="America/New_York", at=time(17), created_by=11, now=NOW, cadence=SummaryCadence.WEEKLY
        )
        summary_schedule.enqueue_due(db, CALENDAR, now=LATER)
        [item] = undelivered(db, place)
        return item.fired

    found = letter_alerts.read(await core.store.run(work))
    assert (found.fired, found.topics) == ((), {"russell-streak", "gold-or-silver-high"})
    assert letter_alerts.read("[]") == letter_alerts.read(None) == letter_alerts.PlaceFacts()


def test_a_letter_tells_of_the_topics_that_its_place_follows_and_without_any_of_all(core: Core) -> None:
    def field(own: letter_alerts.PlaceFacts, start: str, guild: int | None = None) -> str:
        shown = letter.of_week(core, sample_readings.SESSION, own, guild_id=guild)
        return next(field.value for field in shown.fields if field.name.startswith(start))

    every = field(letter_alerts.PlaceFacts(), "Levels crossed")
    assert "Russell streak" in every
    assert every.count("\n") >= 1
    followed = letter_alerts.PlaceFacts(topics=frozenset({"russell-streak"}))
    assert [line.partition("**")[2][:14] for line in field(followed, "Topics you follow").splitlines()] == [
        "Russell streak"
    ]
    none = letter_alerts.PlaceFacts(topics=frozenset({"tech-outflow"}))
    assert field(none, "Topics this channel follows", 1) == "No topic that this channel follows has fired."


def test_what_followed_is_told_once_for_a_topic_that_fired_twice_in_a_session() -> None:
    """Two yardsticks turned on December 11, 2025, and the letter said twice what the indices did since."""
    turned = (*ABOVE_80["silver"], replace(ABOVE_80["silver"][0], level=75.0))
    history, closes = frames({"2025-12-31": 81.0}, {"2025-12-31": 125.0})
    found = letter.week(SIGNALS, history, closes, FRIDAY, {"yardstick-turn": turned})
    assert len(found.fired_before) == 2
    assert len(letter.followed(core_without_store(), found.fired_before, found.since)) == 1


def test_a_letter_counts_the_yardsticks_once_and_writes_per_cent_with_one_decimal(core: Core) -> None:
    answer = next(field.value for field in letter.of_week(core, FRIDAY).fields if field.name == "The answer")
    assert len(re.findall("of 6 yardsticks", answer)) == 1
    shown = letter.of_week(core, FRIDAY)
    text = "\n".join([*shown.lines, *(field.value for field in shown.fields)])
    assert not re.search(r"[0-9]\.[0-9]{2,}%", text)
