"""Problems of a config file in words: what is there, and what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from bot.errors import Problem
from bot.settings.secrets import TOKEN_SHAPE


def tokens(value: object, where: str = "") -> Iterator[Problem]:
    """A problem for each text that looks like a Discord token, or whose key does.

    The token itself is never shown.
    """
    if isinstance(value, Mapping):
        for key, inner in value.items():
            path = f"{where}.{key}" if where else str(key)
            if "token" in str(key).lower() and not isinstance(inner, Mapping):
                yield _token_problem(path)
            else:
                yield from tokens(inner, path)
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from tokens(inner, f"{where}[{position}]")
    elif isinstance(value, str) and TOKEN_SHAPE.search(value):
        yield _token_problem(where)


def _token_problem(where: str) -> Problem:
    reason = "config files are copied, shown and committed, and whoever reads the token owns the bot"
    remedy = f"{reason}; take it out and use DISCORD_TOKEN, DISCORD_TOKEN_FILE or a systemd credential"
    return Problem(where, "a token does not belong here", remedy)


def problem(error: ErrorDetails, model: type[BaseModel]) -> Problem:
    """What pydantic refuses in a file of this model, with what would be right."""
    where = ".".join(map(str, error["loc"]))
    rejected = f"{_shown(error['input'])} is not right"
    if error["type"] == "extra_forbidden":
        return Problem(where, "there is no such key", _nearest(error["loc"], model))
    if error["type"] == "value_error":
        return Problem(where, rejected, f"wanted: {error['ctx']['error']}")
    return Problem(where, rejected, f"wanted: {_expected(error)}")


def _expected(error: ErrorDetails) -> str:
    """What pydantic's message means, for a person who does not know Python."""
    context = error.get("ctx", {})
    match error["type"]:
        case "literal_error":
            return f"one of {context['expected']}"
        case "greater_than_equal":
            return f"{context['ge']} or more"
        case "less_than_equal":
            return f"{context['le']} or less"
        case "int_type":
            return "a whole number without quotes"
        case "bool_type" | "bool_parsing":
            return "true or false"
        case "string_type":
            return "a text in quotes"
        case "tuple_type":
            return "a list in square brackets"
        case "model_type" | "model_attributes_type" | "mapping_type" | "dict_type":
            return "a section, [name] on a line of its own with its keys below"
        case _:
            return error["msg"]


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = repr(value) if not isinstance(value, str) else f'"{value}"'
    return text if len(text) <= 80 else f"{text[:77]}..."


def _nearest(location: tuple[int | str, ...], model: type[BaseModel]) -> str:
    """The hint for an unknown key: the nearest key, the section it belongs to, or all keys."""
    keys = _known_keys(location[:-1], model)
    unknown = str(location[-1])
    all_paths = [f"{name}.{key}" for name, field in model.model_fields.items() for key in _fields(field.annotation)]
    here = difflib.get_close_matches(unknown, keys, n=1)
    elsewhere = [path for path in all_paths if path.rpartition(".")[2] == unknown]
    if elsewhere and not here:
        return f"did you mean {elsewhere[0]}?"
    if here:
        prefix = "".join(f"{part}." for part in location[:-1])
        return f"did you mean {prefix}{here[0]}?"
    return f"known here: {', '.join(keys)}"


def _known_keys(location: tuple[int | str, ...], model: type[BaseModel]) -> list[str]:
    if not location:
        return list(model.model_fields)
    field = model.model_fields.get(str(location[0]))
    return _fields(field.annotation) if field else []


def _fields(annotation: object) -> list[str]:
    return list(annotation.model_fields) if isinstance(annotation, type) and issubclass(annotation, BaseModel) else []
