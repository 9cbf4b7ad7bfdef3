"""The track record of a condition in a line or two: count, share, interval, the share on all days, the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from bot.alerts import rules
from bot.domain.model import AlertSpec, ConditionKey, Direction
from bot.event_study.model import TrackRecord
from bot.formatting import formats
from bot.formatting.conditions import any_turn
from bot.formatting.scenario_words import STATES
from bot.formatting.verdict import interval_words, verdict_words
from bot.readings.state import ReadingState
from signals.core.measure_kinds import STATE_MEASURES
from signals.core.model import Axis, Measure, Signal
from signals.event_study import FEWEST, SMALL, OutcomeCounts, wilson
from signals.event_study.intervals import false_discoveries, p_value

MONTH = 21
"""Sessions over which RSP is compared with SPY."""


def lines_of_alert(
    readings: ReadingState,
    signal: Signal,
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
    condition = ConditionKey(signal.id, measure, direction, level)
    record = readings.snapshot.track_records.get(session, {}).get(condition)
    return lines(record, signal, condition) if record is not None else []


def conditions_of(spec: AlertSpec, signal: Signal) -> list[ConditionKey]:
    """The conditions of a new alert that its evidence is about.

    None for levels with two sides; of turns either way both, where a signal has two states.
    """
    sides = rules.triggers(spec)
    if len(sides) > 1 and not (any_turn(spec, signal) and len(signal.names) == len(sides)):
        return []
    return [ConditionKey(spec.signal, spec.measure, side.direction, side.level) for side in sides]


def of_conditions(
    signal: Signal, conditions: Sequence[ConditionKey], records: Mapping[ConditionKey, TrackRecord]
) -> list[str]:
    """The lines for a new alert; empty where one of its conditions was not counted, and for none.

    Of turns either way the first line of each.
    """
    if not set(conditions) <= records.keys():
        return []
    if len(conditions) == 1:
        return lines(records[conditions[0]], signal, conditions[0])
    return [line for condition in conditions for line in lines(records[condition], signal, condition)[:1]]


def counted(readings: ReadingState) -> Mapping[ConditionKey, TrackRecord]:
    """What was counted with the newest session; empty where nothing was."""
    if readings.snapshot is None or not readings.snapshot.track_records:
        return {}
    return readings.snapshot.track_records[newest(readings)]


def newest(readings: ReadingState) -> date:
    """The newest session with counts. Raises ValueError where there is none."""
    return max(readings.snapshot.track_records if readings.snapshot is not None else ())


def of_signal(readings: ReadingState, signal: Signal) -> Sequence[tuple[str, str]]:
    """`When above +0.8 points` with its lines, for every counted condition on a signal."""
    return [
        (_when(condition, signal), "\n".join(lines(record, signal, condition)))
        for condition, record in counted(readings).items()
        if condition.signal == signal.id
    ]


def _when(condition: ConditionKey, signal: Signal) -> str:
    if turn := _turn(signal, condition):
        return f"When it turns{turn}"
    subject = "" if condition.measure is Measure.VALUE else f"{formats.MEASURES[condition.measure]} "
    return f"When {subject}{condition.direction.value} {formats.level(condition.level, signal, condition.measure)}"


def _turn(signal: Signal, condition: ConditionKey) -> str:
    """Which turn of a named state was counted, ` out of big tech` or ` toward the bear case`; empty for levels."""
    if condition.measure in STATE_MEASURES:
        state, way = STATE_MEASURES[condition.measure], "to"
    elif signal.named and condition.measure is Measure.CHANGE_1D:
        state, way = (max if condition.direction is Direction.ABOVE else min)(signal.names), "toward"
    else:
        return ""
    name = signal.names.get(state, "").removeprefix("rotating ")
    if signal.id == STATES[Axis.RECOVERY]:
        return f" {way} the {name} case"
    return f" {name}" if name.startswith(("out", "back", "up", "down")) else f" to {name}"


def lines(record: TrackRecord, signal: Signal, condition: ConditionKey) -> list[str]:
    """What followed past episodes, each comparison with its verdict; below five cases only their number.

    `After 79 past episodes (since 2005) the Nasdaq rose the next day 53% of the time (95% CI 42-64%), vs 55%
    on all days: no evidence of an edge`; a second line is on RSP against SPY after 21 sessions. Nothing for
    changes between more than three states, whose numbers have no order.
    """
    if signal.named and condition.measure is Measure.CHANGE_1D and not set(signal.names) <= {-1, 0, 1}:
        return []
    turn = _turn(signal, condition)
    event = "turn" if turn else "episode"
    day, month = record.next_day, record.next_month
    if day.n < FEWEST:
        if not day.n:
            return [f"No past {event}{turn} since {record.year}"]
        events = formats.counted(day.n, f"past {event}")
        return [f"{events}{turn} since {record.year}: too few to say what followed"]
    first = f"After {day.n:,} past {event}s{turn} (since {record.year}) the Nasdaq rose the next day"
    if month.n < FEWEST:
        return [f"{first} {_chance(day, _p_value(day, 1))}"]
    q_day, q_month = false_discoveries([_p_value(day, 1), _p_value(month, MONTH)])
    return [
        f"{first} {_chance(day, q_day)}",
        f"Over the next {MONTH} sessions equal weight (RSP) beat the S&P 500 (SPY) "
        f"{_chance(month, q_month, f'after {month.n:,} {event}s at least {MONTH} sessions apart; ')}",
    ]


def _chance(tally: OutcomeCounts, q: float, of: str = "") -> str:
    rate = wilson(tally.hits, tally.n)
    all_days = formats.share(100 * tally.base_hits / tally.base_n)
    verdict = verdict_words(q, more=tally.hits * tally.base_n > tally.base_hits * tally.n)
    small = ", small sample" if tally.n < SMALL else ""
    interval = interval_words(rate)
    return f"{formats.share(100 * rate.value)} of the time ({of}95% CI {interval}), vs {all_days} on all days: {verdict}{small}"


def _p_value(tally: OutcomeCounts, horizon: int) -> float:
    """Of the share against that of all days, whose overlapping windows count as one independent outcome a horizon."""
    base = wilson(tally.base_hits, tally.base_n)
    return p_value(wilson(tally.hits, tally.n), tally.n, base, max(tally.base_n / horizon, 1.0))
