"""Typed text for use inside the bot's own sentences."""

from __future__ import annotations


def quoted(typed: str) -> str:
    """A typed text on one line, without double quotation marks, cut to 60 characters."""
    text = " ".join(typed.replace('"', "'").split())
    return text if len(text) <= 60 else f"{text[:59]}…"
