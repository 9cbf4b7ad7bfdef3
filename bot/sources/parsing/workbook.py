"""The first sheet of a downloaded workbook, with a bound on its unpacked size."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from bot.errors import SourceError
from bot.sources.http.responses import HttpResponse

MAX_UNPACKED = 64_000_000
MAX_COLUMNS = 64
"""A sheet may declare that its last cell is in column 16,384, and then every row is filled up to it."""


def first_sheet(response: HttpResponse, *, max_rows: int) -> list[tuple[Any, ...]]:
    """Its rows, at most `max_rows` of 64 cells.

    A ZIP that unpacks to more than 64 MB is refused before it is read.
    """
    # Imported here and not above: only a process that reads workbooks loads openpyxl.
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > MAX_UNPACKED:
            raise SourceError(f"{response.place} sent a workbook of more than {MAX_UNPACKED / 1e6:g} MB")
        book = openpyxl.load_workbook(io.BytesIO(response.content), read_only=True, data_only=True)
        rows = list(book.worksheets[0].iter_rows(max_row=max_rows, max_col=MAX_COLUMNS, values_only=True))
        book.close()
    except SourceError:
        raise
    except Exception as error:  # openpyxl lets whatever a damaged file leads to pass through
        raise SourceError(f"{response.place} sent a workbook that cannot be read") from error
    return rows
