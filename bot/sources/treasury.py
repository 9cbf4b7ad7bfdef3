"""The Treasury's par yield curves: the fall-back for FRED's yields, and available a day earlier.

Its series have FRED's ids, because FRED's series are the same: DFII from the real curve, DGS from the
nominal one, and T10YIE as nominal minus real.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from lxml import etree  # type: ignore[import-untyped]

from bot.domain.fetched import Fetched, FetchRequest
from bot.domain.job import Days, ExpectedDay, Job, at
from bot.errors import SourceError
from bot.sources.base import HttpSource
from bot.sources.http.host_policy import HostPolicy
from bot.sources.http.responses import Expect, HttpResponse
from bot.sources.parsing.cells import day, number
from bot.sources.parsing.csv_lines import csv_rows
from bot.sources.parsing.document_reader import reader
from bot.sources.parsing.series_frame import Row, frame
from bot.sources.parsing.table import Cells, agreed, find_table, read_rows
from bot.sources.parsing.xml_documents import parse_xml
from bot.sources.source_spec import SourceSpec

BASE = "https://home.treasury.gov/resource-center/data-chart-center/interest-rates"
POLICIES = {"home.treasury.gov": HostPolicy(per_second=0.5, burst=2, timeout_seconds=30.0)}

REAL, NOMINAL = "daily_treasury_real_yield_curve", "daily_treasury_yield_curve"
CURVES: Mapping[str, Mapping[str, str]] = {
    REAL: {f"DFII{years}": f"{years}Y" for years in (5, 7, 10, 20, 30)},
    NOMINAL: {f"DGS{years}": f"{years}Y" for years in (1, 2, 3, 5, 7, 10, 20, 30)}
    | {f"DGS{months}MO": f"{months}M" for months in (1, 3, 6)},
}
"""Curve -> FRED id -> tenor."""
BREAKEVEN, BREAKEVEN_LEGS = "T10YIE", ("DGS10", "DFII10")
FIRST_YEAR = 2003

_TENOR = re.compile(r"(\d{1,3}(?:\.\d{1,3})?)\s{0,3}(mo|month|yr|year)s?", re.IGNORECASE)
_XML_TENOR = re.compile(r"(?:TC|BC)_(\d{1,3}(?:_5)?)(MONTH|YEAR)")

Table = dict[str, dict[date, float]]
"""Tenor (`10Y`, `3M`) -> date -> per cent."""
Yields = tuple[date, dict[str, float]]
"""A date and its yields by tenor."""


class Treasury(HttpSource):
    """One request per curve and year; CSV first, the XML feed when that fails."""

    name = "treasury"

    def split(self, request: FetchRequest) -> Sequence[FetchRequest]:
        """One chunk per calendar year, newest first, of the ids that are on the curves."""
        ids = tuple(dict.fromkeys(sid for sid in request.series if sid == BREAKEVEN or _curve(sid) is not None))
        years = range(request.end.year, max(request.start.year, FIRST_YEAR) - 1, -1) if ids else ()
        return [
            replace(
                request,
                start=max(request.start, date(year, 1, 1)),
                end=min(request.end, date(year, 12, 31)),
                series=ids,
                tickers=(),
                universe=False,
            )
            for year in years
        ]

    async def fetch(self, request: FetchRequest, now: datetime) -> Fetched:
        """Yields of one calendar year, in per cent.

        `request` must not span two, which `split` ensures.
        """
        with self._record.watch(now) as partial_failures:
            legs = {leg for sid in request.series for leg in (BREAKEVEN_LEGS if sid == BREAKEVEN else (sid,))}
            values, missing = await self._legs(request, legs, now, partial_failures)
            if BREAKEVEN in request.series:
                values[BREAKEVEN] = _breakeven(values)
                absent = next((missing[leg] for leg in BREAKEVEN_LEGS if leg in missing), None)
                missing |= {} if absent is None else {BREAKEVEN: absent}
            observations = {sid: frame(rows) for sid in request.series if (rows := _rows(values.get(sid, {}), request))}
            for sid in request.series:
                if sid not in observations:
                    missing.setdefault(sid, "the Treasury has no value between these dates")
            missing_requested = {sid: reason for sid, reason in missing.items() if sid in request.series}
            return Fetched(self.name, now, observations=observations, missing=missing_requested)

    async def _legs(
        self, request: FetchRequest, legs: set[str], now: datetime, partial_failures: list[SourceError]
    ) -> tuple[dict[str, dict[date, float]], dict[str, str]]:
        values: dict[str, dict[date, float]] = {}
        missing: dict[str, str] = {}
        for curve, tenors in CURVES.items():
            tenor_of = {sid: tenor for sid, tenor in tenors.items() if sid in legs}
            if not tenor_of:
                continue
            try:
                table = await self._table(curve, request.start.year, now)
            except SourceError as error:
                partial_failures.append(error)
                missing |= dict.fromkeys(tenor_of, str(error))
                continue
            for sid, tenor in tenor_of.items():
                if table and tenor not in table:
                    missing[sid] = f"the Treasury's table has no column for {tenor}, only {', '.join(table)}"
                values[sid] = table.get(tenor, {})
        if partial_failures and not values:
            raise partial_failures[-1]
        return values, missing

    async def _table(self, curve: str, year: int, now: datetime) -> Table:
        """The CSV's table, or the feed's when the CSV fails or is empty, as on the first day of a year."""
        first: SourceError | None = None
        table: Table = {}
        try:
            response = await self._http.get(csv_url(curve, year), now=now, expect=Expect.CSV)
            table = await self._http.parse(read_csv, response)
            why = None if any(table.values()) else "the CSV has no rows, so the feed is read"
        except SourceError as error:
            if error.rate_limited:
                raise
            first, why = error, f"the CSV fails, so the feed is read: {error}"
        self._record.note(curve, why)
        if why is None:
            return table
        try:
            response = await self._http.get(xml_url(curve, year), now=now, expect=Expect.XML)
            return await self._http.parse(read_xml, response)
        except SourceError as error:
            if first is None:
                return table
            raise SourceError(
                f"{first}; and the feed: {error}", retry_after=error.retry_after, rate_limited=error.rate_limited
            ) from None


def csv_url(curve: str, year: int) -> str:
    """Address of one curve's year as CSV."""
    query = f"type={curve}&field_tdr_date_value={year}&page&_format=csv"
    return f"{BASE}/daily-treasury-rates.csv/{year}/all?{query}"


