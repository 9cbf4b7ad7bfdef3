"""A pack as a market in memory: the same as through the archive."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from bot.archive import Archive
from bot.calendar.clock import Calendar
from bot.market_pack import import_pack, pack_market, read_pack
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
    loaded, stored = pack_market(read_pack(folder, calendar), calendar), archive.market(calendar)
    assert_same_market(loaded, stored)
    assert loaded.last == stored.last == pd.Timestamp("2026-01-07")
    assert list(loaded.ends) == list(stored.ends)
    assert loaded.sources["AAA"] == "us-tiny"
    assert loaded.close.loc["2026-01-05", "AAA"] == 10.15
    assert not loaded.suspicious
    assert not loaded.provisional


def test_a_calendar_that_ends_with_the_pack_is_too_short(write_pack: WritePack) -> None:
    short = Calendar(date(2025, 12, 1), date(2026, 1, 7))
    with pytest.raises(ValueError, match="one session beyond the pack"):
        pack_market(read_pack(write_pack(), short), short)
