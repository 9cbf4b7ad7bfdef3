"""State Street, iShares and Invesco."""

from __future__ import annotations

from datetime import date

from bot.domain.fetched import FetchRequest
from bot.sources import fund_issuers
from tests.bot.sources.contract.adapter import Adapter
from tests.bot.sources.fund_issuers import test_holdings, test_source
from tests.support.http_stub import Reply, as_json


def _issuer(case: test_source.Case, nothing: Reply, **says: str) -> Adapter:
    return Adapter(
        case.make.__name__,
        lambda bench: case.make(bench.http, calendar=bench.calendar),
        FetchRequest(date(2003, 1, 1), date(2026, 9, 21), tickers=(case.ticker,), records=("funds",)),
        test_source.NOW,
        case.place,
        case.good,
        nothing,
        case.changed,
        {"changed": f"no (column )?{case.field}", **says},
    )


ISSUERS = (
    _issuer(test_source.CASES[0], test_source.navhist(), cut="cannot be read", empty="no line with"),
    _issuer(test_source.CASES[1], test_source.workbook(), cut="cannot be read", empty="no line with"),
    _issuer(test_source.CASES[2], as_json({}), cut="not JSON", empty="no price of QQQ"),
    Adapter(
        "weights",
        lambda bench: fund_issuers.state_street(bench.http, calendar=bench.calendar),
        FetchRequest(date(2026, 9, 21), date(2026, 9, 21), tickers=("SPY",), records=("weights",)),
        test_source.NOW,
        test_holdings.PLACE,
        test_holdings.workbook(),
        test_holdings.workbook({}),
        test_holdings.workbook(header=("Name", "Ticker", "Identifier", "Share")),
        {"changed": "no column Weight", "cut": "cannot be read", "empty": "add up to 0.0 %"},
    ),
)
