"""Lines of a CSV that came over the network."""

from __future__ import annotations

import csv
import io

from bot.errors import SourceError


def lines(text: str, place: str) -> list[list[str]]:
    """Every line as its cells. Raises SourceError when the text breaks off in the middle of the last one.

    That is seen where the last line has no end and fewer cells than the one before; a connection that ends too early is
    noticed earlier, unless the host did not say how much would come.
    """
    rows = list(csv.reader(io.StringIO(text)))
    if len(rows) > 1 and not text.endswith(("\n", "\r")) and len(rows[-1]) < len(rows[-2]):
        raise SourceError(f"{place} breaks off in the middle of a line")
    return rows
