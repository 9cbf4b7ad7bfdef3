"""From typed options to a valid alert; every UserError names the typed value and a valid one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from bot.alerts.validation import ValidatedSpec, parse_level
from bot.commands.alerts.condition_text import has_named_states, parse_condition
from bot.commands.alerts.draft import AlertDraft, validated_spec
from bot.commands.context import Caller, Core
from bot.commands.signal_search import closest
from bot.domain.model import AlertSpec, Repeat, Timing
from bot.errors import UserError
from bot.formatting.conditions import any_turn, extreme_words, has_level
from bot.formatting.formats import MEASURES
from bot.formatting.quoting import quoted
from signals.core.measure_kinds import EXTREMES, PLAIN_MEASURES
from signals.core.model import Measure, Signal

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRequest:
    """The options of `/alert add` as typed; None stands for an option that was not given."""

    signal: str
    condition: str
    level: str | None = None
    upper: str | None = None
    measure: str | None = None
    timing: str | None = None
    repeat: str | None = None
    confirm: int | None = None
    cooldown_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertChange:
    """The options of `/alert edit` as typed; None keeps the stored value."""

    signal: str | None = None
    condition: str | None = None
    measure: str | None = None
    level: str | None = None
    upper: str | None = None
    timing: str | None = None
    repeat: str | None = None
    confirm: int | None = None
    cooldown_days: int | None = None


def changed(signals: Mapping[str, Signal], spec: AlertSpec, change: AlertChange) -> ValidatedSpec:
    """The spec with the given options applied.

    Raises UserError for an option that cannot be parsed or is not valid, and where none was given.
    """
    if change == AlertChange():
        raise UserError("Nothing to change. Type a new level, or another timing, repeat, confirm or cooldown.")
    changed_spec = replace(
        _condition_changed(signals, spec, change),
        timing=spec.timing if change.timing is None else choice(change.timing, Timing, "timing"),
        repeat=spec.repeat if change.repeat is None else choice(change.repeat, Repeat, "repeat"),
        confirm=spec.confirm if change.confirm is None else change.confirm,
        cooldown_days=spec.cooldown_days if change.cooldown_days is None else change.cooldown_days,
    )
    return validated_spec(signals, changed_spec)


def _condition_changed(signals: Mapping[str, Signal], spec: AlertSpec, change: AlertChange) -> AlertSpec:
    """The spec with another signal, measure, condition or level."""
    name = spec.signal if change.signal is None else change.signal.strip()
    measure = spec.measure if change.measure is None else choice(change.measure, Measure, "measure")
    signal = signals.get(name)
    if change.condition is not None and signal is not None:
        plain = measure if measure in PLAIN_MEASURES else Measure.VALUE
        typed = parse_condition(signal, change.condition, level=change.level, upper=change.upper, measure=plain)
        high = typed.level_high
        return replace(
            spec, signal=name, measure=typed.measure, condition=typed.condition, level=typed.level, level_high=high
        )
    if signal is not None:
        _check_kept(spec, replace(spec, signal=name, measure=measure), signal, change)
    return replace(
        spec,
        signal=name,
        measure=measure,
        level=spec.level if change.level is None else parse_level(change.level),
        level_high=spec.level_high if change.upper is None else parse_level(change.upper),
    )


def _check_kept(before: AlertSpec, after: AlertSpec, signal: Signal, change: AlertChange) -> None:
    """Refuse what the condition that is kept has no use for: an alert that took it would never fire.

    Raises UserError for a level of a new high, a new low or a turn, for a measure with levels in the place of one of
    these where none is typed, and for levels of a signal that names states.
    """
    if not has_level(after.measure) or any_turn(after, signal):
        if change.level is None and change.upper is None:
            return
        what = extreme_words(after.measure) if after.measure in EXTREMES else "a turn"
        example = "turns" if signal.named else "above 90"
        raise UserError(f"An alert on {what} has no level. Type a condition instead, such as {example}.")
    if signal.named and after.measure is Measure.VALUE and signal.id != before.signal:
        raise has_named_states(signal)
    if not has_level(before.measure) and change.level is None:
        raise UserError("The level is missing. Add it, such as level:90.")


def draft(
    core: Core,
    request: AlertRequest,
    *,
    channel_id: int | None = None,
    role_id: int | None = None,
    caller: Caller | None = None,
) -> AlertDraft:
    """The draft of a request. Raises UserError for the first option that is not valid."""
    signal = core.finder_for(caller).get(request.signal)
    measure = choice(request.measure, Measure, "measure") if request.measure else Measure.VALUE
    typed = parse_condition(signal, request.condition, level=request.level, upper=request.upper, measure=measure)
    spec = AlertSpec(
        signal.id,
        typed.measure,
        typed.condition,
        typed.level,
        typed.level_high,
        timing=choice(request.timing, Timing, "timing") if request.timing else Timing.CLOSE,
        confirm=1 if request.confirm is None else request.confirm,
        repeat=choice(request.repeat, Repeat, "repeat") if request.repeat else Repeat.EVERY,
        cooldown_days=request.cooldown_days or 0,
    )
    return AlertDraft(ValidatedSpec(spec, signal), channel_id, role_id if channel_id is not None else None)


def choice(typed: str, members: type[E], what: str) -> E:
    """The typed member of an enumeration. Raises UserError with the nearest member, or with all."""
    text = typed.strip().casefold()
    offered = [member for member in members if members is not Measure or member in PLAIN_MEASURES]
    for member in offered:
        if text.replace(" ", "_") == member.value:
            return member
    values = {MEASURES[member] if isinstance(member, Measure) else member.value: member for member in offered}
    if text in values:
        return values[text]
    nearest = closest(text, list(values))
    hint = f"Did you mean {nearest}?" if nearest else f"Choose from {', '.join(values)}."
    raise UserError(f"No {what} {quoted(typed)}. {hint}")
