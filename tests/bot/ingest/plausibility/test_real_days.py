"""Real days that look like mistakes: every index and fund of the catalogue passes that same evening."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.ingest.plausibility import answer, jumps
from signals import catalogue
from signals.core.instruments import Kind, instrument
from tools.plausibility_shadow import Pack, Shadow, read

WATCHED = [ticker for ticker in catalogue.tickers() if instrument(ticker).kind in (Kind.ETF, Kind.INDEX)]


@pytest.fixture(scope="module")
def pack(us_pack: Path) -> Pack:
    return read(us_pack)


def doubted(pack: Pack, day: date, *, rows: int = 1) -> set[str]:
    """What is doubted on the evening of a day, or of the session `rows` - 1 after it."""
    at = int(pack.days.searchsorted(day.toordinal())) + rows - 1
    parts = list(Shadow(pack).parts(at, rows))
    verdicts = answer.judge(parts, pack.closes_on, lambda: pack.members)
    return {name for name, verdict in verdicts.items() if not verdict.believed[0]}


@pytest.mark.slow
@pytest.mark.parametrize(
    "day",
    [
        date(2008, 9, 29),
        date(2008, 10, 13),
        date(2020, 3, 9),
        date(2020, 3, 12),
        date(2020, 3, 16),
        date(2020, 3, 24),
        date(2025, 4, 3),
        date(2025, 4, 9),
    ],
)
def test_indices_and_funds_pass_on_the_days_of_crashes_and_rallies(pack: Pack, day: date) -> None:
    assert doubted(pack, day).isdisjoint(WATCHED)


@pytest.mark.slow
def test_xle_falls_by_20_percent_and_passes(pack: Pack) -> None:
    at, column = int(pack.days.searchsorted(date(2020, 3, 9).toordinal())), pack.column("XLE")
    before, close = pack.closes[at - 1, column], pack.closes[at, column]
    assert jumps.move(before, close) == pytest.approx(-0.201, abs=5e-4)
    assert jumps.doubt(before, close, pack.closes[at - 260 : at, column].tolist()) is not None
    assert "XLE" not in doubted(pack, date(2020, 3, 9))


@pytest.mark.slow
def test_oil_below_zero_is_doubted_that_evening_and_believed_the_day_after(pack: Pack) -> None:
    assert "CL=F" in doubted(pack, date(2020, 4, 20))
    assert "CL=F" not in doubted(pack, date(2020, 4, 20), rows=2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("day", "ticker"),
    [(date(2020, 8, 31), "AAPL"), (date(2024, 6, 10), "NVDA"), (date(2022, 7, 18), "GOOGL"), (date(2023, 1, 4), "GE")],
)
def test_days_of_splits_and_spin_offs_pass(pack: Pack, day: date, ticker: str) -> None:
    assert ticker not in doubted(pack, day)
