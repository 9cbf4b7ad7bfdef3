"""One calendar and one market of ten years for all tests of the folder: nobody changes them."""

from __future__ import annotations

from datetime import date

import pytest

from bot.calendar.clock import Calendar
from bot.sources.simulated import simulate
from signals.core.market import Market


@pytest.fixture(scope="session")
def calendar() -> Calendar:
    return Calendar(date(2015, 12, 1), date(2027, 2, 1))


@pytest.fixture(scope="session")
def decade(calendar: Calendar) -> Market:
    """Ten years with the default seed."""
    return simulate(calendar, date(2016, 1, 1), date(2025, 12, 31))
