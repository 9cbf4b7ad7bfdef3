"""Typed text for use inside the bot's own sentences."""

from __future__ import annotations

_MARKS = str.maketrans({"\N{LEFT DOUBLE QUOTATION MARK}": "'", "\N{RIGHT DOUBLE QUOTATION MARK}": "'", '"': "'"})


def quoted(typed: str, most: int = 60) -> str:
    """A typed text in quotation marks: on one line, without marks inside, cut to so many characters."""
    text = " ".join(typed.translate(_MARKS).split())
    return f"“{text if len(text) <= most else f'{text[: most - 1]}…'}”"
