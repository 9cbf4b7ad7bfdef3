"""Cboe's public files: index histories (VIX family), put/call ratios by day, and their archive up to 2019."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pandas as pd

from bot.calendar.clock import Calendar
from bot.domain.fetched import Fetched, FetchRequest
from bot.domain.job import Days, ExpectedDay, Job, at
from bot.errors import SourceError
from bot.sources.base import HttpSource
from bot.sources.cboe import put_call_ratios
from bot.sources.cboe.hosts import NOT_PUBLISHED, POLICIES, get_file
from bot.sources.cboe.put_call_ratios import RATIOS
from bot.sources.http.http_client import Http
from bot.sources.http.responses import Expect, HttpResponse
from bot.sources.parsing.cells import amount, day
from bot.sources.parsing.csv_lines import csv_rows
from bot.sources.parsing.document_reader import reader
from bot.sources.parsing.series_frame import Row, frame
from bot.sources.parsing.table import Cells, agreed, find_table
from bot.sources.source_spec import SourceSpec

INDICES = ("VIX", "VIX9D", "VIX3M", "VXN", "SKEW")
ARCHIVES: Mapping[str, str] = {
    "CBOE_EQUITY_PC": "equitypc",
    "CBOE_TOTAL_PC": "totalpc",
    "CBOE_INDEX_PC": "indexpc",
}
DAILY_SINCE = date(2019, 10, 7)
ARCHIVE_SINCE = date(2006, 11, 1)
ARCHIVE_UNTIL = date(2019, 10, 4)
DAYS_A_CHUNK = 20
"""Put/call ratios have one file a session, so a long window is split into months of them."""
STALE_SESSIONS = 5


class Cboe(HttpSource):
    """Reads one file per index, one per session for put/call ratios, one per archive."""

    name = "cboe"

    def __init__(self, http: Http, *, calendar: Calendar) -> None:
        super().__init__(http)
        self._calendar = calendar
        self._page_failure: SourceError | None = None

    def split(self, request: FetchRequest) -> Sequence[FetchRequest]:
        """Index files first, then put/call ratios by the month from the newest back, then their archives."""
        base = replace(request, tickers=(), universe=False, records=())
        indices = [replace(base, series=(sid,)) for sid in INDICES if sid in request.series]
        ratios = tuple(sid for sid in RATIOS if sid in request.series)
        if not ratios:
            return indices
        days = self._calendar.between(max(request.start, DAILY_SINCE), request.end)
        newest_first = [days[max(0, end - DAYS_A_CHUNK) : end] for end in range(len(days), 0, -DAYS_A_CHUNK)]
        monthly = [
            replace(base, start=days_of_chunk[0], end=days_of_chunk[-1], series=ratios)
            for days_of_chunk in newest_first
        ]
        old = max(request.start, ARCHIVE_SINCE), min(request.end, ARCHIVE_UNTIL)
        archives = (
            [replace(base, start=old[0], end=old[1], series=(sid,)) for sid in ratios] if old[0] <= old[1] else []
        )
        return [*indices, *monthly, *archives]

    async def fetch(self, request: FetchRequest, now: datetime) -> Fetched:
        """Observations of final sessions.

        A session without a put/call file is unknown, not zero and not an error, unless five or more
        have none. An index whose file has ended is returned up to its end, and is also in
        `missing`.
        """
        with self._record.watch(now):
            request = replace(request, end=min(request.end, self._calendar.last_final(now)))
            rows_by_series: dict[str, list[Row]] = {}
            missing: dict[str, str] = {}
            for sid in request.series:
                if sid in INDICES:
                    rows_by_series[sid] = await self._index(sid, request, now, missing)
            ratios = [sid for sid in request.series if sid in RATIOS]
            if ratios and request.start <= ARCHIVE_UNTIL:
                for sid in ratios:
                    rows_by_series[sid] = await self._archive(sid, request, now)
            if ratios and request.end >= DAILY_SINCE:
                for sid, rows in (await self._daily(ratios, request, now, missing)).items():
                    rows_by_series[sid] = [*rows_by_series.get(sid, ()), *rows]
            for sid in request.series:
                if not rows_by_series.get(sid):
                    missing.setdefault(sid, "Cboe has published nothing between these dates")
            return Fetched(
                self.name,
                now,
                observations={sid: frame(rows) for sid, rows in rows_by_series.items() if rows},
                missing=missing,
            )

    async def _index(self, sid: str, request: FetchRequest, now: datetime, missing: dict[str, str]) -> list[Row]:
        path = f"/api/global/us_indices/daily_prices/{sid}_History.csv"
        response = await get_file(self._http, path, now=now, expect=Expect.CSV)
        rows = await self._http.parse(read_index, response, sid)
        if not rows:
            raise SourceError(f"{response.place} has no rows")
        newest = max(day for day, _, _ in rows)
        behind = self._sessions_behind(newest, now)
        stopped = f"{sid}: Cboe's file ends on {newest}" if behind > STALE_SESSIONS else None
        self._record.note(sid, stopped)
        if stopped is not None and newest < request.end:
            missing[sid] = stopped
        return _within(rows, request)

    def _sessions_behind(self, newest: date, now: datetime) -> int:
        final = self._calendar.last_final(now)
        sessions = self._calendar.sessions
        after = sessions[sessions <= pd.Timestamp(final)]
        return int((after > pd.Timestamp(newest)).sum())

    async def _archive(self, sid: str, request: FetchRequest, now: datetime) -> list[Row]:
        name = ARCHIVES[sid]
        path = f"/resources/options/volume_and_call_put_ratios/{name}.csv"
        response = await get_file(self._http, path, now=now, expect=Expect.CSV)
        rows = await self._http.parse(read_archive, response)
        if not rows or max(day for day, _, _ in rows) < ARCHIVE_UNTIL:
            raise SourceError(f"Cboe's archive {name} does not reach {ARCHIVE_UNTIL}, part of it must be gone")
        return _within(rows, replace(request, end=min(request.end, ARCHIVE_UNTIL)))

    async def _daily(
        self, ratios: Sequence[str], request: FetchRequest, now: datetime, missing: dict[str, str]
    ) -> dict[str, list[Row]]:
        rows_by_series: dict[str, list[Row]] = {sid: [] for sid in ratios}
        days = self._calendar.between(max(request.start, DAILY_SINCE), request.end)
        absent: list[int] = []
        self._page_failure = None
        before: bytes | None = None
        for session in days:
            values, file = await self._session_ratios(session, now)
            repeated, before = file is not None and file == before, file
            if isinstance(values, int):
                absent.append(values)
                continue
            if repeated:
                # A file says its day in its name alone, and holds the volume of every product: no two sessions share it.
                missing |= dict.fromkeys(ratios, f"Cboe's statistics of {session} are those of the session before")
                continue
            for sid in ratios:
                value = values.get(RATIOS[sid])
                if value is None:
                    missing[sid] = f"Cboe's statistics of {session} have no {RATIOS[sid].lower()}"
                else:
                    rows_by_series[sid].append((session, value, None))
        if len(absent) == len(days) >= STALE_SESSIONS:
            raise SourceError(f"Cboe answered {absent[-1]} for the statistics of all of {len(days)} sessions")
        return rows_by_series

    async def _session_ratios(self, session: date, now: datetime) -> tuple[dict[str, float] | int, bytes | None]:
        """Ratios of a session from its file, which comes with them, else from its page; the status where neither has them."""
        failure: SourceError | None = None
        status = NOT_PUBLISHED[0]
        path = put_call_ratios.file_path(session)
        try:
            response = await get_file(self._http, path, now=now, expect=Expect.JSON, accept=NOT_PUBLISHED)
            if response.status == 200:
                values = await self._http.parse(put_call_ratios.read_file, response)
                self._record.note("statistics", None)
                return values, response.content
            status = response.status
        except SourceError as error:
            if error.rate_limited:
                raise
            failure = error
        if self._page_failure is None:
            try:
                page = await self._http.get(put_call_ratios.page_url(session), now=now, expect=Expect.PAGE)
                values = await self._http.parse(put_call_ratios.read_page, page, session)
            except SourceError as error:
                self._page_failure = error
            else:
                self._record.note("statistics", f"put/call ratios come from Cboe's page: {failure or status}")
                return values, None
        if failure is not None:
            raise failure
        return status, None


@reader("Cboe")
def read_index(response: HttpResponse, sid: str) -> list[Row]:
    """Closes of an index file, whose columns are DATE, OPEN, HIGH, LOW, CLOSE or DATE and the
    index's name.
    """
    return _table(response, ("CLOSE", sid))


@reader("Cboe")
def read_archive(response: HttpResponse) -> list[Row]:
    """Put/call ratios of an archive, whose table follows lines of legal text."""
    return _table(response, ("P/C Ratio", "Ratio"))


def _table(response: HttpResponse, column: tuple[str, ...]) -> list[Row]:
    """Rows of a table of days; a zero means no value."""
    table = find_table(csv_rows(response.text(), response.place), response.place, ("DATE",), column)

    def parse(cells: Cells) -> tuple[date, float | None]:
        return day(cells[0], "%m/%d/%Y"), amount(cells[1])

    rows = table.read([table.position("DATE"), table.position(*column)], parse, dated=lambda row: row[0])
    values = agreed(((when, value) for when, value in rows if value is not None), response.place)
    return [(when, value, None) for when, value in values.items()]


def _within(rows: Iterable[Row], request: FetchRequest) -> list[Row]:
    return [row for row in rows if request.start <= row[0] <= request.end]


CBOE = SourceSpec(
    name=Cboe.name,
    title="Cboe",
    gives="volatility indexes",
    build=lambda dependencies: Cboe(dependencies.http, calendar=dependencies.calendar),
    samples=lambda day: (
        FetchRequest(day - timedelta(days=14), day, series=("VIX",)),
        FetchRequest(day - timedelta(days=4), day, series=("CBOE_TOTAL_PC",)),
    ),
    policies=POLICIES,
    jobs=(
        # The file of an index may lack the newest session until the next morning.
        Job(
            "volatility",
            Cboe.name,
            Days.WEEKDAYS,
            at("08:30", "20:00"),
            rank=30,
            series=(*INDICES, *RATIOS),
            expected=ExpectedDay.SESSION_BEFORE,
        ),
    ),
)
