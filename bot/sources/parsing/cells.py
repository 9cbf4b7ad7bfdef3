"""Cells of foreign tables: folded text, strict numbers, days, CUSIPs.

A cell is a value, one of the known marks for none (then None), or bad: nothing is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from math import isfinite

LONGEST_TEXT = 200
"""Characters of a name or title that are kept."""
SHOWN = 40
"""Characters of a bad cell that an error shows."""
EMPTY = frozenset({"", ".", "-", "--", "n/a", "na", "#n/a", "nd"})
"""Marks for "no value", in lower case; holidays and the newest days are written so."""
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)

_EXCEL_EPOCH = date(1899, 12, 30)
_PLAIN = re.compile(r"[+-]?(?:[0-9]{1,30}(?:\.[0-9]{1,30})?|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,3})?")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3}){1,9}(?:\.[0-9]{1,30})?")
_FOOTNOTE = re.compile(r"\[[^\[\]]{0,20}\]")
_CUSIP = re.compile(r"[0-9A-Z*@#]{9}")


class BadCellError(ValueError):
    """A cell that is neither a value nor a known mark for none; the text says what is there."""


def text(cell: object, *, longest: int = LONGEST_TEXT) -> str:
    """A cell as text: blanks of any kind folded to one, invisible signs removed, cut at `longest`."""
    if cell is None:
        return ""
    shown = cell if isinstance(cell, str) else str(cell)
    if len(shown) > 8 * longest:
        shown = shown[: 8 * longest]
    if not (shown.isascii() and shown.isprintable()):
        shown = "".join(" " if sign.isspace() else sign for sign in shown if sign.isspace() or _visible(sign))
    return " ".join(shown.split())[:longest]


def header_key(cell: object) -> str:
    """A heading in the form in which headings are compared: folded, without footnotes, ignoring case."""
    return " ".join(_FOOTNOTE.sub(" ", text(cell)).casefold().split())


def without_footnotes(cell: object) -> str:
    """A cell's text without marks of footnotes, such as `[1]` or `[a]`."""
    return " ".join(_FOOTNOTE.sub(" ", text(cell)).split())


def is_empty(cell: object) -> bool:
    """Whether a cell has one of the known marks for no value."""
    return cell is None or (isinstance(cell, str) and text(cell).casefold() in EMPTY)


def number(cell: object, *, grouped: bool = False) -> float | None:
    """A finite number, or None for a known mark of no value.

    Args:
        cell: A printed number, or one of a workbook or of JSON.
        grouped: Whether the source prints thousands commas; only groups of three are accepted.

    Raises:
        BadCellError: For anything else: a decimal comma, a unit, `inf`, `nan`, a date, a truth value.
    """
    if cell is None:
        return None
    if isinstance(cell, bool):
        raise BadCellError(f"{cell} is no number")
    if isinstance(cell, int | float):
        value = float(cell) if abs(cell) < 1e300 else float("inf")
        if not isfinite(value):
            raise BadCellError(f"{cell!s:.{SHOWN}} is no finite number")
        return value
    if not isinstance(cell, str):
        raise BadCellError(f"{cell!s:.{SHOWN}} is no number")
    shown = text(cell)
    if shown.casefold() in EMPTY:
        return None
    if _PLAIN.fullmatch(shown):
        value = float(shown)
    elif grouped and _GROUPED.fullmatch(shown):
        value = float(shown.replace(",", ""))
    else:
        raise BadCellError(f"{shown[:SHOWN]!r} is no number")
    if not isfinite(value):
        raise BadCellError(f"{shown[:SHOWN]!r} is no finite number")
    return value


def required_number(cell: object) -> float:
    """A number where none may be missing. Raises BadCellError also for a mark of no value."""
    value = number(cell)
    if value is None:
        raise BadCellError(f"{text(cell)[:SHOWN]!r} stands where a number is required")
    return value


def amount(cell: object, *, grouped: bool = False) -> float | None:
    """A number above zero; None for no value, as which a zero counts. Raises BadCellError for one below."""
    value = number(cell, grouped=grouped)
    if value is not None and value < 0:
        raise BadCellError(f"{text(cell)[:SHOWN]!r} is below zero")
    return value or None


def day(cell: object, *forms: str, serials: bool = False) -> date:
    """A date.

    Args:
        cell: A printed date, or one of a workbook.
        forms: Forms of `strptime` in which the source prints dates.
        serials: Whether the source also writes dates as a workbook's serial numbers.

    Raises:
        BadCellError: When it is no date, or one outside 1900 to 2199.
    """
    read = _day(cell, forms, serials)
    if read is None or not EARLIEST <= read <= LATEST:
        raise BadCellError(f"{text(cell)[:SHOWN]!r} stands where a date is expected")
    return read


def cusip(cell: object) -> str:
    """A CUSIP of nine characters; leading zeros that a number cannot have are put back.

    Raises BadCellError for what is none.
    """
    shown = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else text(cell).upper()
    if shown.isdecimal() and len(shown) < 9:
        shown = shown.rjust(9, "0")
    if not _CUSIP.fullmatch(shown):
        raise BadCellError(f"{shown[:SHOWN]!r} stands where a CUSIP is expected")
    return shown


def _visible(sign: str) -> bool:
    return unicodedata.category(sign) not in ("Cf", "Cc", "Cn", "Co", "Cs")


def _day(cell: object, forms: tuple[str, ...], serials: bool) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int | float):
        return _EXCEL_EPOCH + timedelta(days=int(cell)) if serials and 20_000 < cell < 80_000 else None
    shown = text(cell)
    for form in forms:
        if " " in shown and " " not in form:
            continue
        try:
            return datetime.strptime(shown, form).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
    return None
