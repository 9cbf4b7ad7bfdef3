"""When a final reading may be evaluated: once all inputs of its session have come.

Inputs that will not come any more are not waited for. Sources publish at different hours. An alert
that was evaluated on half of the day's figures would fire too early, and figures that came later
would count as a revision, on which no alert fires.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from bot.calendar.bond_market import bond_day_before
from bot.calendar.clock import Calendar
from signals.asof.series import counts_same_session, monthly_lag
from signals.core.datasets import INPUT
from signals.core.inputs import FUTURES, GROUP, of_members
from signals.core.model import Family, Reading, Signal

_CLOCKS = (Family.ROTATION, Family.TECH)
_OF_BOND_DAYS = ("DGS", "DFII", "T10Y", "DFF")
"""How the ids of yields and of the effective rate begin: sessions on which bonds and banks rest have none of their own."""


def complete_readings(
    readings: Mapping[str, Reading],
    signals: Mapping[str, Signal],
    *,
    session: date,
    prices_at: datetime | None,
    calendar: Calendar,
    now: datetime,
    members_awaited: bool = False,
) -> dict[str, Reading]:
    """The readings of a session that can be evaluated at `now`.

    Once the next session is final as well, all of them can.

    Args:
        readings: The readings of the session.
        signals: The signals by name.
        session: The session.
        prices_at: When prices were last fetched completely.
        calendar: The calendar of sessions.
        now: The present.
        members_awaited: Whether closes of members of the indices are missing that are requested again within minutes.
    """
    if calendar.last_final(now) > session:
        return dict(readings)
    have_prices = prices_at is not None and prices_at >= calendar.final_at(session)
    have_members = have_prices and not members_awaited
    return {
        name: reading
        for name, reading in readings.items()
        if all(
            _complete(
                signals[part],
                readings.get(part),
                session,
                have_prices=have_members if _of_members(signals[part]) else have_prices,
                calendar=calendar,
            )
            for part in signals[name].parts or (name,)
        )
    }


def _complete(signal: Signal, reading: Reading | None, session: date, *, have_prices: bool, calendar: Calendar) -> bool:
    """Whether all inputs of one signal are there.

    A signal made of other signals waits for all of them.
    """
    if reading is None:
        return False
    of_futures = any(name.startswith(FUTURES) for name in signal.inputs)
    if (of_futures or not signal.max_age) and not have_prices:
        return False
    if signal.family in _CLOCKS and reading.observed is not None and reading.observed < session:
        # A yardstick without a price today says what it said before. Were that judged, a turn that
        # the price brings when it comes would be a revision, of which nobody is notified.
        return False
    if not signal.max_age:
        return True
    expected = [day for series in signal.inputs if (day := _expected(series, session, calendar)) is not None]
    return not expected or (reading.observed is not None and reading.observed >= min(expected))


def _of_members(signal: Signal) -> bool:
    """Whether it counts members: a few that are missing move its value, and do not withhold it."""
    return of_members(signal.inputs)


def _expected(series: str, session: date, calendar: Calendar) -> date | None:
    """The date of the observation that this session should have; None where there is no such date.

    There is none for monthly figures, for records (those that count on a session were public by its
    close), for lists of members, and for futures, which come with the prices.
    """
    if monthly_lag(series) is not None or series.startswith((INPUT, GROUP, FUTURES)):
        return None
    if counts_same_session(series):
        return session
    return bond_day_before(session, calendar) if series.startswith(_OF_BOND_DAYS) else calendar.before(session)
