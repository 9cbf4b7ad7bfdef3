"""The release calendar of the simulated market; each year's is known since the November before."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from signals.calendar_events import Event, usual

_WEDNESDAY, _FRIDAY = 2, 4


def releases(days: pd.DatetimeIndex) -> pd.DataFrame:
    """Days of consumer prices, payrolls and PCE of every month, for the years of `days` and the one after."""
    rows = [
        (pd.Timestamp(month), event.value, pd.Timestamp(day), 1.0, pd.Timestamp(year - 1, 11, 1, 13, tz="UTC"))
        for year in range(days[0].year, days[-1].year + 2)
        for month in (date(year, number, 1) for number in range(1, 13))
        for event, day in (
            (Event.CPI, _prices(month)),
            (Event.PAYROLLS, usual(Event.PAYROLLS, month)[0]),
            (Event.PCE, _spending(month)),
        )
    ]
    table = pd.DataFrame(rows, columns=["month", "release", "date", "planned", "known_at"])
    return table.sort_values("known_at", kind="stable", ignore_index=True)


def _prices(month: date) -> date:
    """The Wednesday from the 9th to the 15th."""
    ninth = month.replace(day=9)
    return ninth + timedelta(days=(_WEDNESDAY - ninth.weekday()) % 7)


def _spending(month: date) -> date:
    """The Friday from the 22nd to the 28th."""
    last = month.replace(day=28)
    return last - timedelta(days=(last.weekday() - _FRIDAY) % 7)
