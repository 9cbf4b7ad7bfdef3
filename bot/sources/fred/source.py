"""FRED: the API with a key, the graph's CSV without one.

With a key, monthly series have every revision and the day on which it was loaded; without one, the
rule of `signals.asof.series` determines when a value counts as public.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import chain

import pandas as pd

from bot.domain.fetched import Fetched, FetchRequest
from bot.domain.job import TEN_YEARS, Days, ExpectedDay, Job, at
from bot.errors import SourceError
from bot.sources.base import HttpSource
from bot.sources.fred import api, projections, releases
from bot.sources.fred.csv_download import read_series
from bot.sources.http.host_policy import HostPolicy
from bot.sources.http.http_client import Http
from bot.sources.http.responses import Expect, HttpError
from bot.sources.parsing.series_frame import Row, frame
from bot.sources.source_spec import SourceSpec
from signals.calendar_events import Event

GRAPH = "https://fred.stlouisfed.org/graph/fredgraph.csv"
POLICIES = {
    "api.stlouisfed.org": HostPolicy(per_second=1 / 0.6, burst=1, timeout_seconds=60.0, tries=5),
    "fred.stlouisfed.org": HostPolicy(per_second=0.5, burst=2, timeout_seconds=60.0, tries=4),
    "alfred.stlouisfed.org": HostPolicy(per_second=0.5, burst=2, timeout_seconds=60.0, tries=4),
}

GROUPS: Mapping[str, tuple[str, ...]] = {
    "market days": ("DGS", "DFII", "T10YIE"),
    "calendar days": ("DFF", "DFEDTARU", "DFEDTARL"),
    "months": ("CPI", "PCE", "UNRATE", "PAYEMS", "CAPUTL", "A34S"),
}
"""Starts of ids by frequency: ids of different frequency in one key-less request come back as a ZIP."""

REVISIONS_DAYS = 400
"""Days before the requested window from which monthly series are fetched again, since old months
are revised.
"""
RELEASED_AT = time(8, 30)
"""New York time of the statistics offices' releases; FRED has only the day."""
RELEASED_LATER = {"CAPUTL": time(9, 15), "A34S": time(10, 0)}
"""That of the Fed's industrial production and of the Census Bureau's orders, by start of the id."""


