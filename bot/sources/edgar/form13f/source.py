"""Large managers' reports (13F) as rows of dataset `holdings`: from a bulk set if all its days are requested, else one by one.

Both ways read the same managers and the same tables, so a quarter has the same rows either way.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bot.domain.fetched import FetchRequest
from bot.errors import SourceError
from bot.sources.edgar import parsing
from bot.sources.edgar.cache import EdgarCache
from bot.sources.edgar.filing_text import Submission, read_submission
from bot.sources.edgar.filings_index import Filing
from bot.sources.edgar.form13f import bulk_sets, information_table
from bot.sources.edgar.form13f.bulk_sets import NOTICES, REPORTS
from bot.sources.edgar.rate_policy import SecClient
from bot.sources.http.health import HealthRecord
from bot.sources.http.responses import Expect, HttpError
from signals.asof.watched_names import TECH

MANAGERS: Mapping[str, int] = MappingProxyType(
    {
        "Berkshire Hathaway": 1067983,
        "Bridgewater Associates": 1350694,
        "Renaissance Technologies": 1037389,
        "D. E. Shaw": 1009207,
        "Duquesne Family Office": 1536411,
        "Coatue Management": 1135730,
        "Tiger Global Management": 1167483,
        "Viking Global Investors": 1103804,
        "Lone Pine Capital": 1061165,
        "Whale Rock Capital": 1387322,
        "Alkeon Capital": 1230239,
        "Light Street Capital": 1569049,
        "Atreides Management": 1777813,
    }
)
"""Managers whose reports are read, by number of the filer.

