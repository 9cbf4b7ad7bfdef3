"""Reports of large managers (13F): their holdings in whole shares and whole dollars. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

from bot.errors import SourceError
from bot.sources.parsing.cells import BadCellError, cusip, day, required_number, text
from bot.sources.parsing.document_reader import reader
from bot.sources.parsing.xml_documents import parse_xml

IN_DOLLARS_SINCE = date(2023, 1, 3)
"""Values are in dollars in reports filed from this day on, in thousands before."""

LEAST_PRICE = 1.0
"""A median price a share under this means that a value called dollars is in thousands."""
GREATEST_PRICE_THOUSANDS = 20.0
"""A median of value over shares over this means that a value called thousands is in dollars: no
median stock costs 20,000.
"""

WHOLE_SHARE = 0.5
"""A restatement that names fewer securities than this share of those before holds only corrections."""

ADDS = "NEW HOLDINGS"
"""Type, on the cover, of an amendment that does not replace the report."""

Key = tuple[str, str, str]
"""CUSIP, type (SH or PRN), put or call (empty for the security itself)."""


@dataclass(frozen=True, slots=True)
class Cover:
    """Cover of a report. `kind`: of report, as printed.

    `amendment`: RESTATEMENT, NEW HOLDINGS or empty.
    """

    manager: str
    quarter: date
    kind: str
    amendment: str


@dataclass(frozen=True, slots=True)
class Position:
    """Sum of all rows of one security: `shares` (or principal) and `value` in the unit of the report."""

    shares: float
    value: float


@reader("the SEC")
def read_cover(body: str, where: str) -> Cover:
    """The cover page. Raises SourceError with what is missing."""
    root = parse_xml(body.encode(), where, "edgarSubmission")
    quarter = _text(root, "reportCalendarOrQuarter", where)
    try:
        ended = day(quarter, "%m-%d-%Y")
    except BadCellError:
        raise SourceError(f"{where} has {quarter[:40]!r} where the quarter is expected") from None
    return Cover(
        manager=_text(_element(root, "filingManager", where), "name", where),
        quarter=ended,
        kind=_text(root, "reportType", where).upper(),
        amendment=text(root.findtext(".//{*}amendmentType")).upper(),
    )


@reader("the SEC")
def read_table(body: str, where: str) -> dict[Key, Position]:
    """Positions of an information table; several rows of one security are normal and are summed.

    Element names may have any prefix. Raises SourceError with the field that a row lacks, and for a
    single row that cannot be read: a position that is lost would read as sold.
    """
    root = parse_xml(body.encode(), where, "informationTable")
    positions: dict[Key, Position] = {}
    for row in root.iter("{*}infoTable"):
        key = (
            _text(row, "cusip", where),
            _text(row, "sshPrnamtType", where),
            text(row.findtext("{*}putCall")),
        )
        add(positions, key, _text(row, "sshPrnamt", where), _text(row, "value", where), where)
    return positions


def add(table: dict[Key, Position], key: Key, shares: str, value: str, where: str) -> None:
    """Add one row, as printed, to the positions of its report.

    Raises SourceError when an amount is no number or the CUSIP is none.
    """
    try:
        security = cusip(key[0])
        amounts = [required_number(amount) for amount in (shares, value)]
    except BadCellError as error:
        raise SourceError(f"{where} has a row that cannot be read: {error}") from None
    _, kind, option = (part.upper() for part in key)
    key = (security, kind, option)
    before = table.get(key, Position(0.0, 0.0))
    table[key] = Position(before.shares + amounts[0], before.value + amounts[1])


def in_dollars(table: Mapping[Key, Position], filed: date) -> float:
    """The factor to convert a table's values to dollars: 1 or 1000.

    It follows the day of filing unless the implied prices contradict: some managers went on filing
    thousands after the change, and some filed dollars before it.
    """
    prices = [
        position.value / position.shares
        for position in shares_only(table).values()
        if position.shares > 0 and position.value > 0
    ]
    thousands = filed < IN_DOLLARS_SINCE
    if prices:
        middle = median(prices)
        thousands = middle < GREATEST_PRICE_THOUSANDS if thousands else middle < LEAST_PRICE
    return 1000.0 if thousands else 1.0


def shares_only(table: Mapping[Key, Position]) -> dict[str, Position]:
    """Positions in shares by CUSIP: principal amounts, puts and calls left out."""
    return {cusip: position for (cusip, kind, option), position in table.items() if kind == "SH" and not option}


@dataclass(frozen=True, slots=True)
class Report:
    """One report as filed: its cover, and its positions in shares and dollars by CUSIP."""

    cover: Cover
    filed: date
    positions: Mapping[str, Position]


def report(cover: Cover, filed: date, table: Mapping[Key, Position]) -> Report:
    """A report from its table: positions in shares only, in dollars."""
    factor = in_dollars(table, filed)
    return Report(
        cover,
        filed,
        {cusip: Position(position.shares, position.value * factor) for cusip, position in shares_only(table).items()},
    )


def lacks_base(reports: Iterable[Report]) -> bool:
    """Whether one of the reports, in order of filing, amends a report of its quarter that is not
    before it in the list.
    """
    quarters: set[date] = set()
    for report in reports:
        if report.cover.amendment and report.cover.quarter not in quarters:
            return True
        quarters.add(report.cover.quarter)
    return False


def amended(before: Mapping[str, Position], report: Report) -> dict[str, Position]:
    """The holdings of a quarter after an amendment.

    NEW HOLDINGS are added. A RESTATEMENT replaces all, unless it names less than half as many
    securities as were reported before: then the manager has filed only the lines that it corrects,
    and the others stand.
    """
    if report.cover.amendment == ADDS:
        after = dict(before)
        for security, position in report.positions.items():
            held = after.get(security, Position(0.0, 0.0))
            after[security] = Position(held.shares + position.shares, held.value + position.value)
        return after
    corrects = bool(report.cover.amendment) and len(report.positions) < WHOLE_SHARE * len(before)
    return {**before, **report.positions} if corrects else dict(report.positions)


def holdings(reports: Iterable[tuple[Report, Any]], manager: str, tickers: Mapping[str, str]) -> list[dict[str, Any]]:
    """Rows of dataset `holdings` for tickers by CUSIP, from one manager's reports with their
    `known_at`, in order of filing.

    Every report gives rows of the holdings after it, amendments by `amended`. A ticker that a report
    does not name has 0 shares. Additions to a report that is not given are left out.
    """
    rows: list[dict[str, Any]] = []
    by_quarter: dict[date, dict[str, Position]] = {}
    for report, known_at in reports:
        quarter = report.cover.quarter
        if report.cover.amendment == ADDS and quarter not in by_quarter:
            continue
        now = by_quarter[quarter] = amended(by_quarter.get(quarter, {}), report)
        sums = dict.fromkeys(tickers.values(), Position(0.0, 0.0))
        for security, ticker in tickers.items():
            position = now.get(security, Position(0.0, 0.0))
            sums[ticker] = Position(sums[ticker].shares + position.shares, sums[ticker].value + position.value)
        rows += [
            {
                "quarter": quarter,
                "manager": manager,
                "ticker": ticker,
                "shares": position.shares,
                "value_usd": position.value,
                "filed": report.filed,
                "known_at": known_at,
            }
            for ticker, position in sums.items()
        ]
    return rows


def _element(root: Any, name: str, where: str) -> Any:
    element = root.find(f".//{{*}}{name}")
    if element is None:
        raise SourceError(f"{where} has no {name}, so its format has changed")
    return element


def _text(root: Any, name: str, where: str) -> str:
    return text(_element(root, name, where).text)
