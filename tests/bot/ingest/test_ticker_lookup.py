"""A ticker is looked up by the source of prices, at the time of the bot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest

from bot.domain.fetched import Fetched, FetchRequest
from bot.domain.own_signal import Listing
from bot.errors import SourceError
from bot.ingest.schedule import timetable
from bot.ingest.ticker_lookup import SourceLookup
from bot.sources.base import BaseSource
from tests.helpers import utc
from tests.support import ManualClock

NOW = utc("2026-01-13 21:30")


class Silent(BaseSource):
    """A source of prices that cannot say what a ticker is."""

    name = "yahoo"

    def split(self, request: FetchRequest) -> Sequence[FetchRequest]:
        return [request]

    async def fetch(self, request: FetchRequest, now: datetime) -> Fetched:
        return Fetched(self.name, now)


class Knowing(Silent):
    """One that can; the name of a listing is the instant at which it was asked."""

    async def look_up(self, symbol: str, now: datetime) -> Listing | None:
        return Listing(symbol, now.isoformat()) if symbol == "SMH" else None


async def test_the_source_of_prices_is_asked() -> None:
    lookup = SourceLookup({"yahoo": Knowing()}, timetable(0), ManualClock(NOW))
    assert await lookup.look_up("SMH") == Listing("SMH", NOW.isoformat())
    assert await lookup.look_up("SMHX") is None


@pytest.mark.parametrize("sources", [{}, {"yahoo": Silent()}])
async def test_without_such_a_source_nothing_can_be_looked_up(sources: dict[str, Silent]) -> None:
    with pytest.raises(SourceError, match="off"):
        await SourceLookup(sources, timetable(0), ManualClock(NOW)).look_up("SMH")
