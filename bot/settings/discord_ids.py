"""Ids of Discord: how large they are, and how a file holds them as texts."""

from __future__ import annotations

import re
from typing import Annotated, TypeAlias

from pydantic import AfterValidator

LARGEST_ID = 2**63 - 1
"""Ids of Discord have 63 bits, and SQLite stores no larger integer."""

_DIGITS = re.compile(r"0|[1-9][0-9]{0,18}")


def _id(text: str) -> str:
    return _id_from(1, text)


def _id_or_zero(text: str) -> str:
    return _id_from(0, text)


def _id_from(least: int, text: str) -> str:
    """The text, if it is an id as a program writes it, so that equal ids are equal texts."""
    if _DIGITS.fullmatch(text) is None or not least <= int(text) <= LARGEST_ID:
        raise ValueError(f"an id of Discord, a whole number from {least} to {LARGEST_ID}")
    return text


IdText: TypeAlias = Annotated[str, AfterValidator(_id)]
"""An id as a text, because other programs round numbers of that size."""

IdOrZero: TypeAlias = Annotated[str, AfterValidator(_id_or_zero)]
"""An id as a text, `0` where nobody knows it."""
