"""From what a person typed to an alert that makes sense; every refusal says what was given and what would be right."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from bot.commands import formats
from bot.commands.core import Core
from bot.commands.drafts import Draft
from bot.commands.search import closest, quoted
from bot.errors import UserError
from bot.model import AlertSpec, Condition, Repeat, Timing
from signals.reading import Measure, Signal, Unit

E = TypeVar("E", bound=StrEnum)

MOST_CONFIRM = 20
MOST_COOLDOWN_DAYS = 365
_BIGGEST = 1e15
_NUMBER = re.compile(r"^([+-]?(?:\d+(?:\.\d*)?|\.\d+))(?:\s*(k|m|mn|bn|tn))?$", re.IGNORECASE)
_GROUPED = re.compile(r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$")
_COMMA = re.compile(r"^[+-]?\d+,\d{1,2}$")
_TAILS = re.compile(r"\s*(%|usd|\$|points?|pp|sessions?|months?|z)$", re.IGNORECASE)
_SIZES = {"k": 1e3, "m": 1e6, "mn": 1e6, "bn": 1e9, "tn": 1e12}


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


def parse_level(typed: str) -> float:
    """A level as people type it: `90`, `90.5`, `-0,5`, `1,250.5`, `20 %`, `3.2 bn`. Raises UserError."""
    text = typed.strip().replace("−", "-").replace(formats.THIN, " ").replace("\u00a0", " ")
    text = _TAILS.sub("", text.removeprefix("$")) if len(text) <= 40 else ""
    if _GROUPED.match(text):
        text = text.replace(",", "")
    elif _COMMA.match(text):
        text = text.replace(",", ".")
    found = _NUMBER.match(text) if text.isascii() else None
    if found is None:
        raise UserError(f'Level "{quoted(typed)}" is not a number. {_suggestion(typed)}')
    value = float(found[1]) * _SIZES.get((found[2] or "").casefold(), 1.0)
    if abs(value) > _BIGGEST:
        raise UserError(f'Level "{quoted(typed)}" is larger than anything that could be measured. Try 90 or 90.5.')
    return float(formats.bare_level(value)) + 0.0


def _suggestion(typed: str) -> str:
    """Letters that look like digits are read as such; otherwise the house's example."""
    alike = typed.strip().casefold().translate(str.maketrans("ol|i", "0111"))
    return (
        f"Try {alike} or {alike}.5." if alike.isascii() and alike.isdecimal() and len(alike) < 9 else "Try 90 or 90.5."
    )


def checked(signals: Mapping[str, Signal], spec: AlertSpec) -> AlertSpec:
    """The spec itself if it makes sense for its signal. Raises UserError."""
    signal = signals.get(spec.signal)
    if signal is None:
        raise UserError(f'No signal "{quoted(spec.signal)}". Start typing and choose from the list.')
    _check_levels(spec, signal)
    if not 1 <= spec.confirm <= MOST_CONFIRM:
        raise UserError(f"An alert can wait for 1 to {MOST_CONFIRM} sessions in a row, not {spec.confirm}.")
    if not 0 <= spec.cooldown_days <= MOST_COOLDOWN_DAYS:
        raise UserError(f"The pause after a message can be 0 to {MOST_COOLDOWN_DAYS} days, not {spec.cooldown_days}.")
    return spec


def _check_levels(spec: AlertSpec, signal: Signal) -> None:
    levels = [spec.level] if spec.level_high is None else [spec.level, spec.level_high]
    if not all(math.isfinite(level) and abs(level) <= _BIGGEST for level in levels):
        raise UserError(f'Level "{spec.level}" is not a number that can be reached. Try 90 or 90.5.')
    if spec.condition is Condition.OUTSIDE:
        if spec.level_high is None:
            raise UserError("The condition outside needs two levels: give the upper one as well.")
        if spec.level >= spec.level_high:
            low, high = formats.bare_level(spec.level), formats.bare_level(spec.level_high)
            raise UserError(f"The lower level {low} is not below the upper level {high}. Swap them or move them apart.")
    elif spec.level_high is not None:
        raise UserError(f"The condition {spec.condition.value} takes one level. A second one is only for outside.")
    least, most = bounds(signal, spec.measure)
    for level in levels:
        if not least <= level <= most:
            subject = signal.label if spec.measure is Measure.VALUE else f"The {formats.MEASURES[spec.measure]}"
            upto = f" to {formats.bare_level(most)}" if math.isfinite(most) else " or more"
            wanted = f"Levels of {formats.bare_level(least)}{upto} make sense."
            raise UserError(f"{subject} never reaches {formats.bare_level(level)}. {wanted}")


def bounds(signal: Signal, which: Measure) -> tuple[float, float]:
    """Between which numbers a measure can be at all; infinite where there is no limit."""
    if which is Measure.PERCENTILE_1Y:
        return 0.0, 100.0
    if which is not Measure.VALUE:
        return -math.inf, math.inf
    if signal.unit is Unit.PERCENT and signal.id.startswith("breadth.") and ".above_" in signal.id:
        return 0.0, 100.0
    return _BOUNDS.get(signal.unit, (-math.inf, math.inf))


_BOUNDS = {
    Unit.SHARE: (0.0, 1.0),
    Unit.FLAG: (0.0, 1.0),
    Unit.SEVEN: (0.0, 7.0),
    Unit.RANK: (1.0, 11.0),
    Unit.COUNT: (0.0, math.inf),
    Unit.MONTHS: (0.0, math.inf),
}
