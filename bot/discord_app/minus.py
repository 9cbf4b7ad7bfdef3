"""The minus sign of everything that Discord shows: a real one in prose, an ASCII hyphen in code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.formatting.minus import MINUS, typeset

__all__ = ["MINUS", "typeset", "typeset_embed"]


def typeset_embed(embed: Mapping[str, Any]) -> dict[str, Any]:
    """An embed of Discord's JSON with every text typeset."""
    made = dict(embed)
    for name in ("title", "description"):
        if name in made:
            made[name] = typeset(str(made[name]))
    if "footer" in made:
        made["footer"] = {**made["footer"], "text": typeset(made["footer"]["text"])}
    made["fields"] = [
        {**field, "name": typeset(field["name"]), "value": typeset(field["value"])} for field in made.get("fields", ())
    ]
    return made
