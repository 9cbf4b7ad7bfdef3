"""Choices of an autocomplete within Discord's limits."""

from __future__ import annotations

from collections.abc import Sequence

from discord import app_commands

from bot.commands.reply import Choice
from bot.discord_app import limits, message_minus
from bot.formatting.formats import MEASURES
from signals.core.measure_kinds import PLAIN_MEASURES

MEASURE_CHOICES = [
    app_commands.Choice(name=words, value=measure.value)
    for measure, words in MEASURES.items()
    if measure in PLAIN_MEASURES
]
"""What a level may be compared with, wherever an option asks for it."""


def choices(candidates: Sequence[Choice]) -> list[app_commands.Choice[str]]:
    """At most 25 choices, none longer than Discord takes."""
    fitting = [choice for choice in candidates if 0 < limits.length(choice.value) <= limits.CHOICE_VALUE]
    return [
        app_commands.Choice(
            name=limits.cut(message_minus.typeset(limits.bare(choice.label)), limits.CHOICE_NAME), value=choice.value
        )
        for choice in fitting[: limits.CHOICES]
    ]
