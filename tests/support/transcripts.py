"""What Discord shows of a message, as plain text: for approved transcripts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_SNOWFLAKE = re.compile(r"\b\d{17,20}\b")


def transcript(
    content: str, embeds: Iterable[Mapping[str, Any]], components: Iterable[Mapping[str, Any]], *, private: bool = False
) -> str:
    """First line, then title, description, fields and footer of each embed, then buttons and menus."""
    blocks = [f"{'private: ' if private else ''}{content}".strip()]
    blocks += [_embed(embed) for embed in embeds]
    blocks += [_row(row["components"]) for row in components]
    return _SNOWFLAKE.sub("1", "\n\n".join(block for block in blocks if block)) + "\n"


def _embed(embed: Mapping[str, Any]) -> str:
    lines = [f"# {embed['title']}"] if embed.get("title") else []
    lines += [embed["description"]] if embed.get("description") else []
    for field in embed.get("fields", ()):
        lines += ["", f"## {field['name']}", field["value"]]
    if embed.get("footer"):
        lines += ["", f"({embed['footer']['text']})"]
    return "\n".join(lines)


def _row(parts: Sequence[Mapping[str, Any]]) -> str:
    return "\n".join(_part(part) for part in parts) if parts[0]["type"] == 3 else " ".join(map(_part, parts))


def _part(part: Mapping[str, Any]) -> str:
    if part["type"] != 3:
        return f"[{part['label']}{' (off)' if part.get('disabled') else ''}]"
    options = "\n".join(f"  - {option['label']}" for option in part["options"])
    return f"[{part.get('placeholder', '')} v]\n{options}"


def of_message(message: Any, *, private: bool = False) -> str:
    """The transcript of a message of the simulated Discord."""
    return transcript(
        message.content, [embed.to_dict() for embed in message.embeds], message.components, private=private
    )
