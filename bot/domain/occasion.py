"""Occasions of the calendar: releases, reports and days on which the exchange is different."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class OccasionKind(StrEnum):
    """Kinds of occasions; those that are events of the market have the values of `signals.calendar_events.Event`."""

    FED = "fed"
    CPI = "cpi"
    PAYROLLS = "payrolls"
    PCE = "pce"
    EARNINGS = "earnings"
    EXPIRY = "expiry"
    HOLIDAY = "holiday"
    HALF_DAY = "half day"


@dataclass(frozen=True, slots=True)
class Occasion:
    """Something on a day of New York.

    Attributes:
        at: when, UTC; None where only the day is known, or the whole day is meant.
        tickers: the companies that report.
        name: of a holiday.
    """

    kind: OccasionKind
    day: date
    at: datetime | None = None
    tickers: tuple[str, ...] = ()
    name: str = ""

    @property
    def key(self) -> str:
        """What tells it from every other occasion; it does not change when more companies report on its day."""
        return f"{self.kind}:{self.day.isoformat()}"

    def to_json(self, line: str = "") -> str:
        """The form in which a message about it is stored, with the finished line of a release."""
        at = None if self.at is None else int(self.at.timestamp())
        parts = {"kind": self.kind, "day": self.day.isoformat(), "at": at, "tickers": self.tickers, "line": line}
        return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
