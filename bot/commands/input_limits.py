"""How long a text may be that a person gives: one rule, asked before anything looks at the text.

Searching for what was meant takes longer than the text is long, and all of it happens while nobody else is answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bot.errors import UserError

MOST = 100
"""Characters of a text, unless `LONGER` knows better. No name, level, date or zone comes near it."""

LONGER: Mapping[str, int] = MappingProxyType({"outcome": 200})
"""Options whose texts may be longer."""


def longest(option: str) -> int:
    """How many characters an option takes; an empty name stands for a text that belongs to no option."""
    return LONGER.get(option, MOST)


def check_length(option: str, text: str) -> None:
    """Raises UserError with the length and the limit when a text is too long for its option."""
    if len(text) > longest(option):
        what = f'"{option[:MOST]}"' if option else "That text"
        raise UserError(f"{what} has {len(text):,} characters. Type at most {longest(option)}.")
