"""A model of the engine that is simple instead of fast: plain objects, one alert and one reading at a time.

It shares no code with `rules` or `engine`, so that a mistake must be made twice to go unseen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.model import AlertSpec, Condition, Repeat, Timing

Notification = tuple[int, str, int, int, float]
"""What is enqueued: alert, side, destination, session, value."""


@dataclass(frozen=True)
class Seen:
    """One reading of one signal: values by measure, or withheld."""

    final: bool
    values: Mapping[str, float | None] | None


@dataclass
class Side:
    """One side of a condition. `far`: None unknown, True on the far side, False waiting to cross."""

    above: bool
    level: float
    back_at: float
    far: bool | None = None
    run: int = 0
    crossings: int = 0
    crossed_on: int | None = None

    def beyond(self, value: float) -> bool:
        return value > self.level if self.above else value < self.level

    def back(self, value: float) -> bool:
        return value <= self.back_at if self.above else value >= self.back_at


def sides(spec: AlertSpec) -> list[Side]:
    low, high, band = spec.level, spec.level_high, spec.band
    if spec.condition is Condition.OUTSIDE:
        assert high is not None
        return [Side(True, high, max(low, high - band)), Side(False, low, min(high, low + band))]
    both = [Side(True, low, low - band), Side(False, low, low + band)]
    return {Condition.ABOVE: both[:1], Condition.BELOW: both[1:], Condition.CROSSES: both}[spec.condition]


@dataclass
class ModelAlert:
    """An alert with its subscribers: destination -> instant until which it is snoozed (0: not)."""

    id: int
    spec: AlertSpec
    since: int
    subscribers: dict[int, int]
    sides: list[Side]
    over: bool = False
    quiet_until: int = 0

    def start(self, spec: AlertSpec, known: float | None, since: int) -> None:
        self.spec, self.since, self.over, self.quiet_until = spec, since, False, 0
        self.sides = sides(spec)
        for side in self.sides:
            side.far = None if known is None else side.beyond(known)

    def move(self, value: float, session: int, *, final: bool) -> Side | None:
        """Move both sides; the one that has crossed, if any."""
        crossed = None
        for side in self.sides:
            if side.far is None:
                side.far = side.beyond(value)
            elif side.far:
                if side.back(value) and (final or side.crossed_on != session):
                    side.far = False
            elif not side.beyond(value):
                side.run = 0
            else:
                side.run += 1
                if side.run == self.spec.confirm:
                    side.far, side.run, side.crossed_on = True, 0, session
                    side.crossings += 1
                    crossed = side
        return crossed


@dataclass
class Model:
    """Everything the engine should know."""

    alerts: dict[int, ModelAlert] = field(default_factory=dict)
    closed_places: set[int] = field(default_factory=set)
    last_final: dict[str, int] = field(default_factory=dict)
    last_seen: dict[str, int] = field(default_factory=dict)
    notified: list[Notification] = field(default_factory=list)

    def evaluate(self, session: int, readings: Mapping[str, Seen], now: int, notifying: set[str]) -> None:
        for signal, seen in readings.items():
            if seen.values is None or session <= self.last_final.get(signal, 0):
                continue
            late = session < self.last_seen.get(signal, 0)
            if late and not seen.final:
                continue
            for alert in self.alerts.values():
                if alert.spec.signal == signal:
                    self._evaluate(alert, session, seen, now, late=late, notify=signal in notifying)
            if seen.final:
                self.last_final[signal] = session
            self.last_seen[signal] = max(session, self.last_seen.get(signal, 0))

    def _evaluate(self, alert: ModelAlert, session: int, seen: Seen, now: int, *, late: bool, notify: bool) -> None:
        assert seen.values is not None
        value = seen.values[alert.spec.measure]
        ignored = late if alert.spec.timing is Timing.LIVE else not seen.final
        if value is None or ignored or alert.over or session < alert.since:
            return
        crossed = alert.move(value, session, final=seen.final)
        if crossed is None or not notify or session < alert.quiet_until:
            return
        to = [place for place in alert.subscribers if place not in self.closed_places]
        for place in to:
            self.notified.append((alert.id, "above" if crossed.above else "below", place, session, value))
        if to:
            alert.quiet_until = session + alert.spec.cooldown_days
            alert.over = alert.spec.repeat is Repeat.ONCE