A report under another name is refused.
"""

STOCKS = (*TECH, "GOOG")
"""Tickers whose releases and holdings are read when none are given."""

INDEX_FOR = timedelta(hours=20)
ELSEWHERE = "another manager reports its holdings"

Rows = list[dict[str, Any]]


class Managers:
    """Reads the reports of some managers."""

    def __init__(self, client: SecClient, cache: EdgarCache, managers: Mapping[str, int], record: HealthRecord) -> None:
        self._client, self._cache, self._record = client, cache, record
        self._managers = dict(managers)
        self._index: tuple[datetime, list[bulk_sets.BulkSet]] | None = None

    async def holdings(
        self, request: FetchRequest, now: datetime, missing: dict[str, str], partial_failures: list[SourceError]
    ) -> Rows:
        """Rows of the reports filed from `request.start` to `request.end`.

        Failed managers and tickers go to `missing`.
        """
        requested = request.tickers or STOCKS
        tickers = await self._cache.cusips(requested, request.end, now)
        missing |= {ticker: "its CUSIP is not known" for ticker in requested if ticker not in tickers.values()}
        rows_of_set = (
            await self._from_set(tickers, request, now, missing)
            if bulk_sets.is_whole_set(request.start, request.end)
            else {}
        )
        rows: Rows = []
        failures: list[SourceError] = []
        for manager, cik in self._managers.items():
            if manager in rows_of_set:
                rows += rows_of_set[manager]
                continue
            try:
                rows += await self._from_filings(manager, cik, tickers, request, now, missing)
            except SourceError as error:
                missing[manager] = str(error)
                failures.append(error)
                if error.rate_limited or not isinstance(error, HttpError):
                    partial_failures.append(error)
                if error.rate_limited:
                    break
        if len(failures) == len(self._managers):
            raise failures[-1]
        return rows

    async def _from_set(
        self, tickers: Mapping[str, str], request: FetchRequest, now: datetime, missing: dict[str, str]
    ) -> dict[str, Rows]:
        """Rows by manager from the set of these days.

        Without the managers whose reports have to be read one by one. Empty where the SEC has no
        such set yet, or one that cannot be used.
        """
        try:
            days = (request.start, request.end)
            same_days = [bulk_set for bulk_set in await self._sets(now) if (bulk_set.start, bulk_set.end) == days]
            if not same_days:
                return {}
            filings = await self._first_of(same_days, now)
        except SourceError as error:
            if error.rate_limited:
                raise
            self._record.note("sets", f"reports are read one by one: {error}")
            return {}
        self._record.note("sets", None)
        rows_by_manager = {}
        for manager, cik in self._managers.items():
            own_filings = [filing.report for filing in filings if filing.cik == cik]
            reports = [report for report in own_filings if report is not None]
            # An addition to a report of an earlier set needs that report, and a report under
            # another name needs a precise error: both are available when the filings are read one
            # by one.
            if information_table.lacks_base(reports) or not all(
                parsing.same_name(filing.cover.manager, manager) for filing in reports
            ):
                continue
            if len(reports) < len(own_filings):
                missing[manager] = ELSEWHERE
            dated_reports = [(report, parsing.after_close(report.filed)) for report in reports]
            rows_by_manager[manager] = await self._client.parse(
                information_table.holdings, dated_reports, manager, tickers
            )
        return rows_by_manager

    async def _sets(self, now: datetime) -> list[bulk_sets.BulkSet]:
        if self._index is None or now - self._index[0] > INDEX_FOR:
            response = await self._client.get(bulk_sets.INDEX_URL, now, expect=Expect.PAGE)
            self._index = now, await self._client.parse(bulk_sets.read_index, response)
        return self._index[1]

    async def _first_of(self, same_days: list[bulk_sets.BulkSet], now: datetime) -> list[bulk_sets.SetFiling]:
        """A set from the first of its folders that has it. Raises the last failure when none has."""
        *others, last = same_days
        for bulk_set in others:
            try:
                return await self._read_set(bulk_set, now)
            except HttpError as error:
                if error.status != 404:
                    raise
        return await self._read_set(last, now)

    async def _read_set(self, bulk_set: bulk_sets.BulkSet, now: datetime) -> list[bulk_sets.SetFiling]:
        # It has a name because another process reads it.
        with tempfile.NamedTemporaryFile() as file:
            response = await self._client.get(bulk_set.url, now, expect=Expect.ZIP, into=file)
            file.flush()
            ciks = set(self._managers.values())
            return await self._client.parse(bulk_sets.read, Path(file.name), ciks, response.place)

    async def _from_filings(
        self,
        manager: str,
        cik: int,
        tickers: Mapping[str, str],
        request: FetchRequest,
        now: datetime,
        missing: dict[str, str],
    ) -> Rows:
        listed = await self._cache.filings(cik, request.start, now)
        filings = [filing for filing in listed if filing.filed <= request.end]
        inside = [filing for filing in filings if filing.filed >= request.start]
        if any(filing.form in NOTICES for filing in inside):
            missing[manager] = ELSEWHERE
        quarters = {filing.report for filing in inside if filing.form in REPORTS}
        reports = []
        for filing in filings:
            # Also reports filed before the requested days, because an amendment may add to one of
            # them.
            if filing.form in REPORTS and filing.report in quarters:
                response = await self._client.get(filing.text_url, now, expect=Expect.PAGE)
                submission = await self._client.parse(read_submission, response)
                report = await self._client.parse(_report, submission, filing, manager)
                reports.append((report, parsing.public_at(submission.accepted, filing.filed)))
        rows = await self._client.parse(information_table.holdings, reports, manager, tickers)
        return [row for row in rows if row["filed"] >= request.start]


def _report(submission: Submission, filing: Filing, manager: str) -> information_table.Report:
    where = f"the report {filing.accession} of {manager}"
    cover = next((document for document in submission.documents if document.kind == filing.form), None)
    if cover is None:
        raise SourceError(f"{where} has no cover page")
    page = information_table.read_cover(cover.body, where)
    if not parsing.same_name(page.manager, manager):
        raise SourceError(f"{where} is by {page.manager[:60]}: the number of the filer is wrong")
    tables = [document for document in submission.documents if document.kind == "INFORMATION TABLE"]
    if not tables:
        raise SourceError(f"{where} has no information table")
    return information_table.report(page, filing.filed, information_table.read_table(tables[0].body, where))