class Fred(HttpSource):
    """Yields, policy rates, prices and labour from the Federal Reserve Bank of St. Louis."""

    name = "fred"

    def __init__(self, http: Http, *, key: str | None = None) -> None:
        super().__init__(http)
        self._key = key

    def split(self, request: FetchRequest) -> Sequence[FetchRequest]:
        """One chunk per frequency, yields first, then projections and release days.

        Other ids are left out.
        """
        chunks = []
        for starts in GROUPS.values():
            ids = tuple(dict.fromkeys(sid for sid in request.series if sid.startswith(starts)))
            if ids:
                chunks.append(replace(request, series=ids, tickers=(), universe=False, records=()))
        key = self._key is not None
        return chunks + projections.chunks(request, key=key) + releases.chunks(request, key=key)

    async def fetch(self, request: FetchRequest, now: datetime) -> Fetched:
        """Observations of `request.series`, or the projections or release days when records are requested.

        Monthly observations reach back further than requested, for revisions. Ids that FRED does
        not know, drops silently or has no values of are missing with the reason.
        """
        with self._record.watch(now) as partial_failures:
            if releases.DATASET in request.records:
                return await self._releases(request, now)
            if request.records:
                return await self._projections(request, now)
            ids = tuple(dict.fromkeys(request.series))
            start = request.start - timedelta(days=REVISIONS_DAYS) if any(map(_is_monthly, ids)) else request.start
            window = replace(request, start=start, series=ids)
            if self._key is None:
                observations, missing = await self._without_key(window, now)
            else:
                observations, missing = await self._with_key(window, self._key, now, partial_failures)
            return Fetched(self.name, now, observations=observations, missing=missing)

    async def _projections(self, request: FetchRequest, now: datetime) -> Fetched:
        if self._key is None:
            medians = await projections.without_key(self._http, request, now)
        else:
            rows = await api.loaded(self._http, projections.SERIES, self._key, now, revisions=True)
            medians = projections.released(rows)
        records = {projections.DATASET: projections.frame(medians, self.name)} if medians else {}
        missing = {} if medians else {projections.SERIES: "FRED has no projections of these meetings"}
        return Fetched(self.name, now, records=records, missing=missing)

    async def _releases(self, request: FetchRequest, now: datetime) -> Fetched:
        days_by_event: dict[Event, list[releases.Day]] = {}
        missing: dict[str, str] = {}
        for event in releases.RELEASES:
            params = releases.params(event, request.start, self._key or "")
            response = await self._http.get(releases.API, now=now, expect=Expect.JSON, params=params, accept=(400, 404))
            if response.status != 200:
                raise SourceError(api.refusal(response.json(), self._key or ""))
            if days := await self._http.parse(releases.read, event, response, request.start):
                days_by_event[event] = days
            else:
                missing[event.value] = "FRED has no day of it to come"
        records = {releases.DATASET: releases.frame(days_by_event, self.name)} if days_by_event else {}
        return Fetched(self.name, now, records=records, missing=missing)

    async def _with_key(
        self, request: FetchRequest, key: str, now: datetime, partial_failures: list[SourceError]
    ) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
        observations: dict[str, pd.DataFrame] = {}
        missing: dict[str, str] = {}
        unknown: list[SourceError] = []
        for position, sid in enumerate(request.series):
            try:
                _put(observations, missing, sid, await self._series(sid, request, key, now))
            except api.KeyRefusedError:
                raise
            except api.UnknownSeriesError as error:
                unknown.append(error)
                missing[sid] = str(error)
            except SourceError as error:
                partial_failures.append(error)
                missing[sid] = str(error)
                if error.rate_limited:
                    missing |= dict.fromkeys(request.series[position + 1 :], f"not asked, because {error}")
                    break
        if partial_failures and not observations:
            raise partial_failures[-1]
        if len(unknown) == len(request.series):
            raise SourceError(f"FRED knows none of {', '.join(request.series)}: {unknown[-1]}")
        return observations, missing

    async def _series(self, sid: str, request: FetchRequest, key: str, now: datetime) -> list[Row]:
        monthly = _is_monthly(sid)
        rows = await api.loaded(self._http, sid, key, now, span=(request.start, request.end), revisions=monthly)
        if not monthly:
            return [(observed, value, None) for observed, value, _ in rows]
        at = next((moment for prefix, moment in RELEASED_LATER.items() if sid.startswith(prefix)), RELEASED_AT)
        return api.released(rows, at)

    async def _without_key(
        self, request: FetchRequest, now: datetime
    ) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
        try:
            columns = await self._graph(request, now)
        except HttpError as error:
            if error.status != 404:
                raise
            columns = await self._one_by_one(request, now)
        observations: dict[str, pd.DataFrame] = {}
        missing: dict[str, str] = {}
        for sid in request.series:
            _put(
                observations,
                missing,
                sid,
                columns.get(sid, "FRED left it out of its answer, so it does not know the id"),
            )
        return observations, missing

    async def _one_by_one(self, request: FetchRequest, now: datetime) -> dict[str, list[Row] | str]:
        """Fetch each id alone, because one unknown id can turn a whole request into a 404."""
        columns: dict[str, list[Row] | str] = {}
        for sid in request.series if len(request.series) > 1 else ():
            try:
                columns |= await self._graph(replace(request, series=(sid,)), now)
            except HttpError as error:
                if error.status != 404:
                    raise
                columns[sid] = "FRED answered 404, so it does not know the id"
        if not any(isinstance(rows, list) for rows in columns.values()):
            raise SourceError(f"FRED knows none of {', '.join(request.series)}")
        return columns

    async def _graph(self, request: FetchRequest, now: datetime) -> dict[str, list[Row] | str]:
        params = {"id": ",".join(request.series), "cosd": request.start.isoformat(), "coed": request.end.isoformat()}
        response = await self._http.get(GRAPH, now=now, expect=Expect.CSV, params=params)
        columns = await self._http.parse(read_series, response, request.start, request.end)
        return dict(columns)


def _put(observations: dict[str, pd.DataFrame], missing: dict[str, str], sid: str, rows: list[Row] | str) -> None:
    if isinstance(rows, str):
        missing[sid] = rows
    elif rows:
        observations[sid] = frame(rows)
    else:
        missing[sid] = "FRED has no value between these dates"


def _is_monthly(sid: str) -> bool:
    return sid.startswith(GROUPS["months"])


FRED = SourceSpec(
    name=Fred.name,
    title="FRED",
    gives="yields and macro figures",
    build=lambda dependencies: Fred(dependencies.http, key=dependencies.fred_key),
    samples=lambda day: (
        FetchRequest(day - timedelta(days=14), day, series=("DGS10",)),
        FetchRequest(day - timedelta(days=120), day, records=(projections.DATASET,)),
    ),
    policies=POLICIES,
    jobs=(
        Job(
            "rates",
            Fred.name,
            Days.WEEKDAYS,
            at("08:00", "17:00"),
            rank=40,
            series=tuple(chain(*GROUPS.values())),
            expected=ExpectedDay.SECOND_BOND_DAY_BEFORE,
        ),
        # Separate from the rates, because without a key another host is used, whose failure does
        # not concern them.
        Job(
            "projections",
            Fred.name,
            Days.WEEKDAYS,
            at("08:00", "17:00"),
            rank=40,
            records=(projections.DATASET,),
            back=timedelta(days=120),
            first=TEN_YEARS,
        ),
        # Every weekday, because orders and capacity utilisation have no list of release days; it is
        # one request.
        Job("releases", Fred.name, Days.WEEKDAYS, at("08:35", "10:05"), rank=40, series=GROUPS["months"]),
        Job("release days", Fred.name, Days.SUNDAYS, at("12:30"), rank=60, records=(releases.DATASET,)),
    ),
)
