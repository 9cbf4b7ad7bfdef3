"""EDGAR, the SEC's archive of filings, as a source of the datasets facts, guidance and holdings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from bot.domain.fetched import Fetched, FetchRequest
from bot.domain.job import TEN_YEARS, Days, Job, at
from bot.errors import SourceError
from bot.sources.base import HttpSource
from bot.sources.edgar import full_text_search, parsing, xbrl_facts
from bot.sources.edgar.cache import EdgarCache
from bot.sources.edgar.filing_text import Submission, read_submission
from bot.sources.edgar.filings_index import Filing
from bot.sources.edgar.form13f import bulk_sets
from bot.sources.edgar.form13f.source import MANAGERS, STOCKS, Managers
from bot.sources.edgar.guidance_classifier import classify_document
from bot.sources.edgar.rate_policy import POLICIES, SecClient
from bot.sources.http.http_client import Http
from bot.sources.http.responses import Expect
from bot.sources.source_spec import SourceSpec

ANNOUNCES = frozenset({"2.02", "7.01"})
"""Items of an 8-K with which results and outlooks are published."""
WORDS = "guidance OR outlook OR forecast"
_MOST_RELEASES = 5000


class Edgar(HttpSource):
    """Fetches a company's facts, a month's releases or a quarter's reports of managers at a time."""

    name = parsing.SOURCE

    def __init__(self, http: Http, *, managers: Mapping[str, int] = MANAGERS) -> None:
        super().__init__(http)
        self._client = SecClient(http)
        self._cache = EdgarCache(self._client, http)
        self._managers = Managers(self._client, self._cache, managers, self._record)
        self._release_rows: dict[str, dict[str, Any]] = {}

    def split(self, request: FetchRequest) -> Sequence[FetchRequest]:
        """Facts by company, then releases by month and managers' reports by the days of one set,
        newest first.
        """
        base_request = replace(request, series=(), universe=False)
        chunks = []
        if "facts" in request.records:
            tickers = [ticker for ticker in request.tickers or xbrl_facts.CONCEPTS if ticker in xbrl_facts.CONCEPTS]
            chunks += [replace(base_request, records=("facts",), tickers=(ticker,)) for ticker in tickers]
        for name, spans in (("guidance", _months), ("holdings", bulk_sets.seasons)):
            if name in request.records:
                for start, end in spans(request.start, request.end):
                    chunks.append(replace(base_request, records=(name,), start=start, end=end))
        return chunks

    async def fetch(self, request: FetchRequest, now: datetime) -> Fetched:
        """Rows of one dataset; `facts` of all times, the others as filed from `request.start` to
        `request.end`.

        `missing` has the tickers and managers of which something could not be read.
        """
        with self._record.watch(now) as partial_failures:
            rows: dict[str, list[dict[str, Any]]] = {}
            missing: dict[str, str] = {}
            for name in request.records:
                collect = {"facts": self._facts, "guidance": self._guidance, "holdings": self._managers.holdings}.get(
                    name
                )
                if collect is not None:
                    rows[name] = await collect(request, now, missing, partial_failures)
            frames = {name: parsing.frame(name, dataset_rows) for name, dataset_rows in rows.items() if dataset_rows}
            return Fetched(self.name, now, records=frames, missing=missing)

    async def _facts(
        self, request: FetchRequest, now: datetime, missing: dict[str, str], partial_failures: list[SourceError]
    ) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        ciks = await self._cache.ciks(now)
        for ticker in request.tickers or tuple(xbrl_facts.CONCEPTS):
            if ticker not in ciks:
                missing[ticker] = "the SEC's list of tickers does not have it"
                continue
            company_rows: list[dict[str, Any]] = []
            for concept in xbrl_facts.CONCEPTS.get(ticker, ()):
                url = xbrl_facts.concept_url(ciks[ticker], concept)
                response = await self._client.get(url, now, expect=Expect.JSON, accept=(404,))
                if response.status != 404:
                    company_rows += await self._http.parse(xbrl_facts.read_concept, response, ticker, concept)
            if not company_rows:
                missing[ticker] = "it has filed none of the figures asked for, in US dollars"
            rows += company_rows
        return rows

    async def _guidance(
        self, request: FetchRequest, now: datetime, missing: dict[str, str], partial_failures: list[SourceError]
    ) -> list[dict[str, Any]]:
        ciks = await self._cache.ciks(now)
        ticker_of = {ciks[ticker]: ticker for ticker in request.tickers or STOCKS if ticker in ciks}
        missing |= {
            ticker: "the SEC's list of tickers does not have it" for ticker in request.tickers if ticker not in ciks
        }
        rows: list[dict[str, Any]] = []
        failures: list[SourceError] = []
        for filing in await self._announced(ticker_of, request, now):
            if filing.accession not in self._release_rows:
                try:
                    row = await self._release(filing, ticker_of[filing.cik], now)
                except SourceError as error:
                    missing[ticker_of[filing.cik]] = str(error)
                    failures.append(error)
                    if error.rate_limited:
                        partial_failures.append(error)
                        break
                    continue
                if len(self._release_rows) >= _MOST_RELEASES:
                    self._release_rows.clear()
                self._release_rows[filing.accession] = row
            rows.append(self._release_rows[filing.accession])
        if failures and not rows:
            raise failures[-1]
        return rows

    async def _announced(self, ciks: Mapping[int, str], request: FetchRequest, now: datetime) -> list[Filing]:
        """8-K forms with results or an outlook, from the full-text search or, if that fails, from
        every company's list.
        """
        try:
            filings = await self._searched(ciks, request, now)
        except SourceError as error:
            if error.rate_limited:
                raise
            self._record.note("search", f"the full-text search fails, so lists are read: {error}")
            lists = [await self._cache.filings(cik, request.start, now) for cik in ciks]
            filings = [filing for own_filings in lists for filing in own_filings]
        else:
            self._record.note("search", None)
        chosen = {
            filing.accession: filing
            for filing in filings
            if filing.form == "8-K" and ANNOUNCES & set(filing.items) and request.start <= filing.filed <= request.end
        }
        return sorted(chosen.values(), key=lambda filing: (filing.filed, filing.accession))

    async def _searched(self, ciks: Mapping[int, str], request: FetchRequest, now: datetime) -> list[Filing]:
        filings: list[Filing] = []
        skip, total = 0, 1
        while skip < total:
            params = full_text_search.params_of_page(
                WORDS, forms="8-K", ciks=ciks, start=request.start, end=request.end, skip=skip
            )
            response = await self._client.get(full_text_search.URL, now, expect=Expect.JSON, params=params)
            page, total = await self._http.parse(full_text_search.read_page, response, ciks)
            filings += page
            skip += full_text_search.PAGE
        return filings

    async def _release(self, filing: Filing, ticker: str, now: datetime) -> dict[str, Any]:
        submission = await self._submission(filing, now)
        exhibits = [document for document in submission.documents if document.kind.startswith("EX-99")]
        if not exhibits:
            return _release_row(filing, ticker, submission, None, "", filing.text_url)
        first = min(exhibits, key=lambda document: (document.kind != "EX-99.1", document.kind))
        classification = await self._http.parse(classify_document, first.body)
        url = f"{filing.folder}/{first.name}"
        return _release_row(filing, ticker, submission, classification.direction, classification.sentence, url)

    async def _submission(self, filing: Filing, now: datetime) -> Submission:
        response = await self._client.get(filing.text_url, now, expect=Expect.PAGE)
        return await self._http.parse(read_submission, response)


