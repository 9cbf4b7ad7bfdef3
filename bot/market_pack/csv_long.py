"""Long tables of a pack: lists of members and revisions. They are small, so they are read cell by cell."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.market_pack.csv_wide import parse_date, parse_number
from bot.market_pack.files import Findings
from signals.core.market import GROUPS, MEMBER_COLUMNS

REVISION_COLUMNS = ("kind", "id", "date", "known_at", "value", "source")
KINDS = ("close", "series")
MemberRow = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Revision:
    """One value and the instant since which it is known: of a `close` (id = ticker) or of a `series`."""

    kind: str
    id: str
    day: date
    known_at: int
    value: float
    source: str


def table(
    name: str, raw: bytes, required: Sequence[str], findings: Findings, *, optional: Sequence[str] = ()
) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and cells by column.

    Missing or doubled columns, uneven rows and no rows are noted.
    """
    reader = csv.reader(io.StringIO(raw.decode().rstrip("\r\n"), newline=""), strict=True)
    try:
        header = next(reader, [])
        if not _usable(name, header, required, optional, findings):
            return
        empty = True
        for cells in reader:
            empty = False
            if len(cells) != len(header):
                what = f"the row has {len(cells)} fields"
                findings.problem(
                    f"{name} line {reader.line_num}", what, f"{len(header)} fields as in the header are needed"
                )
                continue
            yield reader.line_num, dict(zip(header, cells, strict=True))
        if empty:
            findings.problem(name, "there is a header but no row", "at least one row is needed")
    except csv.Error as error:
        findings.problem(
            f"{name} line {reader.line_num}", f"the line cannot be split into fields ({error})", "plain CSV is needed"
        )


def _usable(
    name: str, header: Sequence[str], required: Sequence[str], optional: Sequence[str], findings: Findings
) -> bool:
    """Whether each required column stands in the header once; what is wrong with it is noted."""
    for column in (*required, *optional):
        count = header.count(column)
        if count == 1 or (count == 0 and column in optional):
            continue
        what = "the column is missing" if count == 0 else f"the column stands {count} times"
        right = f"the columns {', '.join(required)} are needed" if column in required else "each column may stand once"
        findings.problem(f"{name} line 1 column {column}", what, right)
    if any(header.count(column) != 1 for column in required):
        return False
    if extra := [column for column in header if column not in required and column not in optional]:
        findings.warn(f"{name}: columns ignored: {', '.join(extra)}")
    return True


def read_universe(name: str, raw: bytes, findings: Findings) -> list[MemberRow]:
    """The members in the order of the file as (ticker, name, sector, industry, groups)."""
    members: list[MemberRow] = []
    seen: dict[str, int] = {}
    for line, cells in table(name, raw, MEMBER_COLUMNS, findings):
        members.append(_member(name, line, cells, seen, findings))
    return members


def _member(name: str, line: int, cells: Mapping[str, str], seen: dict[str, int], findings: Findings) -> MemberRow:
    ticker = cells["ticker"].strip()
    where = f"{name} line {line} column ticker"
    if not ticker:
        findings.problem(where, "nothing stands there", "a ticker is needed")
    elif ticker in seen:
        findings.problem(where, f"{ticker} stands in line {seen[ticker]} already", "each ticker may stand once")
    seen.setdefault(ticker, line)
    for word in cells["groups"].split():
        if word not in GROUPS:
            groups = ", ".join(GROUPS)
            findings.problem(
                f"{name} line {line} column groups", f"{word!r} is not a group", f"words of {groups} are needed"
            )
    return (ticker, cells["name"], cells["sector"], cells["industry"], " ".join(cells["groups"].split()))


def read_universe_history(name: str, raw: bytes, findings: Findings) -> list[tuple[int, list[MemberRow]]]:
    """Dated lists as (known_at, members), in the order of the file.

    An empty `known_at` is an undated list.
    """
    lists: dict[int, list[MemberRow]] = {}
    seen: dict[int, dict[str, int]] = {}
    for line, cells in table(name, raw, ("known_at", *MEMBER_COLUMNS), findings):
        at = instant(f"{name} line {line} column known_at", cells["known_at"], findings) if cells["known_at"] else 0
        lists.setdefault(at, []).append(_member(name, line, cells, seen.setdefault(at, {}), findings))
    return list(lists.items())


def read_revisions(
    name: str, raw: bytes, ids_by_kind: Mapping[str, Collection[str]], findings: Findings
) -> list[Revision]:
    """Revisions sorted by kind, id, date and when they were known.

    `ids_by_kind`: kind -> ids that have a column.
    """
    revisions: list[Revision] = []
    ignored: set[str] = set()
    seen: dict[tuple[str, str, str, int], int] = {}
    for line, cells in table(name, raw, REVISION_COLUMNS, findings):
        where = f"{name} line {line} column"
        kind, subject = cells["kind"], cells["id"]
        if kind not in KINDS:
            ignored.add(kind)
            continue
        if subject not in ids_by_kind[kind]:
            findings.problem(f"{where} id", f"{subject!r} has no column in {kind}.csv", "an id of that file is needed")
        day = parse_date(f"{where} date", cells["date"], findings)
        at = instant(f"{where} known_at", cells["known_at"], findings)
        column = subject if kind == "close" else "value"
        value = parse_number(f"{where} value", column, cells["value"], findings, prices=kind == "close")
        key = (kind, subject, cells["date"], at)
        if key in seen:
            what = f"{subject} of {cells['date']} has the same instant in line {seen[key]}"
            findings.problem(f"{where} known_at", what, "one row for each instant is needed")
        seen.setdefault(key, line)
        if day is not None:
            revisions.append(Revision(kind, subject, day, at, value, cells["source"]))
    for kind in sorted(ignored):
        findings.warn(f"{name}: rows of kind {kind!r} are ignored: this version does not know it")
    return sorted(revisions, key=lambda row: (row.kind, row.id, row.day, row.known_at))


def instant(where: str, text: str, findings: Findings) -> int:
    """An instant with its zone as epoch seconds, or 0 with the problem noted."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        findings.problem(
            where, f"{text!r} is not an instant", "one like 2025-09-11T12:30:00Z, with its zone, is needed"
        )
        return 0
    return int(moment.timestamp())
