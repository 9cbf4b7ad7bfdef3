"""Problems of a file that a person wrote, which pydantic has found, in words: what is there, and what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from datetime import date
from reprlib import Repr
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from bot.errors import Problem

_MOST_SHOWN = 80


class _AsWritten(Repr):
    """The outer part of a value in the form of a TOML file."""

    def repr_bool(self, value: bool, _: int) -> str:
        return "true" if value else "false"

    def repr_date(self, value: date, _: int) -> str:
        return value.isoformat()

    repr_datetime = repr_time = repr_date


_OUTER = _AsWritten()
_OUTER.maxlevel, _OUTER.maxother, _OUTER.maxlong = 3, _MOST_SHOWN, _MOST_SHOWN
_WORDS = {None: "nothing", True: "true", False: "false"}


def problem(error: ErrorDetails, model: type[BaseModel], *, mapping: str) -> Problem:
    """What pydantic refuses in a file, with what would be right.

    Args:
        error: What pydantic says.
        model: The model that the file was read with.
        mapping: What the file has where the model has another model, in words.
    """
    where = printable(".".join(map(str, error["loc"])))
    if error["type"] == "missing":
        return Problem(where, "", "it is missing")
    rejected = f"{_shown(error['input'])} is not right"
    if error["type"] == "extra_forbidden":
        return Problem(where, "there is no such key", _nearest(error["loc"], model))
    if error["type"] == "value_error":
        return Problem(where, rejected, f"wanted: {error['ctx']['error']}")
    return Problem(where, rejected, f"wanted: {_expected(error, mapping)}")


def printable(text: str) -> str:
    """The text on one line, without signs that steer a terminal or that no terminal takes."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def _expected(error: ErrorDetails, mapping: str) -> str:
    """What pydantic's message means, for a person who does not know Python."""
    context = error.get("ctx", {})
    match error["type"]:
        case "literal_error" | "enum":
            return f"one of {context['expected']}"
        case "greater_than_equal":
            return f"{context['ge']} or more"
        case "less_than_equal":
            return f"{context['le']} or less"
        case "int_type" | "int_parsing" | "int_parsing_size" | "int_from_float":
            return "a whole number without quotes"
        case "float_type" | "float_parsing" | "finite_number":
            return "a number without quotes"
        case "bool_type" | "bool_parsing":
            return "true or false"
        case "string_type" | "string_unicode":
            return "a text in quotes"
        case "string_too_short" | "string_too_long":
            return _signs(context)
        case "date_type" | "date_parsing" | "date_from_datetime_parsing" | "date_from_datetime_inexact":
            return "a day of the calendar, such as 2027-03-31"
        case "tuple_type":
            return "a list in square brackets"
        case "too_short":
            return f"a list of {context['min_length']} or more"
        case "too_long":
            return f"a list of {context['max_length']} or fewer"
        case "model_type" | "model_attributes_type" | "mapping_type" | "dict_type":
            return mapping
        case _:
            return error["msg"]


def _signs(context: Mapping[str, Any]) -> str:
    least = context.get("min_length")
    return (
        f"a text of {least} or more signs" if least is not None else f"a text of {context['max_length']} signs at most"
    )


def _shown(value: Any) -> str:
    """A value on one line; of what is nested, however deep, the outer part."""
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    text = f'"{printable(value)}"' if isinstance(value, str) else _OUTER.repr(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 3]}..."


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
    """The keys of a model, or of the models in a list."""
    for one in (annotation, *get_args(annotation)):
        if isinstance(one, type) and issubclass(one, BaseModel):
            return list(one.model_fields)
    return []
