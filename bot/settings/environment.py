"""Settings by environment: `ROTATION_BOT_<SECTION>_<KEY>` stands for a key of the config file and wins over it."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from bot.errors import Problem
from bot.settings.paths import HOME_VARIABLE
from bot.settings.secrets import VARIABLES as SECRETS

PREFIX = "ROTATION_BOT_"

Key = tuple[str, str]
"""A section and a key of the config file."""


def variables(model: type[BaseModel]) -> dict[str, Key]:
    """Every variable that is a setting, with the key that it stands for."""
    return {f"{PREFIX}{section}_{key}".upper(): (section, key) for section, key in _annotations(model)}


def settings(environ: Mapping[str, str], model: type[BaseModel]) -> dict[Key, Any]:
    """The settings that the environment has, as values of TOML.

    A text needs no quotes and a list no brackets: `universe,yahoo` is a list of two. Everything else
    is written as in the config file.
    """
    annotations = _annotations(model)
    return {
        key: _value(environ[variable], annotations[key])
        for variable, key in variables(model).items()
        if variable in environ
    }


def unknown(environ: Mapping[str, str], model: type[BaseModel]) -> Iterator[Problem]:
    """A problem for each variable of this program that is no setting."""
    known = variables(model)
    # What all of them begin with says nothing about which one is meant.
    endings = {variable.removeprefix(PREFIX): variable for variable in known} | {name: name for name in SECRETS}
    for variable in sorted(environ):
        if variable.startswith(PREFIX) and variable not in known and variable != HOME_VARIABLE:
            nearest = difflib.get_close_matches(variable.removeprefix(PREFIX), endings, n=1)
            hint = (
                f"did you mean {endings[nearest[0]]}?" if nearest else "config.example.toml has all sections and keys"
            )
            yield Problem(variable, "there is no such setting", hint)


def _annotations(model: type[BaseModel]) -> dict[Key, object]:
    return {
        (section, key): inner.annotation
        for section, field in model.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
        for key, inner in field.annotation.model_fields.items()
    }


def _value(text: str, annotation: object) -> Any:
    kinds = (annotation, *(get_args(annotation) if get_origin(annotation) in (Literal, Union, UnionType) else ()))
    if str in kinds or any(isinstance(kind, str) for kind in kinds):
        return text
    is_list = any(get_origin(kind) is tuple for kind in kinds)
    if is_list and not text.lstrip().startswith("["):
        items = [item.strip() for item in text.split(",") if item.strip()]
        return [_toml(item) for item in items]
    return _toml(text)


def _toml(text: str) -> Any:
    """The text as a value of TOML; text that is none stays text, which the model then refuses or takes."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
