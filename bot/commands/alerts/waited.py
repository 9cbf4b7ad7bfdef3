"""What waited: crossings that were held back, and messages that a place did not take when they were due."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from bot.commands.alerts import composite_message, first_line
from bot.commands.context import Core
from bot.commands.market.signal_history import newest_value
from bot.domain.model import AlertSpec, Condition, Direction, OutboxItem
from bot.formatting import formats
from bot.formatting.conditions import has_level
from signals.core.model import Measure, Signal

OLD_SESSIONS = 3
"""Where a place did not take messages, what is older is told in one line."""

Fired = tuple[OutboxItem, Signal]


def is_old(core: Core, item: OutboxItem) -> bool:
    """Whether an item is of a session more than `OLD_SESSIONS` before the newest final one."""
    since = core.calendar.between(item.session, core.calendar.last_final(core.now()))
    return len(since) > OLD_SESSIONS + 1


def old_line(core: Core, fired: Sequence[Fired]) -> str:
    """One line for alerts that could not be sent when they fired."""
    names = list(dict.fromkeys(first_line.short_name(item, signal) for item, signal in fired))
    days = _days(core, [item for item, _ in fired])
    return f"Also fired while I could not write here ({days}): {first_line.merged([item for item, _ in fired], names)}"


def old_summaries_line(core: Core, items: Sequence[OutboxItem]) -> str:
    """One line for summaries that could not be sent when they were due."""
    return f"{formats.counted(len(items), 'older summary', 'older summaries')} left out ({_days(core, items)})"


def held_line(core: Core, fired: Sequence[Fired]) -> str:
    """The first line of what was held back: how much crossed since when, and how much is still past its level."""
    alerts = _by_side(fired)
    beyond = sum(_beyond(core, side[-1][0]) is True for side in alerts)
    still = f"{beyond} still past {'its' if beyond == 1 else 'their'} level" if beyond else "none still past its level"
    since = formats.day(min(item.session for item, _ in fired), today=core.today())
    return f"{formats.counted(len(fired), 'crossing')} since {since}; {still}"


def held_lines(core: Core, fired: Sequence[Fired]) -> list[str]:
    """For each side of an alert: when and at what values it crossed, and where it is now."""
    return [_side_line(core, side) for side in _by_side(fired)]


def _by_side(fired: Sequence[Fired]) -> list[list[Fired]]:
    def key(pair: Fired) -> tuple[int, str, str]:
        item, signal = pair
        return item.alert_id or 0, signal.id, f"{item.direction}{item.level}"

    return [list(side) for _, side in groupby(sorted(fired, key=key), key=key)]


def _side_line(core: Core, side: Sequence[Fired]) -> str:
    item, signal = side[-1]
    days = formats.listed([formats.day(owed.session, today=core.today()) for owed, _ in side])
    if composite_message.is_composite(item):
        # A combination has no value to compare: what held, and when.
        return f"Alert {item.number or item.alert_id}: {composite_message.event_line(core, item)}. Fired on {days}."
    measure = item.measure or Measure.VALUE
    name = formats.capitalised(first_line.short_name(item, signal))
    beyond = _beyond(core, item)
    value, session = newest_value(core, _spec(item))
    when = formats.day(session, today=core.today())
    if first_line.turn(item, signal) or (beyond is None and not has_level(measure)):
        return f"{name}: on {days}."
    if not has_level(measure):
        return f"{name}: on {days}; {'still' if beyond else 'no longer'} so on {when}."
    crossings = [
        f"{formats.measured(owed.value, signal, measure)} on {formats.day(owed.session, today=core.today())}"
        for owed, _ in side
    ]
    line = f"{name}: crossed at {formats.listed(crossings)}."
    if beyond is None:
        return f"{line} Its value now is not known."
    now = f"{formats.measured(value, signal, measure)} on {when}"
    side_word = "below" if item.direction is Direction.BELOW else "above"
    return f"{line} Now {now}: {'still ' if beyond else 'no longer '}{side_word} the level."


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
