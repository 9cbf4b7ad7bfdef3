"""All sources together: what is known of them before they are made, and that they are made in their order."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from bot.calendar.clock import Calendar
from bot.domain.fetched import FetchRequest, HealthState
from bot.sources import factory
from bot.sources.base import QuoteSource, Source
from bot.sources.factory import SPECS
from bot.sources.simulated import SIMULATED_MARKET
from bot.sources.source_spec import SourceSpec
from bot.sources.yahoo.source import Yahoo
from signals import catalogue
from tests.support.http_stub import HttpStub

ALL = (*SPECS, SIMULATED_MARKET)


def built(
    stub: HttpStub, calendar: Calendar, folder: Path, *names: str, fred_key: str | None = None
) -> dict[str, Source]:
    dependencies = factory.make_dependencies(
        contact=None,
        fred_key=fred_key,
        cache_dir=folder,
        calendar=calendar,
        base_urls=stub.base_urls,
        enabled=names,
    )
    return factory.build(names, dependencies)


async def test_every_source_is_made_in_its_order_and_nothing_is_opened(
    stub: HttpStub, calendar: Calendar, tmp_path: Path
) -> None:
    folder = tmp_path / "cache"

    sources = built(stub, calendar, folder, *reversed(factory.names()))

    assert list(sources) == [
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
    assert all(source.health.state is HealthState.UNKNOWN for source in sources.values())
    for source in sources.values():
        await source.close()
    assert not folder.exists()
    assert stub.seen == []


@pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.name)
async def test_a_source_is_what_its_spec_says(spec: SourceSpec, calendar: Calendar, tmp_path: Path) -> None:
    dependencies = factory.make_dependencies(contact=None, fred_key=None, cache_dir=tmp_path, calendar=calendar)
    source = spec.build(dependencies)
    assert source.name == spec.name
    assert isinstance(source, QuoteSource) == spec.gives_quotes
    assert {job.source for job in spec.jobs} <= {spec.name}
    await source.close()


def test_names_titles_and_jobs_are_given_once() -> None:
    for given in (
        [spec.name for spec in ALL],
        [spec.title for spec in ALL],
        [job.name for spec in ALL for job in spec.jobs],
    ):
        assert len(given) == len(set(given))


def test_sources_that_ask_one_host_agree_how() -> None:
    agreed = {host: policy for spec in SPECS for host, policy in spec.policies.items()}
    assert all(policy == agreed[host] for spec in SPECS for host, policy in spec.policies.items())


@pytest.mark.parametrize(
    "host", ["api.stlouisfed.org", "fred.stlouisfed.org", "alfred.stlouisfed.org", "cdn-api.cboe.com", "cdn.cboe.com"]
)
def test_hosts_that_answer_slowly_are_given_a_minute(host: str) -> None:
    assert {spec.policies[host].timeout_seconds for spec in SPECS if host in spec.policies} == {60.0}


async def test_one_session_of_yahoo_serves_prices_estimates_and_option_chains(
    calendar: Calendar, tmp_path: Path
) -> None:
    names = ("yahoo", "cboe-chains", "estimates")
    dependencies = factory.make_dependencies(
        contact=None, fred_key=None, cache_dir=tmp_path, calendar=calendar, enabled=names
    )
    sources = factory.build(names, dependencies)
    assert dependencies.shared(Yahoo, pytest.fail) is sources["yahoo"]
    assert dependencies.enabled == set(names)
    for source in sources.values():
        await source.close()


async def test_what_is_not_chosen_is_not_made(stub: HttpStub, calendar: Calendar, tmp_path: Path) -> None:
    assert list(built(stub, calendar, tmp_path, "fed", "treasury")) == ["treasury", "fed"]


async def test_each_series_of_the_register_has_a_source_and_a_job(
    stub: HttpStub, calendar: Calendar, tmp_path: Path
) -> None:
    series = (*catalogue.series_ids(), "VIX9D", "CBOE_TOTAL_PC", "PCEPILFE")
    request = FetchRequest(date(2024, 3, 4), date(2024, 3, 8), tickers=("SPY",), series=series, universe=True)

    sources = built(stub, calendar, tmp_path, *factory.names(), fred_key="k").values()
    pieces = [piece for source in sources for piece in source.split(request)]
    for source in sources:
        await source.close()

    assert {sid for piece in pieces for sid in piece.series} == set(series)
    assert [piece.tickers for piece in pieces if piece.tickers] == [("SPY",)]
    assert sum(piece.universe for piece in pieces) == 1
    assert all((piece.start, piece.end) == (request.start, request.end) for piece in pieces)
    kept = tuple(start for spec in SPECS for job in spec.jobs for start in job.series)
    assert all(sid.startswith(kept) for sid in series)


def test_who_only_asks_what_sources_there_are_loads_no_library_that_asks_them() -> None:
    heavy = ("aiohttp", "curl_cffi", "openpyxl", "yfinance")
    code = f"import sys, bot.sources.factory; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
