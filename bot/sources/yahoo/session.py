"""The HTTP session to Yahoo: every request of yfinance, hidden ones included, is rate-limited, bounded and checked here.

The checks prevent yfinance's own second attempts, each of which discards cookie and crumb for all
threads, where they cannot help: a delisted ticker, a server error, a web page instead of JSON.
"""

from __future__ import annotations

import json
import logging
import threading
import time
import warnings
from collections.abc import Callable, Mapping
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
from bot.sources.http.raw_archive import KeepsAnswers
from bot.sources.http.responses import Expect, unusable
from bot.sources.yahoo import library_cache
from bot.sources.yahoo.failures import (
    BrokenResponseError,
    ClosedError,
    CredentialsRefusedError,
    LastResponse,
    NoBarsError,
    UnknownTickerError,
)

log = logging.getLogger(__name__)

CHART, QUOTE, SUMMARY = "/v8/finance/chart/", "/v7/finance/quote", "/v10/finance/quoteSummary/"
OPTIONS = "/v7/finance/options/"
CRUMB, COOKIE = "/v1/test/getcrumb", "fc.yahoo.com"
CREDENTIALS_COOLDOWN_SECONDS = 900.0
MAX_BYTES = 16_000_000


class YahooSession(Session[Response]):
    """A curl session with a browser's fingerprint, like yfinance's own.

    `request` runs in worker threads only. `pause` sleeps for a wait that the token bucket requires;
    `close_soon` ends waits and refuses further requests.
    """

    def __init__(
        self,
        *,
        bucket: TokenBucket,
        base_urls: Mapping[str, str],
        timeout_seconds: float,
        pause: Callable[[float], object] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        max_bytes: int = MAX_BYTES,
        raw_archive: KeepsAnswers | None = None,
    ) -> None:
        super().__init__(impersonate="chrome", curl_options={CurlOpt.MAXFILESIZE_LARGE: max_bytes})
        self._closing = threading.Event()
        self._bucket = bucket
        self._base_urls = base_urls
        self._timeout_seconds = timeout_seconds
        self._pause = pause or self._closing.wait
        self._monotonic = monotonic
        self._raw_archive = raw_archive
        self._credentials_cooldown_until = float("-inf")
        self._cookie_response: Response | None = None
        self._thread_local = threading.local()

    def last_response(self) -> LastResponse:
        """The response to the calling thread's newest data request."""
        last = getattr(self._thread_local, "value", None)
        if not isinstance(last, LastResponse):
            last = self._thread_local.value = LastResponse()
        return last

    def has_no_credentials(self) -> bool:
        """Whether Yahoo refused a cookie or crumb less than 15 minutes ago, so that none is requested."""
        return self._monotonic() < self._credentials_cooldown_until

    def close_soon(self) -> None:
        """Refuse requests from now on and end the waits of those that have not been sent."""
        self._closing.set()

    def request(self, method: Any, url: str, *args: Any, **options: Any) -> Response:
        """Send one request within the rate limit.

        Raises the classes of `failures` and curl's own.
        """
        parts = urlsplit(url)
        is_data = parts.path.startswith((CHART, QUOTE, SUMMARY, OPTIONS))
        if not is_data and self.has_no_credentials():
            raise CredentialsRefusedError("Yahoo gives no cookie or crumb for now")
        # Where the cookie cannot be stored on disk, yfinance requests it again before every single
        # chart.
        if parts.hostname == COOKIE and self._cookie_response is not None and len(self.cookies.jar) > 0:
            return self._cookie_response
        self._wait_for_turn()
        options["timeout"] = self._timeout_seconds
        if is_data:
            # Data come from where they are asked; elsewhere are pages of consent.
            options["allow_redirects"] = False
        try:
            response = super().request(method, routed(url, self._base_urls), *args, **options)
        except OSError:
            if not is_data and parts.hostname != COOKIE:
                self._cool_down_credentials()
            raise
        if is_data:
            self._keep(url, options.get("params"), response)
            return self._checked_data(response, parts.path)
        if parts.hostname == COOKIE:
            self._cookie_response = response
        if parts.path == CRUMB and not _is_crumb(response):
            self._cool_down_credentials()
            raise CredentialsRefusedError(f"Yahoo answered {response.status_code} when asked for a crumb")
        return response

    def _keep(self, url: str, params: Any, response: Response) -> None:
        """Store a response with data in the raw archive; the others contain cookies and crumbs."""
        at = self.last_response().at
        if self._raw_archive is not None and at is not None:
            self._raw_archive.keep(url, params, response.status_code, response.content, at)

    def _wait_for_turn(self) -> None:
        wait = self._bucket.take(self._monotonic())
        if wait > 0.0 and not self._closing.is_set():
            self._pause(wait)
        if self._closing.is_set():
            raise ClosedError("closing")

    def _cool_down_credentials(self) -> None:
        self._credentials_cooldown_until = self._monotonic() + CREDENTIALS_COOLDOWN_SECONDS

    def _checked_data(self, response: Response, path: str) -> Response:
        last = self.last_response()
        last.status = response.status_code
        last.retry_after = retry_after_seconds(response.headers.get("Retry-After"), SystemClock().now())
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
