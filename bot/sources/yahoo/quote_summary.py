"""One company or fund in one request: which modules are asked for, and what an answer without content means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yfinance.data import YfData
from yfinance.exceptions import YFRateLimitError

from bot.sources.yahoo.failures import BrokenAnswerError
from bot.sources.yahoo.session import SUMMARY, YahooSession

URL = f"https://query2.finance.yahoo.com{SUMMARY}"
OF_COMPANIES = ("price", "earningsTrend", "earningsHistory", "summaryDetail", "defaultKeyStatistics", "calendarEvents")
OF_FUNDS = ("price", "topHoldings", "summaryDetail")

Modules = Mapping[str, Mapping[str, Any]]


class EmptyAnswerError(BrokenAnswerError):
    """An answer without content, which is how Yahoo shows trouble with the crumb: nothing is known, least of all zeros."""


def ask(session: YahooSession, ticker: str, *, modules: tuple[str, ...]) -> Any:
    """Fetch the modules of one ticker, not yet looked at. Raises what `errors.explained` understands."""
    if session.has_no_credentials():
        raise BrokenAnswerError("Yahoo gives no crumb for now, and estimates need one", again=False, strike=False)
    try:
        return YfData(session=session).get_raw_json(URL + ticker, params={"modules": ",".join(modules)})
    except YFRateLimitError:
        if session.has_no_credentials():
            # Without a crumb 429 is about the crumb; it must not make the whole of Yahoo rest.
            raise BrokenAnswerError(
                "Yahoo answered 429 to a request without a crumb", again=False, strike=False
            ) from None
        raise


def modules_of(answer: Any) -> Modules:
    """The modules of an answer. Raises EmptyAnswerError when there are none, BrokenAnswerError for another shape."""
    try:
        summary = answer["quoteSummary"]
        result, error = summary["result"], summary.get("error")
    except (KeyError, TypeError, AttributeError):
        empty = not answer
        wrong = "is empty" if empty else "has no field 'quoteSummary' with a 'result', so its format has changed"
        raise (EmptyAnswerError if empty else BrokenAnswerError)(f"Yahoo's answer {wrong}", again=False) from None
    if error:
        raise BrokenAnswerError("Yahoo answered a request for estimates with an error", again=False)
    if not result or not result[0]:
        raise EmptyAnswerError("Yahoo's answer is empty", again=False)
    modules: Modules = result[0]
    return modules


def module(modules: Modules, name: str) -> Mapping[str, Any]:
    """One module. Raises BrokenAnswerError naming it where it is not there."""
    found = modules.get(name)
    if not isinstance(found, Mapping):
        raise missing_field(name)
    return found


def missing_field(name: str) -> BrokenAnswerError:
    """The sentence of an answer that lacks a field."""
    return BrokenAnswerError(f"Yahoo's answer has no field {name!r}, so its format may have changed", again=False)
