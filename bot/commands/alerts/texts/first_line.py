"""The first line of an alert's message: the event, its size, and the level.

Pure functions from facts to text; the line is no longer than a phone's notification shows.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.alerts.composites import PREFIX
from bot.alerts.topics import TOPICS
from bot.commands.alerts.texts import event_sentences
from bot.domain.model import Direction, ItemEvent, OutboxItem
from bot.formatting import formats
from bot.formatting.conditions import event_words, extreme_words, has_level
from bot.formatting.scenario_words import state_sentence, turn_words
from bot.formatting.signal_values import percentile_words
from signals.core.measure_kinds import EXTREMES, STATE_MEASURES
from signals.core.model import Measure, Signal
from signals.core.units import Unit

MAX_LENGTH = 120
"""Characters that a phone's notification shows."""

_TITLES = {topic.key: topic.title for topic in TOPICS}
_SEVERAL = frozenset(topic.key for topic in TOPICS if len(topic.specs) > 1)
"""Topics of which more than one alert may fire on an evening."""


def topic_name(topic: str) -> str:
    """The display name of a topic: `Russell streak`."""
    return _TITLES.get(topic, topic.replace("-", " "))


def event_line(
    item: OutboxItem, signal: Signal, context: str = "", most: int = MAX_LENGTH, regime: float | None = None
) -> str:
    """One line: the event, and in brackets the level of the alert, or what a turn came from; `regime`: of its session."""
    if item.event is not ItemEvent.FIRED:
        return shortened(_later_words(item, signal), most)
    event, past_level = _event_words(item, signal, regime)
    level = context if past_level else _level_words(item, signal)
    line = f"{event} ({level})" if level else event
    return line if len(line) <= most else shortened(event, most)


def all_named(items: Sequence[OutboxItem], names: Sequence[str]) -> str:
    """`3 alerts: Russell streak, silver above 90, equal-weight day`; semicolons divide names of which one has a comma."""
    between = "; " if any("," in name for name in names) else ", "
    return f"{formats.counted(len(items), 'alert')}: {between.join(names)}"


def merged(items: Sequence[OutboxItem], names: Sequence[str], most: int = MAX_LENGTH) -> str:
    """As `all_named`, but names that do not fit are counted."""
    between = "; " if any("," in name for name in names) else ", "
    start = f"{formats.counted(len(items), 'alert')}: "
    shown_names = list(names)
    while shown_names:
        left_out = len(names) - len(shown_names)
        line = start + between.join(shown_names) + (f" and {left_out} more" if left_out else "")
        if len(line) <= most:
            return line
        shown_names.pop()
    return start.rstrip(": ")


def short_name(item: OutboxItem, signal: Signal, regime: float | None = None) -> str:
    """The name of an alert in a list: the topic's, with the signal where it watches several, `Silver above $90.00`, or the
    number of a combination.
    """
    if turned := turn(item, signal, regime):
        return turned.removeprefix("The ")
    if item.topic:
        name = topic_name(item.topic)
        return f"{name} ({signal.label})" if item.topic in _SEVERAL else name
    if signal.id.startswith(PREFIX):
        return signal.label
    if not has_level(_which(item)):
        return shortened(f"{signal.label} {event_words(_which(item), signal)}", 70)
    return shortened(f"{_subject(signal, _which(item))} {_level(item, signal)}", 70)


def _which(item: OutboxItem) -> Measure:
    return item.measure or Measure.VALUE


def _subject(signal: Signal, which: Measure) -> str:
    return signal.label if which is Measure.VALUE else f"{formats.MEASURES[which]} of {signal.label}"


def _level(item: OutboxItem, signal: Signal) -> str:
    side = "below" if item.direction is Direction.BELOW else "above"
    return f"{side} {formats.level(item.level, signal, _which(item))}" if item.level is not None else side


