"""Cboe's public files: index histories (VIX family), put/call ratios by day, and their archive up to 2019."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pandas as pd

from bot.calendar.clock import Calendar
from bot.domain.fetched import Fetched, FetchRequest
from bot.domain.job import Days, ExpectedDay, Job, at
from bot.errors import SourceError
from bot.sources.base import HttpSource
from bot.sources.http.client import Http
from bot.sources.http.host_policy import HostPolicy
from bot.sources.http.responses import Expect, HttpResponse
from bot.sources.parsing.csv_lines import lines
from bot.sources.parsing.series_frame import Row, frame, number
from bot.sources.source_spec import SourceSpec

HOST = "https://cdn.cboe.com"
POLICIES = {"cdn.cboe.com": HostPolicy(per_second=1.0, burst=2)}

INDICES = ("VIX", "VIX9D", "VIX3M", "VXN", "SKEW")
RATIOS: Mapping[str, str] = {
    "CBOE_EQUITY_PC": "EQUITY PUT/CALL RATIO",
    "CBOE_TOTAL_PC": "TOTAL PUT/CALL RATIO",
    "CBOE_INDEX_PC": "INDEX PUT/CALL RATIO",
}
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
NOT_PUBLISHED = (403, 404)


class Cboe(HttpSource):
    """Reads one file per index, one per session for put/call ratios, one per archive."""

    name = "cboe"

    def __init__(self, http: Http, *, calendar: Calendar) -> None:
        super().__init__(http)
        self._calendar = calendar

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
        response = await self._http.get(
            f"{HOST}/api/global/us_indices/daily_prices/{sid}_History.csv", now=now, expect=Expect.CSV
        )
        rows = await asyncio.to_thread(read_index, response, sid)
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
        url = f"{HOST}/resources/options/volume_and_call_put_ratios/{name}.csv"
        response = await self._http.get(url, now=now, expect=Expect.CSV)
        rows = await asyncio.to_thread(read_archive, response)
        if not rows or max(day for day, _, _ in rows) < ARCHIVE_UNTIL:
            raise SourceError(f"Cboe's archive {name} does not reach {ARCHIVE_UNTIL}, part of it must be gone")
        return _within(rows, replace(request, end=min(request.end, ARCHIVE_UNTIL)))

    async def _daily(
        self, ratios: Sequence[str], request: FetchRequest, now: datetime, missing: dict[str, str]
    ) -> dict[str, list[Row]]:
        rows_by_series: dict[str, list[Row]] = {sid: [] for sid in ratios}
        days = self._calendar.between(max(request.start, DAILY_SINCE), request.end)
        absent: list[int] = []
        for day in days:
            url = f"{HOST}/data/us/options/market_statistics/daily/{day.isoformat()}_daily_options"
            response = await self._http.get(url, now=now, expect=Expect.JSON, accept=NOT_PUBLISHED)
            if response.status in NOT_PUBLISHED:
                absent.append(response.status)
                continue
            values = read_ratios(response.json())
            for sid in ratios:
                value = values.get(RATIOS[sid])
                if value is None:
                    missing[sid] = f"Cboe's statistics of {day} have no {RATIOS[sid].lower()}"
                else:
                    rows_by_series[sid].append((day, value, None))
        if len(absent) == len(days) >= STALE_SESSIONS:
            raise SourceError(f"Cboe answered {absent[-1]} for the statistics of all of {len(days)} sessions")
        return rows_by_series


def read_index(response: HttpResponse, sid: str) -> list[Row]:
    """Closes of an index file, whose columns are DATE, OPEN, HIGH, LOW, CLOSE or DATE and the
    index's name.
    """
    titles = ("CLOSE", sid)
    return _table(
        response, lambda header: next((header.index(name) for name in titles if name in header), None), "CLOSE"
    )


def read_archive(response: HttpResponse) -> list[Row]:
    """Put/call ratios of an archive, whose table follows lines of legal text."""
    return _table(
        response, lambda header: next((at for at, name in enumerate(header) if "P/C" in name), None), "P/C Ratio"
    )


def read_ratios(body: Any) -> dict[str, float]:
    """Ratios of one session by Cboe's names; they are printed as text.

    Raises SourceError when there is no such list.
    """
    try:
        pairs = [(str(item["name"]).strip().upper(), number(item["value"])) for item in body["ratios"]]
    except (KeyError, TypeError) as error:
        raise SourceError(
            f"Cboe's daily statistics have changed their format: {type(error).__name__} {error}"
        ) from None
    return {name: value for name, value in pairs if value is not None and value > 0.0}


def _table(response: HttpResponse, column: Callable[[list[str]], int | None], title: str) -> list[Row]:
    """Rows below the first line that begins with DATE; a zero means no value."""
    remaining = iter(lines(response.text(), response.place))
    header = next((cells for row in remaining if (cells := _upper(row)) and cells[0] == "DATE"), None)
    at = None if header is None else column(header)
    if at is None:
        shown = "no line that begins with DATE" if header is None else f"only {', '.join(header)[:120]}"
        raise SourceError(f"{response.place} has no column {title}: {shown}")
    rows: list[Row] = []
    for row in remaining:
        if len(row) > at and row[0].strip():
            value = number(row[at])
            if value is not None and value > 0.0:
                rows.append((_day(row[0], response), value, None))
    return rows


def _upper(row: Iterable[str]) -> list[str]:
    return [cell.strip().upper() for cell in row]


def _day(text: str, response: HttpResponse) -> date:
    try:
        month, day, year = (int(part) for part in text.strip().split("/"))
        return date(year, month, day)
    except ValueError:
        raise SourceError(f"{response.place} has {text[:40]!r} where a date is expected") from None


def _within(rows: Iterable[Row], request: FetchRequest) -> list[Row]:
    return [row for row in rows if request.start <= row[0] <= request.end]


CBOE = SourceSpec(
    name=Cboe.name,
    title="Cboe",
    gives="volatility indexes",
    build=lambda dependencies: Cboe(dependencies.http, calendar=dependencies.calendar),
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
