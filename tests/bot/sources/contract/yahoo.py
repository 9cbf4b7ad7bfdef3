"""Yahoo's charts, quotes and summaries."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from bot.domain.fetched import FetchRequest
from bot.sources.yahoo.estimates_source import YahooEstimates
from signals.derivatives import fed_funds
from tests.bot.sources.contract.adapter import Adapter, renamed
from tests.bot.sources.yahoo import test_estimates_source
from tests.support.http_stub import as_json
from tests.support.yahoo_replies import QUOTES, chart, credentials, quote, quotes

WEEK = [date(2024, 3, 4) + timedelta(days=day) for day in range(5)]
SATURDAY = datetime(2024, 3, 9, 12, tzinfo=UTC)
NOON = datetime(2024, 3, 6, 17, tzinfo=UTC)
CHARTS = "query2.finance.yahoo.com/v8/finance/chart/"
FUTURE = fed_funds.contract(2024, 12)
SUMMARIES = "query2.finance.yahoo.com/v10/finance/quoteSummary/"
REFUSED = {"not found": "answered 404", "cut": "not JSON|JSON"}


def _chart(name: str, ticker: str) -> Adapter:
    good = chart(ticker, WEEK, [10, 11, 12, 13, 14])
    return Adapter(
        name,
        lambda bench: bench.yahoo(),
        FetchRequest(WEEK[0], WEEK[-1], tickers=(ticker,)),
        SATURDAY,
        CHARTS + ticker,
        good,
        as_json({"chart": {"result": [], "error": None}}),
        renamed(good, '"adjclose"'),
        {**REFUSED, "empty": "no prices", "changed": "adjclose"},
        around=credentials,
        unknown=frozenset({"empty"}),
    )


PRICES = quotes(quote("SPY", 510.0, NOON), quote("QQQ", 440.0, NOON))
COMPANY = test_estimates_source.summary(test_estimates_source.modules())
YAHOO = (
    _chart("yahoo daily", "SPY"),
    _chart("yahoo futures", FUTURE),
    Adapter(
        "yahoo quotes",
        lambda bench: bench.yahoo(),
        ("SPY", "QQQ"),
        NOON,
        QUOTES,
        PRICES,
        quotes(),
        renamed(PRICES, "quoteResponse"),
        {**REFUSED, "empty": "no quote for any", "changed": "'quoteResponse'"},
        around=credentials,
    ),
    Adapter(
        "yahoo estimates",
        lambda bench: YahooEstimates(bench.yahoo(), jitter=lambda: 0.5),
        FetchRequest(date(2025, 2, 24), date(2025, 2, 24), tickers=("AAPL",), records=("estimates", "surprises")),
        test_estimates_source.NOW,
        SUMMARIES + "AAPL",
        COMPANY,
        as_json({"quoteSummary": {"result": [], "error": None}}),
        renamed(COMPANY, "earningsTrend"),
        {**REFUSED, "empty": "empty for AAPL", "changed": "'earningsTrend'"},
        around=credentials,
    ),
)
