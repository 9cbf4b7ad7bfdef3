"""Buttons and menus under the messages of alerts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.commands.alerts.snooze_button import snooze_menu
from bot.commands.alerts.texts import composite_message, first_line
from bot.commands.market import study
from bot.commands.reply import Button, Menu, Option, Weight
from bot.discord_app import components, limits
from bot.domain.model import AlertSpec, Condition, Direction, OutboxItem
from bot.formatting import formats
from signals.core.model import Measure, Signal


def of_alert(item: OutboxItem) -> list[dict[str, Any]]:
    """Under one alert its buttons, and a menu to snooze it."""
    rows = components.of_buttons(_buttons(item))
    if item.alert_id is not None:
        rows.append(components.action_row([components.menu_json(snooze_menu(item.alert_id))]))
    return rows


def _buttons(item: OutboxItem) -> tuple[Button, ...]:
    has_signal = item.signal and not composite_message.is_composite(item)
    details = (Button("details", "Details", (item.signal or "",)),) if has_signal else ()
    if item.alert_id is None:
        return details
    number = (str(item.alert_id),)
    if item.topic is not None:
        return (*details, *_study(item), Button("leave", "Remove", number, Weight.DANGER))
    return (
        *details,
        *(_study(item) if has_signal else ()),
        Button("edit", "Edit", number),
        Button("remove", "Remove", number, Weight.DANGER),
    )


def _study(item: OutboxItem) -> tuple[Button, ...]:
    """The button of the study of the item's condition; none when the item has no level."""
    if item.signal is None or item.direction is None or item.level is None:
        return ()
    condition = Condition.ABOVE if item.direction is Direction.ABOVE else Condition.BELOW
    return (study.button(AlertSpec(item.signal, item.measure or Measure.VALUE, condition, item.level)),)


def of_several(fired: Sequence[tuple[OutboxItem, Signal]]) -> list[dict[str, Any]]:
    """Under several alerts menus instead of five buttons each: one for as many alerts as a menu holds, in their order."""
    options = _options(fired)
    menus = [options[start : start + limits.OPTIONS] for start in range(0, len(options), limits.OPTIONS)]
    return [
        components.action_row(
            [components.menu_json(Menu("manage", _prompt(number, len(menus), len(part)), part, number))]
        )
        for number, part in enumerate(menus[: limits.ROWS])
    ]


def has_room(fired: Sequence[tuple[OutboxItem, Signal]]) -> bool:
    """Whether the menus of one message hold all these alerts."""
    return len(_options(fired)) <= limits.OPTIONS * limits.ROWS


def _options(fired: Sequence[tuple[OutboxItem, Signal]]) -> tuple[Option, ...]:
    options: dict[str, Option] = {}
    for item, signal in fired:
        if item.alert_id is not None:
            kind = "t" if item.topic is not None else "a"
            key = f"{kind}{item.alert_id}"
            options.setdefault(key, Option(key, formats.capitalised(first_line.short_name(item, signal))))
    return tuple(options.values())


def _prompt(number: int, menus: int, count: int) -> str:
    if menus == 1:
        return "Snooze, edit or remove one of them"
    which = "first" if number == 0 else "next" if number < menus - 1 else "last"
    return f"Snooze, edit or remove one of the {which} {count}" if count > 1 else "Snooze, edit or remove the last one"
