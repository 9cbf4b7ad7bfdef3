"""State Street's history of net asset values and shares: one workbook a fund, all days since it began."""

from __future__ import annotations

from bot.calendar.clock import Calendar
from bot.errors import SourceError
from bot.sources.fund_issuers.parsing import FundDay, checked, columns, positive, read_day
from bot.sources.fund_issuers.source import Issuer, flows_job
from bot.sources.http.client import Http
from bot.sources.http.host_policy import HostPolicy
from bot.sources.http.responses import Expect, HttpResponse
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


def read(response: HttpResponse, ticker: str) -> list[FundDay]:
    """The days of a `navhist` workbook. Its header is found by content.

    Legal text below the table is left out.
    """
    rows = [[_text(cell) if isinstance(cell, str) else cell for cell in row] for row in _rows(response)]
    at = next((number for number, row in enumerate(rows) if DATE in row), None)
    if at is None:
        raise SourceError(f"{response.place} has no line with {DATE!r}, so its format has changed")
    _of_fund(rows[:at], ticker, response.place)
    day, nav, shares = columns([_text(cell) for cell in rows[at]], (DATE, NAV, SHARES), response.place)
    days: list[FundDay] = []
    bad = 0
    for row in rows[at + 1 :]:
        when = read_day(row[day], "%d-%b-%Y", "%Y-%m-%d")
        if when is None:
            continue
        fund_day = FundDay(when, positive(row[nav]), positive(row[shares]))
        bad += fund_day.nav is None and fund_day.shares is None
        days.append(fund_day)
    return checked([fund_day for fund_day in days if fund_day.nav or fund_day.shares], bad, response.place)


def _rows(response: HttpResponse) -> list[tuple[object, ...]]:
    rows = first_sheet(response, max_rows=MAX_ROWS)
    width = max(map(len, rows), default=0)
    return [(*row, *[None] * (width - len(row))) for row in rows]


def _of_fund(preamble: list[list[object]], ticker: str, place: str) -> None:
    """Raises SourceError when the lines above the table name another fund."""
    for row in preamble:
        if row and _text(row[0]).lower().startswith("ticker"):
            named = _text(row[1]) if len(row) > 1 else ""
            if named.upper() != ticker:
                raise SourceError(f"{place} is about {named[:20]!r} and not about {ticker}")


def _text(cell: object) -> str:
    return "" if cell is None else str(cell).strip()


STATE_STREET = SourceSpec(
    name="statestreet",
    title="State Street",
    gives="fund flows",
    build=lambda dependencies: state_street(dependencies.http, calendar=dependencies.calendar),
    policies={"www.ssga.com": HostPolicy(per_second=0.2, burst=1, timeout_seconds=30.0)},
    jobs=(flows_job("statestreet"),),
)