def _release_row(
    filing: Filing, ticker: str, submission: Submission, direction: int | None, sentence: str, url: str
) -> dict[str, Any]:
    return {
        "ticker": ticker,
        "accession": filing.accession,
        "filed": filing.filed,
        "direction": direction,
        "sentence": sentence,
        "url": url,
        "known_at": parsing.public_at(submission.accepted or filing.accepted, filing.filed),
    }


def _months(start: date, end: date) -> Iterator[tuple[date, date]]:
    """Calendar months from `start` to `end`, newest first, the outer ones cut off at these days."""
    top = end
    while top >= start:
        first = top.replace(day=1)
        yield max(first, start), top
        top = first - timedelta(days=1)


HALF_HOURS = at(*(f"{minutes // 60:02}:{minutes % 60:02}" for minutes in range(7 * 60, 19 * 60 + 1, 30)))

EDGAR = SourceSpec(
    name=Edgar.name,
    title="SEC filings",
    gives="filings",
    build=lambda dependencies: Edgar(dependencies.http),
    samples=lambda day: (
        FetchRequest(day, day, tickers=("MSFT",), records=("facts",)),
        FetchRequest(day - timedelta(days=7), day, records=("guidance",)),
    ),
    policies=POLICIES,
    needs_contact=True,
    jobs=(
        Job("facts", Edgar.name, Days.REPORTING, at("20:30"), rank=110, records=("facts",), first=TEN_YEARS),
        Job(
            "guidance",
            Edgar.name,
            Days.WEEKDAYS,
            HALF_HOURS,
            rank=110,
            records=("guidance",),
            back=timedelta(days=3),
            first=timedelta(days=60),
        ),
        Job(
            "holdings",
            Edgar.name,
            Days.MANAGERS,
            at("14:00"),
            rank=110,
            records=("holdings",),
            back=timedelta(days=15),
            first=timedelta(days=800),
        ),
    ),
)
