"""Quote summary: one request a company or fund, for certain modules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yfinance.data import YfData
from yfinance.exceptions import YFRateLimitError

from bot.sources.parsing.document_reader import reader
from bot.sources.yahoo.failures import BrokenResponseError
from bot.sources.yahoo.session import SUMMARY, YahooSession

URL = f"https://query2.finance.yahoo.com{SUMMARY}"
OF_COMPANIES = ("price", "earningsTrend", "earningsHistory", "summaryDetail", "defaultKeyStatistics", "calendarEvents")
OF_FUNDS = ("price", "topHoldings", "summaryDetail")

Modules = Mapping[str, Mapping[str, Any]]


class EmptyResponseError(BrokenResponseError):
    """A response without content, which Yahoo sends when the crumb is invalid: it means unknown,
    never zero.
    """


def fetch(session: YahooSession, ticker: str, *, modules: tuple[str, ...]) -> Any:
    """Fetch the modules of one ticker, unchecked.

    Raises what `failures.as_yahoo_error` converts.
    """
    if session.has_no_credentials():
        raise BrokenResponseError("Yahoo gives no crumb for now, and estimates need one", again=False, counts=False)
    try:
        return YfData(session=session).get_raw_json(URL + ticker, params={"modules": ",".join(modules)})
    except YFRateLimitError:
        if session.has_no_credentials():
            # Without a crumb a 429 concerns the crumb alone; it must not open the breaker for all
            # of Yahoo.
            raise BrokenResponseError(
                "Yahoo answered 429 to a request without a crumb", again=False, counts=False
            ) from None
        raise


@reader("Yahoo")
def modules_of(response: Any) -> Modules:
    """The modules of a response. Raises EmptyResponseError when there are none, BrokenResponseError
    for another shape.
    """
    try:
        summary = response["quoteSummary"]
        result, error = summary["result"], summary.get("error")
    except (KeyError, TypeError, AttributeError):
        empty = not response
        wrong = "is empty" if empty else "has no field 'quoteSummary' with a 'result', so its format has changed"
        raise (EmptyResponseError if empty else BrokenResponseError)(f"Yahoo's answer {wrong}", again=False) from None
    if error:
        raise BrokenResponseError("Yahoo answered a request for estimates with an error", again=False)
    if not result or not result[0]:
        raise EmptyResponseError("Yahoo's answer is empty", again=False)
    modules: Modules = result[0]
    return modules


def module(modules: Modules, name: str) -> Mapping[str, Any]:
    """One module. Raises BrokenResponseError with its name when it is missing."""
    content = modules.get(name)
    if not isinstance(content, Mapping):
        raise missing_field(name)
    return content


def missing_field(name: str) -> BrokenResponseError:
    """The error of a response that lacks a field."""
    return BrokenResponseError(f"Yahoo's answer has no field {name!r}, so its format may have changed", again=False)
