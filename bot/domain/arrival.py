"""When the prices of a session came: what decides whether its summary is late or has waited for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

KEPT = timedelta(days=20)
"""For how long it is kept when prices came: longer than summaries look back."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """`asked_at`: when prices of a session were first requested. `came_at`: when they were complete, or None."""

    asked_at: datetime
    came_at: datetime | None = None


def requested(arrivals: Mapping[date, Arrival], session: date, at: datetime) -> dict[date, Arrival]:
    """The arrivals once the prices of a session are requested for the first time, without those of long ago."""
    return {day: arrival for day, arrival in arrivals.items() if day > session - KEPT} | {session: Arrival(at)}


def complete(arrivals: Mapping[date, Arrival], at: datetime) -> dict[date, Arrival]:
    """The arrivals once all prices that were requested have come."""
    return {day: arrival if arrival.came_at else replace(arrival, came_at=at) for day, arrival in arrivals.items()}
