"""Failures of requests to Yahoo, one class for each way of handling them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from curl_cffi.const import CurlECode
from curl_cffi.requests.exceptions import HTTPError, RequestException, Timeout
from yfinance.exceptions import (
    YFDataException,
    YFException,
    YFPricesMissingError,
    YFRateLimitError,
    YFTzMissingError,
)

from bot.errors import SourceError
from bot.sources.yahoo import library_cache


class YahooError(SourceError):
    """Base of the classes below; the text is a sentence without an address."""


class UnknownTickerError(YahooError):
    """Yahoo does not know the ticker, for now or any more."""


class NoBarsError(YahooError):
    """The ticker exists and has nothing in the window."""


class RateLimitedError(YahooError):
    """Too many requests, also at the second attempt.

    `retry_after`: seconds from the header, or None.
    """

    def __init__(self, sentence: str, retry_after: float | None) -> None:
        super().__init__(sentence, retry_after=retry_after, rate_limited=True)


class BrokenResponseError(YahooError):
    """No usable response. `again`: another try may help.

    `counts`: it counts as a failure of the host.
    """

    def __init__(self, sentence: str, *, again: bool, counts: bool = True) -> None:
        super().__init__(sentence)
        self.again = again
        self.counts = counts


class CredentialsRefusedError(OSError):
    """No cookie or crumb for now.

    An OSError, because yfinance then continues without them, as charts can.
    """


class ClosedError(OSError):
    """The source is being closed; no further request goes out."""


@dataclass(slots=True)
class LastResponse:
    """The response to the newest data request of this thread, and the time at which its fetch began."""

    at: datetime | None = None
    status: int | None = None
    retry_after: float | None = None


def as_yahoo_error(error: Exception, last: LastResponse) -> YahooError:
    """Any exception that yfinance or curl raised, as one of the above.

    Their texts may contain the whole address and are not passed on. After an error of yfinance's
    cache there is none any more, so another try helps.
    """
    if isinstance(error, YahooError):
        return error
    if isinstance(error, SourceError):
        return BrokenResponseError(str(error), again=False)
    if library_cache.is_cache_error(error):
        library_cache.do_without(error)
        return BrokenResponseError("yfinance could not use its cache", again=True, counts=False)
    if isinstance(error, YFRateLimitError):
        return RateLimitedError("Yahoo answered 429, too many requests", last.retry_after)
    if isinstance(error, ClosedError):
        return BrokenResponseError("Yahoo is not asked any more, the program is stopping", again=False, counts=False)
    if isinstance(error, (HTTPError, YFException, ValueError)) and last.status not in (None, 200):
        return _refused(last.status)
    if isinstance(error, (YFPricesMissingError, YFTzMissingError)):
        return NoBarsError("Yahoo has no prices between these dates")
    if isinstance(error, Timeout):
        return BrokenResponseError("Yahoo did not answer in time", again=True)
    if isinstance(error, RequestException) and error.code == CurlECode.FILESIZE_EXCEEDED:
        return BrokenResponseError("Yahoo sent more than is ever needed", again=False)
    if isinstance(error, OSError):
        return BrokenResponseError(f"Yahoo could not be reached or broke off ({type(error).__name__})", again=True)
    if isinstance(error, YFDataException):
        return BrokenResponseError("Yahoo says that it is down", again=True)
    if isinstance(error, KeyError):
        return BrokenResponseError(f"Yahoo's answer has no field {error}, so its format has changed", again=False)
    if isinstance(error, ValueError):
        return BrokenResponseError("Yahoo sent something that is not JSON", again=False)
    return BrokenResponseError(f"Yahoo's answer cannot be read ({type(error).__name__}: {error})", again=False)


def _refused(status: int | None) -> YahooError:
    what = "its cookie or crumb was not accepted" if status == 401 else "the request was refused"
    return BrokenResponseError(f"Yahoo answered {status}, {what}", again=False, counts=status != 401)
