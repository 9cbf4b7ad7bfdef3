"""Parses the CSV of FRED's graphs, which may also come as a ZIP of several."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date

from bot.errors import SourceError
from bot.sources.http.responses import HttpResponse
from bot.sources.parsing.csv_lines import lines
from bot.sources.parsing.series_frame import Row, number

MAX_UNPACKED = 32_000_000


def csv_files(response: HttpResponse) -> list[str]:
    """The texts of a response: one, or those inside a ZIP.

    Raises SourceError when it is neither or unpacks too large.
    """
    if not response.content.startswith(b"PK"):
        return [response.text()]
    try:
        with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
            entries = [entry for entry in archive.infolist() if entry.filename.lower().endswith(".csv")]
            if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
                raise SourceError(f"{response.place} sent a ZIP of more than {MAX_UNPACKED / 1e6:g} MB")
            texts = [archive.read(entry).decode("utf-8-sig") for entry in entries]
    except (zipfile.BadZipFile, UnicodeDecodeError, EOFError, OSError):
        raise SourceError(f"{response.place} sent a ZIP that cannot be read") from None
    if not texts:
        raise SourceError(f"{response.place} sent a ZIP without a CSV file")
    return texts


def series_rows(texts: Iterable[str], start: date, end: date) -> Iterator[tuple[str, list[Row]]]:
    """Each series of each file with its values inside the window.

    `.` and empty cells are no values. The first column has the dates; its header is
    `observation_date` or, until 2024, `DATE`.
    """
    for text in texts:
        rows = iter(lines(text, "FRED's CSV"))
        header = [cell.strip() for cell in next(rows, [])]
        if not header or header[0].lower() not in ("observation_date", "date"):
            shown = header[0][:40] if header else ""
            raise SourceError(f"FRED's CSV begins with {shown!r} where observation_date is expected")
        columns: dict[str, list[Row]] = {name: [] for name in header[1:]}
        for row in rows:
            observed = _day(row)
            if observed is None or not start <= observed <= end:
                continue
            for name, cell in zip(header[1:], row[1:], strict=False):
                value = number(cell)
                if value is not None:
                    columns[name].append((observed, value, None))
        yield from columns.items()


def _day(row: list[str]) -> date | None:
    if not row or not row[0].strip():
        return None
    try:
        return date.fromisoformat(row[0].strip())
    except ValueError:
        raise SourceError(f"FRED's CSV has {row[0][:40]!r} where a date is expected") from None
