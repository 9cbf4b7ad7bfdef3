"""The SEC's bulk sets: all managers' reports of three months in one ZIP of tables, read row by row.

A set has hundreds of megabytes unpacked, so only the reports of the requested managers are kept.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import cast
from urllib.parse import urljoin, urlsplit

from bot.errors import SourceError
from bot.sources.edgar.form13f import information_table
from bot.sources.edgar.form13f.information_table import Cover, Key, Position, Report
from bot.sources.edgar.rate_policy import WWW
from bot.sources.http.responses import HttpResponse
from bot.sources.parsing.cells import BadCellError, day
from bot.sources.parsing.document_reader import reader
from bot.sources.parsing.html_tables import links
from bot.sources.parsing.zip_members import UNREADABLE

INDEX_URL = f"{WWW}/data-research/sec-markets-data/form-13f-data-sets"
"""The page that links to the sets; their names and folders change, so both are read from it."""

LARGEST_UNPACKED = 4_000_000_000
"""Bytes of the three tables together; a real set has some hundreds of millions."""
LONGEST_LINE = 1 << 16

REPORTS = frozenset({"13F-HR", "13F-HR/A"})
NOTICES = frozenset({"13F-NT", "13F-NT/A"})
_OF_QUARTERS = date(2024, 1, 1)
_OF_SEASONS = date(2024, 3, 1)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_QUARTER = re.compile(r"(\d{4})q([1-4])")
_SPAN = re.compile(r"(\d\d)([a-z]{3})(\d{4})-(\d\d)([a-z]{3})(\d{4})")
_SUBMISSION = ("ACCESSION_NUMBER", "CIK", "SUBMISSIONTYPE", "FILING_DATE")
_COVERPAGE = ("ACCESSION_NUMBER", "FILINGMANAGER_NAME", "REPORTCALENDARORQUARTER", "AMENDMENTTYPE", "REPORTTYPE")
_INFOTABLE = ("ACCESSION_NUMBER", "CUSIP", "VALUE", "SSHPRNAMT", "SSHPRNAMTTYPE", "PUTCALL")


@dataclass(frozen=True, slots=True)
class BulkSet:
    """One set: its address, and the first and the last day of filing in it."""

    url: str
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class SetFiling:
    """One filing of a set by the number of its filer.

    A notice that another manager reports has no `report`.
    """

    cik: int
    accession: str
    report: Report | None


def seasons(start: date, end: date) -> Iterator[tuple[date, date]]:
    """The days of filing of each set, from `start` to `end`, newest first, the outer ones cut off
    at these days.

    Calendar quarters until 2023, January and February of 2024, then three months beginning in
    March, June, September and December, so that one set has all reports of one quarter that are
    filed in time.
    """
    top = end
    while top >= start:
        first = _beginning(top)
        yield max(first, start), top
        top = first - timedelta(days=1)


def is_whole_set(start: date, end: date) -> bool:
    """Whether these are all days of one set, so that the set can be read instead of single filings."""
    return start == _beginning(end) and _beginning(end + timedelta(days=1)) != start


def _beginning(last: date) -> date:
    if last < _OF_QUARTERS:
        return date(last.year, (last.month - 1) // 3 * 3 + 1, 1)
    if last < _OF_SEASONS:
        return _OF_QUARTERS
    months = last.year * 12 + last.month // 3 * 3 - 1
    return date(months // 12, months % 12 + 1, 1)


@reader("the SEC")
def read_index(response: HttpResponse) -> list[BulkSet]:
    """The sets that the page links to, whatever their folders; one set may lie in two of them.

    Raises SourceError when it names none.
    """
    bulk_sets = []
    for link in links(response):
        if not link.lower().endswith(".zip"):
            continue
        url = urljoin(INDEX_URL, link)
        span = _days_of(url.rpartition("/")[2].lower())
        if span is not None and urlsplit(url)[:2] == urlsplit(WWW)[:2]:
            bulk_sets.append(BulkSet(url, *span))
    if not bulk_sets:
        raise SourceError(f"{response.place} links to no set of reports, so its format has changed")
    return list(dict.fromkeys(bulk_sets))


def _days_of(name: str) -> tuple[date, date] | None:
    """First and last day of filing by a file's name.

    Names are like `2023q4_form13f.zip` or `01jun2026-31aug2026_form13f.zip`.
    """
    if "form13f" not in name:
        return None
    if span := _SPAN.search(name):
        first, last = _date(*span.group(1, 2, 3)), _date(*span.group(4, 5, 6))
        return (first, last) if first and last else None
    if quarter := _QUARTER.search(name):
        year, month = int(quarter[1]), int(quarter[2]) * 3
        after = date(year + month // 12, month % 12 + 1, 1)
        return date(year, month - 2, 1), after - timedelta(days=1)
    return None


@reader("the SEC")
def read(path: Path, ciks: Collection[int], where: str) -> list[SetFiling]:
    """The filings of the requested filers, by day of filing, with positions in dollars.

    Raises SourceError when it is no ZIP, is broken or too large, or lacks a table, a column or a
    required cell.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            return _read(packed, frozenset(ciks), where)
    except UNREADABLE:
        raise SourceError(f"{where} is no ZIP that can be read") from None


