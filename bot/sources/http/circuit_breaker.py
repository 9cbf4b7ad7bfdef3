"""Circuit breaker as a value: after refusals no request goes to a host for a while, then one trial request."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.backoff import Backoff

COOLDOWN = Backoff(first=timedelta(minutes=15), most=timedelta(hours=6))
MOST_FAILURES = 5

LONGEST_CHUNK = timedelta(hours=1)
"""Longer than any chunk takes."""


@dataclass(frozen=True, slots=True)
class Cooldown:
    """A time in which no request goes out."""

    since: datetime
    until: datetime

    def lasts(self, now: datetime) -> bool:
        """Whether it lasts at `now`; one that was begun by a wrong clock, after the present, does not.

        Sources that share a host say their own `now`, that of the beginning of their chunk.
        """
        return self.since - LONGEST_CHUNK <= now < self.until


@dataclass(frozen=True, slots=True)
class CircuitBreaker:
    """State of one host's breaker.

    Attributes:
        trips: Refusals in a row that opened it, each one doubling the cooldown.
        failures: Other failures in a row.
        until: No request goes out before this instant.
        probing: The one trial request after a cooldown is under way.
        since: When it opened.
    """

    trips: int = 0
    failures: int = 0
    until: datetime | None = None
    probing: bool = False
    since: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether the cooldown is still running."""
        return self.until is not None and Cooldown(self.since or now, self.until).lasts(now)


def admit(breaker: CircuitBreaker, now: datetime) -> CircuitBreaker | None:
    """The state with which a request may go out, or None when it may not.

    After a cooldown one request goes out alone.
    """
    if breaker.until is None:
        return breaker
    if breaker.is_open(now) or breaker.probing:
        return None
    return replace(breaker, probing=True)


def succeeded(breaker: CircuitBreaker, now: datetime) -> CircuitBreaker:
    """The host responded: reset, unless it has refused another request in the meantime."""
    return breaker if breaker.is_open(now) else CircuitBreaker()


def refused(breaker: CircuitBreaker, now: datetime, retry_after: float | None = None) -> CircuitBreaker:
    """Too many requests: open for 15 minutes, twice as long each time in a row, at most 6 hours.

    It is open at least for the `retry_after` seconds of the response. A second refusal, of a
    request that was already under way, does not count as a further trip.
    """
    earliest = now + timedelta(seconds=retry_after or 0.0)
    if breaker.is_open(now) and breaker.until is not None:
        return replace(breaker, until=max(breaker.until, earliest))
    trips = breaker.trips + 1
    return CircuitBreaker(trips=trips, until=max(now + COOLDOWN.after(trips), earliest), since=now)


def failed(breaker: CircuitBreaker, now: datetime) -> CircuitBreaker:
    """No usable response, but no refusal either: five in a row, or a failed trial request, open it
    for 15 minutes.
    """
    failures = breaker.failures + 1
    if failures >= MOST_FAILURES or breaker.probing:
        return CircuitBreaker(trips=breaker.trips, failures=failures, until=now + COOLDOWN.first, since=now)
    return replace(breaker, failures=failures, probing=False)


def abandoned(breaker: CircuitBreaker) -> CircuitBreaker:
    """The request was abandoned before a response came: the next one may be the trial."""
    return replace(breaker, probing=False)
