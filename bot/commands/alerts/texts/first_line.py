"""The first line of an alert's message: the event, its size, and the level.

Pure functions from facts to text; the line is no longer than a phone's notification shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bot.alerts.composites import PREFIX
from bot.alerts.topics import TOPICS
from bot.domain.model import Direction, ItemEvent, OutboxItem
from bot.formatting import formats
from bot.formatting.conditions import event_words, extreme_words, has_level
from bot.formatting.scenario_words import state_sentence, turn_words
from bot.formatting.signal_values import percentile_words
from signals.core.measure_kinds import EXTREMES, STATE_MEASURES
from signals.core.model import Measure, Signal
from signals.core.units import Unit

MAX_LENGTH = 120

_SPREAD = re.compile(r"(.+) vs\. (.+), (\d+ days?)")

_TITLES = {topic.key: topic.title for topic in TOPICS}


def topic_name(topic: str) -> str:
    """The display name of a topic: `Russell streak`."""
    return _TITLES.get(topic, topic.replace("-", " "))


def event_line(item: OutboxItem, signal: Signal, context: str = "", most: int = MAX_LENGTH) -> str:
    """One line: the event, and in brackets the level of the alert, or what a turn came from."""
    if item.event is not ItemEvent.FIRED:
        return shortened(_later_words(item, signal), most)
    event, past_level = _event_words(item, signal)
    level = context if past_level else _level_words(item, signal)
    line = f"{event} ({level})" if level else event
    return line if len(line) <= most else shortened(event, most)


def merged(items: Sequence[OutboxItem], names: Sequence[str], most: int = MAX_LENGTH) -> str:
    """`3 alerts: Russell streak, silver above 90, equal-weight day`.

    Names that do not fit are counted.
    """
    start = f"{formats.counted(len(items), 'alert')}: "
    shown_names = list(names)
    while shown_names:
        left_out = len(names) - len(shown_names)
        line = start + ", ".join(shown_names) + (f" and {left_out} more" if left_out else "")
        if len(line) <= most:
            return line
        shown_names.pop()
    return start.rstrip(": ")


def short_name(item: OutboxItem, signal: Signal) -> str:
    """The name of an alert in a list: the topic's name, `Silver above $90.00`, or the number of a combination."""
    if turned := turn(item, signal):
        return turned.removeprefix("The ")
    if item.topic:
        return topic_name(item.topic)
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


def _event_words(item: OutboxItem, signal: Signal) -> tuple[str, bool]:
    """The event, and whether it names the level itself."""
    which, value = _which(item), item.value
    if turned := turn(item, signal):
        return turned, True
    if value is None:
        return f"{signal.label} is {_level(item, signal)}", True
    if which in STATE_MEASURES:
        name = signal.names.get(STATE_MEASURES[which], "another state")
        return state_sentence(signal, name) or f"{signal.label} has changed to {name}", True
    if which in EXTREMES:
        return f"{signal.label} is at {extreme_words(which)}: {_reading_words(item, signal)}", True
    special = _SPECIAL.get(signal.id, _versus(signal))
    if special is not None and which is Measure.VALUE:
        sentence = special(value)
        if sentence:
            return sentence, False
    if which is Measure.PERCENTILE_1Y:
        itself = (item.reading or {}).get("value")
        now = f"{formats.measured(float(itself), signal, Measure.VALUE)}, " if isinstance(itself, int | float) else ""
        return f"{signal.label} is at {now}{percentile_words(value)} of the past year", False
    now = formats.measured(value, signal, which)
    verb = "is at" if which is Measure.VALUE else "is"
    return f"{formats.capitalised(_subject(signal, which))} {verb} {now}, {_level(item, signal)}", True


def _versus(signal: Signal) -> Callable[[float], str] | None:
    """For a spread of returns the sentence on who beat whom: `Software trailed semiconductors by 10.26 points ...`."""
    match = _SPREAD.fullmatch(signal.label)
    if match is None or signal.unit is not Unit.POINTS_PERCENT:
        return None
    first, second, span = match.groups()
    second = f"the {second}" if second in ("S&P 500", "Nasdaq-100") else second

    def words(value: float) -> str:
        if not value:
            return ""
        points = formats.plain(abs(value), signal.decimals)
        return f"{first} {'beat' if value > 0 else 'trailed'} {second} by {points} points over {span.replace('day', 'session')}"

    return words


def turn(item: OutboxItem, signal: Signal) -> str:
    """The sentence on a named state that has changed in one session; else empty."""
    change, now = item.value, (item.reading or {}).get("value")
    if change is None or item.measure is not Measure.CHANGE_1D or not isinstance(now, int | float):
        return ""
    return turn_words(signal, now, change)


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


def _streak(name: str, other: str) -> Callable[[float], str]:
    def words(value: float) -> str:
        verb = "beaten" if value > 0 else "lost to"
        days = formats.counted(int(abs(value)), "session")
        return f"{name} has {verb} {other} for {days} in a row" if abs(value) >= 2 else ""

    return words


def _equal_weight(value: float) -> str:
    verb = "beat" if value > 0 else "trailed"
    return f"Equal weight {verb} the S&P 500 by {formats.plain(abs(value), 2)} points in one day"


def _seven_down(value: float) -> str:
    return f"{int(value)} of the Magnificent Seven fell 2% or more" if value >= 1 else ""


def _months(value: float) -> str:
    return (
        f"The Magnificent Seven fund has lost money {formats.counted(int(value), 'month')} in a row"
        if value >= 2
        else ""
    )


def _thrust(value: float) -> str:
    return "Breadth thrust: from under 40% to over 61.5% of issues rising within ten sessions" if value > 0 else ""


def _all_down(value: float) -> str:
    return (
        f"S&P 500, Nasdaq and Dow have all fallen for {formats.counted(int(value), 'session')} in a row"
        if value >= 2
        else ""
    )


def _term(value: float) -> str:
    side = "above" if value > 1 else "below"
    return f"VIX/VIX3M is at {formats.plain(value, 2)}: one-month volatility is priced {side} three-month"


_SPECIAL: dict[str, Callable[[float], str]] = {
    "size.russell_sp500.streak": _streak("Russell 2000", "the S&P 500"),
    "size.iwm_spy.streak": _streak("IWM", "SPY"),
    "weighting.rsp_spy.spread_1d": _equal_weight,
    "megacap.down_2pct": _seven_down,
    "megacap.mags_losing_months": _months,
    "breadth.sp500.thrust_signal": _thrust,
    "index.all_down_streak": _all_down,
    "options.vix_term": _term,
}


def shortened(text: str, most: int = MAX_LENGTH) -> str:
    """The text, cut at a word where it is too long."""
    if len(text) <= most:
        return text
    return text[: most - 1].rsplit(" ", 1)[0].rstrip(" ,:(") + "…"


def at_clause(text: str, most: int = MAX_LENGTH) -> str:
    """The text, cut at the last comma that fits (or at a word) where it is too long."""
    if len(text) <= most:
        return text
    head = text[:most]
    return f"{head.rpartition(', ')[0]}." if ", " in head else shortened(text, most)
