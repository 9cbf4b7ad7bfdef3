"""The answer of the two clocks in sentences: for the terminal, and for whatever else shows it."""

from __future__ import annotations

from datetime import date

from bot.formatting import formats
from signals.rotation.answer import ClockReading, LegReading, RotationReading
from signals.rotation.definitions import REGIME_NAMES

NOT_YET = "unknown: too few yardsticks have turned once"


def headline(reading: RotationReading) -> str:
    """The regime in one sentence; while a clock is turning it does not say which way that clock goes."""
    rotation, tech = reading.rotation, reading.tech
    if reading.regime is None:
        return "The regime is unknown: one of the two clocks has not named a state yet."
    if rotation.turning and tech.turning:
        return "Both clocks are turning: neither tech's direction nor the rotation has two thirds of its yardsticks."
    if rotation.turning:
        return f"Tech is {_tech(tech)}; the rotation is turning."
    if tech.turning:
        return f"Money is {_rotation(rotation)}; tech itself is turning."
    return (
        f"{formats.capitalised(REGIME_NAMES[reading.regime])}: tech is {_tech(tech)}, money is {_rotation(rotation)}."
    )


def rotation_words(clock: ClockReading, today: date) -> str:
    """`yes, since Fri 12 Dec (12 sessions): 4 of 6 yardsticks point out of big tech`."""
    if clock.state is None or clock.since is None:
        return NOT_YET
    answer = "turning" if clock.turning else "yes" if clock.state > 0 else "no"
    side = "out of big tech" if clock.state > 0 else "back into big tech"
    return f"{answer}; {side} {_since(clock, today)}: {clock.up} of {clock.known} yardsticks point out of big tech"


def tech_words(clock: ClockReading, today: date) -> str:
    """`advancing since Wed 9 Apr (184 sessions): 4 of 5 yardsticks point up`."""
    if clock.state is None or clock.since is None:
        return NOT_YET
    turning = "turning; " if clock.turning else ""
    return f"{turning}{_tech(clock)} {_since(clock, today)}: {clock.up} of {clock.known} yardsticks point up"


def ending_words(clock: ClockReading) -> str:
    """The nearest of the smallest sets of legs that would turn the state, with how far each is from it."""
    sets = clock.turned_by()
    if clock.state is None:
        return ""
    if not sets:
        return "more than three yardsticks would have to turn"
    legs = formats.listed([_distance(leg) for leg in sets[0]])
    more = f", or another of {len(sets)} sets of {len(sets[0])}" if len(sets) > 1 else ""
    return f"{legs}{more}"


def _distance(leg: LegReading) -> str:
    days = "" if leg.normal_days is None else f", {formats.plain(leg.normal_days, 1)} normal days"
    distance = formats.plain(leg.distance, 2, signed=True)
    return f"{leg.yardstick.label} ({distance}{formats.THIN}%{days})"


def _rotation(clock: ClockReading) -> str:
    return "rotating out of big tech" if clock.state == 1 else "rotating back into big tech"


def _tech(clock: ClockReading) -> str:
    return "advancing" if clock.state == 1 else "falling"


def _since(clock: ClockReading, today: date) -> str:
    since = clock.since or today
    return f"since {formats.day(since, today=today)} ({formats.counted(clock.age or 0, 'session')})"
