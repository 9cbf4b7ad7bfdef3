"""Lines of a downloaded CSV."""

from __future__ import annotations

import csv
import io

from bot.errors import SourceError


def lines(text: str, place: str) -> list[list[str]]:
    """Every line as its cells. Raises SourceError when the text is cut off in the middle of the last one.

    It is when the last line has no line end and fewer cells than the one before. The HTTP client
    already detects a connection that ends too early, unless the host did not send the length.
    """
    rows = list(csv.reader(io.StringIO(text)))
    if len(rows) > 1 and not text.endswith(("\n", "\r")) and len(rows[-1]) < len(rows[-2]):
        raise SourceError(f"{place} breaks off in the middle of a line")
    return rows
