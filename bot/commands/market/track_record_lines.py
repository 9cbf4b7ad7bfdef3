"""What followed such a day in the past, in a line or two: counts, share, interval, what is usual."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.alerts import rules
from bot.domain.model import AlertSpec, ConditionKey, Direction
from bot.event_study.model import TrackRecord
from bot.formatting import formats
from bot.readings.state import ReadingState
from signals.core.model import Measure, Signal
from signals.event_study import FEWEST, SMALL, OutcomeCounts, wilson


def beside(
    readings: ReadingState,
    signal: str,
    measure: Measure,
    direction: Direction | None,
    level: float | None,
    session: date,
) -> list[str]:
    """The lines for an alert that fired on `session`; none where nothing was counted for its condition or its session."""
    if readings.snapshot is None or direction is None or level is None:
        return []
    found = readings.snapshot.track_records.get(session, {}).get(ConditionKey(signal, measure, direction, level))
    return lines(found) if found is not None else []


def of_spec(readings: ReadingState, spec: AlertSpec) -> list[str]:
    """The lines for an alert that somebody sets, if it has one side and that is one of the house's; up to the newest session."""
    sides = rules.triggers(spec)
    if readings.snapshot is None or not readings.snapshot.track_records or len(sides) > 1:
        return []
    return beside(readings, spec.signal, spec.measure, sides[0].direction, sides[0].level, newest(readings))


def to_count(readings: ReadingState, spec: AlertSpec) -> ConditionKey | None:
    """The condition of a spec with one side, if nothing was counted for it yet and there are sessions to count up to."""
    sides = rules.triggers(spec)
    if len(sides) > 1 or readings.snapshot is None or not readings.snapshot.track_records:
        return None
    watched = ConditionKey(spec.signal, spec.measure, sides[0].direction, sides[0].level)
    return None if watched in readings.snapshot.track_records[newest(readings)] else watched


def newest(readings: ReadingState) -> date:
    """The newest session for which anything was counted. Raises ValueError when there is none."""
    return max(readings.snapshot.track_records if readings.snapshot is not None else ())


def of_signal(readings: ReadingState, signal: Signal) -> Sequence[tuple[str, str]]:
    """`When above +0.8 points` with its lines, for every level that the house watches on a signal."""
    if readings.snapshot is None or not readings.snapshot.track_records:
        return []
    noted = readings.snapshot.track_records[newest(readings)]
    return [
        (_when(watched, signal), "\n".join(lines(found)))
        for watched, found in noted.items()
        if watched.signal == signal.id
    ]


def _when(watched: ConditionKey, signal: Signal) -> str:
    subject = "" if watched.measure is Measure.VALUE else f"{formats.MEASURES[watched.measure]} "
    return f"When {subject}{watched.direction.value} {formats.level(watched.level, signal, watched.measure)}"


def lines(found: TrackRecord) -> list[str]:
    """`Since 2005: 79 times; Nasdaq up the next day in 53 %, 95 % interval 42–64; usual 55 %`, and the month after.

    With fewer than five times it says only how many.
    """
    day, month = found.next_day, found.next_month
    if day.n < FEWEST:
        times = {0: "never before", 1: "once before"}.get(day.n, f"{day.n} times before")
        return [f"Since {found.year}: {times}{', too few to say what followed' if day.n else ''}"]
    first = f"Since {found.year}: {day.n:,} times; Nasdaq up the next day in {_chance(day, f', 95{formats.THIN}% interval ')}"
    if month.n < FEWEST:
        return [first]
    return [first, f"RSP ahead of SPY after 21 sessions in {_chance(month, f' of {month.n:,}, ')}"]


def _chance(tally: OutcomeCounts, between: str) -> str:
    rate = wilson(tally.hits, tally.n)
    usual = formats.share(100 * tally.base_hits / tally.base_n)
    small = ", small sample" if tally.n < SMALL else ""
    interval = f"{100 * rate.low:.0f}–{100 * rate.high:.0f}"
    return f"{formats.share(100 * rate.value)}{between}{interval}; usual {usual}{small}"
