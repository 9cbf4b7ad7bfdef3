"""Fields of foreign JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.errors import SourceError
from bot.sources.parsing.cells import BadCellError


def field(row: Any, name: str, where: str) -> Any:
    """A field of an object. Raises SourceError that names it when it is missing or `row` is no object."""
    if not isinstance(row, Mapping) or name not in row:
        raise SourceError(f"{where} has no {name}, so its format has changed")
    return row[name]


def listed(row: Any, name: str, where: str) -> list[Any]:
    """A field that holds a list. Raises SourceError when it is missing or something else."""
    items = field(row, name, where)
    if not isinstance(items, list):
        raise SourceError(f"{where} has no list in {name}, so its format has changed")
    return items


def cell(row: Any, name: str) -> Any:
    """A field of one of many rows. Raises BadCellError when it is missing, so that the row counts as bad."""
    if not isinstance(row, Mapping):
        raise BadCellError("it is no object")
    if name not in row:
        raise BadCellError(f"it has no {name}, so its format has changed")
    return row[name]
