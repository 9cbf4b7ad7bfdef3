"""The pack of 21 years: size of its archive, equality of all ways to read it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from bot.archive import Archive
from bot.calendar.clock import Calendar
from bot.market_pack import pack_market, read_pack
from tests.bot.market_pack.test_roundtrip import assert_same_market
from tests.conftest import Imported

MAX_ARCHIVE_BYTES = 200_000_000


@pytest.mark.slow
@pytest.mark.thorough
def test_the_real_pack_fits_and_reads_the_same_from_file_and_archive(us_pack: Path, us_home: Imported) -> None:
    calendar = Calendar(date(2004, 12, 1), date(2026, 3, 1))
    assert sum(file.stat().st_size for file in us_home.home.iterdir()) <= MAX_ARCHIVE_BYTES
    # Counted in the files by another program: 2,863,229 closes, 2,803,366 adjusted closes, 90,164 observations.
    read, new = 2_863_229 + 2_803_366 + 90_164, 2_863_229 + 90_164
    assert f"{read:,} values read in " in us_home.said
    assert f"s, {new:,} of them new." in us_home.said
    assert us_home.said.count("members without a column") == 1
    with Archive.open(us_home.home / "market.db", read_only=True) as archive:
        market = archive.market(calendar)
        assert_same_market(pack_market(read_pack(us_pack, calendar), calendar), market)
        assert market.close.shape == (5283, 606)
        assert market.close.loc["2020-04-20", "CL=F"] < 0
        earlier = archive.market(calendar, as_of=date(2008, 6, 6), tail=900)
        pd.testing.assert_frame_equal(earlier.close, market.until(date(2008, 6, 6)).close.iloc[-900:], check_freq=False)
