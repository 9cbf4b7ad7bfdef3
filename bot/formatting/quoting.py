"""Text from outside inside our sentences: as it was typed, without its power as markup."""

from __future__ import annotations


def quoted(typed: str) -> str:
    """What a person typed, short enough to be said back to them, on one line and without quotation marks."""
    text = " ".join(typed.replace('"', "'").split())
    return text if len(text) <= 60 else f"{text[:59]}…"
