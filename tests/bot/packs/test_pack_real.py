"""The pack of 21 years: size of its archive, equality of all ways to read it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
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
        pd.testing.assert_frame_equal(earlier.close, market.until(date(2008, 6, 6)).close.iloc[-900:], check_freq=False)
