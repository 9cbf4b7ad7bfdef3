"""Conditions as people type them: `above 90`, `> 90`, `crosses below 0`, `outside 20-80`, `new high 252`, `turns to bull`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.alerts.validation import parse_level
from bot.commands.context import Caller, Core
from bot.commands.reply import Choice
from bot.commands.signal_search import closest
from bot.domain.model import Condition
from bot.errors import UserError
from bot.formatting import formats
from bot.formatting.quoting import quoted
from signals.core.measure_kinds import HIGHS, LOWS, PLAIN_MEASURES, STATE_MEASURES
from signals.core.model import Measure, Signal
from signals.core.normal_range import normal_range

ANY_TURN = "turns"
"""What is typed for an alert on a turn to any state."""

_EXTREME = re.compile(r"new[ _](high|low)s?(?: of)?(?: ([0-9]+))?(?: sessions?)?")
_TURNS = re.compile(r"turns?(?: to)?(?: (.+))?")
_ONE_WAY = re.compile(r"crosses (?=(above|below)\b)")
_SIDE = re.compile(r"(crosses )?(>=|≥|>|over\b|<=|≤|<|under\b) ?")
_ABOVE = (">=", "≥", ">", "over")
_SYNONYMS = {"higher": "above", "lower": "below"}
_BETWEEN = re.compile(r"\s*(?:\.\.|;|,\s|\band\b|\bto\b)\s*|(?<=[\d%])(?:-| - |\s?–\s?)(?=[-+$.\d])|\s+")
"""What stands between two levels; a hyphen does where a minus cannot: after a figure, with blanks on both sides or none."""

_BEFORE_UNIT = re.compile(r"(?<=\d) (?=(?:%|\$|bps?\b|pp\b|points?\b|sd\b|sessions?\b|issues\b|bn\b|[mk]\b))|(?<=\$) ")
"""A blank between a figure and its unit, which divides no levels."""


@dataclass(frozen=True, slots=True)
class TypedCondition:
    """What a text asks for; `level_high` only for `outside`."""

    measure: Measure
    condition: Condition
    level: float
    level_high: float | None = None


def parse_condition(
    signal: Signal, text: str, *, level: str | None = None, upper: str | None = None, measure: Measure = Measure.VALUE
) -> TypedCondition:
    """The condition that somebody typed for a signal.

    `>` and `over` are read as above, `<` and `under` as below. So are `>=` and `<=`, because a reading at the level
    itself is past none.

    Args:
        signal: The signal that it is about.
        text: The condition, its level included, or its first word alone.
        level: The level where it was typed apart from the condition.
        upper: The upper level of `outside`, likewise.
        measure: What the level is compared with.

    Raises:
        UserError: For what cannot be read, with a form that can.
    """
    words = " ".join(text.casefold().split())
    if measure is Measure.VALUE:
        measure, words = _measure_first(words)
    if side := _SIDE.match(words):
        words = f"{'above' if side[2] in _ABOVE else 'below'} {words[side.end() :]}".strip()
    words = _ONE_WAY.sub("", words, count=1)
    if extreme := _EXTREME.fullmatch(words):
        return _extreme(extreme[1], extreme[2] or (level or "").strip())
    if turns := _TURNS.fullmatch(words):
        return _turn(signal, turns[1] or " ".join((level or "").casefold().split()))
    first, _, rest = words.partition(" ")
    typed = [part for part in (level, upper) if part is not None and part.strip()]
    if first == "between":
        raise _no_range(text, typed or _levels(rest, Condition.OUTSIDE))
    if signal.named and measure is Measure.VALUE:
        raise has_named_states(signal)
    condition = _condition(first, typed=text)
    levels = typed or _levels(rest, condition)
    if not levels:
        example = "outside 20 and 80" if condition is Condition.OUTSIDE else f"{condition.value} 90"
        raise UserError(f"The level is missing. Type it after the condition, such as {example}.")
    if len(levels) > 2:
        raise UserError(
            f"{quoted(text)} has {len(levels)} levels. Type two, such as outside {levels[0]} and {levels[-1]}."
        )
    low, high = levels[0], levels[1] if len(levels) > 1 else None
    return TypedCondition(measure, condition, parse_level(low), None if high is None else parse_level(high))


def has_named_states(signal: Signal) -> UserError:
    """The refusal of a level of a signal that only names states, with the conditions that it has."""
    return UserError(f"{signal.label} has named states, not levels. Type {ANY_TURN}, {states_typed(signal)}.")


def _measure_first(words: str) -> tuple[Measure, str]:
    """The measure that a condition begins with, `5-day change above 3`, and the rest; without one it is the value."""
    for measure in PLAIN_MEASURES:
        for name in (formats.MEASURES[measure], measure.value):
            if re.match(rf"{re.escape(name)}[ <>≤≥]", words):
                return measure, words.removeprefix(name).lstrip()
    return Measure.VALUE, words


def _condition(word: str, *, typed: str) -> Condition:
    for condition in Condition:
        if word == condition.value:
            return condition
    spellings = [*(condition.value for condition in Condition), "new high", "new low", "turns"]
    nearest = _SYNONYMS.get(word) or closest(word, spellings)
    raise UserError(
        f"No condition {quoted(typed)}. "
        + (f"Did you mean {nearest}?" if nearest else f"Choose from {', '.join(spellings)}; such as above 90.")
    )


def _no_range(typed: str, levels: Sequence[str]) -> UserError:
    """The refusal of a condition that would hold between two levels, with the one that can be set."""
    low, high = levels if len(levels) == 2 else ("80", "95")
    return UserError(
        f"{quoted(typed)} is not possible: an alert fires as a value leaves a range. "
        f"Did you mean {quoted(f'outside {low} and {high}')}?"
    )


def _levels(text: str, condition: Condition) -> list[str]:
    if condition is Condition.OUTSIDE:
        text = _BEFORE_UNIT.sub("", text)
        return [part for part in _BETWEEN.split(text.strip()) if part]
    return [text] if text else []


def _extreme(side: str, sessions: str) -> TypedCondition:
    measures = HIGHS if side == "high" else LOWS
    for measure, number in measures.items():
        if sessions == str(number):
            return TypedCondition(measure, Condition.ABOVE, 0.0)
    raise UserError(f"Over how many sessions? Type new {side} 21, new {side} 63 or new {side} 252.")


def _turn(signal: Signal, name: str) -> TypedCondition:
    if not signal.named:
        raise UserError(f"{signal.label} has levels, not named states. Type a condition such as above 90.")
    if not name:
        return TypedCondition(Measure.CHANGE_1D, Condition.OUTSIDE, -0.5, 0.5)
    states = {words.casefold(): state for state, words in signal.names.items()}
    fitting = [words for words in states if words == name] or [words for words in states if name in words]
    if len(fitting) != 1:
        raise UserError(f"{signal.label} has no state {quoted(name)}. Type {states_typed(signal)}.")
    return TypedCondition(_measure_of(states[fitting[0]]), Condition.ABOVE, 0.5)


def _measure_of(state: int) -> Measure:
    return next(measure for measure, number in STATE_MEASURES.items() if number == state)


def states_typed(signal: Signal) -> str:
    """`turns to advancing or turns to falling`: how a turn to each state of a signal with named states is typed."""
    return formats.listed([f"turns to {words}" for words in signal.names.values()], "or")


def complete_condition(core: Core, signal_typed: str, typed: str, caller: Caller | None) -> list[Choice]:
    """Conditions to choose from while typing, with levels from the past of the signal that was chosen."""
    signal = core.finder_for(caller).named(signal_typed)
    text = typed.strip().casefold()
    if signal is None:
        offered: Sequence[Choice] = ()
    elif signal.named:
        offered = [
            *(Choice(f"turns to {words}", f"turns to {words}") for words in signal.names.values()),
            Choice(f"{ANY_TURN}, to any state", ANY_TURN),
        ]
    else:
        offered = [*_from_the_past(core, signal, Measure.VALUE), *_extremes(signal)]
        for measure in PLAIN_MEASURES:
            if measure is not Measure.VALUE and measure in signal.watchable:
                offered += _from_the_past(core, signal, measure)
    fitting = [choice for choice in offered if text in choice.label.casefold() or text in choice.value.casefold()]
    return fitting or ([Choice(typed.strip(), typed.strip())] if text else [])


def _from_the_past(core: Core, signal: Signal, measure: Measure) -> list[Choice]:
    values = core.readings.series(signal.id, measure).dropna().to_numpy(dtype=float)
    spread = normal_range(values)
    if spread is None:
        return []
    decimals = max(signal.decimals, 2) if measure is Measure.Z_1Y else signal.decimals
    low, high = (round(level, decimals) for level in spread)
    name = "" if measure is Measure.VALUE else f"{formats.MEASURES[measure]} "
    return [
        Choice(
            f"{name}{side} {formats.level(level, signal, measure)}, as on 5% of days",
            f"{name}{side} {formats.bare_level(level)}",
        )
        for side, level in (("above", high), ("below", low))
    ]


def _extremes(signal: Signal) -> list[Choice]:
    return [
        Choice(f"new {side}, of {sessions} sessions", f"new {side} {sessions}")
        for side, measures in (("high", HIGHS), ("low", LOWS))
        for measure, sessions in measures.items()
        if measure in signal.watchable
    ]
