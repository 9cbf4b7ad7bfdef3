"""The system clock, which only this module reads, and the calendar of the NYSE."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

import exchange_calendars
import pandas as pd

from signals.core.market import FINAL_AFTER

NEW_YORK = ZoneInfo("America/New_York")


def new_york_date(instant: datetime) -> date:
    """The date in New York at an aware instant."""
    return instant.astimezone(NEW_YORK).date()


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present as an aware UTC instant."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class _Sessions:
    """Sessions with their openings and closes, all of one length."""

    days: pd.DatetimeIndex
    opens: pd.DatetimeIndex
    closes: pd.DatetimeIndex

    def without(self, closures: Collection[date]) -> _Sessions:
        """The sessions that are no closures."""
        if not closures:
            return self
        kept = ~self.days.isin(pd.DatetimeIndex(sorted(closures)))
        return _Sessions(self.days[kept], self.opens[kept], self.closes[kept])

    def position(self, session: date) -> int:
        """The place of a session. Raises KeyError when `session` is none."""
        position = int(self.days.searchsorted(pd.Timestamp(session)))
        if position >= len(self.days) or self.days[position] != pd.Timestamp(session):
            raise KeyError(f"{session} is not a session of the New York Stock Exchange")
        return position


USUAL = date(1990, 1, 1), date(2040, 12, 31)
"""Every calendar that the program needs lies within; one beyond it is made for itself."""


@lru_cache(maxsize=4)
def _installed_sessions(first: date, last: date) -> _Sessions:
    """The sessions that the installed calendar knows. Making them takes 0.2 s, for a week as for fifty years."""
    xnys = exchange_calendars.get_calendar("XNYS", start=first.isoformat(), end=last.isoformat())
    # Without its frequency, which refers to the whole calendar and costs a tenth of a second
    # whenever it is pickled.
    days = pd.DatetimeIndex(xnys.sessions.to_numpy())
    return _Sessions(days, pd.DatetimeIndex(xnys.schedule["open"]), pd.DatetimeIndex(xnys.schedule["close"]))


@lru_cache(maxsize=16)
def _sessions_of(first: date, last: date) -> _Sessions:
    """The installed calendar's sessions from `first` to `last`, cut out of one that is made once for all of them."""
    whole = _installed_sessions(min(first, USUAL[0]), max(last, USUAL[1]))
    start = whole.days.searchsorted(pd.Timestamp(first))
    end = whole.days.searchsorted(pd.Timestamp(last), side="right")
    return _Sessions(*(column[start:end].copy() for column in (whole.days, whole.opens, whole.closes)))


class Calendar:
    """NYSE sessions between two dates, half days included.

    Sessions are plain dates, closes aware UTC instants. `closures`: days without trading that the
    installed calendar holds for sessions (`bot.calendar.closures`).
    """

    def __init__(self, first: date, last: date, closures: Collection[date] = ()) -> None:
        self._first, self._last = first, last
        self._closures = frozenset(closures)

    @property
    def closures(self) -> frozenset[date]:
        """The days that are left out although the installed calendar holds them for sessions."""
        return self._closures

    def close(self, closures: Collection[date]) -> None:
        """Leave out these days from now on, in place of those left out before.

        Everything that holds this calendar follows. The sessions are replaced in one step, because
        other threads read them meanwhile.
        """
        if self._closures != frozenset(closures):
            self._closures = frozenset(closures)
            self.__dict__["_table"] = self._installed.without(self._closures)

    def without(self, closures: Collection[date]) -> Calendar:
        """A calendar of the same dates that leaves out these days as well."""
        if self._closures.issuperset(closures):
            return self
        return Calendar(self._first, self._last, self._closures.union(closures))

    @property
    def _installed(self) -> _Sessions:
        return _sessions_of(self._first, self._last)

    @cached_property
    def _table(self) -> _Sessions:
        return self._installed.without(self._closures)

    @property
    def sessions(self) -> pd.DatetimeIndex:
        """All sessions as naive midnights, ascending."""
        return self._table.days

    @property
    def closes(self) -> pd.DatetimeIndex:
        """The close of each of `sessions`, aware UTC."""
        return self._table.closes

    @property
    def opens(self) -> pd.DatetimeIndex:
        """The opening of each of `sessions`, aware UTC."""
        return self._table.opens

    def is_session(self, day: date) -> bool:
        """Whether the exchange trades on that date."""
        return pd.Timestamp(day) in self.sessions

    def at_or_before(self, day: date) -> date:
        """The newest session that is not after `day`. Raises ValueError before the first one."""
        sessions = self.sessions
        position = int(sessions.searchsorted(pd.Timestamp(day), side="right")) - 1
        if position < 0:
            raise ValueError(f"{day} is before the first session of the calendar, {sessions[0].date()}")
        return sessions[position].date()

    def before(self, day: date) -> date:
        """The newest session before `day`. Raises ValueError at the beginning of the calendar."""
        return self.at_or_before(day - timedelta(days=1))

    def after(self, day: date) -> date:
        """The first session after `day`. Raises ValueError beyond the end of the calendar."""
        sessions = self.sessions
        position = int(sessions.searchsorted(pd.Timestamp(day), side="right"))
        if position >= len(sessions):
            raise ValueError(f"the calendar ends on {sessions[-1].date()}; nothing is known after {day}")
        return sessions[position].date()

    def between(self, first: date, last: date) -> list[date]:
        """Sessions from `first` to `last`, both included, ascending; empty when there are none."""
        index = self.sessions
        inside = index[index.searchsorted(pd.Timestamp(first)) : index.searchsorted(pd.Timestamp(last), side="right")]
        return [day.date() for day in inside]

    def open_at(self, session: date) -> datetime:
        """Opening instant of a session, UTC. Raises KeyError when `session` is none."""
        table = self._table
        return _instant(table.opens[table.position(session)])

    def close_at(self, session: date) -> datetime:
        """Closing instant of a session, UTC (13:00 New York on half days).

        Raises KeyError when `session` is none.
        """
        table = self._table
        return _instant(table.closes[table.position(session)])

    def final_at(self, session: date) -> datetime:
        """When that session's prices count as final: its close plus 20 minutes."""
        return self.close_at(session) + FINAL_AFTER

    def last_final(self, now: datetime) -> date:
        """The newest session whose prices are final at `now`."""
        table = self._table
        position = int(table.closes.searchsorted(pd.Timestamp(now - FINAL_AFTER), side="right")) - 1
        if position < 0:
            raise ValueError(f"{now} is before the first close of the calendar")
        return table.days[position].date()

    def running(self, now: datetime) -> date | None:
        """The session that has opened and is not final yet at `now`, or None."""
        table = self._table
        position = int(table.opens.searchsorted(pd.Timestamp(now), side="right")) - 1
        if position < 0 or now >= _instant(table.closes[position]) + FINAL_AFTER:
            return None
        return table.days[position].date()


def _instant(stamp: pd.Timestamp) -> datetime:
    return datetime.fromtimestamp(stamp.timestamp(), UTC)
