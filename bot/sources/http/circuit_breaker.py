"""Circuit breaker as a value: a source that refuses us is left alone for a while, then tried with one request."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.backoff import Backoff

COOLDOWN = Backoff(first=timedelta(minutes=15), most=timedelta(hours=6))
MOST_FAILURES = 5


@dataclass(frozen=True, slots=True)
class CircuitBreaker:
    """State towards one host.

    `trips`: refusals in a row that opened it, each one doubling the rest. `strikes`: other failures in a row.
    `until`: nothing is asked before. `probing`: the one trial request of a rest that is over is under way.
    """

    trips: int = 0
    strikes: int = 0
    until: datetime | None = None
    probing: bool = False

    def is_open(self, now: datetime) -> bool:
        """Whether the rest is still going on."""
        return self.until is not None and now < self.until


def admit(breaker: CircuitBreaker, now: datetime) -> CircuitBreaker | None:
    """The state with which a request may go out, or None when it may not. After a rest one request goes out alone."""
    if breaker.until is None:
        return breaker
    if breaker.is_open(now) or breaker.probing:
        return None
    return replace(breaker, probing=True)


def succeeded(breaker: CircuitBreaker, now: datetime) -> CircuitBreaker:
    """The source answered: everything is forgiven, unless it has refused another request in the meantime."""
    return breaker if breaker.is_open(now) else CircuitBreaker()


def refused(breaker: CircuitBreaker, now: datetime, asked: float | None = None) -> CircuitBreaker:
    """Too many requests: rest 15 minutes, twice as long each time in a row, at most 6 hours, at least what was asked.

    A second refusal of requests that were already under way lengthens nothing.
    """
    wanted = now + timedelta(seconds=asked or 0.0)
    if breaker.is_open(now) and breaker.until is not None:
        return replace(breaker, until=max(breaker.until, wanted))
    trips = breaker.trips + 1
    return CircuitBreaker(trips=trips, until=max(now + COOLDOWN.after(trips), wanted))


def failed(breaker: CircuitBreaker, now: datetime) -> CircuitBreaker:
    """No usable answer, but no refusal either: five in a row, or a failed trial request, rest 15 minutes."""
    strikes = breaker.strikes + 1
    if strikes >= MOST_FAILURES or breaker.probing:
        return CircuitBreaker(trips=breaker.trips, strikes=strikes, until=now + COOLDOWN.first)
    return replace(breaker, strikes=strikes, probing=False)


def abandoned(breaker: CircuitBreaker) -> CircuitBreaker:
    """The request was given up before an answer came: the next one may be the trial."""
    return replace(breaker, probing=False)
