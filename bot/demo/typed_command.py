"""A command that was typed or pasted as one line: `/alert add signal:... condition:above 90`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from bot.commands.input_limits import check_length
from bot.errors import UserError
from bot.formatting.quoting import quoted

OPTION = re.compile(r"(?:^|\s)(?P<name>[a-z_]+):")
COMMAND = re.compile(r"/[a-z]")
MOST = 2000
"""Characters of a message; Discord sends no longer one."""

Find: TypeAlias = Callable[[str, str], str | None]
"""The id of a channel or role (first argument: which of them) by what was typed; None for none."""

_TRUTH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def typed_command(text: str, entries: Iterable[Mapping[str, Any]], find: Find) -> dict[str, Any] | None:
    """The command that a line names with its options, as a page sends one that was picked from the list.

    Args:
        text: What was typed.
        entries: The commands that the page offers (`entries` of simcord's catalogue).
        find: Finds channels and roles.

    Returns:
        None for what is no command but a message.

    Raises:
        UserError: with what to type instead, for a line that begins as a command and is none, and for a message that is too long.
    """
    if not COMMAND.match(text):
        if len(text) > MOST:
            raise UserError(f"This message has {len(text):,} characters. Discord takes at most {MOST:,}.")
        return None
    line = " ".join(text[1:].split())
    entry = _entry(line, list(entries))
    declared = {option["name"]: option for option in entry["options"]}
    typed = _typed(entry, line[len(entry["invocation"]) :], declared)
    if missing := [name for name, option in declared.items() if option["required"] and not typed.get(name)]:
        raise UserError(f"/{entry['invocation']} needs {', '.join(missing)}: {_form(entry)}")
    return {
        "kind": "run_command",
        "command_id": entry["commandId"],
        "path": list(entry["path"]),
        "schema_fingerprint": entry["schemaFingerprint"],
        "options": {name: _value(declared[name], value, find) for name, value in typed.items()},
    }


def _entry(line: str, entries: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    matching = [entry for entry in entries if f"{line} ".startswith(f"{entry['invocation']} ")]
    if matching:
        return max(matching, key=lambda entry: len(entry["invocation"]))
    name = line.split()[0]
    within = [entry["invocation"] for entry in entries if entry["invocation"].startswith(f"{name} ")]
    if within:
        raise UserError(f"/{name} is a group. Type one of {', '.join(f'/{invocation}' for invocation in within)}.")
    raise UserError(f"There is no command /{name[:40]}. Type / to see all, or /help.")


def _typed(entry: Mapping[str, Any], text: str, declared: Mapping[str, Any]) -> dict[str, str]:
    """The texts by the name of their option."""
    names = list(OPTION.finditer(text))
    starts = [name.start() for name in names] + [len(text)]
    if not declared and text.strip():
        raise UserError(f"/{entry['invocation']} has no options. Type it alone.")
    if text[: starts[0]].strip():
        raise UserError(f"Type each option after its name and a colon: {_form(entry)}")
    for name in names:
        if name["name"] not in declared:
            raise UserError(f"/{entry['invocation']} has no option {name['name']}. It has {', '.join(declared)}.")
    return {name["name"]: text[name.end() : end].strip() for name, end in zip(names, starts[1:], strict=True)}


def _form(entry: Mapping[str, Any]) -> str:
    """How a command is typed: with the options that it needs, or with its first one."""
    options = [option["name"] for option in entry["options"] if option["required"]]
    return " ".join([f"/{entry['invocation']}", *(f"{name}:…" for name in options or [entry["options"][0]["name"]])])


def _value(option: Mapping[str, Any], typed: str, find: Find) -> str | bool:
    name, kind = option["name"], option["type"]
    check_length(name, typed)
    if kind == "boolean":
        if typed.lower() not in _TRUTH:
            raise UserError(f"{quoted(typed)} does not fit {name}. Type True or False.")
        return _TRUTH[typed.lower()]
    if kind in {"channel", "role"}:
        value = find(kind, typed)
        if value is None:
            raise UserError(f"There is no {kind} {quoted(typed)} here.")
        return value
    if option.get("choices") and not option.get("autocomplete"):
        values = {str(word).lower(): str(choice["value"]) for choice in option["choices"] for word in choice.values()}
        if typed.lower() not in values:
            raise UserError(
                f"{quoted(typed)} does not fit {name}. Choose from {'; '.join(choice['name'] for choice in option['choices'])}."
            )
        return values[typed.lower()]
    if kind in {"integer", "number"}:
        _check_number(option, typed)
    return typed


def _check_number(option: Mapping[str, Any], typed: str) -> None:
    low, high = option.get("minValue"), option.get("maxValue")
    try:
        number = int(typed) if option["type"] == "integer" else float(typed)
    except ValueError:
        number = None
    if number is None or (low is not None and number < low) or (high is not None and number > high):
        span = f" from {low} to {high}" if low is not None and high is not None else ""
        whole = "a whole number" if option["type"] == "integer" else "a number"
        raise UserError(f"{quoted(typed)} does not fit {option['name']}. Type {whole}{span}.")
