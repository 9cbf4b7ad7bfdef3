"""The track record of a condition in a line or two: count, share, interval, usual share."""

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


def lines_of_alert(
    readings: ReadingState,
    signal: str,
    measure: Measure,
    direction: Direction | None,
    level: float | None,
    session: date,
) -> list[str]:
    """The lines for an alert that fired on `session`.

    Empty where nothing was counted for its condition or its session.
    """
    if readings.snapshot is None or direction is None or level is None:
        return []
    record = readings.snapshot.track_records.get(session, {}).get(ConditionKey(signal, measure, direction, level))
    return lines(record) if record is not None else []


def of_spec(readings: ReadingState, spec: AlertSpec) -> list[str]:
    """The lines for a new alert, up to the newest session.

    Empty for an alert with two sides and for a condition that was not counted.
    """
    sides = rules.triggers(spec)
    if readings.snapshot is None or not readings.snapshot.track_records or len(sides) > 1:
        return []
    return lines_of_alert(readings, spec.signal, spec.measure, sides[0].direction, sides[0].level, newest(readings))


def uncounted_condition(readings: ReadingState, spec: AlertSpec) -> ConditionKey | None:
    """The condition of a spec that is still to be counted.

    None for a spec with two sides, for a condition that was counted, and while there are no
    sessions.
    """
    sides = rules.triggers(spec)
    if len(sides) > 1 or readings.snapshot is None or not readings.snapshot.track_records:
        return None
    condition = ConditionKey(spec.signal, spec.measure, sides[0].direction, sides[0].level)
    return None if condition in readings.snapshot.track_records[newest(readings)] else condition


def newest(readings: ReadingState) -> date:
    """The newest session with counts. Raises ValueError where there is none."""
    return max(readings.snapshot.track_records if readings.snapshot is not None else ())


def of_signal(readings: ReadingState, signal: Signal) -> Sequence[tuple[str, str]]:
    """`When above +0.8 points` with its lines, for every counted condition on a signal."""
    if readings.snapshot is None or not readings.snapshot.track_records:
        return []
    records = readings.snapshot.track_records[newest(readings)]
    return [
        (_when(condition, signal), "\n".join(lines(record)))
        for condition, record in records.items()
        if condition.signal == signal.id
    ]


def _when(condition: ConditionKey, signal: Signal) -> str:
    subject = "" if condition.measure is Measure.VALUE else f"{formats.MEASURES[condition.measure]} "
    return f"When {subject}{condition.direction.value} {formats.level(condition.level, signal, condition.measure)}"


def lines(record: TrackRecord) -> list[str]:
    """`Since 2005: 79 times; Nasdaq up the next day in 53 %, 95 % interval 42–64; usual 55 %`.

    A second line is on RSP against SPY after 21 sessions. Below five cases there is only the count.
    """
    day, month = record.next_day, record.next_month
    if day.n < FEWEST:
        times = {0: "never before", 1: "once before"}.get(day.n, f"{day.n} times before")
        return [f"Since {record.year}: {times}{', too few to say what followed' if day.n else ''}"]
    first = f"Since {record.year}: {day.n:,} times; Nasdaq up the next day in {_chance(day, f', 95{formats.THIN}% interval ')}"
    if month.n < FEWEST:
        return [first]
    return [first, f"RSP ahead of SPY after 21 sessions in {_chance(month, f' of {month.n:,}, ')}"]


def _chance(tally: OutcomeCounts, between: str) -> str:
    rate = wilson(tally.hits, tally.n)
    usual = formats.share(100 * tally.base_hits / tally.base_n)
    small = ", small sample" if tally.n < SMALL else ""
    interval = f"{100 * rate.low:.0f}–{100 * rate.high:.0f}"
    return f"{formats.share(100 * rate.value)}{between}{interval}; usual {usual}{small}"
