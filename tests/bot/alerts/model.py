"""A model of the engine that is simple instead of fast: plain objects, one alert and one reading at a time.

It shares no code with `rules` or `engine`, so that a mistake must be made twice to go unseen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from bot.domain.model import After, AlertSpec, Condition, Repeat, Timing

Notification = tuple[int, str, int, int, float, str]
"""What is enqueued: alert, side, destination, session, value, and whether it has fired, is back or goes on."""


@dataclass(frozen=True)
class Seen:
    """One reading of one signal: values by measure, or withheld."""

    final: bool
    values: Mapping[str, float | None] | None


@dataclass
class Side:
    """One side of a condition. `far`: None unknown, True on the far side, False waiting to cross.

    `crossed_at` and `remind_at` are numbers of sessions; `told`: whether somebody was told of the crossing.
    """

    above: bool
    level: float
    back_at: float
    far: bool | None = None
    run: int = 0
    crossings: int = 0
    crossed_on: int | None = None
    crossed_at: int | None = None
    told: bool = False
    remind_at: int | None = None

    def beyond(self, value: float) -> bool:
        return value > self.level if self.above else value < self.level

    def back(self, value: float) -> bool:
        return value <= self.back_at if self.above else value >= self.back_at


def written(number: float) -> Decimal:
    """A level or a band as the decimal that values are compared with."""
    return Decimal(repr(number)).quantize(Decimal("0.00000001"))


def sides(spec: AlertSpec) -> list[Side]:
    low, band = written(spec.level), written(spec.band)
    if spec.condition is Condition.OUTSIDE:
        assert spec.level_high is not None
        high = written(spec.level_high)
        above, below = max(low, high - band), min(high, low + band)
        return [Side(True, float(high), float(above)), Side(False, float(low), float(below))]
    both = [Side(True, float(low), float(low - band)), Side(False, float(low), float(low + band))]
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
    paused: bool = False

    def start(self, spec: AlertSpec, known: float | None, since: int) -> None:
        self.spec, self.since, self.over, self.quiet_until = spec, since, False, 0
        self.sides = sides(spec)
        for side in self.sides:
            side.far = None if known is None else side.beyond(known)

    def move(self, value: float, session: int, number: int, *, final: bool) -> list[tuple[Side, str]]:
        """Move both sides; what has happened to them."""
        events = []
        for side in self.sides:
            if side.far is None:
                side.far = side.beyond(value)
                events.append((side, "began"))
            elif side.far:
                if side.back(value) and (final or side.crossed_on != session):
                    side.far, side.remind_at = False, None
                    events.append((side, "back"))
                elif final and side.remind_at is not None and number >= side.remind_at and side.beyond(value):
                    side.remind_at = number + self.spec.remind_every
                    events.append((side, "reminder"))
            elif not side.beyond(value):
                side.run = 0
            else:
                side.run += 1
                if side.run == self.spec.confirm:
                    side.far, side.run, side.crossed_on, side.crossed_at = True, 0, session, number
                    side.crossings += 1
                    side.told = False
                    events.append((side, "fired"))
        return events

    def holds(self) -> bool:
        return not self.over and any(side.far for side in self.sides)

    def last(self) -> int | None:
        return max((side.crossed_at for side in self.sides if side.crossed_at is not None), default=None)


@dataclass
class ModelComposite:
    """A composite: its members by id, who of them counts, and whether enough of them do."""

    id: int
    at_least: int
    within: int
    members: list[int]
    since: int
    place: int
    inside: list[bool] = field(default_factory=list)
    enough: bool = False
    crossings: int = 0
    paused: bool = False


@dataclass
class Model:
    """Everything the engine should know."""

    alerts: dict[int, ModelAlert] = field(default_factory=dict)
    composites: dict[int, ModelComposite] = field(default_factory=dict)
    closed_places: set[int] = field(default_factory=set)
    last_final: dict[str, int] = field(default_factory=dict)
    last_seen: dict[str, int] = field(default_factory=dict)
    notified: list[Notification] = field(default_factory=list)
    numbers: dict[int, int] = field(default_factory=dict)

    @property
    def newest(self) -> int:
        return max(self.numbers.values(), default=0)

    def number(self, session: int) -> int:
        """Sessions count from 1 as they come; one that comes later than its successor has the number before it."""
        if session not in self.numbers:
            before = [day for day in self.numbers if day < session]
            later = any(day > session for day in self.numbers)
            self.numbers[session] = (self.numbers[max(before)] if before else 0) + (0 if later else 1)
        return self.numbers[session]

    def evaluate(self, session: int, readings: Mapping[str, Seen], now: int, notifying: set[str]) -> None:
        number = self.number(session)
        moved: dict[int, bool] = {}
        for signal, seen in readings.items():
            if seen.values is None or session <= self.last_final.get(signal, 0):
                continue
            late = session < self.last_seen.get(signal, 0)
            if late and not seen.final:
                continue
            for alert in self.alerts.values():
                if alert.spec.signal == signal and self._evaluate(
                    alert, session, number, seen, late=late, notify=signal in notifying
                ):
                    moved[alert.id] = signal in notifying
            if seen.final:
                self.last_final[signal] = session
            self.last_seen[signal] = max(session, self.last_seen.get(signal, 0))
        for composite in self.composites.values():
            self._count(composite, session, moved)

    def _evaluate(self, alert: ModelAlert, session: int, number: int, seen: Seen, *, late: bool, notify: bool) -> bool:
        """Whether the alert has moved."""
        assert seen.values is not None
        value = seen.values[alert.spec.measure]
        ignored = late if alert.spec.timing is Timing.LIVE else not seen.final
        if value is None or ignored or alert.over or session < alert.since:
            return False
        happened = alert.move(value, session, number, final=seen.final)
        to = [] if alert.paused or not notify else [one for one in alert.subscribers if one not in self.closed_places]
        for side, event in happened:
            speaks = {
                "began": False,
                "back": alert.spec.after is After.BACK and side.told,
                "reminder": True,
                "fired": session >= alert.quiet_until,
            }[event]
            if not speaks or not to:
                continue
            for place in to:
                self.notified.append((alert.id, "above" if side.above else "below", place, session, value, event))
            if event == "fired":
                side.told = True
                if alert.spec.after is After.REMIND:
                    side.remind_at = number + alert.spec.remind_every
                alert.quiet_until = session + alert.spec.cooldown_days
                alert.over = alert.spec.repeat is Repeat.ONCE
        return any(event != "reminder" for _, event in happened)

    def inside(self, composite: ModelComposite) -> list[bool]:
        found = []
        for number in composite.members:
            member = self.alerts[number]
            last = member.last()
            found.append(member.holds() or (last is not None and last + composite.within > self.newest))
        return found

    def _count(self, composite: ModelComposite, session: int, moved: Mapping[int, bool]) -> None:
        before, now = composite.inside, self.inside(composite)
        left = any(was and not still for was, still in zip(before, now, strict=True))
        concerned = [moved[number] for number in composite.members if number in moved]
        if not concerned and not left:
            return
        composite.inside = now
        if session < composite.since:
            return
        enough = sum(now) >= composite.at_least
        if enough and not composite.enough:
            composite.crossings += 1
            if any(concerned) and not composite.paused and composite.place not in self.closed_places:
                self.notified.append((composite.id, "above", composite.place, session, sum(now), "fired"))
        composite.enough = enough

    def settle(self, alert_id: int) -> None:
        """Somebody has changed an alert: its composites follow in silence."""
        for composite in self.composites.values():
            if alert_id in (composite.id, *composite.members):
                composite.inside = self.inside(composite)
                composite.enough = sum(composite.inside) >= composite.at_least
