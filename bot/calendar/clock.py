"""The system clock, which only this module reads, and the calendar of the NYSE."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import exchange_calendars
import pandas as pd

NEW_YORK = ZoneInfo("America/New_York")
FINAL_AFTER = timedelta(minutes=20)


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present as an aware UTC instant."""
        return datetime.now(UTC)


class Calendar:
    """NYSE sessions between two dates, half days included.

    Sessions are plain dates, closes aware UTC instants.
    """

    def __init__(self, first: date, last: date) -> None:
        self._first, self._last = first, last

    @cached_property
    def _xnys(self) -> exchange_calendars.ExchangeCalendar:
        return exchange_calendars.get_calendar("XNYS", start=self._first.isoformat(), end=self._last.isoformat())

    @cached_property
    def sessions(self) -> pd.DatetimeIndex:
        """All sessions as naive midnights, ascending."""
        # Without its frequency, which refers to the whole calendar and costs a tenth of a second
        # whenever it is pickled.
        return pd.DatetimeIndex(self._xnys.sessions.to_numpy())

    @cached_property
    def closes(self) -> pd.DatetimeIndex:
        """The close of each of `sessions`, aware UTC."""
        return pd.DatetimeIndex(self._xnys.schedule["close"])

    @cached_property
    def opens(self) -> pd.DatetimeIndex:
        """The opening of each of `sessions`, aware UTC."""
        return pd.DatetimeIndex(self._xnys.schedule["open"])

    def is_session(self, day: date) -> bool:
        """Whether the exchange trades on that date."""
        return pd.Timestamp(day) in self.sessions

    def at_or_before(self, day: date) -> date:
        """The newest session that is not after `day`. Raises ValueError before the first one."""
        position = int(self.sessions.searchsorted(pd.Timestamp(day), side="right")) - 1
        if position < 0:
            raise ValueError(f"{day} is before the first session of the calendar, {self.sessions[0].date()}")
        return self.sessions[position].date()

    def before(self, day: date) -> date:
        """The newest session before `day`. Raises ValueError at the beginning of the calendar."""
        return self.at_or_before(day - timedelta(days=1))

    def after(self, day: date) -> date:
        """The first session after `day`. Raises ValueError beyond the end of the calendar."""
        position = int(self.sessions.searchsorted(pd.Timestamp(day), side="right"))
        if position >= len(self.sessions):
            raise ValueError(f"the calendar ends on {self.sessions[-1].date()}; nothing is known after {day}")
        return self.sessions[position].date()

    def between(self, first: date, last: date) -> list[date]:
        """Sessions from `first` to `last`, both included, ascending; empty when there are none."""
        index = self.sessions
        inside = index[index.searchsorted(pd.Timestamp(first)) : index.searchsorted(pd.Timestamp(last), side="right")]
        return [day.date() for day in inside]

    def open_at(self, session: date) -> datetime:
        """Opening instant of a session, UTC. Raises KeyError when `session` is none."""
        return _instant(self.opens[self._position(session)])

    def close_at(self, session: date) -> datetime:
        """Closing instant of a session, UTC (13:00 New York on half days).

        Raises KeyError when `session` is none.
        """
        return _instant(self.closes[self._position(session)])

    def _position(self, session: date) -> int:
        position = int(self.sessions.searchsorted(pd.Timestamp(session)))
        if position >= len(self.sessions) or self.sessions[position] != pd.Timestamp(session):
            raise KeyError(f"{session} is not a session of the New York Stock Exchange")
        return position

    def final_at(self, session: date) -> datetime:
        """When that session's prices count as final: its close plus 20 minutes."""
        return self.close_at(session) + FINAL_AFTER

    def last_final(self, now: datetime) -> date:
        """The newest session whose prices are final at `now`."""
        position = int(self.closes.searchsorted(pd.Timestamp(now - FINAL_AFTER), side="right")) - 1
        if position < 0:
            raise ValueError(f"{now} is before the first close of the calendar")
        return self.sessions[position].date()

    def running(self, now: datetime) -> date | None:
        """The session that has opened and is not final yet at `now`, or None."""
        position = int(self.opens.searchsorted(pd.Timestamp(now), side="right")) - 1
        if position < 0 or now >= _instant(self.closes[position]) + FINAL_AFTER:
            return None
        return self.sessions[position].date()


def _instant(stamp: pd.Timestamp) -> datetime:
    return datetime.fromtimestamp(stamp.timestamp(), UTC)
