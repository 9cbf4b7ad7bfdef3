"""What of the SEC is asked again and again, kept for a while: numbers of filers, lists of filings, CUSIPs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from datetime import date, datetime, timedelta

from bot.errors import SourceError
from bot.sources.edgar import filings_index
from bot.sources.edgar.filings_index import Filing
from bot.sources.edgar.form13f import cusips
from bot.sources.edgar.form13f.cusips import Security
from bot.sources.edgar.rate_policy import SecClient
from bot.sources.http.client import Http
from bot.sources.http.responses import Expect, HttpError

log = logging.getLogger(__name__)

TICKERS_FOR = timedelta(days=7)
LISTS_FOR = timedelta(minutes=25)
"""A little less than the pause between two looks at the same lists."""


class EdgarCache:
    """Answers from memory where it has them; one for a source."""

    def __init__(self, client: SecClient, http: Http) -> None:
        self._client, self._http = client, http
        self._ciks: tuple[datetime, dict[str, int]] | None = None
        self._lists: dict[int, tuple[datetime, list[Filing], list[tuple[str, date]]]] = {}
        self._older: dict[str, list[Filing]] = {}
        self._failed: dict[str, list[Security]] = {}
        self._held: tuple[datetime, list[Security]] | None = None

    async def ciks(self, now: datetime) -> dict[str, int]:
        """Ticker -> number of the filer."""
        if self._ciks is None or now - self._ciks[0] > TICKERS_FOR:
            answer = await self._client.get(filings_index.TICKERS_URL, now, expect=Expect.JSON)
            self._ciks = now, await asyncio.to_thread(filings_index.read_tickers, answer)
        return self._ciks[1]

    async def filings(self, cik: int, since: date, now: datetime) -> list[Filing]:
        """A filer's filings from `since` on and perhaps some more, oldest first."""
        if cik not in self._lists or now - self._lists[cik][0] > LISTS_FOR:
            answer = await self._client.get(filings_index.list_url(cik), now, expect=Expect.JSON)
            self._lists[cik] = now, *await asyncio.to_thread(filings_index.read_list, answer, cik)
        _, newest, older = self._lists[cik]
        found = list(newest)
        for name, until in older:
            if until >= since:
                if name not in self._older:
                    answer = await self._client.get(filings_index.older_url(name), now, expect=Expect.JSON)
                    self._older[name] = await asyncio.to_thread(filings_index.read_older, answer, cik)
                found += self._older[name]
        return sorted(found, key=lambda filing: (filing.filed, filing.accession))

    async def cusips(self, tickers: Collection[str], day: date, now: datetime) -> dict[str, str]:
        """CUSIP -> ticker, today's and those about `day`; a ticker may have several, and one that is in no list has none.

        Raises SourceError when no list at all can be read.
        """
        today = await self._of_today(now)
        failed: list[Security] = []
        trouble: list[SourceError] = []
        for url in cusips.urls(min(day, now.date())):
            try:
                failed += await self._failures(url, now)
            except SourceError as error:
                if error.rate_limited:
                    raise
                if not (isinstance(error, HttpError) and error.status == 404):
                    trouble.append(error)
            if failed and set(cusips.chosen(tickers, today, failed).values()) >= set(tickers):
                break
        if not today and not failed:
            raise next(
                iter(trouble), SourceError(f"the SEC has no list of failed deliveries of the months up to {day}")
            )
        return cusips.chosen(tickers, today, failed)

    async def _failures(self, url: str, now: datetime) -> list[Security]:
        if url not in self._failed:
            answer = await self._client.get(url, now, expect=Expect.ZIP)
            self._failed[url] = await asyncio.to_thread(cusips.read_fails, answer)
        return self._failed[url]

    async def _of_today(self, now: datetime) -> list[Security]:
        """What SPY holds, or what it last held; nothing where State Street has never answered."""
        if self._held is None or now - self._held[0] > TICKERS_FOR:
            try:
                answer = await self._http.get(cusips.SPY_URL, now=now, expect=Expect.XLSX)
                self._held = now, await asyncio.to_thread(cusips.read_spy, answer)
            except SourceError as error:
                log.debug("CUSIPs come from the SEC's lists alone: %s", error)
        return self._held[1] if self._held else []