def _level_words(item: OutboxItem, signal: Signal) -> str:
    if item.level is None or signal.unit is Unit.FLAG or turn(item, signal) or not has_level(_which(item)):
        return ""
    whose = "your level" if item.owner_id is not None and not item.topic else "preset level"
    if _which(item) is Measure.PERCENTILE_1Y:
        side = "below" if item.direction is Direction.BELOW else "above"
        return f"{whose}: {side} {percentile_words(item.level)}"
    word = "less" if item.direction is Direction.BELOW else "more"
    return f"{whose}: {word} than {formats.level(item.level, signal, _which(item))}"


def _event_words(item: OutboxItem, signal: Signal, regime: float | None) -> tuple[str, bool]:
    """The event, and whether it names the level itself."""
    which, value = _which(item), item.value
    if turned := turn(item, signal, regime):
        return turned, True
    if value is None:
        return f"{signal.label} is {_level(item, signal)}", True
    if which in STATE_MEASURES:
        name = signal.names.get(STATE_MEASURES[which], "another state")
        return state_sentence(signal, name, regime) or f"{signal.label} has changed to {name}", True
    if which in EXTREMES:
        return f"{signal.label} is at {extreme_words(which)}: {_reading_words(item, signal)}", True
    if sentence := event_sentences.sentence(signal, which, value, item.level):
        return sentence, False
    if which is Measure.PERCENTILE_1Y:
        return event_sentences.of_percentile(signal, value, (item.reading or {}).get("value"), item.level), False
    now = formats.beyond(value, item.level, signal, which)
    subject = formats.capitalised(_subject(signal, which))
    # A label with a comma is a heading, not the subject of a verb.
    verb = ":" if "," in subject else " is at" if which is Measure.VALUE else " is"
    return f"{subject}{verb} {now}, {_level(item, signal)}", True


def turn(item: OutboxItem, signal: Signal, regime: float | None = None) -> str:
    """The sentence on a named state that has changed in one session; else empty."""
    change, now = item.value, (item.reading or {}).get("value")
    if change is None or item.measure is not Measure.CHANGE_1D or not isinstance(now, int | float):
        return ""
    return turn_words(signal, now, change, regime)


def _later_words(item: OutboxItem, signal: Signal) -> str:
    """That a value is back, or that what an alert fired on goes on."""
    which = _which(item)
    since = f", since {formats.day(item.since, today=item.session)}" if item.since is not None else ""
    now = formats.measured(item.value, signal, which) if has_level(which) else _reading_words(item, signal)
    subject = formats.capitalised(_subject(signal, which)) if has_level(which) else signal.label
    if which in STATE_MEASURES:
        name = signal.names.get(STATE_MEASURES[which], "another state")
        return (
            f"{subject} has changed from {name} to {now}"
            if item.event is ItemEvent.BACK
            else f"{subject} is still {name}{since}"
        )
    what = f"at {extreme_words(which)}" if which in EXTREMES else _level(item, signal)
    if item.event is ItemEvent.BACK:
        return f"{subject} is back at {now}, no longer {what}"
    return f"{subject} is still {what}{since}: {now}"


def _reading_words(item: OutboxItem, signal: Signal) -> str:
    """The value of the signal itself."""
    value = (item.reading or {}).get("value")
    return formats.measured(value if isinstance(value, int | float) else None, signal, Measure.VALUE)


def shortened(text: str, most: int = MAX_LENGTH) -> str:
    """The text, cut at a word where it is too long."""
    if len(text) <= most:
        return text
    return text[: most - 1].rsplit(" ", 1)[0].rstrip(" ,:(") + "…"


def at_clause(text: str, most: int = MAX_LENGTH) -> str:
    """The text, cut at the last clause that fits (or at a word) where it is too long."""
    if len(text) <= most:
        return text
    head = text[:most]
    end = max(head.rfind(mark) for mark in (", ", "; ", ": ", ". "))
    return f"{head[:end]}." if end > 0 else shortened(text, most)
