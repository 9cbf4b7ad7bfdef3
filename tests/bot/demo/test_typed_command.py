"""Commands on one line: what they become, and what is left a message."""

from __future__ import annotations

from typing import Any

import pytest

from bot.demo.typed_command import typed_command


def entry(invocation: str, *options: str) -> dict[str, Any]:
    return {
        "commandId": f"id of {invocation}",
        "path": invocation.split(),
        "invocation": invocation,
        "schemaFingerprint": "sf",
        "options": [{"name": name, "required": False} for name in options],
    }


ENTRIES = [
    entry("alert add", "signal", "condition", "channel"),
    entry("alert list"),
    entry("signal", "id"),
    entry("signals"),
]


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
    ],
)
def test_a_line_becomes_the_command_with_its_options(line: str, path: list[str], options: dict[str, str]) -> None:
    command = typed_command(line, ENTRIES)
    assert command == {
        "kind": "run_command",
        "command_id": f"id of {' '.join(path)}",
        "path": path,
        "schema_fingerprint": "sf",
        "options": options,
    }


@pytest.mark.parametrize(
    "line", ["hello", "/nothing", "/signal havens.gold", "/signal name:x", "/alert", "signals", "/signalss"]
)
def test_other_lines_stay_messages(line: str) -> None:
    assert typed_command(line, ENTRIES) is None
