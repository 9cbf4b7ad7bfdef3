"""One contract for all adapters: whatever comes in place of a good answer is told in a sentence, shows in the health of the
source, and is never taken for figures."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from bot.archive import Archive
from bot.calendar.clock import Calendar
from bot.domain.fetched import HealthState
from bot.errors import SourceError
from bot.sources.http.http_client import Http
from bot.sources.yahoo.source import Yahoo
from tests.bot.sources.contract import ADAPTERS, CASES, CONTACT, KEY, Adapter, Bench, rows, told
from tests.support.http_stub import HttpStub, Waits

ALL = pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda adapter: adapter.name)


@pytest_asyncio.fixture
async def bench(
    stub: HttpStub, waits: Waits, calendar: Calendar, tmp_path: Path, make_yahoo: Callable[..., Yahoo]
) -> AsyncIterator[Bench]:
    http = Http(contact=CONTACT, base_urls=stub.base_urls, sleep=waits, monotonic=lambda: 0.0, jitter=lambda: 0.5)
    yield Bench(http, stub, calendar, tmp_path, make_yahoo)
    await http.close()


@ALL
async def test_a_good_answer_gives_figures(adapter: Adapter, bench: Bench) -> None:
    adapter.script(bench.stub, adapter.good)
    source = adapter.make(bench)

    fetched = await adapter.ask(source)

    assert rows(fetched) > 0
    assert not fetched.missing
    assert source.health.state is HealthState.OK


@ALL
@pytest.mark.parametrize("case", CASES)
async def test_a_bad_answer_is_told_and_never_taken_for_figures(
    adapter: Adapter, case: str, bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    adapter.script(bench.stub, adapter.reply(case))
    source = adapter.make(bench)

    try:
        fetched = await adapter.ask(source)
        said, got = told(fetched), rows(fetched)
    except SourceError as error:
        said, got = str(error), 0

    state = source.health.state
    if adapter.stands_in and case not in adapter.says:
        assert got == adapter.stands_in
        assert re.search(adapter.noted, said + caplog.text)
        assert (state is not HealthState.OK) == adapter.fails
    else:
        assert got == 0
        assert re.search(adapter.sentence(case), said), said
        trouble = HealthState.RESTING if case == "too many" else HealthState.FAILING
        assert state is (HealthState.OK if case in adapter.unknown else trouble)
    for secret in (KEY, "a.crumb", CONTACT):
        assert secret not in said + caplog.text


async def test_earlier_figures_stay_when_a_source_has_nothing_any_more(bench: Bench, tmp_path: Path) -> None:
    """An error never reaches the archive; here is what does: an answer that holds nothing."""
    quiet = [(adapter, case) for adapter in ADAPTERS if "yahoo" not in adapter.name for case in sorted(adapter.unknown)]
    with Archive.open(tmp_path / "market.db") as archive:
        for adapter in {adapter.name: adapter for adapter, _ in quiet}.values():
            adapter.script(bench.stub, adapter.good)
            archive.store(await adapter.ask(adapter.make(bench)), bench.calendar)
        before = kept(archive)
        for adapter, case in quiet:
            adapter.script(bench.stub, adapter.reply(case))
            counts = archive.store(await adapter.ask(adapter.make(bench)), bench.calendar)
            assert (counts.observations, counts.records, counts.bars) == (0, 0, 0)
        after = kept(archive)
    assert len(quiet) > 10
    assert sum(line.startswith("INSERT") for line in before) > 20
    assert after == before


def kept(archive: Archive) -> list[str]:
    """Everything in the archive but the list of what was stored when."""
    return [line for line in archive.db.iterdump() if "batch" not in line]
