"""The pack of 21 years: size of its archive, equality of all ways to read it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.archive import Archive
from bot.clock import Calendar
from bot.packs import import_pack
from bot.sources.pack import load_pack
from tests.bot.packs.conftest import NOW
from tests.bot.packs.test_pack_roundtrip import assert_same_market

MAX_ARCHIVE_BYTES = 200_000_000


@pytest.mark.slow
def test_the_real_pack_fits_and_reads_the_same_from_file_and_archive(us_pack: Path, tmp_path: Path) -> None:
    calendar = Calendar(date(2004, 12, 1), date(2026, 3, 1))
    path = tmp_path / "market.db"
    with Archive.open(path) as archive:
        report = import_pack(archive, us_pack, now=NOW, calendar=calendar)
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= MAX_ARCHIVE_BYTES
    # Counted in the files by another program: 2,863,229 closes, 2,803,366 adjusted closes, 90,164 observations.
    assert (report.counts.bars, report.rows) == (2_863_229, 2_863_229 + 2_803_366 + 90_164)
    assert sum("members without a column" in warning for warning in report.warnings) == 1
    with Archive.open(path, read_only=True) as archive:
        market = archive.market(calendar)
        assert_same_market(load_pack(us_pack, calendar), market)
        assert market.close.shape == (5283, 606)
        assert market.close.loc["2020-04-20", "CL=F"] < 0
        earlier = archive.market(calendar, as_of=date(2008, 6, 6), tail=900)
        assert_same_market(earlier, _tail(market.until(date(2008, 6, 6)), earlier))


def _tail(market, earlier):  # type: ignore[no-untyped-def]
    """The same cut made on the whole market."""
    from dataclasses import replace

    first = earlier.sessions[0]
    position = int(market.sessions.searchsorted(first))
    return replace(
        market,
        sessions=market.sessions[position:],
        ends=market.ends[position:],
        close=market.close.loc[first:],
        adj_close=market.adj_close.loc[first:],
        series={
            name: market.series[name].loc[earlier.series[name].index[0] :]
            if len(earlier.series[name])
            else market.series[name].iloc[:0]
            for name in market.series
        },
    )
