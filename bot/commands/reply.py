"""Reply: the result of a command as texts and layout elements, independent of Discord.

The texts are final; a front end decides how a button or a table looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from bot.domain.chart_request import ChartRequest, Picture

T = TypeVar("T")

MOST_OPTIONS = 25
"""Of a menu; Discord takes no more."""
MOST_CHOICES, LONGEST_CHOICE = 25, 100
"""Of an autocomplete list, and characters of the value of each; Discord takes no more."""


class Tone(StrEnum):
    """The meaning of the colour; the text has the word as well."""

    BROADENING = "broadening"
    CONCENTRATING = "concentrating"
    NEUTRAL = "neutral"
    ATTENTION = "attention"


class Weight(StrEnum):
    """The emphasis of a button."""

    PLAIN = "plain"
    MAIN = "main"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Button:
    """A button: `action` names the handler; `args` is all that it needs, even after a restart."""

    action: str
    label: str
    args: tuple[str, ...] = ()
    weight: Weight = Weight.PLAIN
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """One entry of a menu."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Menu:
    """A list of options to choose from; `action` names the handler.

    `number` keeps several menus of one action apart, since a message has each id once.
    """

    action: str
    prompt: str
    options: tuple[Option, ...]
    number: int = 0


@dataclass(frozen=True, slots=True)
class Field:
    """A text with a title; narrow fields may be shown side by side."""

    name: str
    value: str
    narrow: bool = False


@dataclass(frozen=True, slots=True)
class Pages:
    """Position in a long list.

    `number` of `count` pages (from 1); `view` and `args` name the command of the other pages.
    """

    view: str
    args: tuple[str, ...]
    number: int
    count: int


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file for the user of the command."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """The result of a command.

    Attributes:
        table: monospaced text of at most 40 columns.
        private: whether only the user of the command may see it.
        picture: a chart request that is still to be drawn, or a finished picture.
    """

    title: str
    lines: tuple[str, ...] = ()
    table: str = ""
    fields: tuple[Field, ...] = ()
    buttons: tuple[Button, ...] = ()
    menu: Menu | None = None
    footer: str = ""
    tone: Tone = Tone.NEUTRAL
    private: bool = False
    pages: Pages | None = None
    file: Attachment | None = None
    picture: ChartRequest | Picture | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry of an autocomplete list: the text shown and the value sent."""

    label: str
    value: str


def page_of(items: Sequence[T], number: int, size: int) -> tuple[list[T], int, int]:
    """The items of a page, its number moved into range, and the number of pages (at least one)."""
    count = max(1, -(-len(items) // size))
    number = min(max(1, number), count)
    return list(items[(number - 1) * size : number * size]), number, count
