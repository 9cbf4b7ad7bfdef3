"""From what a person typed to an alert that makes sense; every refusal says what was given and what would be right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from bot.alerts.validation import parse_level, validate
from bot.commands.alerts.draft import Draft
from bot.commands.context import Core
from bot.commands.signal_search import closest
from bot.domain.model import AlertSpec, Condition, Repeat, Timing
from bot.errors import UserError
from bot.formatting.quoting import quoted
from signals.core.model import Measure, Signal

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Wish:
    """The options of `/alert add` as typed; None is not given."""

    signal: str
    condition: str
    level: str
    upper: str | None = None
    measure: str | None = None
    timing: str | None = None
    repeat: str | None = None
    confirm: int | None = None
    cooldown_days: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """The options of `/alert edit` as typed; None keeps what is stored."""

    level: str | None = None
    upper: str | None = None
    timing: str | None = None
    repeat: str | None = None
    confirm: int | None = None
    cooldown_days: int | None = None


def changed(spec: AlertSpec, change: Change) -> AlertSpec:
    """The spec with what was given. Raises UserError for what cannot be read, and when nothing was given."""
    if change == Change():
        raise UserError(
            "Nothing to change was given. Give a new level, or another timing, repeat, confirm or cooldown."
        )
    return replace(
        spec,
        level=spec.level if change.level is None else parse_level(change.level),
        level_high=spec.level_high if change.upper is None else parse_level(change.upper),
        timing=spec.timing if change.timing is None else choice(change.timing, Timing, "timing"),
        repeat=spec.repeat if change.repeat is None else choice(change.repeat, Repeat, "repeat"),
        confirm=spec.confirm if change.confirm is None else change.confirm,
        cooldown_days=spec.cooldown_days if change.cooldown_days is None else change.cooldown_days,
    )


def draft(core: Core, wish: Wish, *, channel_id: int | None = None, role_id: int | None = None) -> Draft:
    """The draft of a wish. Raises UserError for the first thing that does not make sense."""
    signal = core.finder.get(wish.signal)
    condition = choice(wish.condition, Condition, "condition")
    level = parse_level(wish.level)
    high = parse_level(wish.upper) if wish.upper is not None and wish.upper.strip() else None
    spec = AlertSpec(
        signal.id,
        choice(wish.measure, Measure, "measure") if wish.measure else Measure.VALUE,
        condition,
        level,
        high,
        timing=choice(wish.timing, Timing, "timing") if wish.timing else Timing.CLOSE,
        confirm=1 if wish.confirm is None else wish.confirm,
        repeat=choice(wish.repeat, Repeat, "repeat") if wish.repeat else Repeat.EVERY,
        cooldown_days=wish.cooldown_days or 0,
    )
    return Draft(checked(core.signals, spec), channel_id, role_id if channel_id is not None else None)


def choice(typed: str, known: type[E], what: str) -> E:
    """The member of an enumeration that was typed. Raises UserError naming the nearest or all of them."""
    text = typed.strip().casefold().replace(" ", "_")
    for member in known:
        if text == member.value:
            return member
    values = [member.value for member in known]
    near = closest(text, values)
    hint = f"Did you mean {near}?" if near else f"Known are {', '.join(values)}."
    raise UserError(f'No {what} "{quoted(typed)}". {hint}')


def checked(signals: Mapping[str, Signal], spec: AlertSpec) -> AlertSpec:
    """The spec itself if it makes sense for its signal. Raises UserError."""
    signal = signals.get(spec.signal)
    if signal is None:
        raise UserError(f'No signal "{quoted(spec.signal)}". Start typing and choose from the list.')
    validate(spec, signal)
    return spec
