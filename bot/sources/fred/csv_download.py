"""Parses the CSV of FRED's graphs, which may also come as a ZIP of several."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from bot.errors import SourceError
from bot.sources.http.responses import HttpResponse, without_marks
from bot.sources.parsing.cells import day, number
from bot.sources.parsing.csv_lines import csv_rows
from bot.sources.parsing.document_reader import reader
from bot.sources.parsing.series_frame import Row
from bot.sources.parsing.table import Cells, Table, agreed, find_table
from bot.sources.parsing.zip_members import unzip

MAX_UNPACKED = 32_000_000
DATE = ("observation_date", "DATE")
"""Headings of the first column; the second until 2024."""


@reader("FRED")
def read_series(response: HttpResponse, start: date, end: date) -> dict[str, list[Row]]:
    """Each series of each file with its values inside the window.

    `.` and empty cells are no values. Raises SourceError for a file that cannot be read.
    """
    series: dict[str, list[Row]] = {}
    for text in _csv_files(response):
        rows = csv_rows(text, response.place)
        table = find_table(rows, response.place, DATE)
        for sid, values in _columns(table, rows[0][1:]).items():
            series[sid] = [(when, value, None) for when, value in values.items() if start <= when <= end]
    return series


def _columns(table: Table, ids: Iterable[str]) -> dict[str, dict[date, float]]:
    names = [sid.strip() for sid in ids]
    if len(set(names)) < len(names) or "" in names:
        raise SourceError(f"{table.place} has two columns of one name or one without: {', '.join(names)[:200]}")

    def parse(cells: Cells) -> tuple[date, list[float | None]]:
        return day(cells[0], "%Y-%m-%d"), [number(cell) for cell in cells[1:]]

    rows = table.read(range(len(names) + 1), parse, dated=lambda row: row[0])
    return {
        name: agreed(((when, value) for when, values in rows if (value := values[at]) is not None), table.place)
        for at, name in enumerate(names)
    }


def _csv_files(response: HttpResponse) -> list[str]:
    """The texts of a response: one, or those inside a ZIP."""
    if not response.content.startswith(b"PK"):
        return [response.text()]
    try:
        members = unzip(response, suffix=".csv", most_bytes=MAX_UNPACKED)
        return [without_marks(member).decode("utf-8") for member in members]
    except UnicodeDecodeError:
        raise SourceError(f"{response.place} sent a ZIP of text that is not UTF-8") from None
