"""Reply: what a command answers, as facts of layout without a word of Discord.

A front end decides how a button or a table looks; the text is final.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from bot.domain.chart_request import ChartRequest, Picture

T = TypeVar("T")


class Tone(StrEnum):
    """What the colour says; the word stands in the text as well."""

    BROADENING = "broadening"
    CONCENTRATING = "concentrating"
    NEUTRAL = "neutral"
    ATTENTION = "attention"


class Weight(StrEnum):
    """How strongly a button is drawn."""

    PLAIN = "plain"
    MAIN = "main"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press: `action` names the handler, `args` is all it needs to know, even after a restart."""

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
    """A list to choose one entry from; `action` names the handler."""

    action: str
    prompt: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A titled piece of text; narrow ones may stand side by side."""

    name: str
    value: str
    narrow: bool = False


@dataclass(frozen=True, slots=True)
class Pages:
    """Where a long list stands: `number` of `count` (from 1) and how to ask for another page."""

    view: str
    args: tuple[str, ...]
    number: int
    count: int


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file for the person who asked."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. `table` is monospaced text of at most 40 columns; `private` ones only the asker may see.

    `picture`: one that is to be drawn, or that has been.
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
    """What an autocomplete offers: the text shown and the value sent."""

    label: str
    value: str


def page_of(items: Sequence[T], number: int, size: int) -> tuple[list[T], int, int]:
    """The slice of a page, its number moved into range, and how many pages there are (at least one)."""
    count = max(1, -(-len(items) // size))
    number = min(max(1, number), count)
    return list(items[(number - 1) * size : number * size]), number, count
