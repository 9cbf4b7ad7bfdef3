"""The length limit of typed texts, checked before a text is used.

The time of a search for the nearest name grows faster than the length of the text, and it runs on
the event loop, where it blocks all other commands.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bot.errors import UserError

DEFAULT_LIMIT = 100
"""Characters of a text, unless `HIGHER_LIMITS` has the option.

Names, levels, dates and zones are shorter.
"""

HIGHER_LIMITS: Mapping[str, int] = MappingProxyType({"outcome": 200})
"""Options whose texts may be longer."""


def limit_of(option: str) -> int:
    """Most characters of an option; an empty name stands for a text that belongs to no option."""
    return HIGHER_LIMITS.get(option, DEFAULT_LIMIT)


def check_length(option: str, text: str) -> None:
    """Raise UserError with the length and the limit where a text is too long for its option."""
    if len(text) > limit_of(option):
        what = f"“{option[:DEFAULT_LIMIT]}”" if option else "That text"
        raise UserError(f"{what} has {len(text):,} characters. Type at most {limit_of(option)}.")
