"""State Street's list of SPY's holdings, summed up: what the seven and the ten largest lines weigh in it."""

from __future__ import annotations

from datetime import date, datetime

import pandas as pd

from bot.errors import SourceError
from bot.sources.http.responses import HttpResponse
from bot.sources.parsing.cells import BadCellError, number, text
from bot.sources.parsing.document_reader import reader
from bot.sources.parsing.own_date import as_of, check_age
from bot.sources.parsing.symbols import share
from bot.sources.parsing.table import HEADER_WITHIN, Cells, find_table
from bot.sources.parsing.workbook import first_sheet
from signals.asof.fund_weights import DATASET, FUND, SHARE_CLASSES, Concentration, concentration
from signals.core.datasets import empty

SPY_URL = "https://www.ssga.com/library-content/products/fund-data/etfs/us/holdings-daily-us-en-spy.xlsx"
MAX_ROWS = 5_000
OLDEST_DAYS = 10
"""Holdings that are older are refused: two weekends and a holiday fit in."""

WHOLE = (99.0, 101.0)
"""Between these the weights of a whole list add up, in percent: cash and what is owed make up the rest."""

DECIMALS = 6


@reader("State Street")
def read_weights(response: HttpResponse) -> tuple[date, Concentration]:
    """The day of the workbook and the weights of its shares, summed up.

    Cash and legal text are left out. A list that does not add up to a whole, or that lacks one of the
    seven, is refused: their share would be too small without a word. Raises SourceError then, and
    OldDocumentError when the list is old.
    """
    rows = first_sheet(response, max_rows=MAX_ROWS)
    table = find_table(rows, response.place, ("Ticker",), ("Weight",), padded=True)
    stated = next(
        (row[1] for row in rows[:HEADER_WITHIN] if len(row) > 1 and text(row[0]).startswith("Holdings")), None
    )
    day = check_age(as_of(stated, response.place), response, most_days=OLDEST_DAYS)
    lines = table.read([table.position("Ticker"), table.position("Weight")], _line, all_of_them=True)
    total = sum(weight for _, weight in lines)
    if not WHOLE[0] <= total <= WHOLE[1]:
        raise SourceError(
            f"the weights in {response.place} add up to {total:.1f} %, {WHOLE[0]:g} to {WHOLE[1]:g} are believed"
        )
    shares = [(ticker, weight) for ticker, weight in lines if ticker is not None]
    if absent := SHARE_CLASSES - {ticker for ticker, _ in shares}:
        raise SourceError(f"{response.place} has no line of {', '.join(sorted(absent))}")
    return day, concentration(shares)


def _line(cells: Cells) -> tuple[str | None, float]:
    weight = number(cells[1])
    if weight is None:
        raise BadCellError(f"{text(cells[0])[:20]!r} has no weight")
    return share(cells[0]), weight


def rows_of(day: date, weights: Concentration, *, seen: datetime, source: str) -> pd.DataFrame:
    """The row of the dataset `weights` for a list that was first seen at an instant."""
    row = {
        "date": pd.Timestamp(day),
        "fund": FUND,
        "seven": round(weights.seven, DECIMALS),
        "top_ten": round(weights.top_ten, DECIMALS),
        "known_at": pd.Timestamp(seen),
        "source": source,
    }
    return pd.DataFrame([row]).astype(empty(DATASET).dtypes)
