"""Cache of what is fetched often from the SEC: numbers of filers, lists of filings, CUSIPs."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import date, datetime, timedelta

from bot.errors import SourceError
from bot.sources.edgar import filings_index
from bot.sources.edgar.filings_index import Filing
from bot.sources.edgar.form13f import cusips
from bot.sources.edgar.form13f.cusips import Security
from bot.sources.edgar.rate_policy import SecClient
from bot.sources.fund_issuers.holdings import SPY_URL
from bot.sources.http.http_client import Http
from bot.sources.http.responses import Expect, HttpError

log = logging.getLogger(__name__)

TICKERS_FOR = timedelta(days=7)
LISTS_FOR = timedelta(minutes=25)
"""A little less than the interval of the job that reads the lists."""


class EdgarCache:
    """Fetches what it does not have in memory; one instance for a source."""

    def __init__(self, client: SecClient, http: Http) -> None:
        self._client, self._http = client, http
        self._ciks: tuple[datetime, dict[str, int]] | None = None
        self._lists: dict[int, tuple[datetime, list[Filing], list[tuple[str, date]]]] = {}
        self._older: dict[str, list[Filing]] = {}
        self._failed_by_url: dict[str, list[Security]] = {}
        self._spy_holdings: tuple[datetime, list[Security]] | None = None

    async def ciks(self, now: datetime) -> dict[str, int]:
        """Ticker -> number of the filer."""
        if self._ciks is None or now - self._ciks[0] > TICKERS_FOR:
            response = await self._client.get(filings_index.TICKERS_URL, now, expect=Expect.JSON)
            self._ciks = now, await self._http.parse(filings_index.read_tickers, response)
        return self._ciks[1]

    async def filings(self, cik: int, since: date, now: datetime) -> list[Filing]:
        """A filer's filings from `since` on and perhaps some more, oldest first."""
        if cik not in self._lists or now - self._lists[cik][0] > LISTS_FOR:
            response = await self._client.get(filings_index.list_url(cik), now, expect=Expect.JSON)
            self._lists[cik] = now, *await self._http.parse(filings_index.read_list, response, cik)
        _, newest, older = self._lists[cik]
        listed = list(newest)
        for name, until in older:
            if until >= since:
                if name not in self._older:
                    response = await self._client.get(filings_index.older_url(name), now, expect=Expect.JSON)
                    self._older[name] = await self._http.parse(filings_index.read_older, response, cik)
                listed += self._older[name]
        return sorted(listed, key=lambda filing: (filing.filed, filing.accession))

    async def cusips(self, tickers: Collection[str], day: date, now: datetime) -> dict[str, str]:
        """CUSIP -> ticker, today's and those around `day`.

        A ticker may have several, or none if it is in no list. Raises SourceError when no list at
        all can be read.
        """
        today = await self._held_by_spy(now)
        traded: list[Security] = []
        failures: list[SourceError] = []
        for url in cusips.urls(min(day, now.date())):
            try:
                traded += await self._failed_deliveries(url, now)
            except SourceError as error:
                if error.rate_limited:
                    raise
                if not (isinstance(error, HttpError) and error.status == 404):
                    failures.append(error)
            if traded and set(cusips.by_cusip(tickers, today, traded).values()) >= set(tickers):
                break
        if not today and not traded:
            raise next(
                iter(failures), SourceError(f"the SEC has no list of failed deliveries of the months up to {day}")
            )
        return cusips.by_cusip(tickers, today, traded)

    async def _failed_deliveries(self, url: str, now: datetime) -> list[Security]:
        if url not in self._failed_by_url:
            response = await self._client.get(url, now, expect=Expect.ZIP)
            self._failed_by_url[url] = await self._http.parse(cusips.read_fails, response)
        return self._failed_by_url[url]

    async def _held_by_spy(self, now: datetime) -> list[Security]:
        """The current or last known holdings of SPY; empty if State Street has never responded."""
        if self._spy_holdings is None or now - self._spy_holdings[0] > TICKERS_FOR:
            try:
                response = await self._http.get(SPY_URL, now=now, expect=Expect.XLSX)
                self._spy_holdings = now, await self._http.parse(cusips.read_spy, response)
            except SourceError as error:
                log.debug("CUSIPs come from the SEC's lists alone: %s", error)
        return self._spy_holdings[1] if self._spy_holdings else []
