"""A year in which bars come late or not at all, answers are errors or half, and the process is killed: nothing is lost."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from bot.archive import Archive
from tests.bot.ingest.market_year import (
    CHUNK,
    GONE,
    INSTALLED,
    NEVER_MENDED,
    PLANNED_RUNS_AN_HOUR,
    SOME,
    MarketYear,
    YearReport,
    busiest_hours,
    most_allowed,
)

BEGIN = date(2025, 1, 2)


async def played(folder: Path, seed: int, sessions: int, kills: float) -> YearReport:
    days = INSTALLED.between(BEGIN, BEGIN + timedelta(days=400))[:sessions]
    return await MarketYear(folder, seed, days, kills).play()


def check(report: YearReport) -> None:
    faults, sessions = report.faults, report.sessions
    left_out = NEVER_MENDED[0], sessions[NEVER_MENDED[1]]

    # No bar is missing that the source could give.
    for ticker in SOME:
        could = {
            day
            for day in sessions
            if day != faults.closed and (ticker, day) != left_out and not (ticker == GONE and day >= faults.gone_since)
        }
        assert could <= report.bars[ticker], (ticker, sorted(could - report.bars[ticker]))
    listed = {(gap.missing.name, gap.missing.day) for gap in report.gaps if gap.missing.name in SOME}
    assert left_out in listed
    assert {name for name, day in listed if day not in (left_out[1], faults.closed)} == {GONE}

    # One gap stands for a ticker that is gone, which takes three days to know; then days lie between requests that are answered.
    (gone,) = (gap for gap in report.gaps if gap.missing.name == GONE)
    since = INSTALLED.close_at(faults.gone_since)
    answered = [(when, tickers) for when, tickers in report.asked if faults.answers(when)]
    requests = [when for when, tickers in answered if GONE in tickers and when > since]
    assert gone.declined > 4
    pauses = [after - before for before, after in pairwise(requests[-(gone.declined - 2) :])]
    assert min(pauses) >= 0.99 * timedelta(days=1), pauses
    assert len(requests) <= 40 + gone.declined

    # The closure is known, and every other session has its summary, none of them skipped.
    assert report.closures == {faults.closed}
    assert {day: state for day, state in report.summaries.items() if day != faults.closed} == dict.fromkeys(
        (day for day in sessions if day != faults.closed), "due"
    )
    assert report.summaries.get(faults.closed) != "due"

    # Requests stay within the plan: of all, and of one ticker as planned and after 2, 4, 8, 16 and 32 minutes.
    most, most_of_one = busiest_hours(report)
    assert most <= most_allowed(len(report.names), CHUNK)
    assert most_of_one <= PLANNED_RUNS_AN_HOUR


@pytest.mark.thorough
async def test_weeks_with_everything_that_goes_wrong_leave_nothing_behind(tmp_path: Path) -> None:
    report = await played(tmp_path, seed=1, sessions=16, kills=0.02)
    check(report)
    assert report.restarts
    with Archive.open(tmp_path / "market.db") as archive:
        assert archive.market(INSTALLED, only=["SPY"]).close["SPY"].notna().sum() >= 15


@pytest.mark.thorough
@pytest.mark.parametrize("seed", [2, 3, 4])
async def test_a_year_with_everything_that_goes_wrong_leaves_nothing_behind(tmp_path: Path, seed: int) -> None:
    report = await played(tmp_path, seed, sessions=252, kills=0.01)
    check(report)
    assert len(report.restarts) > 20
