"""Days as people type them: `2025-12-31`, `Dec 31`, `31.12.2025`, `12/31/2025`, `yesterday`, `Friday`, `2w`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from time import strptime
from types import MappingProxyType

import pandas as pd

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NEAR: Mapping[str, int] = MappingProxyType({"yesterday": -1, "today": 0, "tomorrow": 1})
_LENGTH = re.compile(r"([0-9]{1,4}) ?(d|days?|w|weeks?|m|mo|months?|y|years?)(?: ago)?")
_LENGTHS: Mapping[str, tuple[int, int]] = MappingProxyType({"d": (0, 1), "w": (0, 7), "m": (1, 0), "y": (12, 0)})
"""Months and days of each."""
_FORMS = ("%b %d %Y", "%B %d %Y", "%d %b %Y", "%d %B %Y", "%d.%m.%Y")
_DAY_AND_MONTH = re.compile(r"[a-z]+ [0-9]{1,2}|[0-9]{1,2} [a-z]+")
_SLASHES = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_LARGEST_MONTH = 12
_FIRST_YEAR = 1800
"""Days of earlier years are typing mistakes, and with the first of them no clock can be reckoned with in every zone."""


def parse_day(typed: str, today: date, *, ahead: bool) -> date | None:
    """The day that a text names.

    Args:
        typed: The text, in any of the forms above.
        today: What `yesterday`, `Friday`, `Dec 31` and `2w` count from.
        ahead: Whether a day of the future is asked for: `Friday` is then the next one, else the last one;
            neither is today.

    Returns:
        None for what names no day, for `01/02/2026`, which is two days in two parts of the world, and for a
        year before 1800.
    """
    day = _day(typed, today, ahead=ahead)
    return day if day is not None and day.year >= _FIRST_YEAR else None


def _day(typed: str, today: date, *, ahead: bool) -> date | None:
    text = " ".join(re.sub(r"[,.](?=\s|$)", " ", typed.casefold()).split())
    text = text.removeprefix("last " if not ahead else "next ")
    if text in _NEAR:
        return today + timedelta(days=_NEAR[text])
    if (weekday := weekday_of(text)) is not None:
        return _nearest_weekday(weekday, today, ahead=ahead)
    try:
        if length := _LENGTH.fullmatch(text):
            months, days = (int(length[1]) * part for part in _LENGTHS[length[2][0]])
            span = pd.DateOffset(months=months, days=days)
            return (pd.Timestamp(today) + span if ahead else pd.Timestamp(today) - span).date()
        return _dated(text, today, ahead=ahead)
    except (ValueError, OverflowError):
        return None


def weekday_of(text: str) -> int | None:
    """The weekday that a text names by three letters or more, Monday = 0; None for none."""
    word = text.removesuffix(".").casefold()
    return next((number for number, name in enumerate(WEEKDAYS) if len(word) >= 3 and name.startswith(word)), None)


def _nearest_weekday(weekday: int, today: date, *, ahead: bool) -> date:
    if ahead:
        return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    return today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1)


def _dated(text: str, today: date, *, ahead: bool) -> date | None:
    """A day by its number. Raises ValueError for one that no calendar has."""
    if slashes := _SLASHES.fullmatch(text):
        first, second, year = (int(part) for part in slashes.groups())
        if first <= _LARGEST_MONTH and second <= _LARGEST_MONTH and first != second:
            return None
        return date(year, second, first) if first > _LARGEST_MONTH else date(year, first, second)
    if _DAY_AND_MONTH.fullmatch(text):
        return _without_year(text, today, ahead=ahead)
    for form in _FORMS:
        try:
            return date(*strptime(text, form)[:3])
        except ValueError:
            continue
    return date.fromisoformat(text)


def _without_year(text: str, today: date, *, ahead: bool) -> date | None:
    """The nearest such day before today, or after it. Feb 29 is that of the nearest leap year."""
    years = range(today.year, today.year + 9) if ahead else range(today.year, today.year - 9, -1)
    for year in years:
        try:
            day = _dated(f"{text} {year}", today, ahead=ahead)
        except ValueError:
            continue
        if day is not None and (day > today if ahead else day < today):
            return day
    return None
