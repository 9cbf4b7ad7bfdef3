"""The HTTP session to Yahoo: every request of yfinance, hidden ones included, is rate-limited, bounded and checked here.

The checks prevent yfinance's own second attempts, each of which discards cookie and crumb, where
they cannot help: a delisted ticker, a server error, a web page instead of JSON. For Yahoo's process
alone.
"""

from __future__ import annotations

import json
import logging
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yfinance as yf
from curl_cffi import CurlOpt
from curl_cffi.requests import Response, Session
from pandas.errors import Pandas4Warning

from bot.calendar.clock import SystemClock
from bot.sources.http.attempt import routed
from bot.sources.http.rate_limit import TokenBucket, retry_after_seconds
from bot.sources.http.responses import Expect, unusable
from bot.sources.yahoo import library_cache
from bot.sources.yahoo.failures import (
    BrokenResponseError,
    CredentialsRefusedError,
    NoBarsError,
    UnknownTickerError,
)
from bot.sources.yahoo.library_errors import LastResponse
from bot.sources.yahoo.remote import CHART, OPTIONS, QUOTE, SUMMARY, Body, YahooSettings

log = logging.getLogger(__name__)

CRUMB, COOKIE = "/v1/test/getcrumb", "fc.yahoo.com"


class YahooSession(Session[Response]):
    """A curl session with a browser's fingerprint, like yfinance's own.

    `pause` sleeps for a wait that the token bucket requires.

    Attributes:
        last: The response to the newest data request since `begin`.
        bodies: What came with data since `begin`; the other responses contain cookies and crumbs.
        has_no_credentials: Yahoo refuses a cookie or crumb for now, so that none is requested.
    """

    def __init__(
        self,
        settings: YahooSettings,
        *,
        pause: Callable[[float], object] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(impersonate="chrome", curl_options={CurlOpt.MAXFILESIZE_LARGE: settings.max_bytes})
        self._bucket = TokenBucket(settings.per_second, settings.burst)
        self._base_urls = dict(settings.base_urls)
        self._timeout_seconds = settings.timeout_seconds
        self._pause, self._monotonic = pause, monotonic
        self._cookie_response: Response | None = None
        self.begin(has_no_credentials=False)

    def begin(self, *, has_no_credentials: bool) -> None:
        """Forget the call before."""
        self.last, self.bodies = LastResponse(), list[Body]()
        self.has_no_credentials = has_no_credentials

    def request(self, method: Any, url: str, *args: Any, **options: Any) -> Response:
        """Send one request within the rate limit.

        Raises the classes of `failures` and curl's own.
        """
        parts = urlsplit(url)
        is_data = parts.path.startswith((CHART, QUOTE, SUMMARY, OPTIONS))
        if not is_data and self.has_no_credentials:
            raise CredentialsRefusedError("Yahoo gives no cookie or crumb for now")
        # Where the cookie cannot be stored on disk, yfinance requests it again before every single
        # chart.
        if parts.hostname == COOKIE and self._cookie_response is not None and len(self.cookies.jar) > 0:
            return self._cookie_response
        self._pause_for_turn()
        options["timeout"] = self._timeout_seconds
        if is_data:
            # Data come from where they are asked; elsewhere are pages of consent.
            options["allow_redirects"] = False
        try:
            response = super().request(method, routed(url, self._base_urls), *args, **options)
        except OSError:
            if not is_data and parts.hostname != COOKIE:
                self.has_no_credentials = True
            raise
        if is_data:
            self.bodies.append(Body(url, options.get("params"), response.status_code, response.content))
            return self._checked_data(response, parts.path)
        if parts.hostname == COOKIE:
            self._cookie_response = response
        if parts.path == CRUMB and not _is_crumb(response):
            self.has_no_credentials = True
            raise CredentialsRefusedError(f"Yahoo answered {response.status_code} when asked for a crumb")
        return response

    def _pause_for_turn(self) -> None:
        wait = self._bucket.take(self._monotonic())
        if wait > 0.0:
            self._pause(wait)

    def _checked_data(self, response: Response, path: str) -> Response:
        retry_after = retry_after_seconds(response.headers.get("Retry-After"), SystemClock().now())
        self.last = LastResponse(response.status_code, retry_after)
        if response.status_code >= 500:
            raise BrokenResponseError(f"Yahoo answered {response.status_code}", again=True)
        if 300 <= response.status_code < 400:
            raise BrokenResponseError(f"Yahoo answered {response.status_code} and sends elsewhere", again=False)
        if response.status_code == 200:
            _check_body(response, path)
        elif path.startswith(CHART) and response.status_code in (400, 404, 422):
            _raise_error(response, "chart")
        elif path.startswith(SUMMARY) and response.status_code == 404:
            _raise_error(response, "quoteSummary")
        elif path.startswith(OPTIONS) and response.status_code == 404:
            _raise_error(response, "optionChain")
        return response


def prepare_library(cache_dir: Path) -> None:
    """Configure yfinance, per process: the folder of cookies, raising errors, no logging.

    Must run before its first request.
    """
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        log.warning("Yahoo's cookies are not kept, the folder for them cannot be made (%s)", error.strerror)
    library_cache.discard_broken(cache_dir)
    yf.set_tz_cache_location(str(cache_dir))
    yf.config.debug.hide_exceptions = False
    logging.getLogger("yfinance").setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", category=Pandas4Warning, module="yfinance")


def _is_crumb(response: Response) -> bool:
    text = response.text.strip()
    return response.status_code == 200 and 0 < len(text) < 64 and "<" not in text and "Too Many" not in text


def _check_body(response: Response, path: str) -> None:
    reason = unusable(response.content, Expect.JSON)
    if reason is not None:
        raise BrokenResponseError(f"Yahoo {reason}", again=False)
    # Without the adjusted closes yfinance silently uses the raw ones instead.
    if path.startswith(CHART) and b'"close"' in response.content and b'"adjclose"' not in response.content:
        raise BrokenResponseError("Yahoo's answer has no field 'adjclose', so its format has changed", again=False)


def _raise_error(response: Response, field: str) -> None:
    try:
        error = json.loads(response.content)[field]["error"]
        sentence = f"Yahoo: {str(error['description'])[:200]}"
    except (ValueError, KeyError, TypeError):
        raise BrokenResponseError(f"Yahoo answered {response.status_code} without a reason", again=False) from None
    raise UnknownTickerError(sentence) if response.status_code == 404 else NoBarsError(sentence)
