"""How the SEC wants to be asked: who asks, how often, and what its refusals mean. One budget for everything asked of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import IO

from bot.errors import SourceError
from bot.sources.http.client import Http
from bot.sources.http.host_policy import HostPolicy
from bot.sources.http.responses import Expect, HttpError, HttpResponse

WWW, DATA, SEARCH = "https://www.sec.gov", "https://data.sec.gov", "https://efts.sec.gov"

_SEC = HostPolicy(per_second=5.0, burst=1, timeout_seconds=60.0, pool="the SEC")
POLICIES = {
    # A filing comes as one text with all its exhibits; those with many pictures or holdings are long.
    "www.sec.gov": replace(_SEC, max_bytes=64_000_000),
    "data.sec.gov": _SEC,
    "efts.sec.gov": _SEC,
}
"""Half of the ten requests a second that the SEC allows one person on all machines and for all its hosts together."""

NO_CONTACT = "the SEC answers only those who say who they are: set sources.contact to a name and a mail address"
REFUSED_FOR = timedelta(minutes=10)
"""The SEC throttles an address for about ten minutes and says so with 403, like to somebody without a contact."""


class SecClient:
    """Asks the SEC, and stops asking for a while once it refused."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self._until: datetime | None = None

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
        """An answer of the expected kind, its body in a file where one is given.

        Raises SourceError without a contact, and `rate_limited` after a refusal.
        """
        if not self._http.contact or "@" not in self._http.contact:
            raise SourceError(NO_CONTACT)
        if self._until is not None and now < self._until:
            raise self._refused("the SEC is left alone", self._until - now)
        try:
            return await self._http.get(url, now=now, expect=expect, params=params, accept=accept, into=into)
        except HttpError as error:
            if error.status != 403:
                raise
            self._until = now + REFUSED_FOR
            raise self._refused(
                f"{error}: too many requests or a contact that it does not accept", REFUSED_FOR
            ) from None

    def _refused(self, sentence: str, wait: timedelta) -> SourceError:
        return SourceError(
            f"{sentence} until {self._until:%H:%M} UTC", retry_after=wait.total_seconds(), rate_limited=True
        )
