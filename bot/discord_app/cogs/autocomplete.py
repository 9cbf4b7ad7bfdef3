"""Choices of an autocomplete within Discord's limits."""

from __future__ import annotations

from collections.abc import Sequence

from discord import app_commands

from bot.commands.reply import Choice
from bot.discord_app import limits


def choices(found: Sequence[Choice]) -> list[app_commands.Choice[str]]:
    """At most 25, none longer than Discord takes."""
    fitting = [each for each in found if 0 < limits.length(each.value) <= limits.CHOICE_VALUE]
    return [
        app_commands.Choice(name=limits.cut(each.label, limits.CHOICE_NAME), value=each.value)
        for each in fitting[: limits.CHOICES]
    ]
