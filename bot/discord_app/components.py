"""Buttons and menus as Discord's JSON.

Their `custom_id` holds everything that their handlers need after a restart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import discord

from bot.commands.reply import Button, Menu, Pages, Reply, Weight
from bot.discord_app import limits
from bot.discord_app.delivery import message_minus
from bot.domain.own_signal import key_of
from signals.expressions import PREFIX

BUTTON = "rb"
MENU = "rm"
_SEPARATOR = "~"
MARK = "#"
"""Before the mark of a batch, which may end a custom_id."""

_STYLES = {Weight.PLAIN: 2, Weight.MAIN: 1, Weight.DANGER: 4}


def pack(kind: str, action: str, args: Sequence[str] = ()) -> str:
    """The custom_id of an action, such as `rb:snooze~12~1`; an own signal has a short word in it.

    Raises ValueError when it is over 100 characters.
    """
    if any(sign in arg for arg in (action, *args) for sign in (_SEPARATOR, MARK)):
        raise ValueError(
            f"{_SEPARATOR!r} and {MARK!r} separate the parts of a custom_id: they cannot stand in {args!r}"
        )
    short = (key_of(arg) if arg.startswith(PREFIX) else arg for arg in args)
    packed = f"{kind}:{_SEPARATOR.join((action, *short))}"
    if limits.length(packed) > limits.CUSTOM_ID:
        raise ValueError(f"custom_id of {len(packed)} characters; Discord takes {limits.CUSTOM_ID}: {packed!r}")
    return packed


def unpack(packed: str) -> tuple[str, tuple[str, ...]]:
    """Inverse of `pack` without the kind and without the mark of a batch: action and arguments."""
    action, *args = packed.partition(":")[2].partition(MARK)[0].split(_SEPARATOR)
    return action, tuple(args)


def button_json(button: Button) -> dict[str, Any]:
    """One button."""
    return {
        "type": 2,
        "style": _STYLES[button.weight],
        "label": limits.cut(message_minus.typeset(limits.bare(button.label)), limits.BUTTON_LABEL),
        "custom_id": pack(BUTTON, button.action, button.args),
        "disabled": button.disabled,
    }


def menu_json(menu: Menu) -> dict[str, Any]:
    """A menu of at most 25 options from which one is chosen."""
    return {
        "type": 3,
        "custom_id": pack(MENU, menu.action, (str(menu.number),) if menu.number else ()),
        "placeholder": limits.cut(message_minus.typeset(limits.bare(menu.prompt)), limits.PLACEHOLDER),
        "min_values": 1,
        "max_values": 1,
        "options": [
            {
                "label": limits.cut(message_minus.typeset(limits.bare(option.label)), limits.OPTION_TEXT),
                "value": option.value[: limits.OPTION_TEXT],
                "default": option.chosen,
            }
            for option in menu.options[: limits.OPTIONS]
        ],
    }


def action_row(components: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """An action row of those components."""
    return {"type": 1, "components": list(components)}


def of_buttons(buttons: Sequence[Button]) -> list[dict[str, Any]]:
    """Rows of at most five buttons, at most five rows."""
    shown = buttons[: limits.BUTTONS_A_ROW * limits.ROWS]
    starts = range(0, len(shown), limits.BUTTONS_A_ROW)
    return [
        action_row([button_json(button) for button in shown[start : start + limits.BUTTONS_A_ROW]]) for start in starts
    ]


def layout(parts: Sequence[str], buttons: Sequence[Button]) -> list[dict[str, Any]]:
    """A message of the newer layout: a frame with texts that lines separate, and below it rows of buttons.

    Texts of a message have 4,000 characters together; what is too much is left out at the end.
    """
    texts: list[dict[str, Any]] = []
    room = limits.LAYOUT_TEXT
    for part in parts:
        content = message_minus.typeset(limits.clean(part))
        if (room := room - limits.length(content)) < 0:
            break
        if texts:
            texts.append({"type": 14, "divider": True, "spacing": 1})
        texts.append({"type": 10, "content": content})
    return [{"type": 17, "components": texts}, *of_buttons(buttons)]


def of_reply(reply: Reply) -> list[dict[str, Any]]:
    """The rows under a reply: its buttons, its menu, and Back and Next of its pages.

    At most five rows.
    """
    rows = of_buttons(reply.buttons)
    if reply.menu is not None and reply.menu.options:
        rows.append(action_row([menu_json(reply.menu)]))
    if reply.pages is not None and reply.pages.count > 1:
        rows.append(action_row(_paging(reply.pages)))
    return rows[: limits.ROWS]


def _paging(pages: Pages) -> list[dict[str, Any]]:
    def page_button(label: str, number: int, *, disabled: bool) -> dict[str, Any]:
        return button_json(Button("page", label, (pages.view, str(number), *pages.args), disabled=disabled))

    return [
        page_button("Back", pages.number - 1, disabled=pages.number <= 1),
        {
            "type": 2,
            "style": 2,
            "label": f"{pages.number} of {pages.count}",
            "custom_id": f"{BUTTON}:here",
            "disabled": True,
        },
        page_button("Next", pages.number + 1, disabled=pages.number >= pages.count),
    ]


def view_of(rows: Sequence[Mapping[str, Any]]) -> discord.ui.View:
    """The rows as a view of discord.py.

    The view is stopped at once, so that discord.py keeps nothing in memory: dynamic items handle
    what is pressed.
    """
    view = discord.ui.View(timeout=None)
    for number, row in enumerate(rows):
        for component in row["components"]:
            view.add_item(_item(component, number))
    view.stop()
    return view


def _item(component: Mapping[str, Any], row: int) -> discord.ui.Item[Any]:
    if component["type"] == 3:
        options = [
            discord.SelectOption(label=option["label"], value=option["value"], default=option["default"])
            for option in component["options"]
        ]
        return discord.ui.Select(
            custom_id=component["custom_id"], placeholder=component["placeholder"], options=options, row=row
        )
    return discord.ui.Button(
        style=discord.ButtonStyle(component["style"]),
        label=component["label"],
        custom_id=component["custom_id"],
        disabled=component["disabled"],
        row=row,
    )
