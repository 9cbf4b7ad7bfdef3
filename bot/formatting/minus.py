"""The minus sign of everything that people read: a real one in prose and pictures, an ASCII hyphen in code."""

from __future__ import annotations

import re

MINUS = "\u2212"

_VERBATIM = re.compile(r"(```.*?(?:```|\Z)|`[^`\n]*`|“[^”\n]*”)", re.DOTALL)
"""Code, and what a person typed, which sentences repeat between quotation marks."""
_NEGATIVE = re.compile(r"(?<![\w.,:/%)\]}>-])-(?=\$?\.?\d)(?!\d{4}-\d\d)")
"""A hyphen before a number or an amount that follows neither a letter, a digit nor another sign: no date, range, id or word."""


def typeset(text: str) -> str:
    """The text with a real minus before negative numbers.

    Code spans and blocks, what stands between quotation marks, dates such as 2026-01-13, ranges, ids, words with hyphens
    and options of slash commands stay as they are.
    """
    if "-" not in text:
        return text
    parts = _VERBATIM.split(text)
    return "".join(part if place % 2 else _NEGATIVE.sub(MINUS, part) for place, part in enumerate(parts))
