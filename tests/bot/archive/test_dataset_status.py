"""How much of each dataset is stored, from where, and since when."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pandas as pd

from bot.archive import Archive
from bot.archive.dataset_status import RecordStatus, newest_records, status
from bot.calendar.clock import Calendar
from bot.domain.fetched import Fetched


def at(instant: str) -> datetime:
    return datetime.fromisoformat(instant).replace(tzinfo=UTC)


def give(archive: Archive, calendar: Calendar, source: str, when: str, name: str, **columns: list[object]) -> None:
    frame = pd.DataFrame(columns)
    for column in ("date", "filed", "quarter"):
        if column in frame:
            frame[column] = pd.to_datetime(frame[column])
    archive.store(Fetched(source, at(when), records={name: frame}), calendar)


def test_a_dataset_has_a_line_for_each_source_with_corrections_counted_apart(
    archive: Archive, calendar: Calendar
) -> None:
    days, funds = ["2026-01-07", "2026-01-08"], ["XLK", "XLK"]
    give(archive, calendar, "statestreet", "2026-01-09T14:00", "funds", date=days, ticker=funds, nav=[100.0, 101.0])
    give(archive, calendar, "statestreet", "2026-01-12T14:00", "funds", date=days[1:], ticker=["XLK"], nav=[101.5])
    give(archive, calendar, "invesco", "2026-01-09T02:00", "funds", date=days[1:], ticker=["QQQ"], nav=[500.0])
    assert status(archive) == [
        RecordStatus(
            *("records", "funds", "invesco", date(2026, 1, 8), date(2026, 1, 8), 1, 1, at("2026-01-09T02:00")),
            since=date(2026, 1, 8),  # 21:00 in New York
        ),
        RecordStatus(
            *("records", "funds", "statestreet", date(2026, 1, 7), date(2026, 1, 8), 3, 2, at("2026-01-12T14:00")),
            since=None,
        ),
    ]


def test_a_dataset_without_a_day_in_its_key_is_dated_by_what_it_says(archive: Archive, calendar: Calendar) -> None:
    releases = {
        "ticker": ["NVDA", "AMD"],
        "accession": ["1", "2"],
        "filed": ["2026-01-05", None],
        "direction": [1.0, 0.0],
    }
    give(archive, calendar, "edgar", "2026-01-09T14:00", "guidance", **releases)
    (line,) = status(archive)
    assert (line.first, line.last, line.rows, line.keys, line.since) == (date(2026, 1, 5), date(2026, 1, 5), 2, 2, None)


def test_the_newest_of_a_day_is_its_date_and_of_an_event_the_day_on_which_it_was_known(
    archive: Archive, calendar: Calendar
) -> None:
    assert newest_records(archive) == {}
    day = ["2026-01-08"]
    give(archive, calendar, "yahoo", "2026-01-10T02:00", "estimates", date=day, ticker=["NVDA"], forward_pe=[30.0])
    release = {"ticker": ["NVDA"], "accession": ["1"], "filed": ["2026-01-05"], "direction": [1.0]}
    give(archive, calendar, "edgar", "2026-01-10T02:00", "guidance", **release)
    assert newest_records(archive) == {
        "estimates": {"yahoo": date(2026, 1, 8)},
        "guidance": {"edgar": date(2026, 1, 9)},
    }
