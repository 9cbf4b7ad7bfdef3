"""State Street's history of net asset values and shares, one workbook a fund with all days since it began, and SPY's holdings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.calendar.clock import Calendar
from bot.domain.fetched import Fetched, FetchRequest
from bot.domain.job import ExpectedDay, Job, at
from bot.errors import SourceError
from bot.sources.fund_issuers import holdings
from bot.sources.fund_issuers.parsing import FundDay, fund_days
from bot.sources.fund_issuers.source import Issuer, flows_job, sample_of
from bot.sources.http.host_policy import HostPolicy
from bot.sources.http.http_client import Http
from bot.sources.http.responses import Expect, HttpResponse
from bot.sources.parsing.cells import day, header_key, text
from bot.sources.parsing.document_reader import reader
from bot.sources.parsing.table import HEADER_WITHIN, Cells, find_table
from bot.sources.parsing.workbook import first_sheet
from bot.sources.source_spec import SourceSpec
from signals.asof.fund_weights import DATASET as WEIGHTS
from signals.asof.fund_weights import FUND

BASE = "https://www.ssga.com/library-content/products/fund-data/etfs/us/navhist-us-en-{}.xlsx"
TICKERS = ("XLK", "XLC", "XLF", "XLI", "XLV", "XLB", "XLE", "XLP", "XLRE", "XLU", "XLY", "SPY")
"""Those that signals read come first."""

MAX_ROWS = 20_000
DATE, NAV, SHARES = "Date", "NAV", "Shares Outstanding"


class StateStreet(Issuer):
    """State Street's funds, and the weights in its list of SPY's holdings."""

    def split(self, request: FetchRequest) -> Sequence[FetchRequest]:
        """See `Issuer.split`; one chunk more for the weights."""
        chunks = list(super().split(request))
        if WEIGHTS in request.records:
            chunks.append(replace(request, tickers=(FUND,), series=(), universe=False, records=(WEIGHTS,)))
        return chunks

    async def fetch(self, request: FetchRequest, now: datetime) -> Fetched:
        """See `Issuer.fetch`; of weights the newest list, whatever days are requested.

        Raises SourceError when it cannot be had or believed.
        """
        if request.records != (WEIGHTS,):
            return await super().fetch(request, now)
        with self._record.watch(now):
            response = await self._get(holdings.SPY_URL, now)
            day, weights = await self._http.parse(holdings.read_weights, response)
            rows = holdings.rows_of(day, weights, seen=now, source=self.name)
            return Fetched(self.name, now, records={WEIGHTS: rows})


def state_street(http: Http, *, calendar: Calendar) -> StateStreet:
    """The source; needs no key."""
    return StateStreet(
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
    samples=lambda day: (*sample_of("XLK", day), FetchRequest(day, day, records=(WEIGHTS,))),
    policies={"www.ssga.com": HostPolicy(per_second=0.2, burst=1, timeout_seconds=30.0)},
    jobs=(
        flows_job("statestreet"),
        Job(
            "weights",
            "statestreet",
            times=at("09:00"),
            rank=90,
            records=(WEIGHTS,),
            back=timedelta(0),
            first=timedelta(0),
            expected=ExpectedDay.SESSION_BEFORE,
        ),
    ),
)
