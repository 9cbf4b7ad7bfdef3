"""What comes in with an interaction: every text in it is measured here before anything else looks at it.

Discord's app keeps people to the same limits because it is told of them; whoever speaks to Discord without it is not kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import discord
from discord import app_commands

from bot.commands import input_limits

_OF_DISCORD = "resolved"
"""The part of an interaction in which Discord describes the members, roles and channels that were chosen."""


def check_texts(data: object) -> None:
    """Measure every text of an interaction's data: options, fields of forms, choices from menus, ids of buttons.

    Raises UserError for the first that is too long.
    """
    for option, text in _texts(data, ""):
        input_limits.check_length(option, text)


def _texts(part: object, option: str) -> Iterator[tuple[str, str]]:
    """Each text with the name of the option that it was given for, empty for all that is no option's value."""
    if isinstance(part, str):
        yield option, part
    elif isinstance(part, Mapping):
        name = part.get("name")
        for key, each in part.items():
            if key != _OF_DISCORD:
                yield from _texts(each, name if key == "value" and isinstance(name, str) else "")
    elif isinstance(part, list):
        for each in part:
            yield from _texts(each, option)


def tell_limits(tree: app_commands.CommandTree[Any]) -> None:
    """Give every text option of the commands its `max_length`, to be called before they are registered with Discord.

    Options with choices need none: their texts are ours.
    """
    for command in tree.walk_commands():
        if not isinstance(command, app_commands.Command):
            continue
        # discord.py makes the length part of each option's type annotation, where it could be forgotten.
        for parameter in command._params.values():
            if parameter.type is discord.AppCommandOptionType.string and not parameter.choices:
                parameter.max_value = input_limits.limit_of(parameter.display_name)
