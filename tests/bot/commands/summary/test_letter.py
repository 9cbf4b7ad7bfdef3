"""The figures of a week, worked out by hand on weeks with and without a holiday."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from bot.commands.context import Core
from bot.commands.summary import letter
from bot.commands.summary.due import shown_readings
from bot.commands.summary.headline.index_moves import NASDAQ, SP500
from bot.domain.model import AlertSpec, Condition
from signals.catalogue import SIGNALS
from signals.core.model import Measure
from tests.support import core_without_store, sample_readings

SILVER = sample_readings.SILVER
FRIDAY, MONDAY = date(2026, 1, 9), date(2026, 1, 5)
ABOVE_80 = {"silver": (AlertSpec(SILVER, Measure.VALUE, Condition.ABOVE, 80.0),)}
CALENDAR = sample_readings.calendar()


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
