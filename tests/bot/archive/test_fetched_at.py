"""When figures of monthly series were fetched: what was fetched years later is today's revision, and says so."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from bot.archive import Archive
from bot.calendar.clock import Calendar
from bot.domain.fetched import Fetched
from signals import catalogue
from signals.core.model import Reading
from tests.helpers import utc

TODAYS = ("UNRATE of 2023-12: today's revision, not the figure first published",)
SESSION = date(2024, 1, 12)
"""December's rate counts from 8 January 2024 by the rule."""


@pytest.fixture
def calendar() -> Calendar:
    return Calendar(date(2023, 12, 1), date(2024, 6, 1))


def reading(archive: Archive, calendar: Calendar) -> Reading:
    market = archive.market(calendar, as_of=SESSION)
    return catalogue.readings(market, catalogue.compute(market, ["macro.unemployment"]), SESSION)["macro.unemployment"]


@pytest.mark.parametrize(("fetched", "notes"), [("2024-01-08 22:00", ()), ("2024-03-08 22:00", TODAYS)])
def test_the_archive_tells_a_figure_fetched_in_time_from_one_fetched_later(
    tmp_path: Path, calendar: Calendar, fetched: str, notes: tuple[str, ...]
) -> None:
    rate = pd.DataFrame({"value": [3.7]}, index=pd.DatetimeIndex(["2023-12-01"]))
    close = pd.DataFrame({"close": [1.0, 1.1]}, index=pd.DatetimeIndex(["2024-01-11", "2024-01-12"]))
    with Archive.open(tmp_path / "market.db") as archive:
        archive.store(Fetched("yahoo", utc("2024-01-12 22:00"), bars={"SPY": close}), calendar, live=False)
        archive.store(Fetched("fred", utc(fetched), observations={"UNRATE": rate}), calendar)
        got = reading(archive, calendar)
    assert (got.value, got.known_at_estimated, got.notes) == (3.7, True, notes)
