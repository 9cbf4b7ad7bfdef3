"""State Street's history of net asset values and shares: one workbook a fund, all days since it began."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.calendar.clock import Calendar
from bot.errors import SourceError
from bot.sources.fund_issuers.parsing import FundDay, fund_days
from bot.sources.fund_issuers.source import Issuer, flows_job, sample_of
from bot.sources.http.client import Http
from bot.sources.http.host_policy import HostPolicy
from bot.sources.http.responses import Expect, HttpResponse
from bot.sources.parsing.cells import day, header_key, text
from bot.sources.parsing.reader import reader
from bot.sources.parsing.table import HEADER_WITHIN, Cells, find_table
from bot.sources.parsing.workbook import first_sheet
from bot.sources.source_spec import SourceSpec

BASE = "https://www.ssga.com/library-content/products/fund-data/etfs/us/navhist-us-en-{}.xlsx"
TICKERS = ("XLK", "XLC", "XLF", "XLI", "XLV", "XLB", "XLE", "XLP", "XLRE", "XLU", "XLY", "SPY")
"""Those that signals read come first."""

MAX_ROWS = 20_000
DATE, NAV, SHARES = "Date", "NAV", "Shares Outstanding"


def state_street(http: Http, *, calendar: Calendar) -> Issuer:
    """The source; needs no key."""
    return Issuer(
        http,
        name="statestreet",
        label="State Street",
        calendar=calendar,
        addresses={ticker: BASE.format(ticker.lower()) for ticker in TICKERS},
        expect=Expect.XLSX,
        read=read,
        history=True,
    )


@reader("State Street")
def read(response: HttpResponse, ticker: str) -> list[FundDay]:
    """The days of a `navhist` workbook. Its header is found by content.

    Legal text below the table is left out; where it has no history it writes `-`.
    """
    rows = first_sheet(response, max_rows=MAX_ROWS)
    table = find_table(rows, response.place, (DATE,), (NAV,), (SHARES,), padded=True)
    _of_fund(rows[:HEADER_WITHIN], ticker, response.place)
    return fund_days(table, (DATE, NAV, SHARES), _day)


def _day(cell: object) -> date:
    return day(cell, "%d-%b-%Y", "%Y-%m-%d", serials=True)


def _of_fund(preamble: Sequence[Cells], ticker: str, place: str) -> None:
    """Raises SourceError when the lines above the table name another fund."""
    for row in preamble:
        if row and header_key(row[0]).startswith("ticker"):
            named = text(row[1]) if len(row) > 1 else ""
            if named.upper() != ticker:
                raise SourceError(f"{place} is about {named[:20]!r} and not about {ticker}")


STATE_STREET = SourceSpec(
    name="statestreet",
    title="State Street",
    gives="fund flows",
    build=lambda dependencies: state_street(dependencies.http, calendar=dependencies.calendar),
    samples=lambda day: sample_of("XLK", day),
    policies={"www.ssga.com": HostPolicy(per_second=0.2, burst=1, timeout_seconds=30.0)},
    jobs=(flows_job("statestreet"),),
)
