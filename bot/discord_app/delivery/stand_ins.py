"""What a channel shows of a person's DM that Discord refuses: nothing that the person has not let it show.

Alerts and the calendar are posted there, since that was asked for. Of a summary or a letter it is said that it is ready,
and a button shows it to the person alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.commands.context import Core
from bot.commands.reply import Button
from bot.commands.summary import posted
from bot.discord_app import components, limits
from bot.domain.model import Destination, ItemKind, OutboxItem

PRIVATE = (ItemKind.SUMMARY, ItemKind.LETTER)
"""Kinds that are shown to their person alone."""

_MOST = limits.BUTTONS_A_ROW


def announced(core: Core, items: Sequence[OutboxItem]) -> tuple[list[str], list[dict[str, Any]], bool]:
    """A line and a button for each summary or letter; and whether there are not more than a row of buttons holds."""
    one, shown = len(items) == 1, items[:_MOST]
    lines = [f"{posted.name(core, item)} is ready." for item in shown]
    lines.append(f"Discord refuses me a DM to you; only you can open {'it' if one else 'them'} here.")
    labels = ["Show it"] if one else [posted.short_name(core, item) for item in shown]
    buttons = [Button(posted.ACTION, label, (str(item.id),)) for label, item in zip(labels, shown, strict=True)]
    return lines, components.of_buttons(buttons), len(items) <= _MOST


def without_notes(destination: Destination, items: Sequence[OutboxItem]) -> Sequence[OutboxItem]:
    """The alerts as they are told there: a person's own words are for the person."""
    return [replace(item, note=None) for item in items] if destination.in_public else items
