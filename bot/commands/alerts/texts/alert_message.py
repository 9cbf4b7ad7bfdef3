"""The message of an alert on a signal: title, value, how it compares with its past, and what followed in the past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from bot.commands.alerts.texts import composite_message, first_line
from bot.commands.context import ADVICE, Core
from bot.commands.market import chart, rotation, track_record_lines
from bot.commands.market.signal_history import history_context, leaning, origin, past_line
from bot.commands.reply import Reply
from bot.domain.foreign_text import ForeignText
from bot.domain.model import Direction, OutboxItem
from bot.formatting import formats
from bot.formatting.conditions import extreme_words, has_level
from bot.formatting.scenario_words import ROTATION_REGIME, STATES
from bot.formatting.signal_values import coverage_words, observed_words
from signals.core.measure_kinds import EXTREMES, STATE_MEASURES
from signals.core.model import Axis, Coverage, Family, Measure, Signal
from signals.scenario.score import ROTATION_STATE


def reply(core: Core, item: OutboxItem, signal: Signal) -> Reply:
    """What is said below the first line: the value beside its past, what followed such days, and the person's note."""
    answer = (
        composite_message.reply(core, item) if composite_message.is_composite(item) else _of_signal(core, item, signal)
    )
    return replace(answer, lines=(*answer.lines, f"Your note: {ForeignText(item.note)}")) if item.note else answer


def _of_signal(core: Core, item: OutboxItem, signal: Signal) -> Reply:
    measure = item.measure or Measure.VALUE
    facts = item.reading or {}
    tone, word = leaning(core.readings, signal, item.session, high=item.direction is not Direction.BELOW)
    if signal.family is Family.SCENARIO and first_line.turn(item, signal):
        word = ""
    state = str(facts.get("state") or "final")
    value = facts.get("value")
    value_text = formats.measured(float(value), signal, Measure.VALUE) if isinstance(value, int | float) else ""
    when = " · ".join(part for part in (f"{state}, {formats.day(item.session, today=core.today())}", word) if part)
    if first_line.turn(item, signal) or not has_level(measure):
        title, lines = f"{signal.label}: {value_text}", [when]
        if measure in EXTREMES:
            title = f"{signal.label}, {extreme_words(measure)}: {value_text}"
    else:
        name = signal.label if measure is Measure.VALUE else f"{signal.label}, {formats.MEASURES[measure]}"
        title = f"{name}: {formats.beyond(item.value, item.level, signal, measure)}"
        # A percentile says where the value stands; its own past says nothing more.
        which, shown = measure, item.value
        if measure is Measure.PERCENTILE_1Y and isinstance(value, int | float):
            which, shown = Measure.VALUE, float(value)
        lines = [when, past_line(signal, which, history_context(core.readings, signal, which, item.session, shown))]
        if measure is not Measure.VALUE and value_text:
            lines.insert(1, f"Value: {value_text}")
    lines.append(" · ".join(part for part in (_coverage(facts, signal), _observed(core, item, signal, facts)) if part))
    lines += _past(core, item, signal, measure, value)
    sources = facts.get("sources")
    names = [str(source) for source in sources] if isinstance(sources, list | tuple) else []
    return Reply(
        title=title,
        lines=tuple(line for line in lines if line),
        tone=tone,
        footer=core.footer(origin(signal, names), ADVICE),
        picture=chart.of_alert(item, signal),
    )


def _past(core: Core, item: OutboxItem, signal: Signal, measure: Measure, value: Any) -> Sequence[str]:
    """What the past says of it: of a turn its evidence, of anything else what followed such conditions."""
    turned = bool(first_line.turn(item, signal)) or (measure in STATE_MEASURES and value == STATE_MEASURES[measure])
    if turned and signal.id == ROTATION_REGIME:
        return rotation.brief(core.readings.snapshot, item.session)
    if turned and signal.id == ROTATION_STATE:
        return rotation.evidence_of_turn(core.readings.snapshot, item.session)
    if turned and signal.id == STATES[Axis.RECOVERY]:
        return rotation.recovery_of(core.readings.snapshot, item.session)
    return track_record_lines.lines_of_alert(core.readings, signal, measure, item.direction, item.level, item.session)


def _coverage(facts: Any, signal: Signal) -> str:
    coverage = facts.get("coverage")
    if isinstance(coverage, dict) and coverage.get("listed"):
        return coverage_words(Coverage(coverage["counted"], coverage["listed"]), signal.family)
    return ""


def _observed(core: Core, item: OutboxItem, signal: Signal, facts: Any) -> str:
    try:
        observed = date.fromisoformat(str(facts.get("observed")))
    except ValueError:
        return ""
    return observed_words(signal, observed, core.today()) if observed != item.session else ""
