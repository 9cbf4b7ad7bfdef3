"""Length limits of incoming texts.

Every text of an interaction is checked here before anything else reads it. Discord's app enforces
the same limits, because they are registered with the commands; other clients need not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import discord
from discord import app_commands

from bot.commands import input_limits

_OF_DISCORD = "resolved"
"""The part of an interaction in which Discord describes the members, roles and channels that were
chosen."""


def check_texts(data: object) -> None:
    """Check the length of every text of an interaction's data.

    These are options, fields of forms, choices from menus and ids of buttons. Raises UserError for
    the first one that is too long.
    """
    for option, text in _texts(data, ""):
        input_limits.check_length(option, text)


def _texts(part: object, option: str) -> Iterator[tuple[str, str]]:
    """Each text with the name of the option that it is the value of, empty for other texts."""
    if isinstance(part, str):
        yield option, part
    elif isinstance(part, Mapping):
        name = part.get("name")
        for key, value in part.items():
            if key != _OF_DISCORD:
                yield from _texts(value, name if key == "value" and isinstance(name, str) else "")
    elif isinstance(part, list):
        for element in part:
            yield from _texts(element, option)


def set_max_lengths(tree: app_commands.CommandTree[Any]) -> None:
    """Give every text option of the commands its `max_length`.

    To be called before they are registered with Discord.

    Options with choices need none, because their texts are fixed.
    """
    for command in tree.walk_commands():
        if not isinstance(command, app_commands.Command):
            continue
        # discord.py takes the length from each option's type annotation, where it could be
        # forgotten.
        for parameter in command._params.values():
            if parameter.type is discord.AppCommandOptionType.string and not parameter.choices:
                parameter.max_value = input_limits.limit_of(parameter.display_name)
