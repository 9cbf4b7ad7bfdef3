"""Buttons and menus as Discord's JSON, and the `custom_id` that holds all they need to know after a restart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import discord

from bot.commands.reply import Button, Menu, Pages, Reply, Weight
from bot.discord_app import limits

BUTTON = "rb"
MENU = "rm"
_SEPARATOR = "~"
_STYLES = {Weight.PLAIN: 2, Weight.MAIN: 1, Weight.DANGER: 4}


def pack(kind: str, action: str, args: Sequence[str] = ()) -> str:
    """`rb:snooze~12~1`. Raises ValueError when it does not fit into Discord's hundred characters."""
    if any(_SEPARATOR in arg for arg in (action, *args)):
        raise ValueError(f"{_SEPARATOR!r} separates the parts of a custom_id, so it cannot stand inside {args!r}")
    packed = f"{kind}:{_SEPARATOR.join((action, *args))}"
    if limits.length(packed) > limits.CUSTOM_ID:
        raise ValueError(f"custom_id of {len(packed)} characters; Discord takes {limits.CUSTOM_ID}: {packed!r}")
    return packed


def unpack(packed: str) -> tuple[str, tuple[str, ...]]:
    """Inverse of `pack` without the kind: action and arguments."""
    action, *args = packed.partition(":")[2].split(_SEPARATOR)
    return action, tuple(args)


def button(found: Button) -> dict[str, Any]:
    """One button."""
    return {
        "type": 2,
        "style": _STYLES[found.weight],
        "label": limits.cut(found.label, limits.BUTTON_LABEL),
        "custom_id": pack(BUTTON, found.action, found.args),
        "disabled": found.disabled,
    }


def menu(found: Menu) -> dict[str, Any]:
    """A menu of at most 25 entries from which one is chosen."""
    return {
        "type": 3,
        "custom_id": pack(MENU, found.action),
        "placeholder": limits.cut(found.prompt, limits.PLACEHOLDER),
        "min_values": 1,
        "max_values": 1,
        "options": [
            {
                "label": limits.cut(option.label, limits.OPTION_TEXT),
                "value": option.value[: limits.OPTION_TEXT],
                "default": option.chosen,
            }
            for option in found.options[: limits.OPTIONS]
        ],
    }


def rows(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """An action row of those parts."""
    return {"type": 1, "components": list(parts)}


def of_buttons(found: Sequence[Button]) -> list[dict[str, Any]]:
    """Rows of at most five buttons, at most five rows."""
    most = found[: limits.BUTTONS_A_ROW * limits.ROWS]
    starts = range(0, len(most), limits.BUTTONS_A_ROW)
    return [rows([button(each) for each in most[start : start + limits.BUTTONS_A_ROW]]) for start in starts]


def of_reply(reply: Reply) -> list[dict[str, Any]]:
    """The rows under an answer: its buttons, its menu, and the turning of pages; at most five rows."""
    found = of_buttons(reply.buttons)
    if reply.menu is not None and reply.menu.options:
        found.append(rows([menu(reply.menu)]))
    if reply.pages is not None and reply.pages.count > 1:
        found.append(rows(_turning(reply.pages)))
    return found[: limits.ROWS]


def _turning(pages: Pages) -> list[dict[str, Any]]:
    def turn(label: str, number: int, *, disabled: bool) -> dict[str, Any]:
        return button(Button("page", label, (pages.view, str(number), *pages.args), disabled=disabled))

    return [
        turn("Back", pages.number - 1, disabled=pages.number <= 1),
        {
            "type": 2,
            "style": 2,
            "label": f"{pages.number} of {pages.count}",
            "custom_id": f"{BUTTON}:here",
            "disabled": True,
        },
        turn("Next", pages.number + 1, disabled=pages.number >= pages.count),
    ]


def view(found: Sequence[Mapping[str, Any]]) -> discord.ui.View:
    """The rows for sending with discord.py. The view is stopped at once: dynamic items answer, so nothing stays in memory."""
    made = discord.ui.View(timeout=None)
    for number, row in enumerate(found):
        for part in row["components"]:
            made.add_item(_item(part, number))
    made.stop()
    return made


def _item(part: Mapping[str, Any], row: int) -> discord.ui.Item[Any]:
    if part["type"] == 3:
        options = [
            discord.SelectOption(label=each["label"], value=each["value"], default=each["default"])
            for each in part["options"]
        ]
        return discord.ui.Select(custom_id=part["custom_id"], placeholder=part["placeholder"], options=options, row=row)
    return discord.ui.Button(
        style=discord.ButtonStyle(part["style"]),
        label=part["label"],
        custom_id=part["custom_id"],
        disabled=part["disabled"],
        row=row,
    )
