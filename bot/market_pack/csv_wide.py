"""Wide tables of a pack: a date column and one column of numbers per ticker or series.

Correct files are parsed by pandas' C parser. Only if a quick check finds anything unusual is the file
read again cell by cell, which finds every problem and accepts what is unusual but correct.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from bot.market_pack.files import Findings

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
PLAIN = b"0123456789.,-+eE\r\n"
FIRST_YEAR, LAST_YEAR = 1900, 2200
MAX_COLUMNS, MAX_NAME = 20_000, 100
"""More than the listed securities of the US have, and longer than any ticker or series is named."""


WANTED_DATE = "a date as YYYY-MM-DD is needed"
WANTED_NUMBER = "a number with a decimal point, or nothing where there is none, is needed"
WANTED_PRICE = "a price above zero is needed (only tickers ending in =F may be zero or negative)"


def read_wide(name: str, raw: bytes, findings: Findings, *, prices: bool) -> pd.DataFrame | None:
    """A table as a float frame, index naive dates ascending, NaN for empty cells.

    None when problems were noted.

    `prices`: numbers must be above zero except in columns ending in `=F`.
    """
    before = len(findings.problems) + findings.more
    columns = _header(name, raw, findings)
    if columns is None:
        return None
    frame = _quick(raw, columns, prices=prices)
    if frame is not None:
        return frame
    frame = _careful(name, raw, columns, findings, prices=prices)
    return frame if len(findings.problems) + findings.more == before else None


def _header(name: str, raw: bytes, findings: Findings) -> list[str] | None:
    """The names of the value columns, or None when nothing can be read under this header."""
    line = raw.split(b"\n", 1)[0].removesuffix(b"\r")
    if b"\r" in line:
        findings.problem(f"{name} line 1", "a carriage return inside the line", "lines must end with LF or CR LF")
        return None
    try:
        cells = next(csv.reader(io.StringIO(line.decode()), strict=True), [])
    except csv.Error as error:
        findings.problem(f"{name} line 1", f"the line cannot be split into fields ({error})", "plain CSV is needed")
        return None
    if not cells or cells[0] != "date":
        findings.problem(
            f"{name} line 1", f"the first column is {cells[0] if cells else ''!r}", "a column 'date' must come first"
        )
        return None
    if len(cells) - 1 > MAX_COLUMNS:
        findings.problem(
            f"{name} line 1", f"there are {len(cells) - 1:,} columns", f"at most {MAX_COLUMNS:,} are possible"
        )
        return None
    for number, cell in enumerate(cells[1:], start=2):
        if len(cell) > MAX_NAME:
            findings.problem(
                f"{name} line 1 column {number}", f"the name {cell!r}", f"a name of {MAX_NAME} signs at most is needed"
            )
        if not cell.strip() or cell != cell.strip():
            findings.problem(
                f"{name} line 1 column {number}", f"the name {cell!r}", "a name without blanks around it is needed"
            )
    for cell, count in Counter(cells).items():
        if count > 1:
            findings.problem(
                f"{name} line 1 column {cell}", f"the column stands {count} times", "each name may stand once"
            )
    if len(cells) == 1:
        findings.problem(f"{name} line 1", "there is only the date column", "at least one column of numbers is needed")
        return None
    return cells[1:]


def _quick(raw: bytes, columns: Sequence[str], *, prices: bool) -> pd.DataFrame | None:
    """The frame when the file is plain and correct, else None."""
    body = raw[raw.find(b"\n") + 1 :].rstrip(b"\r\n") if b"\n" in raw else b""
    if not body or body.translate(None, PLAIN) or not _even(body, len(columns)) or len(set(columns)) != len(columns):
        return None
    types = {0: "str"} | dict.fromkeys(range(1, len(columns) + 1), "float64")
    try:
        table = pd.read_csv(io.BytesIO(body), header=None, dtype=types, keep_default_na=False, na_values=[""])
    except (ValueError, pd.errors.ParserError, OverflowError):
        return None
    text = table[0].astype(object)
    index = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce")
    if (
        index.isna().any()
        or not (text.str.len() == 10).all()
        or not index.is_monotonic_increasing
        or not index.is_unique
    ):
        return None
    values = table.iloc[:, 1:].to_numpy(dtype=float)
    if np.isinf(values).any() or not index.dt.year.between(FIRST_YEAR, LAST_YEAR).all():
        return None
    if prices and (values[:, [not column.endswith("=F") for column in columns]] <= 0).any():
        return None
    return _frame(values, index.to_numpy(), columns)


def _even(body: bytes, commas: int) -> bool:
    """Whether each line has the same number of commas; pandas would fill short lines silently."""
    characters = np.frombuffer(body, dtype=np.uint8)
    starts = np.concatenate(([0], np.flatnonzero(characters == ord("\n")) + 1))
    return bool((np.add.reduceat(characters == ord(","), starts, dtype=np.int32) == commas).all())


def _frame(values: object, index: object, columns: Sequence[str]) -> pd.DataFrame:
    dates = pd.DatetimeIndex(np.asarray(index).astype("datetime64[ns]"), name="date")
    return pd.DataFrame(
        np.asarray(values, dtype=float), index=dates, columns=pd.Index(list(columns), dtype=object).astype(str)
    )


def _careful(name: str, raw: bytes, columns: Sequence[str], findings: Findings, *, prices: bool) -> pd.DataFrame | None:
    reader = csv.reader(io.StringIO(raw.decode().rstrip("\r\n"), newline=""), strict=True)
    days: list[date] = []
    rows: list[list[float]] = []
    previous: date | None = None
    try:
        next(reader)
        for cells in reader:
            line = reader.line_num
            if len(cells) != len(columns) + 1:
                needed = f"{len(columns) + 1} fields as in the header are needed"
                findings.problem(f"{name} line {line}", f"the row has {len(cells)} fields", needed)
            day = parse_date(f"{name} line {line} column date", cells[0], findings) if cells else None
            if day is not None:
                _in_order(name, line, day, previous, findings)
                previous = day
            pairs = zip(columns, cells[1:], strict=False)
            rows.append([_number(name, line, column, cell, findings, prices=prices) for column, cell in pairs])
            days.append(day or date.min)
    except csv.Error as error:
        findings.problem(
            f"{name} line {reader.line_num}", f"the line cannot be split into fields ({error})", "plain CSV is needed"
        )
        return None
    if not days:
        findings.problem(name, "there is a header but no row", "at least one row is needed")
    if findings.problems:
        return None
    return _frame(rows, np.array(days, dtype="datetime64[D]"), columns)


def parse_date(where: str, text: str, findings: Findings) -> date | None:
    """A date of the calendar as YYYY-MM-DD, or None with the problem noted."""
    if not DATE.fullmatch(text):
        findings.problem(where, f"{text!r} is not a date", WANTED_DATE)
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        findings.problem(where, f"{text!r} is not in the calendar", WANTED_DATE)
        return None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        findings.problem(where, f"{text!r} is out of range", f"a year from {FIRST_YEAR} to {LAST_YEAR} is needed")
        return None
    return day


def _in_order(name: str, line: int, day: date, previous: date | None, findings: Findings) -> None:
    if previous is None or day > previous:
        return
    what = f"{day} stands there twice" if day == previous else f"{day} comes after {previous}"
    findings.problem(f"{name} line {line} column date", what, "dates must rise from line to line")


def _number(name: str, line: int, column: str, cell: str, findings: Findings, *, prices: bool) -> float:
    if cell == "":
        return float("nan")
    return parse_number(f"{name} line {line} column {column}", column, cell, findings, prices=prices)


def parse_number(where: str, column: str, cell: str, findings: Findings, *, prices: bool) -> float:
    """A finite number, above zero where it is a price, or NaN with the problem noted."""
    value = float(cell) if NUMBER.fullmatch(cell) else float("nan")
    if not math.isfinite(value):
        findings.problem(where, f"{cell!r} is not a number", WANTED_NUMBER)
        return float("nan")
    if prices and value <= 0 and not column.endswith("=F"):
        findings.problem(where, f"{cell} is not a price", WANTED_PRICE)
    return value
