"""Rate policy of the SEC: contact, request rate and refusals. One budget for all requests to it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import IO, ParamSpec, TypeVar

from bot.errors import SourceError
from bot.sources.http.circuit_breaker import Cooldown
from bot.sources.http.host_policy import HostPolicy
from bot.sources.http.http_client import Http
from bot.sources.http.responses import Expect, HttpError, HttpResponse

P = ParamSpec("P")
T = TypeVar("T")

WWW, DATA, SEARCH = "https://www.sec.gov", "https://data.sec.gov", "https://efts.sec.gov"

_SEC = HostPolicy(per_second=5.0, burst=1, timeout_seconds=60.0, pool="the SEC")
POLICIES = {
    # A filing is one text with all its exhibits; those with many pictures or holdings are long.
    "www.sec.gov": replace(_SEC, max_bytes=64_000_000),
    "data.sec.gov": _SEC,
    "efts.sec.gov": _SEC,
}
"""Half of the ten requests a second that the SEC allows one person on all machines and for all its
hosts together.
"""

NO_CONTACT = "the SEC answers only those who say who they are: set sources.contact to a name and a mail address"
REFUSED_FOR = timedelta(minutes=10)
"""The SEC throttles an address for about ten minutes with status 403, the same as without a contact."""


class SecClient:
    """Sends requests to the SEC, and stops for a while after a refusal."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self._rest: Cooldown | None = None

    async def get(
        self,
        url: str,
        now: datetime,
        *,
        expect: Expect,
        params: Mapping[str, str] | None = None,
        accept: Collection[int] = (),
        into: IO[bytes] | None = None,
    ) -> HttpResponse:
        """A response of the expected kind; its body is written to `into` if that is given.

        Raises SourceError without a contact, and `rate_limited` after a refusal.
        """
        if not self._http.contact or "@" not in self._http.contact:
            raise SourceError(NO_CONTACT)
        if self._rest is not None and self._rest.lasts(now):
            raise _refused("the SEC is left alone", self._rest, now)
        try:
            return await self._http.get(url, now=now, expect=expect, params=params, accept=accept, into=into)
        except HttpError as error:
            if error.status != 403:
                raise
            self._rest = Cooldown(now, now + REFUSED_FOR)
            sentence = f"{error}: too many requests or a contact that it does not accept"
            raise _refused(sentence, self._rest, now) from None

    async def parse(self, read: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """See `Http.parse`."""
        return await self._http.parse(read, *args, **kwargs)


def _refused(sentence: str, rest: Cooldown, now: datetime) -> SourceError:
    wait = (rest.until - now).total_seconds()
    return SourceError(f"{sentence} until {rest.until:%H:%M} UTC", retry_after=wait, rate_limited=True)
