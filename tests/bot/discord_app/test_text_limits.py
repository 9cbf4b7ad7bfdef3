"""Texts of 6,000 characters, the most that Discord lets through: refused at once wherever somebody can put one."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any

import discord
import pytest
from discord import app_commands

from bot.commands import input_limits
from bot.discord_app import text_limits
from bot.discord_app.forms import modals
from bot.discord_app.forms.forms import Form
from bot.errors import UserError
from tests.support import SimulatedDiscord, answer_text, sample_readings
from tests.support.opened_forms import opened_forms

LONG = "a" * 6000
MOST_TIMES = 2.0
"""The calls that a text of 6,000 characters may take, as a multiple of those for one a little too long: it is not looked at."""
TEXT = discord.AppCommandOptionType.string


def text_options(
    chat: SimulatedDiscord,
) -> Iterator[tuple[app_commands.Command[Any, ..., Any], app_commands.Parameter]]:
    """Every text option of every command of the bot."""
    for command in chat.bot.tree.walk_commands():
        if isinstance(command, app_commands.Command):
            yield from ((command, each) for each in command.parameters if each.type is TEXT)


def careless(chat: SimulatedDiscord) -> None:
    """Have the simulated Discord let everything through, as if limits and choices had never been told to it."""
    for registered in chat.env.backend.commands.values():
        for command in registered.values():
            _without_limits(command)


def _without_limits(part: dict[str, Any]) -> None:
    for limit in ("max_length", "choices"):
        part.pop(limit, None)
    for each in part.get("options", ()):
        _without_limits(each)


async def counted(ask: Callable[[], Awaitable[Any]]) -> tuple[Any, int]:
    """An answer, and how many calls of functions it took in this thread: work without a clock."""
    calls, before = 0, sys.getprofile()

    def count(frame: object, event: str, arg: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        answer = await ask()
    finally:
        sys.setprofile(before)
    return answer, calls


async def test_every_text_option_of_every_command_refuses_a_long_text_with_a_sentence_and_unseen(
    chat: SimulatedDiscord,
) -> None:
    options = list(text_options(chat))
    careless(chat)
    assert len(options) >= 20
    wrong = {}
    for command, option in options:
        given = {each.name: "x" for each in command.parameters if each.type is TEXT and each.required}

        def ask(text: str, command: Any = command, option: Any = option, given: dict[str, str] = given) -> Any:
            return chat.manager.slash(chat.channel, command.qualified_name, **{**given, option.name: text})

        most = input_limits.limit_of(option.name)
        _, usual = await counted(partial(ask, LONG[: most + 1]))
        result, calls = await counted(partial(ask, LONG))
        sentence = f"“{option.name}” has 6,000 characters. Type at most {most}."
        if (answer_text(result).strip(), result.ephemeral, calls <= MOST_TIMES * usual) != (sentence, True, True):
            wrong[command.qualified_name, option.name] = answer_text(result)[:200], calls, usual
    assert not wrong


async def test_nothing_is_offered_for_a_long_text_that_is_still_being_typed_and_it_is_not_looked_at(
    chat: SimulatedDiscord,
) -> None:
    options = [(command, option) for command, option in text_options(chat) if option.autocomplete]
    careless(chat)
    assert len(options) >= 10
    wrong = {}
    for command, option in options:

        def ask(text: str, command: Any = command, option: Any = option) -> Any:
            return chat.manager.autocomplete(chat.channel, command.qualified_name, option.name, text)

        # Blanks would be offered everything.
        _, usual = await counted(partial(ask, " " * (input_limits.limit_of(option.name) + 1)))
        offered, calls = await counted(partial(ask, " " * len(LONG)))
        if offered or calls > MOST_TIMES * usual:
            wrong[command.qualified_name, option.name] = offered, calls, usual
    assert not wrong


async def test_discord_is_told_how_long_the_text_of_each_option_without_choices_may_be(chat: SimulatedDiscord) -> None:
    def told(part: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        if part["type"] == TEXT.value and not part.get("choices"):
            yield part["name"], part.get("max_length")
        for each in part.get("options", ()):
            yield from told(each)

    commands = [command.to_dict(chat.bot.tree) for command in chat.bot.tree.get_commands()]
    limits = [pair for command in commands for option in command.get("options", ()) for pair in told(option)]
    assert ("zone", 100) in limits
    assert ("outcome", 200) in limits
    assert all(most == (200 if name == "outcome" else 100) for name, most in limits)
    assert len(limits) >= 15


async def test_a_text_at_the_limit_is_looked_at(chat: SimulatedDiscord) -> None:
    careless(chat)
    at_the_limit = await chat.person.slash(chat.channel, "signal", id="a" * 100)
    assert answer_text(at_the_limit).startswith("No signal “aaa")
    beyond = await chat.person.slash(chat.channel, "signal", id="a" * 101)
    assert answer_text(beyond).strip() == "“id” has 101 characters. Type at most 100."


async def test_every_field_of_every_form_has_a_limit_and_refuses_a_long_text_unseen(chat: SimulatedDiscord) -> None:
    forms, others = await opened_forms(chat), await opened_forms(chat)
    bases = [Form, modals._LevelForm, modals._MoreForm]
    classes = [each for base in bases for each in base.__subclasses__() if each not in bases]
    assert forms.keys() == {each.__name__ for each in classes}
    for name, form in forms.items():
        _, usual = await counted(partial(_submit, chat, others[name], LONG[: input_limits.DEFAULT_LIMIT + 1]))
        refused, calls = await counted(partial(_submit, chat, form, LONG))
        assert answer_text(refused).strip() == "That text has 6,000 characters. Type at most 100.", name
        assert calls <= MOST_TIMES * usual, name


def _submit(chat: SimulatedDiscord, form: Any, text: str) -> Awaitable[Any]:
    """Submit a form with a text in each field, each of which has a limit that the simulated Discord is made to forget."""
    fields = [row["components"][0] for row in form._interaction.modal["components"]]
    assert all(0 < field.pop("max_length") <= input_limits.DEFAULT_LIMIT for field in fields)
    return chat.person.submit_modal(form, {field["custom_id"]: text for field in fields})


@pytest.mark.parametrize(
    "data",
    [
        {"custom_id": f"rb:details~{'a' * 5989}", "component_type": 2},
        {"custom_id": "rm:signal", "component_type": 3, "values": [sample_readings.SILVER, LONG]},
        {
            "custom_id": "form",
            "components": [{"type": 1, "components": [{"type": 4, "custom_id": "x", "value": LONG}]}],
        },
        {"custom_id": "form", "components": [{"type": 18, "component": {"type": 4, "custom_id": "x", "value": LONG}}]},
    ],
)
def test_buttons_menus_and_forms_are_measured_like_commands(data: dict[str, Any]) -> None:
    with pytest.raises(UserError, match=r"^That text has 6,000 characters\. Type at most 100\.$"):
        text_limits.check_texts(data)


def test_what_discord_tells_of_those_who_were_chosen_is_not_measured() -> None:
    text_limits.check_texts(
        {
            "name": "alert",
            "options": [{"name": "add", "options": [{"name": "channel", "type": 7, "value": "1"}]}],
            "resolved": {"channels": {"1": {"id": "1", "topic": LONG}}},
        }
    )
