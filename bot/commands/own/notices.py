"""Notices about own signals: a ticker that its source has no more, and alerts that ended with a signal."""

from __future__ import annotations

from bot.commands.alerts.texts import ended_notice
from bot.commands.context import Core
from bot.domain.model import Destination, ItemEvent, OutboxItem
from bot.formatting import formats
from signals.expressions import PREFIX


def sentence(core: Core, destination: Destination, item: OutboxItem) -> str:
    """The sentence of a notice: about an alert that ended, or about a ticker that is gone."""
    if item.alert_id is None and item.signal is not None and item.signal.startswith(PREFIX):
        return _gone(core, destination, item.signal.removeprefix(PREFIX))
    if item.event is ItemEvent.FIRED and item.signal is not None and item.signal.startswith(PREFIX):
        expression = item.signal.removeprefix(PREFIX)
        return f"Alert {item.number or item.alert_id}, {expression}, has ended: that signal was removed."
    return ended_notice.sentence(item, core.seen_at(item.owner_id, destination.guild_id).signals)


def _gone(core: Core, destination: Destination, symbol: str) -> str:
    person = destination.user_id
    titles = [
        row.title
        for row in core.own.current.rows
        if symbol in row.symbols and person is not None and person in (row.user_id, row.created_by)
    ]
    which = f"{formats.listed(titles)} {'has' if len(titles) == 1 else 'have'}" if titles else "Signals made of it have"
    return f"{symbol} has been withdrawn: its source no longer has prices for it. {which} no value until it is back."
