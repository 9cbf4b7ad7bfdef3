"""A command that was typed or pasted as one line: `/alert add signal:... condition:above 90`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

OPTION = re.compile(r"(?:^|\s)(?P<name>[a-z_]+):")


def typed_command(text: str, entries: Iterable[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The command that a line names with its options, as a page sends one that was picked from the list.

    Args:
        text: What was typed.
        entries: The commands that the page offers (`entries` of simcord's catalogue).

    Returns:
        None for what is no command of these, or has an option that the command does not know.
    """
    if not text.startswith("/"):
        return None
    line = " ".join(text[1:].split())
    matching = [entry for entry in entries if f"{line} ".startswith(f"{entry['invocation']} ")]
    if not matching:
        return None
    entry = max(matching, key=lambda candidate: len(candidate["invocation"]))
    options = _options(line[len(entry["invocation"]) :])
    if options is None or not options.keys() <= {option["name"] for option in entry["options"]}:
        return None
    return {
        "kind": "run_command",
        "command_id": entry["commandId"],
        "path": list(entry["path"]),
        "schema_fingerprint": entry["schemaFingerprint"],
        "options": options,
    }


def _options(text: str) -> dict[str, str] | None:
    """The values by name; None where something stands before the first name."""
    names = list(OPTION.finditer(text))
    starts = [name.start() for name in names] + [len(text)]
    if text[: starts[0]].strip():
        return None
    return {name["name"]: text[name.end() : end].strip() for name, end in zip(names, starts[1:], strict=True)}