def xml_url(curve: str, year: int) -> str:
    """Address of one curve's year as an Atom feed."""
    return f"{BASE}/pages/xml?data={curve}&field_tdr_date_value={year}"


@reader("the Treasury")
def read_csv(response: HttpResponse) -> Table:
    """Columns by tenor, in any spelling of the header (`10 YR`, `10 Yr`, `1.5 Month`): tenors were
    added over the years.

    Its last line has no line end.
    """
    table = find_table(csv_rows(response.text(), response.place, line_end=False), response.place, ("Date",))
    tenors = {at: tenor for at, name in enumerate(table.headings) if (tenor := _tenor(_TENOR.fullmatch(name)))}
    if not tenors:
        raise SourceError(f"{response.place} has no column of a tenor, only {', '.join(table.headings)[:200]}")
    if len(set(tenors.values())) < len(tenors):
        raise SourceError(f"{response.place} has two columns of one tenor: {', '.join(table.headings)[:200]}")

    def parse(cells: Cells) -> Yields:
        return day(cells[0], "%m/%d/%Y"), _yields(dict(zip(tenors.values(), cells[1:], strict=True)))

    rows = table.read([table.position("Date"), *tenors], parse, dated=lambda row: row[0])
    return _by_tenor(rows, tenors.values(), response.place)


@reader("the Treasury")
def read_xml(response: HttpResponse) -> Table:
    """The same from the Atom feed: `d:NEW_DATE` and `d:TC_10YEAR` (real) or `d:BC_10YEAR` (nominal)."""
    root = parse_xml(response.content, response.place, "feed")
    entries = [
        {etree.QName(cell).localname: cell.text or "" for cell in properties if isinstance(cell.tag, str)}
        for properties in root.iter("{*}properties")
    ]
    if any("NEW_DATE" not in cells for cells in entries):
        raise SourceError("the Treasury's feed has an entry without NEW_DATE, so its format has changed")
    named = [{name: tenor for name in cells if (tenor := _tenor(_XML_TENOR.fullmatch(name)))} for cells in entries]

    def parse(entry: tuple[Mapping[str, str], Mapping[str, str]]) -> Yields:
        cells, tenors = entry
        when = day(cells["NEW_DATE"], "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d")
        return when, _yields({tenor: cells[name] for name, tenor in tenors.items()})

    pairs = list(zip(entries, named, strict=True))
    rows = read_rows(pairs, parse, place=response.place, dated=lambda row: row[0])
    return _by_tenor(rows, [tenor for tenors in named for tenor in tenors.values()], response.place)


def _yields(cells: Mapping[str, object]) -> dict[str, float]:
    return {tenor: value for tenor, cell in cells.items() if (value := number(cell)) is not None}


def _by_tenor(rows: Iterable[Yields], tenors: Iterable[str], place: str) -> Table:
    read = list(rows)
    return {
        tenor: agreed(((when, values[tenor]) for when, values in read if tenor in values), f"{place} ({tenor})")
        for tenor in dict.fromkeys(tenors)
    }


def _tenor(match: re.Match[str] | None) -> str | None:
    if match is None:
        return None
    count, unit = match.group(1).replace("_", "."), match.group(2)[0].upper()
    return f"{count}{unit}"


def _curve(sid: str) -> str | None:
    return next((curve for curve, tenors in CURVES.items() if sid in tenors), None)


def _breakeven(values: Mapping[str, Mapping[date, float]]) -> dict[date, float]:
    nominal, real = (values.get(leg, {}) for leg in BREAKEVEN_LEGS)
    return {day: round(nominal[day] - real[day], 2) for day in nominal.keys() & real.keys()}


def _rows(values: Mapping[date, float], request: FetchRequest) -> list[Row]:
    return [(day, value, None) for day, value in values.items() if request.start <= day <= request.end]


TREASURY = SourceSpec(
    name=Treasury.name,
    title="US Treasury",
    gives="yields",
    build=lambda dependencies: Treasury(dependencies.http),
    samples=lambda day: (FetchRequest(date(day.year, 1, 1), day, series=("DFII10", "DGS10")),),
    policies=POLICIES,
    jobs=(
        Job(
            "yields",
            Treasury.name,
            Days.WEEKDAYS,
            at("18:30"),
            rank=50,
            series=("DFII10", "DGS10", "DGS2"),
            fills_gaps=True,
            expected=ExpectedDay.BOND_DAY_BEFORE,
        ),
    ),
)
