"""The minus sign of everything that Discord shows: a real one in prose, an ASCII hyphen in code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.formatting.minus import MINUS, typeset

__all__ = ["MINUS", "typeset", "typeset_embed"]


def typeset_embed(embed: Mapping[str, Any]) -> dict[str, Any]:
    """An embed of Discord's JSON with every text typeset."""
    typeset_parts = dict(embed)
    for name in ("title", "description"):
        if name in typeset_parts:
            typeset_parts[name] = typeset(str(typeset_parts[name]))
    if "footer" in typeset_parts:
        typeset_parts["footer"] = {**typeset_parts["footer"], "text": typeset(typeset_parts["footer"]["text"])}
    typeset_parts["fields"] = [
        {**field, "name": typeset(field["name"]), "value": typeset(field["value"])}
        for field in typeset_parts.get("fields", ())
    ]
    return typeset_parts
