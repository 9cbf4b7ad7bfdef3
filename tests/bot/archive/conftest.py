"""An archive on disk, a calendar, and short ways to say what a source answered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from bot.archive import Archive
from bot.calendar.clock import Calendar
from bot.domain.fetched import Fetched

# NYSE sessions around the turn of 2025/26: 2, 5, 6, 7, 8, 9, 12 January 2026 (Fri, Mon..Fri, Mon).
DAYS = ["2026-01-02", "2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08", "2026-01-09", "2026-01-12"]


@pytest.fixture(scope="session")
def calendar() -> Calendar:
    return Calendar(date(2024, 1, 1), date(2026, 12, 31))


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "market.db") as opened:
        yield opened


def evening(day: str) -> datetime:
    """Half past nine UTC: in winter half an hour after the close."""
    return datetime.fromisoformat(f"{day}T21:30:00").replace(tzinfo=UTC)


def bars(closes: dict[str, float], adj: dict[str, float] | None = None) -> pd.DataFrame:
    frame = pd.DataFrame({"close": closes, "adj_close": closes if adj is None else adj}, dtype=float)
    frame.index = pd.DatetimeIndex(frame.index)
    return frame


def prices(first: int, *closes: float) -> dict[str, float]:
    """Closes on the sessions of `DAYS` from position `first` on."""
    return dict(zip(DAYS[first:], closes, strict=False))


def answer(day: str, ticker_bars: dict[str, pd.DataFrame], **more: object) -> Fetched:
    return Fetched(source="yahoo", fetched_at=evening(day), bars=ticker_bars, **more)  # type: ignore[arg-type]


def observations(values: dict[str, float], known_at: dict[str, str] | None = None) -> pd.DataFrame:
    frame = pd.DataFrame({"value": values})
    frame.index = pd.DatetimeIndex(frame.index, name="observed")
    known = [(known_at or {}).get(day) for day in values]
    frame["known_at"] = pd.to_datetime(pd.Series(known, index=frame.index, dtype=object), utc=True)
    return frame


def dump(archive: Archive) -> list[str]:
    """Everything in the archive."""
    return list(archive.db.iterdump())
