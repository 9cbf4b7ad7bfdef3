"""A gap: one figure that was expected and has not come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Missing:
    """A figure that the archive should have and does not: a ticker's close, a value, a dataset's day."""

    job: str
    name: str
    day: date


@dataclass(frozen=True, slots=True)
class Gap:
    """A missing figure on the list of those that are requested again.

    `tries`: requests since it was expected, none of which brought it. `declined`: how many of the
    newest of them in a row the source answered with nothing at all about that name, while it gave
    others.
    """

    missing: Missing
    noted_at: datetime
    next_try: datetime
    tries: int = 0
    declined: int = 0
