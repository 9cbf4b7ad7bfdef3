"""Days that look like mistakes and are real: every index and fund of the catalogue passes that same evening.

The days of the made-up pack are as wild as the real ones, which are judged too where the market pack is there.
"""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest

from bot.ingest.plausibility import jumps, whole_answer
from signals import catalogue
from signals.core.instruments import InstrumentKind, instrument
from tests.conftest import SHARED
from tests.recorded import where_present
from tests.support.made_pack import (
    CRASH,
    ODD_CLOSES,
    OIL_CRASH,
    OIL_NEGATIVE,
    RALLY,
    SPIN_OFF,
    SPLIT,
    made_pack,
)
from tools.plausibility_shadow import Pack, Shadow, read

WATCHED = [
    ticker for ticker in catalogue.tickers() if instrument(ticker).kind in (InstrumentKind.ETF, InstrumentKind.INDEX)
]
MADE, REAL = "made", "real"

pytestmark = pytest.mark.slow


@cache
def pack_of(name: str) -> Pack:
    return made_pack() if name == MADE else read(SHARED / "packs" / "us-2005-2025")


def doubted(pack: Pack, day: date, *, rows: int = 1) -> set[str]:
    """What is doubted on the evening of a day, or of the session `rows` - 1 after it."""
    at = int(pack.days.searchsorted(day.toordinal())) + rows - 1
    parts = list(Shadow(pack).parts(at, rows))
    verdicts = whole_answer.judge(parts, pack.closes_on, lambda: pack.members)
    return {name for name, verdict in verdicts.items() if not verdict.believed[0]}


def in_question(pack: Pack, day: date, ticker: str) -> tuple[float, bool]:
    """The move of a day, and whether it is doubted as long as nobody else is asked."""
    at, column = int(pack.days.searchsorted(day.toordinal())), pack.column(ticker)
    before, close = pack.closes[at - 1, column], pack.closes[at, column]
    alone = jumps.doubt(before, close, pack.closes[at - 260 : at, column].tolist())
    return jumps.move(before, close), alone is not None


@pytest.mark.parametrize(
    ("name", "day"),
    [
        (MADE, CRASH),
        (MADE, RALLY),
        (MADE, OIL_CRASH),
        *where_present(
            (REAL, date(2008, 9, 29)),
            (REAL, date(2008, 10, 13)),
            (REAL, date(2020, 3, 9)),
            (REAL, date(2020, 3, 12)),
            (REAL, date(2020, 3, 16)),
            (REAL, date(2020, 3, 24)),
            (REAL, date(2025, 4, 3)),
            (REAL, date(2025, 4, 9)),
        ),
    ],
)
def test_indices_and_funds_pass_on_the_days_of_crashes_and_rallies(name: str, day: date) -> None:
    assert doubted(pack_of(name), day).isdisjoint(WATCHED)


@pytest.mark.parametrize("day", [CRASH, RALLY])
def test_the_made_up_crash_and_rally_would_be_doubted_if_nobody_bore_them_out(day: date) -> None:
    for ticker in ("SPY", "^RUT", "XLF", "NVDA"):
        assert in_question(pack_of(MADE), day, ticker)[1], ticker


@pytest.mark.parametrize("ticker", ["SPY", "IJH"])
def test_a_fund_that_crashes_on_another_day_than_its_twins_is_doubted(ticker: str) -> None:
    """The day before the crash, closed as on the crash, while all others made an ordinary move."""
    pack = made_pack()
    at, column = int(pack.days.searchsorted(CRASH.toordinal())), pack.column(ticker)
    pack.closes[at - 1, column] = pack.closes[at, column]
    assert doubted(pack, date.fromordinal(int(pack.days[at - 1]))) == {ticker}


@pytest.mark.parametrize(
    ("name", "day", "move"), [(MADE, OIL_CRASH, -0.205), *where_present((REAL, date(2020, 3, 9), -0.201))]
)
def test_xle_falls_by_20_percent_and_passes(name: str, day: date, move: float) -> None:
    pack = pack_of(name)
    moved, is_doubted = in_question(pack, day, "XLE")
    assert moved == pytest.approx(move, abs=5e-4 if name == REAL else 0.02)
    assert is_doubted
    assert "XLE" not in doubted(pack, day)


@pytest.mark.parametrize(("name", "day"), [(MADE, OIL_NEGATIVE), *where_present((REAL, date(2020, 4, 20)))])
def test_oil_below_zero_is_doubted_that_evening_and_believed_the_day_after(name: str, day: date) -> None:
    assert "CL=F" in doubted(pack_of(name), day)
    assert "CL=F" not in doubted(pack_of(name), day, rows=2)


@pytest.mark.parametrize(
    ("name", "day", "ticker"),
    [
        (MADE, SPLIT, "AAPL"),
        (MADE, SPIN_OFF, "GE"),
        *where_present(
            (REAL, date(2020, 8, 31), "AAPL"),
            (REAL, date(2024, 6, 10), "NVDA"),
            (REAL, date(2022, 7, 18), "GOOGL"),
            (REAL, date(2023, 1, 4), "GE"),
        ),
    ],
)
def test_days_of_splits_and_spin_offs_pass(name: str, day: date, ticker: str) -> None:
    assert ticker not in doubted(pack_of(name), day)


@pytest.mark.parametrize(("mistake", "ticker"), [("half", "XLK"), ("hundredfold", "NVDA")])
def test_a_close_at_half_or_a_hundred_times_the_price_is_doubted_on_both_evenings(mistake: str, ticker: str) -> None:
    pack, day = pack_of(MADE), ODD_CLOSES[mistake]
    assert doubted(pack, day) == {ticker}
    assert ticker in doubted(pack, day, rows=2)
