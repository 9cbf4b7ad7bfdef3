"""Typed text for use inside the bot's own sentences."""

from __future__ import annotations

_MARKS = str.maketrans({"\N{LEFT DOUBLE QUOTATION MARK}": "'", "\N{RIGHT DOUBLE QUOTATION MARK}": "'", '"': "'"})


def quoted(typed: str) -> str:
    """A typed text in quotation marks: on one line, without marks inside, cut to 60 characters."""
    text = " ".join(typed.translate(_MARKS).split())
    return f"“{text if len(text) <= 60 else f'{text[:59]}…'}”"
