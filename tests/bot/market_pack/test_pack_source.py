"""A pack replayed: the same market as through the archive, and session by session."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pandas as pd
import pytest

from bot.archive import Archive
from bot.calendar.clock import Calendar
from bot.errors import SourceError
from bot.market_pack import import_pack
from bot.sources.base import HealthState, Want
from bot.sources.pack import PackSource, load_pack
from tests.bot.market_pack.conftest import NOW, WritePack, packed
from tests.bot.market_pack.test_roundtrip import assert_same_market

REVISIONS = (
    "kind,id,date,known_at,value,source\n"
    "close,AAA,2026-01-05,2026-01-06T23:00:00Z,10.15,audit\n"
    "series,DGS10,2026-01-05,2026-01-07T15:00:00Z,4.2,fred\n"
)


def test_a_loaded_pack_is_the_market_of_an_archive_that_imported_it(
    write_pack: WritePack, archive: Archive, calendar: Calendar
) -> None:
    folder = write_pack({"revisions.csv.gz": packed(REVISIONS)}, name="us-tiny")
    import_pack(archive, folder, now=NOW, calendar=calendar)
    loaded, stored = load_pack(folder, calendar), archive.market(calendar)
    assert_same_market(loaded, stored)
    assert loaded.last == stored.last == pd.Timestamp("2026-01-07")
    assert list(loaded.ends) == list(stored.ends)
    assert loaded.sources["AAA"] == "us-tiny"
    assert loaded.close.loc["2026-01-05", "AAA"] == 10.15
    assert not loaded.suspicious
    assert not loaded.provisional


def test_a_calendar_that_ends_with_the_pack_is_too_short(write_pack: WritePack) -> None:
    with pytest.raises(ValueError, match="one session beyond the pack"):
        load_pack(write_pack(), Calendar(date(2025, 12, 1), date(2026, 1, 7)))


async def test_a_replay_gives_only_what_was_final_by_then(
    write_pack: WritePack, archive: Archive, calendar: Calendar
) -> None:
    source = PackSource(write_pack(name="us-tiny"), calendar)
    want = Want(date(2026, 1, 1), date(2026, 1, 31), tickers=("AAA", "BBB", "ZZZ"), series=("VIX", "XX"), universe=True)
    noon = datetime(2026, 1, 6, 17, 0, tzinfo=UTC)
    assert source.split(want) == (want,)
    given = await source.fetch(want, noon)
    assert source.name == given.source == "us-tiny"
    assert list(given.bars["AAA"]["close"]) == [10.0, 10.1]
    assert list(given.bars["BBB"]["close"]) == [20.5]
    assert list(given.observations["VIX"]["value"]) == [14.5]
    assert set(given.missing) == {"ZZZ", "XX"}
    assert given.universe is not None
    assert list(given.universe["ticker"]) == ["AAA", "BBB"]
    assert source.health.state is HealthState.OK
    assert archive.store(given, calendar, live=False).bars == 3


async def test_a_pack_has_no_quotes(write_pack: WritePack, calendar: Calendar) -> None:
    source = PackSource(write_pack(), calendar)
    with pytest.raises(SourceError, match="no prices of a running session"):
        await source.quotes(["AAA"], NOW)
    await source.close()
