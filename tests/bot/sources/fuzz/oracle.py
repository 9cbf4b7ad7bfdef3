"""A second, independent reading of cells: what a row of a table means by the rules, without a line of the program's readers."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
NONE_MARKS = ("", ".", "-", "--", "n/a", "na", "#n/a", "nd")


class Kind(Enum):
    """What a column holds."""

    US_DAY = "month/day/year"
    ISO_DAY = "year-month-day"
    DASH_DAY = "day-Mon-year"
    WORD_DAY = "Mon day, year"
    NUMBER = "a number"
    REQUIRED = "a number that must be there"
    AMOUNT = "a number above zero"
    COUNT = "a number above zero, perhaps with thousands commas"
    TICKER = "a ticker"
    CUSIP = "a CUSIP"
    SYMBOL = "a symbol, perhaps with signs"
    CONTRACT = "the name of an option"
    NAME = "a text"
    OTHER = "not read"


class Verdict(Enum):
    """A row that says nothing, and one that cannot be read."""

    EMPTY = "empty"
    BAD = "bad"


class BadValueError(Exception):
    """A cell that is no value of its kind."""


@dataclass(frozen=True)
class Reading:
    """A row: its key, and its values, None where one is empty."""

    key: object
    values: tuple[object, ...]


def folded(cell: object) -> str:
    """A cell as a person sees it."""
    if cell is None:
        return ""
    shown = []
    for sign in str(cell):
        if sign.isspace():
            shown.append(" ")
        elif unicodedata.category(sign)[0] != "C":
            shown.append(sign)
    return " ".join("".join(shown).split(" ")).strip()


def value(cell: object, kind: Kind) -> object:
    """What a cell means; None for an empty one. Raises BadValueError."""
    seen = " ".join(folded(cell).split())
    if kind in (Kind.US_DAY, Kind.ISO_DAY, Kind.DASH_DAY, Kind.WORD_DAY):
        return _day(seen, kind)
    if kind in (Kind.NUMBER, Kind.REQUIRED, Kind.AMOUNT, Kind.COUNT):
        return _number(cell, seen, kind)
    if kind is Kind.TICKER:
        return _ticker(cell, seen)
    if kind is Kind.CUSIP:
        padded = seen.upper()
        padded = "0" * (9 - len(padded)) + padded if padded.isdecimal() else padded
        if len(padded) != 9 or not all(sign.isascii() and (sign.isalnum() or sign in "*@#") for sign in padded):
            raise BadValueError
        return padded
    if kind is Kind.SYMBOL:
        return seen[:200].upper().replace("-", "").replace(".", "").replace("/", "") or None
    if kind is Kind.CONTRACT:
        return _contract(seen)
    return seen[:200]


def _contract(seen: str) -> tuple[date, str, float]:
    name = seen[-15:]
    if not (name.isascii() and len(name) == 15 and name[6] in "CP" and (name[:6] + name[7:]).isdecimal()):
        raise BadValueError
    try:
        return date(2000 + int(name[:2]), int(name[2:4]), int(name[4:6])), name[6], int(name[7:]) / 1000
    except ValueError:
        raise BadValueError from None


def _day(seen: str, kind: Kind) -> date:
    try:
        if kind is Kind.US_DAY:
            month, day, year = seen.split("/")
        elif kind is Kind.ISO_DAY or seen[:4].isdecimal():
            # Issuers of funds write either form.
            year, month, day = seen.split("-")
            kind = Kind.ISO_DAY
        elif kind is Kind.DASH_DAY:
            day, month, year = seen.split("-")
        else:
            words, year = seen.split(", ")
            month, day = words.split(" ")
        named = kind in (Kind.DASH_DAY, Kind.WORD_DAY)
        number = MONTHS.index(month.lower()) + 1 if named else int(_digits(month))
        read = date(int(_digits(year, 4)), number, int(_digits(day)))
    except (ValueError, BadValueError):
        raise BadValueError from None
    if not 1900 <= read.year < 2200:
        raise BadValueError
    return read


def _digits(part: str, length: int = 0) -> str:
    if not (part.isascii() and part.isdecimal()) or (len(part) > 2 if length == 0 else len(part) != length):
        raise BadValueError
    return part


def _number(cell: object, seen: str, kind: Kind) -> float | None:
    if isinstance(cell, bool | list | dict):
        raise BadValueError
    if isinstance(cell, int | float):
        read: float | None = float(cell)
    elif seen.lower() in NONE_MARKS:
        read = None
    else:
        read = float(_plain(seen, grouped=kind is Kind.COUNT))
    if read is None and kind is Kind.REQUIRED:
        raise BadValueError
    if read is not None and kind in (Kind.AMOUNT, Kind.COUNT):
        if read < 0:
            raise BadValueError
        return read or None
    return read


def _plain(seen: str, *, grouped: bool) -> str:
    """A printed number without sign and commas taken away. Raises BadValueError for one that is not plain."""
    sign, bare = (seen[0], seen[1:]) if seen[:1] in ("+", "-") else ("", seen)
    whole, point, part = bare.partition(".")
    groups = whole.split(",")
    if len(groups) > 1:
        if not grouped or not 1 <= len(groups[0]) <= 3 or any(len(group) != 3 for group in groups[1:]):
            raise BadValueError
        whole = "".join(groups)
    digits = whole + part
    if not digits or not digits.isascii() or not digits.isdecimal() or (point and not part):
        raise BadValueError
    return f"{sign}{whole or '0'}{point}{part}"


def _ticker(cell: object, seen: str) -> str | None:
    if seen.lower() in NONE_MARKS:
        return None
    if not isinstance(cell, str):
        raise BadValueError
    while "[" in seen and "]" in seen[seen.index("[") :]:
        start = seen.index("[")
        seen = seen[:start] + " " + seen[seen.index("]", start) + 1 :]
    seen = " ".join(seen.split()).upper().rstrip("*†‡").strip()
    for exchange in ("NASDAQ", "NYSE"):
        if seen.startswith(f"{exchange}:"):
            seen = seen[len(exchange) + 1 :].strip()
    ticker = seen.replace(".", "-").replace("/", "-")
    if ticker == "USD" or _is_future(ticker):
        return None
    first, _, second = ticker.partition("-")
    letters = first + second
    whole = letters.isascii() and letters.isalpha() and 1 <= len(first) <= 5 and len(second) <= 2
    if not whole or ticker.count("-") > 1 or ticker.endswith("-"):
        raise BadValueError
    return ticker


def _is_future(ticker: str) -> bool:
    """Two or three letters, that of a month, and one or two digits of a year: nothing tells it from a misprint."""
    letters = ticker.rstrip("0123456789")
    months = letters.isascii() and letters.isalpha() and 3 <= len(letters) <= 4 and letters[-1] in "FGHJKMNQUVXZ"
    return months and 1 <= len(ticker) - len(letters) <= 2


def next_day(day: date) -> date:
    """The next weekday."""
    later = day + timedelta(days=1)
    while later.weekday() > 4:
        later += timedelta(days=1)
    return later
