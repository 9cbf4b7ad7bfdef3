"""Workbooks in the layout in which State Street lists a fund's holdings, with invented weights."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

Line = tuple[str, str, str | int, str | float]
"""Name, ticker, CUSIP and weight in percent; the workbook has most weights as texts and tiny ones as numbers."""


@dataclass(frozen=True, slots=True)
class Fund:
    """A fund, what its workbook says of its date, and its holdings."""

    title: str
    ticker: str
    stated: str
    lines: Sequence[Line]


def rest(count: int, weight: str) -> list[Line]:
    """Holdings that no test names, of one weight each."""
    letters = [first + second for first in "XYZ" for second in ascii_uppercase][:count]
    return [(f"MADE UP {ticker} INC", ticker, f"9990{ticker}10{at % 10}", weight) for at, ticker in enumerate(letters)]


SPY = Fund(
    "State Street® SPDR® S&P 500® ETF Trust",
    "SPY",
    "As of 06-Mar-2026",
    [
        # The seven: 8.5 + 6.25 + 5.75 + 4 + 3 + 2.5 + 2.25 + 1.75 = 34. The ten largest: with 3 and 1.5 more 38.5.
        ("NVIDIA CORP", "NVDA", "67066G104", "8.500000"),
        ("APPLE INC", "AAPL", 37833100, "6.250000"),
        ("MICROSOFT CORP", "MSFT", "999000001", "5.750000"),
        ("AMAZON.COM INC", "AMZN", "999000002", "4.000000"),
        ("ALPHABET INC CL A", "GOOGL", "999000003", "3.000000"),
        ("BROADCOM INC", "AVGO", "999000004", "3.000000"),
        ("ALPHABET INC CL C", "GOOG", "999000005", "2.500000"),
        ("META PLATFORMS INC CLASS A", "META", "999000006", "2.250000"),
        ("TESLA INC", "TSLA", "999000007", "1.750000"),
        ("BERKSHIRE HATHAWAY INC CL B", "BRK.B", "999000008", "1.500000"),
        *rest(46, "1.250000"),
        ("EXXON MOBIL CORP", "XOM", "999000009", "1.250000"),
        ("US DOLLAR", "-", "999USDZ92", 1.9),
        ("BROWN FORMAN CORP CLASS B", "BF.B", "999000010", 0.05),
        ("CONTRA MADE UP INC", "2602335D", "999CVR021", 4e-06),
    ],
)
"""58 companies with 97.3 % of the weight in all; cash has no ticker, a right has an identifier in its place."""

BIOTECH = Fund(
    "SPDR® S&P® Biotech ETF",
    "XBI",
    "As of 03-Feb-2026",
    [
        ("NEUROCRINE BIOSCIENCES INC", "NBIX", "999000011", "2.400000"),
        *rest(39, "2.500000"),
        ("SSI US GOV MONEY MARKET CLASS", "-", "999QSGII3", 0.05),
        ("CONTRA MADE UP INC", "-", "999CVR017", 0.015),
        ("US DOLLAR", "-", "999USDZ92", 3.8e-05),
    ],
)


def workbook(fund: Fund) -> bytes:
    """The fund's workbook: title lines, holdings in twelve columns, empty rows and legal text."""
    # Imported here: few of the tests read workbooks.
    import openpyxl

    book = openpyxl.Workbook()
    sheet: Any = book.active
    for row in (
        ("Fund Name:", fund.title),
        ("Ticker Symbol:", fund.ticker),
        ("Holdings:", fund.stated),
        (),
        ("Name", "Ticker", "Identifier", "SEDOL", "Weight", "Sector", "Shares Held", "Local Currency"),
    ):
        sheet.append(row)
    for name, ticker, cusip, weight in fund.lines:
        sheet.append((name, ticker, cusip, "-", weight, "-", "1000.0", "USD", None, None, None, None))
    for text in (
        "Past performance is not a reliable indicator of future performance.",
        None,
        None,
        "Distributor: nobody",
    ):
        sheet.append((text,))
        sheet.append(())
    body = io.BytesIO()
    book.save(body)
    return body.getvalue()
