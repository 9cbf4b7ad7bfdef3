"""Quote summary: one request a company or fund, for certain modules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot.sources.parsing.document_reader import reader
from bot.sources.yahoo.failures import AnsweredError, BrokenResponseError
from bot.sources.yahoo.remote import SUMMARY

if TYPE_CHECKING:
    from bot.sources.yahoo.yahoo_client import YahooClient

URL = f"https://query2.finance.yahoo.com{SUMMARY}"
OF_COMPANIES = ("price", "earningsTrend", "earningsHistory", "summaryDetail", "defaultKeyStatistics", "calendarEvents")
OF_FUNDS = ("price", "topHoldings", "summaryDetail")

Modules = Mapping[str, Mapping[str, Any]]


class EmptyResponseError(AnsweredError):
    """A response without content, which Yahoo sends when the crumb is invalid: it means unknown,
    never zero.
    """


def fetch(client: YahooClient, ticker: str, modules: tuple[str, ...]) -> Any:
    """Fetch the modules of one ticker, unchecked. Raises what `library_errors.as_yahoo_error` converts."""
    return client.document(URL + ticker, {"modules": ",".join(modules)}, of="estimates")


@reader("Yahoo")
def modules_of(response: Any) -> Modules:
    """The modules of a response. Raises EmptyResponseError when there are none, BrokenResponseError
    for another shape.
    """
    try:
        summary = response["quoteSummary"]
        result, error = summary["result"], summary.get("error")
    except (KeyError, TypeError, AttributeError):
        if not response:
            raise EmptyResponseError("Yahoo's answer is empty") from None
        raise BrokenResponseError(
            "Yahoo's answer has no field 'quoteSummary' with a 'result', so its format has changed"
        ) from None
    if error:
        raise BrokenResponseError("Yahoo answered a request for estimates with an error", again=False)
    if not result or not result[0]:
        raise EmptyResponseError("Yahoo's answer is empty")
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
