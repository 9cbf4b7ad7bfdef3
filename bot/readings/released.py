"""Figures that were published today, before the session is over: what the line after a release says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from bot.archive import Archive
from bot.calendar.clock import Calendar, new_york_date
from bot.readings.compute import SHOWN_SESSIONS
from signals import catalogue
from signals.core.model import Reading, State

FIGURES = (
    "macro.cpi_yoy",
    "macro.core_cpi_3m",
    "macro.payrolls_3m",
    "macro.unemployment",
    "macro.core_pce_3m",
)
"""Signals of monthly releases, which need no prices."""


def session_ahead(calendar: Calendar, now: datetime) -> date | None:
    """Today's session while it is not final, from midnight in New York on; None on other days."""
    today = new_york_date(now)
    return today if calendar.is_session(today) and now < calendar.final_at(today) else None


def today(archive: Archive, calendar: Calendar, now: datetime) -> Mapping[str, Reading]:
    """The readings of `FIGURES` for today's session with what has been fetched by now; empty when it is none or final.

    Nothing is judged by them: for alerts a figure counts with the session's other readings.
    """
    session = session_ahead(calendar, now)
    if session is None:
        return {}
    market = archive.market(calendar, as_of=session, tail=SHOWN_SESSIONS + catalogue.TAIL, only=())
    if market.last.date() != session:
        return {}
    readings = catalogue.readings(market, catalogue.compute(market, FIGURES), session)
    return {
        name: replace(reading, state=State.PROVISIONAL)
        for name, reading in readings.items()
        if reading.value is not None
    }
