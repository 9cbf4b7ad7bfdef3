"""What people must read: an oracle that shares no code with the engine.

From the values of each session and from what people have set it says which messages are owed: that a level was crossed,
that the value is back, that it lasts, and that enough of several alerts hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

Values = Callable[[str, str, date], float | None]
"""The value of a measure of a signal on a session."""


@dataclass(frozen=True)
class Wish:
    """An alert as it is stored: what it watches, and where it is told (ids of channels)."""

    id: int
    signal: str
    measure: str
    condition: str
    level: float
    level_high: float | None
    confirm: int
    once: bool
    cooldown_days: int
    band: float
    after: str
    remind_every: int
    owner: int | None
    note: str | None
    places: tuple[int, ...]
    members: tuple[int, ...] = ()
    at_least: int = 0


@dataclass(frozen=True)
class Owed:
    """One thing that a place must be told, once; `value` and `level` of a combination are counts."""

    place: int
    alert: int
    owner: int | None
    note: str | None
    event: str
    session: date
    value: float
    level: float
    combined: bool = False


@dataclass
class _Side:
    """One level of a wish: `sign` 1 fires above it, -1 below."""

    sign: int
    level: float
    back: float
    beyond: bool = False
    ended: bool = False
    streak: int = 0
    told: bool = False
    remind_at: int | None = None

    def past(self, value: float) -> bool:
        return self.sign * value > self.sign * self.level

    def returned(self, value: float) -> bool:
        return self.sign * value <= self.sign * self.back


@dataclass
class _State:
    sides: list[_Side]
    quiet_until: date = date.min
    holds: dict[date, bool] = field(default_factory=dict)


def owed(wishes: Sequence[Wish], sessions: Sequence[date], values: Values) -> list[Owed]:
    """Everything that is owed after the first of the sessions, on which all wishes were made."""
    states = {wish.id: _State(_sides(wish)) for wish in wishes if not wish.members}
    found: list[Owed] = []
    for wish in wishes:
        if not wish.members:
            found += _of_wish(wish, states[wish.id], sessions, values)
    for wish in wishes:
        if wish.members:
            found += _of_combination(wish, states, sessions)
    return found


def _sides(wish: Wish) -> list[_Side]:
    """A level is watched again once the value is back by the band; between two levels never beyond the other one."""
    low, high = wish.level, wish.level if wish.level_high is None else wish.level_high
    above = _Side(1, high, round(high - wish.band, 9))
    below = _Side(-1, low, round(low + wish.band, 9))
    if wish.condition == "outside":
        above.back, below.back = max(above.back, low), min(below.back, high)
    return {"above": [above], "below": [below]}.get(wish.condition, [above, below])


def _of_wish(wish: Wish, state: _State, sessions: Sequence[date], values: Values) -> Iterator[Owed]:
    first = values(wish.signal, wish.measure, sessions[0])
    assert first is not None, f"{wish.signal} has no value at the start"
    for side in state.sides:
        side.beyond = side.past(first)
    state.holds[sessions[0]] = any(side.beyond for side in state.sides)
    for number, session in enumerate(sessions[1:], 1):
        value = values(wish.signal, wish.measure, session)
        if value is not None:
            for event, side in _events(wish, state, number, session, value):
                for place in wish.places:
                    yield Owed(place, wish.id, wish.owner, wish.note, event, session, value, side.level)
        state.holds[session] = any(side.beyond for side in state.sides)


def _events(wish: Wish, state: _State, number: int, session: date, value: float) -> Iterator[tuple[str, _Side]]:
    was_beyond = [side.beyond for side in state.sides]
    for side in state.sides:
        if side.beyond and side.returned(value):
            if side.told and wish.after == "back":
                yield "back", side
            side.beyond, side.told, side.streak, side.remind_at = False, False, 0, None
        elif side.remind_at is not None and number >= side.remind_at and side.past(value):
            side.remind_at = number + wish.remind_every
            yield "reminder", side
    for side, was in zip(state.sides, was_beyond, strict=True):
        if was or side.ended:
            continue
        side.streak = side.streak + 1 if side.past(value) else 0
        if side.streak < wish.confirm:
            continue
        side.beyond, side.streak = True, 0
        if session < state.quiet_until:
            continue
        side.told = True
        side.remind_at = number + wish.remind_every if wish.remind_every else None
        state.quiet_until = date.fromordinal(session.toordinal() + wish.cooldown_days)
        yield "fired", side
        if wish.once:
            for each in state.sides:
                each.ended, each.beyond, each.told, each.remind_at = True, False, False, None


def _of_combination(wish: Wish, states: Mapping[int, _State], sessions: Sequence[date]) -> Iterator[Owed]:
    counts = [sum(states[member].holds[session] for member in wish.members) for session in sessions]
    for before, count, session in zip(counts, counts[1:], sessions[1:], strict=False):
        if count >= wish.at_least > before:
            for place in wish.places:
                yield Owed(place, wish.id, wish.owner, wish.note, "fired", session, count, wish.at_least, combined=True)
