"""What waited: crossings that were held back, and messages that a place did not take when they were due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from bot.commands.alerts.texts import composite_message, first_line
from bot.commands.context import Core
from bot.commands.market.signal_history import newest_value
from bot.domain.foreign_text import ForeignText
from bot.domain.model import AlertSpec, Condition, Direction, ItemEvent, OutboxItem
from bot.formatting import formats
from bot.formatting.conditions import has_level
from signals.core.model import Measure, Signal

OLD_SESSIONS = 3
"""Where a place did not take messages, what is older is told in one line."""

Fired = tuple[OutboxItem, Signal]

_EVENTS = {
    ItemEvent.FIRED: ("crossing", "crossings"),
    ItemEvent.BACK: ("return", "returns"),
    ItemEvent.REMINDER: ("reminder", "reminders"),
}
_VERBS = {
    ItemEvent.FIRED: "crossed at",
    ItemEvent.BACK: "back at",
    ItemEvent.REMINDER: "still past the level at",
}
_STATE_VERBS = {ItemEvent.FIRED: "", ItemEvent.BACK: "over", ItemEvent.REMINDER: "still so"}
"""The same of a state or a new high, which has no level."""


def is_old(core: Core, item: OutboxItem) -> bool:
    """Whether an item is of a session more than `OLD_SESSIONS` before the newest final one."""
    since = core.calendar.between(item.session, core.calendar.last_final(core.now()))
    return len(since) > OLD_SESSIONS + 1


def old_line(core: Core, fired: Sequence[Fired]) -> str:
    """One line for alerts that could not be sent when they fired, however long: each is named."""
    names = list(dict.fromkeys(first_line.short_name(item, signal) for item, signal in fired))
    items = [item for item, _ in fired]
    event = "fired" if all(item.event is ItemEvent.FIRED for item in items) else "due"
    return f"Also {event} while I could not write here ({_days(core, items)}): {first_line.all_named(items, names)}"


def old_summaries_line(core: Core, items: Sequence[OutboxItem]) -> str:
    """One line for summaries that could not be sent when they were due."""
    return f"{formats.counted(len(items), 'older summary', 'older summaries')} left out ({_days(core, items)})"


def held_line(core: Core, fired: Sequence[Fired]) -> str:
    """The first line of what was held back: what has happened since when, and how much is still past its level."""
    since = formats.day(min(item.session for item, _ in fired), today=core.today())
    line = f"{events_words([item for item, _ in fired])} since {since}"
    now = [_beyond(core, side[-1][0]) for side in _by_side(fired)]
    if all(beyond is None for beyond in now):
        return line
    beyond = now.count(True)
    still = f"{beyond} still past {'its' if beyond == 1 else 'their'} level" if beyond else "none still past its level"
    return f"{line}; {still}"


def events_words(items: Sequence[OutboxItem]) -> str:
    """`3 crossings and 1 return`: what alerts tell, by its kind."""
    counts = {words: sum(item.event is event for item in items) for event, words in _EVENTS.items()}
    return formats.listed([formats.counted(count, *words) for words, count in counts.items() if count])


def by_side(fired: Sequence[Fired]) -> list[Fired]:
    """What was held back in the order in which `held_lines` tells it."""
    return [pair for side in _by_side(fired) for pair in side]


def held_lines(core: Core, fired: Sequence[Fired]) -> list[str]:
    """For each side of an alert: when and at what values it crossed, where it is now, and the person's note."""
    return [f"{_side_line(core, side)}{_note(side[-1][0])}" for side in _by_side(fired)]


def _note(item: OutboxItem) -> str:
    return f" Your note: {ForeignText(item.note)}" if item.note else ""


def _by_side(fired: Sequence[Fired]) -> list[list[Fired]]:
    def key(pair: Fired) -> tuple[int, str, str]:
        item, signal = pair
        return item.alert_id or 0, signal.id, f"{item.direction}{item.level}"

    return [list(side) for _, side in groupby(sorted(fired, key=key), key=key)]


def _side_line(core: Core, side: Sequence[Fired]) -> str:
    item, signal = side[-1]
    if composite_message.is_composite(item):
        # A combination has no value to compare: what held, and when.
        days = formats.listed([formats.day(owed.session, today=core.today()) for owed, _ in side])
        return f"Alert {item.number or item.alert_id}: {composite_message.event_line(core, item)}. Fired on {days}."
    measure = item.measure or Measure.VALUE
    name = formats.capitalised(first_line.short_name(item, signal))
    beyond = _beyond(core, item)
    value, session = newest_value(core, _spec(item))
    when = formats.day(session, today=core.today())
    turned = bool(first_line.turn(item, signal))
    if turned or not has_level(measure):
        line = f"{name}: {_events(core, side, _STATE_VERBS, valued=False)}"
        now_unknown = turned or beyond is None
        return f"{line}." if now_unknown else f"{line}; {'still' if beyond else 'no longer'} so on {when}."
    line = f"{name}: {_events(core, side, _VERBS, valued=True)}."
    if beyond is None:
        return f"{line} Its value now is not known."
    now = f"{formats.measured(value, signal, measure)} on {when}"
    side_word = "below" if item.direction is Direction.BELOW else "above"
    return f"{line} Now {now}: {'still ' if beyond else 'no longer '}{side_word} the level."


def _events(core: Core, side: Sequence[Fired], verbs: Mapping[ItemEvent, str], *, valued: bool) -> str:
    """What happened on which days, by kind: `crossed at $80.25 on Thu, Jan 8; back at $79.00 on Fri, Jan 9`."""
    parts = []
    for event, verb in verbs.items():
        days = [
            (f"{formats.measured(item.value, signal, item.measure or Measure.VALUE)} " if valued else "")
            + f"on {formats.day(item.session, today=core.today())}"
            for item, signal in side
            if item.event is event
        ]
        if days:
            parts.append(f"{verb} {formats.listed(days)}".strip())
    return "; ".join(parts)


def _beyond(core: Core, item: OutboxItem) -> bool | None:
    """Whether the newest value is beyond the level of an item; None where one of them is not known."""
    value, _ = newest_value(core, _spec(item))
    if value is None or item.level is None:
        return None
    return value < item.level if item.direction is Direction.BELOW else value > item.level


def _spec(item: OutboxItem) -> AlertSpec:
    condition = Condition.BELOW if item.direction is Direction.BELOW else Condition.ABOVE
    return AlertSpec(item.signal or "", item.measure or Measure.VALUE, condition, item.level or 0.0)


def _days(core: Core, items: Sequence[OutboxItem]) -> str:
    first, last = min(item.session for item in items), max(item.session for item in items)
    names = [formats.day(day, today=core.today()) for day in dict.fromkeys((first, last))]
    return " to ".join(names)
