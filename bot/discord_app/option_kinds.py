"""Options of another kind than their command has: Discord's app sends a command as it last read it, perhaps an older one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from discord import app_commands

from bot.discord_app.error_responses import COMMAND_CHANGED
from bot.errors import UserError


def check(data: Mapping[str, Any], find: Callable[[str], object]) -> None:
    """Check that each option of a command is of the kind that it is declared as.

    Args:
        data: What the interaction brings.
        find: Finds a command or a group by its name.

    Raises:
        UserError: For an option of another kind.
    """
    command, options = find(str(data.get("name"))), data.get("options", ())
    while isinstance(command, app_commands.Group) and options:
        command, options = command.get_command(options[0]["name"]), options[0].get("options", ())
    if not isinstance(command, app_commands.Command):
        return
    kinds = {parameter.display_name: parameter.type.value for parameter in command.parameters}
    if any(option.get("type") != kinds.get(option["name"], option.get("type")) for option in options):
        raise UserError(COMMAND_CHANGED)