def _read(packed: zipfile.ZipFile, ciks: Collection[int], where: str) -> list[SetFiling]:
    tables = {name: _member(packed, name, where) for name in ("SUBMISSION", "COVERPAGE", "INFOTABLE")}
    if sum(member.file_size for member in tables.values()) > LARGEST_UNPACKED:
        raise SourceError(f"{where} unpacks to more than {LARGEST_UNPACKED / 1e9:g} GB")
    submissions = {
        row[0]: row
        for row in _rows(packed, tables["SUBMISSION"], _SUBMISSION, None, where)
        if row[1].isdigit() and int(row[1]) in ciks and row[2] in REPORTS | NOTICES
    }
    covers = {row[0]: row for row in _rows(packed, tables["COVERPAGE"], _COVERPAGE, submissions, where)}
    reports = {accession for accession, row in submissions.items() if row[2] in REPORTS}
    positions: dict[str, dict[Key, Position]] = {accession: {} for accession in reports}
    for accession, cusip, value, shares, kind, option in _rows(packed, tables["INFOTABLE"], _INFOTABLE, reports, where):
        information_table.add(positions[accession], (cusip, kind, option), shares, value, where)
    dated = [_filed(row, covers, positions, where) for row in submissions.values()]
    return [filing for _, filing in sorted(dated, key=lambda item: (item[0], item[1].accession))]


def _filed(
    row: tuple[str, ...],
    covers: Mapping[str, tuple[str, ...]],
    positions: Mapping[str, Mapping[Key, Position]],
    where: str,
) -> tuple[date, SetFiling]:
    accession, cik, form, filed_on = row
    filed = _day(filed_on, where)
    if form in NOTICES:
        return filed, SetFiling(int(cik), accession, None)
    if accession not in covers:
        raise SourceError(f"{where} has no cover page of {accession}")
    _, manager, quarter, amendment, kind = covers[accession]
    cover = Cover(manager, _day(quarter, where), kind.upper(), amendment.upper())
    return filed, SetFiling(int(cik), accession, information_table.report(cover, filed, positions[accession]))


def _member(packed: zipfile.ZipFile, name: str, where: str) -> zipfile.ZipInfo:
    for member in packed.infolist():
        if member.filename.rpartition("/")[2].upper() == f"{name}.TSV":
            return member
    raise SourceError(f"{where} has no table {name}, so its format has changed")


def _rows(
    packed: zipfile.ZipFile, member: zipfile.ZipInfo, names: tuple[str, ...], only: Collection[str] | None, where: str
) -> Iterator[tuple[str, ...]]:
    """Cells of the columns `names`, of rows whose first one is among `only` (all rows without it).

    Never holds a table.
    """
    with packed.open(member) as raw:
        lines = _lines(io.BufferedReader(cast(io.RawIOBase, raw), 1 << 20), where)
        header = [cell.strip().upper() for cell in next(lines, b"").decode("utf-8-sig", "replace").split("\t")]
        if absent := [name for name in names if name not in header]:
            raise SourceError(f"{where} has no column {absent[0]} in {member.filename[:40]}, so its format has changed")
        places = [header.index(name) for name in names]
        keys = None if only is None else {key.encode() for key in only}
        for line in lines:
            # Most of some million rows belong to other managers: they are skipped before they are
            # decoded.
            if keys is not None and places[0] == 0 and line.partition(b"\t")[0] not in keys:
                continue
            cells = line.decode("utf-8", "replace").rstrip("\r\n").split("\t")
            if len(cells) <= max(places):
                raise SourceError(f"{where} breaks off in the middle of a row of {member.filename[:40]}")
            if only is None or cells[places[0]] in only:
                yield tuple(cells[place].strip() for place in places)


def _lines(raw: io.BufferedReader, where: str) -> Iterator[bytes]:
    while line := raw.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise SourceError(f"{where} has a row of more than {LONGEST_LINE} bytes")
        yield line


def _day(cell: str, where: str) -> date:
    try:
        return day(cell, "%d-%b-%Y")
    except BadCellError as error:
        raise SourceError(f"{where} cannot be read: {error}") from None


def _date(number: str, month: str, year: str) -> date | None:
    try:
        return date(int(year), _MONTHS.index(month) + 1, int(number))
    except ValueError:
        return None
