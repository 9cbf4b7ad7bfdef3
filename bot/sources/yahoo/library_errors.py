"""What yfinance and curl raise, as the failures of this source. For Yahoo's process alone."""

from __future__ import annotations

from dataclasses import dataclass

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
from bot.sources.yahoo.failures import BrokenResponseError, NoBarsError, RateLimitedError, YahooError


@dataclass(slots=True)
class LastResponse:
    """The response to the newest data request of a call."""

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
    if isinstance(error, MemoryError):
        return BrokenResponseError("Yahoo's answer needs more memory to read than any real one does", again=False)
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
