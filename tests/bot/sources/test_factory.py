"""All live sources together."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from bot.calendar.clock import Calendar
from bot.domain.fetched import FetchRequest, HealthState
from bot.sources.factory import build
from tests.bot.sources.stub import Stub


async def test_every_live_source_is_made_in_its_order_and_nothing_is_opened(
    stub: Stub, calendar: Calendar, tmp_path: Path
) -> None:
    folder = tmp_path / "cache"

    sources = build(contact=None, fred_key=None, cache_dir=folder, calendar=calendar, base_urls=stub.base_urls)

    assert [source.name for source in sources] == [
        "universe",
        "yahoo",
        "fred",
        "treasury",
        "cboe",
        "fed",
        "cboe-chains",
        "estimates",
        "edgar",
        "statestreet",
        "ishares",
        "invesco",
    ]
    assert all(source.health.state is HealthState.UNKNOWN for source in sources)
    for source in sources:
        await source.close()
    assert not folder.exists()
    assert stub.seen == []


async def test_each_series_of_the_register_has_a_source(stub: Stub, calendar: Calendar, tmp_path: Path) -> None:
    series = ("DFII10", "T10YIE", "DFEDTARL", "UNRATE", "VIX", "VIX9D", "SKEW", "CBOE_TOTAL_PC", "CPILFESL", "PCEPILFE")
    request = FetchRequest(date(2024, 3, 4), date(2024, 3, 8), tickers=("SPY",), series=series, universe=True)

    sources = build(contact=None, fred_key="k", cache_dir=tmp_path, calendar=calendar, base_urls=stub.base_urls)
    pieces = [piece for source in sources for piece in source.split(request)]
    for source in sources:
        await source.close()

    assert {sid for piece in pieces for sid in piece.series} == set(series)
    assert [piece.tickers for piece in pieces if piece.tickers] == [("SPY",)]
    assert sum(piece.universe for piece in pieces) == 1
    assert all((piece.start, piece.end) == (request.start, request.end) for piece in pieces)
