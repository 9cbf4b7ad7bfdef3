"""Figures of funds that come later than they should have are known since they came."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pandas as pd
import pytest

from bot.archive import Archive
from bot.calendar.clock import Calendar
from bot.domain.fetched import Fetched
from signals.core.datasets import published

SUMMER = ["2025-10-09", "2025-10-10", "2025-10-13", "2025-10-14", "2025-10-15", "2025-10-16"]


def morning(day: str, time: str = "13:05") -> datetime:
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=UTC)


def give(
    archive: Archive, calendar: Calendar, at: datetime, days: Sequence[str], fund: str = "XLK", shares: float = 1e6
) -> int:
    """Store a file with these days, each public by rule at 13:00 UTC of the day after, as an issuer's source gives it."""
    frame = pd.DataFrame({"date": pd.to_datetime(days), "ticker": fund, "nav": 200.0, "shares_outstanding": shares})
    by_rule, seen = published("funds", frame), pd.Series(pd.Timestamp(at), index=frame.index)
    frame = frame.assign(known_at=by_rule.where(by_rule <= seen, seen))
    return archive.store(Fetched("statestreet", at, records={"funds": frame}), calendar).records


def known(archive: Archive, fund: str = "XLK") -> dict[str, list[str]]:
    """Day -> since when each version of its row is known."""
    sql = "SELECT date, known_at FROM record_funds WHERE ticker = ? ORDER BY date, known_at"
    result: dict[str, list[str]] = {}
    for day, at in archive.db.execute(sql, [fund]):
        instant = datetime.fromtimestamp(at, UTC)
        result.setdefault(datetime.fromordinal(day).date().isoformat(), []).append(f"{instant:%Y-%m-%d %H:%M}")
    return result


def test_a_row_that_was_not_there_at_an_earlier_request_is_known_since_it_came(
    archive: Archive, calendar: Calendar
) -> None:
    for day in ("2025-10-14", "2025-10-15", "2025-10-16"):
        give(archive, calendar, morning(day), SUMMER[:3])
    give(archive, calendar, morning("2025-10-17"), SUMMER)
    late = ["2025-10-17 13:05"]
    assert known(archive) == {
        "2025-10-09": ["2025-10-10 13:00"],
        "2025-10-10": ["2025-10-11 13:00"],
        "2025-10-13": ["2025-10-14 13:00"],
        "2025-10-14": late,
        "2025-10-15": late,
        # Public at 13:00 of the 17th, after the last request before.
        "2025-10-16": ["2025-10-17 13:00"],
    }
    # The same file again says nothing new, and another count is a correction.
    assert give(archive, calendar, morning("2025-10-18"), SUMMER) == 0
    give(archive, calendar, morning("2025-10-19"), SUMMER[3:4], shares=1.1e6)
    assert known(archive)["2025-10-14"] == ["2025-10-17 13:05", "2025-10-19 13:05"]


def test_days_before_all_stored_ones_and_of_a_bot_that_did_not_look_are_dated_by_rule(
    archive: Archive, calendar: Calendar
) -> None:
    give(archive, calendar, morning("2025-10-14"), SUMMER[1:3])
    give(archive, calendar, morning("2025-10-17"), SUMMER)
    assert all(instants == [f"{day[:-2]}{int(day[-2:]) + 1:02} 13:00"] for day, instants in known(archive).items())
    assert len(known(archive)) == 6


@pytest.mark.parametrize(("days", "dated"), [(SUMMER[:1], "2025-10-29 13:05"), (["2024-10-09"], "2025-10-11 13:00")])
def test_a_request_for_an_old_period_makes_nothing_late(
    archive: Archive, calendar: Calendar, days: list[str], dated: str
) -> None:
    give(archive, calendar, morning("2025-10-10"), ["2024-10-08", SUMMER[0]])
    give(archive, calendar, morning("2025-10-19" if days == SUMMER[:1] else "2025-10-28"), days)
    give(archive, calendar, morning("2025-10-29"), [SUMMER[0], SUMMER[1]])
    assert known(archive)[SUMMER[1]] == [dated]


def test_each_fund_has_its_own_requests(archive: Archive, calendar: Calendar) -> None:
    for day in ("2025-10-14", "2025-10-16"):
        give(archive, calendar, morning(day), SUMMER[:3], "XLF")
    give(archive, calendar, morning("2025-10-14"), SUMMER[:3], "XLK")
    for fund in ("XLF", "XLK"):
        give(archive, calendar, morning("2025-10-17"), SUMMER[:4], fund)
    assert known(archive, "XLF")["2025-10-14"] == ["2025-10-17 13:05"]
    assert known(archive, "XLK")["2025-10-14"] == ["2025-10-15 13:00"]
