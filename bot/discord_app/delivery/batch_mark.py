"""The mark of a batch: by it a message that was posted is found again in its channel.

Discord's history shows no nonces, and words are no evidence: two messages may have the same. So the nonce also stands
at the end of a component's `custom_id`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.commands.reply import Button
from bot.discord_app import components, limits


def marked(rows: Sequence[Mapping[str, Any]], nonce: str) -> list[dict[str, Any]]:
    """The rows of a message with the mark in their shortest `custom_id`.

    Where no component has room for it the message gets one more button.
    """
    copies = [dict(row, components=[dict(component) for component in row["components"]]) for row in rows]
    ours = [
        component
        for component in _components(copies)
        if limits.length(component.get("custom_id", "")) + len(components.MARK + nonce) <= limits.CUSTOM_ID
        and component.get("custom_id")
    ]
    if not ours:
        (row,) = components.of_buttons((Button("families", "All signals"),))
        copies, ours = [*copies[: limits.ROWS - 1], row], row["components"]
    shortest = min(ours, key=lambda component: len(component["custom_id"]))
    shortest["custom_id"] += components.MARK + nonce
    return copies


def carries(message: Mapping[str, Any], nonce: str) -> bool:
    """Whether a message as Discord gives it is the one that was sent with this nonce."""
    mark = components.MARK + nonce
    marks = (str(component.get("custom_id") or "") for component in _components(message.get("components") or ()))
    return message.get("nonce") == nonce or any(custom_id.endswith(mark) for custom_id in marks)


def is_unmarked(message: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a message has just the components of `rows`, and so no mark."""
    return _ids(message.get("components") or ()) == _ids(rows)


def _ids(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return [str(component.get("custom_id") or component.get("url")) for component in _components(rows)]


def _components(rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        yield from row.get("components") or ()
