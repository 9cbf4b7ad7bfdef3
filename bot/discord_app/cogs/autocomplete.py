"""Choices of an autocomplete within Discord's limits, and those that several commands share."""

from __future__ import annotations

from collections.abc import Sequence

from discord import app_commands

from bot.commands.alerts.condition_text import complete_condition
from bot.commands.context import Core
from bot.commands.reply import Choice
from bot.discord_app import limits
from bot.discord_app.bot_base import Interaction
from bot.discord_app.delivery import message_minus
from bot.discord_app.interactions import caller_of
from bot.formatting.formats import MEASURES
from signals.core.measure_kinds import PLAIN_MEASURES

MEASURE_CHOICES = [
    app_commands.Choice(name=words, value=measure.value)
    for measure, words in MEASURES.items()
    if measure in PLAIN_MEASURES
]
"""What a level may be compared with, wherever an option asks for it."""


def choices(candidates: Sequence[Choice]) -> list[app_commands.Choice[str]]:
    """At most 25 choices, none longer than Discord takes, and none without a name."""
    named = ((_name(choice.label), choice.value) for choice in candidates)
    fitting = [(name, value) for name, value in named if name and 0 < limits.length(value) <= limits.CHOICE_VALUE]
    return [app_commands.Choice(name=name, value=value) for name, value in fitting[: limits.CHOICES]]


def _name(label: str) -> str:
    """A label as Discord is sent it; empty where nothing of it can be."""
    return limits.cut(message_minus.typeset(limits.bare(label)).strip(), limits.CHOICE_NAME).strip()


def condition_choices(core: Core, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Conditions on the signal that the same command already names, with levels from its past."""
    signal = str(getattr(interaction.namespace, "signal", None) or "")
    return choices(complete_condition(core, signal, typed, caller_of(interaction)))
