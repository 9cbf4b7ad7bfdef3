"""`/asof`: what the archive knew on the evening of a session, what people were shown, and what it reads today."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bot.archive.location import ArchiveLocation
from bot.commands.context import Caller, Core
from bot.commands.record import as_of
from bot.commands.record.as_of_model import TODAY, AsOfAnswer, Difference
from bot.commands.record.as_of_task import read
from bot.commands.reply import Tone
from bot.database import readings as stored
from bot.database.readings import ShownReading
from bot.domain.fetched import Fetched
from bot.errors import UserError
from bot.readings.shown_then import CLOSES
from tests.helpers import utc
from tests.support import sample_as_of, sample_readings

SPREAD = sample_readings.SPREAD
SESSION = date(2026, 1, 9)
NOW = utc("2026-01-20T22:00")


def bars(days: pd.DatetimeIndex, rsp: float) -> dict[str, pd.DataFrame]:
    """SPY stands still; RSP ends `rsp` per cent higher."""
    closes = {"SPY": np.full(len(days), 100.0), "RSP": np.full(len(days), 50.0)}
    closes["RSP"][-1] *= 1 + rsp / 100
    return {name: pd.DataFrame({"close": line, "adj_close": line}, index=days) for name, line in closes.items()}


@pytest.fixture
def location(tmp_path: Path) -> ArchiveLocation:
    """On the evening of the session RSP had gained 1%; ten days later its close is corrected to 0.5%."""
    found = ArchiveLocation(tmp_path / "market.db", date(2025, 11, 1), date(2026, 12, 1))
    days = pd.DatetimeIndex(found.calendar.between(date(2025, 12, 1), SESSION))
    with found.open() as archive:
        for fetched, rsp in ((utc("2026-01-09T21:30"), 1.0), (utc("2026-01-19T21:30"), 0.5)):
            archive.store(Fetched("yahoo", fetched, bars=bars(days, rsp)), found.calendar, live=False)
    return found


def shown(value: float) -> dict[str, ShownReading]:
    return {SPREAD: ShownReading(SPREAD, value, utc("2026-01-09T22:00"))}


def of_spread(answer: AsOfAnswer) -> list[Difference]:
    return [difference for difference in answer.differences if difference.signal == SPREAD]


def test_a_session_reads_as_it_was_known_and_where_it_reads_another_value_today_says_so(
    location: ArchiveLocation,
) -> None:
    answer = read(location, date(2026, 1, 10), shown(1.0), {SPREAD: 0.5}, NOW)
    assert (answer.session, answer.shown_count) == (SESSION, 1)
    [difference] = of_spread(answer)
    assert (round(difference.then or 0.0, 6), difference.other, difference.shown) == (1.0, 0.5, False)
    assert difference.reason == TODAY


def test_a_value_that_was_shown_as_another_one_says_why(location: ArchiveLocation) -> None:
    [difference] = of_spread(read(location, SESSION, shown(0.9), {SPREAD: 1.0}, NOW))
    assert (round(difference.then or 0.0, 6), difference.other, difference.shown) == (1.0, 0.9, True)
    # Adjusted closes equal closes here, so they cannot be the reason.
    assert difference.reason == CLOSES


def test_nothing_is_known_before_the_first_session(location: ArchiveLocation, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="archive begins on 2025-12-01"):
        read(location, date(2025, 11, 20), {}, {}, NOW)
    empty = ArchiveLocation(tmp_path / "empty.db", date(2025, 11, 1), date(2026, 12, 1))
    with pytest.raises(UserError, match="no prices yet"):
        read(empty, SESSION, {}, {}, NOW)


def since_lines(core: Core, answer: AsOfAnswer, *, compared: bool = True) -> list[str]:
    return as_of._since_lines(core, answer, compared=compared)


def answer(*differences: Difference, shown_count: int = 0) -> AsOfAnswer:
    return AsOfAnswer(SESSION, "", (), (), (), Tone.NEUTRAL, differences, shown_count)


def test_where_nothing_differs_one_sentence_says_so(core: Core) -> None:
    assert since_lines(core, answer()) == ["Every value shown here reads the same today."]
    assert since_lines(core, answer(shown_count=3))[1] == "3 values were shown to people then, and no other one."
    [older] = since_lines(core, answer(), compared=False)
    assert older.startswith("The session is older than the readings in memory")


def test_more_differences_than_fit_are_counted(core: Core) -> None:
    other = Difference(sample_readings.SILVER, 85.88, 85.12, shown=False, reason=TODAY)
    lines = since_lines(core, answer(*[other] * 11))
    assert lines[0] == f"**Silver**: $85.88 as known that evening, reads $85.12 today: {TODAY}"
    assert (len(lines), lines[-1]) == (9, "and 3 more")


async def test_what_was_stored_of_the_session_and_what_it_reads_today_are_handed_on(core: Core, ann: Caller) -> None:
    asked = []

    class Reader(sample_as_of.SampleEvening):
        async def read(self, session: date, shown: dict[str, ShownReading], today: dict[str, float]) -> AsOfAnswer:  # type: ignore[override]
            asked.append((session, {name: each.value for name, each in shown.items()}, today[sample_readings.SILVER]))
            return await super().read(session, shown, today)

    reading = sample_readings.snapshot().readings[SPREAD]
    moment: datetime = core.now()
    await core.store.run(stored.keep_shown, [reading], now=moment)
    await as_of.show(replace(core, as_of=Reader()), ann, sample_readings.SESSION)
    assert asked == [(sample_readings.SESSION, {SPREAD: 0.91}, 85.88)]
    assert as_of.today_of(core, date(2020, 1, 2)) == {}
