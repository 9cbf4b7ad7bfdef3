"""A command whose options Discord's app knows from an older version."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from discord import app_commands

from bot.discord_app import option_kinds
from bot.errors import UserError


@app_commands.command(name="hello", description="-")
async def hello(interaction: discord.Interaction[Any], text: str, count: int = 0) -> None: ...


group = app_commands.Group(name="say", description="-")
group.add_command(hello)
COMMANDS: dict[str, object] = {"hello": hello, "say": group}


def option(name: str, value: object, kind: int) -> dict[str, object]:
    return {"name": name, "value": value, "type": kind}


def test_options_as_they_are_declared_pass_and_unknown_ones_are_left_to_the_tree() -> None:
    for data in (
        {"name": "hello", "options": [option("text", "a", 3), option("count", 1, 4)]},
        {"name": "say", "options": [{"name": "hello", "type": 1, "options": [option("text", "a", 3)]}]},
        {"name": "hello", "options": [option("gone", True, 5)]},
        {"name": "hello"},
        {"name": "nope", "options": [option("text", 5, 4)]},
        {"name": "say"},
    ):
        option_kinds.check(data, COMMANDS.get)


@pytest.mark.parametrize(
    "data",
    [
        {"name": "hello", "options": [option("text", 5, 4)]},
        {"name": "hello", "options": [option("text", "a", 3), option("count", "1", 3)]},
        {"name": "say", "options": [{"name": "hello", "type": 1, "options": [option("text", True, 5)]}]},
    ],
)
def test_an_option_of_another_kind_is_refused_with_the_way_to_the_newer_command(data: dict[str, Any]) -> None:
    with pytest.raises(UserError, match="Reload Discord"):
        option_kinds.check(data, COMMANDS.get)
