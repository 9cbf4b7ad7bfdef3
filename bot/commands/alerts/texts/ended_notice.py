"""The sentence to people whose alert has ended, because its signal or its measure is no longer computed."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.model import ItemEvent, OutboxItem
from bot.formatting import formats
from signals.core.model import Measure, Signal

_GONE = {
    "flows.ai_4w": "no source that can be reached publishes AI funds; flows.software_4w counts software alone",
}
_GONE_TOPICS = {
    "silver-90": (
        "The topic “Silver above 90” has ended. An alert on havens.silver above 90 does the same; the topic “Gold or silver "
        "at a high” follows new highs."
    ),
}


def sentence(item: OutboxItem, signals: Mapping[str, Signal]) -> str:
    """Why an alert or a topic has ended, and what can be watched instead."""
    number = item.number or item.alert_id
    if item.event is ItemEvent.EXPIRING:
        about = signals.get(item.signal or "")
        subject = f", {about.label}," if about is not None else ""
        last = f" after {formats.day(item.since)}" if item.since is not None else ""
        return f"Alert {number}{subject} expires{last}. To change that date, use /alert edit with expires."
    if item.topic in _GONE_TOPICS:
        return _GONE_TOPICS[item.topic]
    signal = signals.get(item.signal or "")
    name = item.signal if signal is None else signal.label
    if signal is None or item.measure is None or item.measure in signal.measures:
        why = _GONE.get(item.signal or "", "that signal is no longer computed")
    else:
        why = f"it has no {formats.MEASURES[Measure(item.measure)]} any more, because its values start anew or name a state"
    return f"Alert {number}, {name}, has ended: {why}."
