"""What of the SEC is asked again and again, kept for a while: numbers of filers, lists of filings, CUSIPs."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import date, datetime, timedelta

from bot.errors import SourceError
from bot.sources.answers import Expect
from bot.sources.edgar import cusips, filers
from bot.sources.edgar.filers import Filing
from bot.sources.edgar.manners import Manners

TICKERS_FOR = timedelta(days=7)
LISTS_FOR = timedelta(minutes=25)
"""A little less than the pause between two looks at the same lists."""


class Library:
    """Answers from memory where it has them; one for a source."""

    def __init__(self, manners: Manners) -> None:
        self._manners = manners
        self._ciks: tuple[datetime, dict[str, int]] | None = None
        self._lists: dict[int, tuple[datetime, list[Filing], list[tuple[str, date]]]] = {}
        self._older: dict[str, list[Filing]] = {}
        self._symbols: dict[str, dict[str, str]] = {}

    async def ciks(self, now: datetime) -> dict[str, int]:
        """Ticker -> number of the filer."""
        if self._ciks is None or now - self._ciks[0] > TICKERS_FOR:
            answer = await self._manners.get(filers.TICKERS_URL, now, expect=Expect.JSON)
            self._ciks = now, await asyncio.to_thread(filers.read_tickers, answer)
        return self._ciks[1]

    async def filings(self, cik: int, since: date, now: datetime) -> list[Filing]:
        """A filer's filings from `since` on and perhaps some more, oldest first."""
        if cik not in self._lists or now - self._lists[cik][0] > LISTS_FOR:
            answer = await self._manners.get(filers.list_url(cik), now, expect=Expect.JSON)
            self._lists[cik] = now, *await asyncio.to_thread(filers.read_list, answer, cik)
        _, newest, older = self._lists[cik]
        found = list(newest)
        for name, until in older:
            if until >= since:
                if name not in self._older:
                    answer = await self._manners.get(filers.older_url(name), now, expect=Expect.JSON)
                    self._older[name] = await asyncio.to_thread(filers.read_older, answer, cik)
                found += self._older[name]
        return sorted(found, key=lambda filing: (filing.filed, filing.accession))

    async def cusips(self, tickers: Collection[str], day: date, now: datetime) -> dict[str, str]:
        """CUSIP -> ticker as they were about `day`; a ticker may have several, and one that nobody failed to deliver none.

        Raises SourceError when none of the newest lists is there.
        """
        for url in cusips.urls(min(day, now.date())):
            if url not in self._symbols:
                answer = await self._manners.get(url, now, expect=Expect.PAGE, accept=(404,))
                if answer.status == 404:
                    continue
                self._symbols[url] = await asyncio.to_thread(cusips.read_fails, answer)
            bare = {_bare(ticker): ticker for ticker in tickers}
            return {cusip: bare[_bare(name)] for cusip, name in self._symbols[url].items() if _bare(name) in bare}
        raise SourceError(f"the SEC has no list of failed deliveries of the months up to {day}")


def _bare(symbol: str) -> str:
    return symbol.replace("-", "").replace(".", "").replace("/", "")
