"""Commands on one line: what they become, what is left a message, and what the page says to what is neither."""

from __future__ import annotations

from typing import Any

import pytest

from bot.demo.typed_command import typed_command
from bot.errors import UserError


def entry(invocation: str, *options: str | dict[str, Any]) -> dict[str, Any]:
    declared = [option if isinstance(option, dict) else {"name": option} for option in options]
    return {
        "commandId": f"id of {invocation}",
        "path": invocation.split(),
        "invocation": invocation,
        "schemaFingerprint": "sf",
        "options": [{"required": False, "type": "string"} | option for option in declared],
    }


ENTRIES = [
    entry("alert add", "signal", "condition", "channel"),
    entry("alert list"),
    entry("signal", "id"),
    entry("signals"),
    entry("watch add", {"name": "expression", "required": True}, {"name": "name", "required": True}),
    entry(
        "setup alerts",
        {"name": "channel", "type": "channel"},
        {"name": "role", "type": "role"},
        {"name": "thread", "type": "boolean"},
        {"name": "within", "type": "integer", "minValue": 0, "maxValue": 20},
        {"name": "days", "choices": [{"name": "every day", "value": "all"}, {"name": "weekdays", "value": "week"}]},
    ),
]


def find(kind: str, typed: str) -> str | None:
    return {("channel", "#rotation"): "36", ("role", "Hosts"): "9"}.get((kind, typed))


@pytest.mark.parametrize(
    ("line", "path", "options"),
    [
        ("/signals", ["signals"], {}),
        ("/signal id:havens.gold", ["signal"], {"id": "havens.gold"}),
        (
            "/alert add signal:a.b condition:above 40",
            ["alert", "add"],
            {"signal": "a.b", "condition": "above 40"},
        ),
        ("/alert   add channel: 40 ", ["alert", "add"], {"channel": "40"}),
        ("/signal id:Above 50-day average", ["signal"], {"id": "Above 50-day average"}),
        (
            "/setup alerts channel:#rotation role:Hosts thread:True within:20 days:weekdays",
            ["setup", "alerts"],
            {"channel": "36", "role": "9", "thread": True, "within": "20", "days": "week"},
        ),
        ("/setup alerts thread:off", ["setup", "alerts"], {"thread": False}),
    ],
)
def test_a_line_becomes_the_command_with_its_options(line: str, path: list[str], options: dict[str, Any]) -> None:
    command = typed_command(line, ENTRIES, find)
    assert command == {
        "kind": "run_command",
        "command_id": f"id of {' '.join(path)}",
        "path": path,
        "schema_fingerprint": "sf",
        "options": options,
    }


@pytest.mark.parametrize("line", ["hello", "signals", "/ signals", "a" * 2000])
def test_other_lines_stay_messages(line: str) -> None:
    assert typed_command(line, ENTRIES, find) is None


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("/nothing", "There is no command /nothing. Type / to see all, or /help."),
        ("/signalss", "There is no command /signalss. Type / to see all, or /help."),
        ("/alert", "/alert is a group. Type one of /alert add, /alert list."),
        ("/signal havens.gold", "Type each option after its name and a colon: /signal id:…"),
        (
            "/watch add SMH/IGV name chips",
            "Type each option after its name and a colon: /watch add expression:… name:…",
        ),
        ("/watch add expression:SMH/IGV", "/watch add needs name: /watch add expression:… name:…"),
        ("/signals now", "/signals has no options. Type it alone."),
        ("/signal name:x", "/signal has no option name. It has id."),
        ("/setup alerts channel:#nope", "There is no channel “#nope” here."),
        ("/setup alerts role:Nobody", "There is no role “Nobody” here."),
        ("/setup alerts thread:maybe", "“maybe” does not fit thread. Type True or False."),
        ("/setup alerts within:21", "“21” does not fit within. Type a whole number from 0 to 20."),
        ("/setup alerts within:some", "“some” does not fit within. Type a whole number from 0 to 20."),
        ("/setup alerts days:never", "“never” does not fit days. Choose from every day; weekdays."),
        (f"/signal id:{'a' * 6000}", "“id” has 6,000 characters. Type at most 100."),
        ("a" * 2001, "This message has 2,001 characters. Discord takes at most 2,000."),
    ],
)
def test_a_line_that_begins_as_a_command_and_is_none_says_what_to_type(line: str, sentence: str) -> None:
    with pytest.raises(UserError) as refused:
        typed_command(line, ENTRIES, find)
    assert str(refused.value) == sentence
