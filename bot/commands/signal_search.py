"""Finding signals by what people type: id, label, family; and the nearest name for a misspelt one. Memory only."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache
from typing import TypeVar

from bot.commands.input_limits import MOST
from bot.errors import UserError
from bot.formatting.quoting import quoted
from signals.core.model import Signal

T = TypeVar("T")
_WORDS = re.compile(r"[a-z0-9]+")
_NEAR = 0.55
_COMPARED = 50
"""Signs of what was typed that are compared with every name; no id or label is longer than that."""


@dataclass(frozen=True, slots=True)
class _Entry:
    signal: Signal
    id: str
    label: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Finder:
    """The register prepared for searching; made once."""

    signals: Mapping[str, Signal]
    _entries: tuple[_Entry, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_entries", tuple(_entry(signal) for signal in self.signals.values()))

    def find(self, typed: str, limit: int = 25) -> list[Signal]:
        """Signals that fit, best first: the id or label begins so, then a word of them does, then it stands inside.

        Several words must all occur. Nothing typed gives the register's first entries, nothing fitting an empty list.
        """
        text = typed.strip().casefold()[:MOST]
        words = _WORDS.findall(text)
        if not words:
            return [entry.signal for entry in self._entries[:limit]] if not text else []
        ranked = [(rank, entry.signal) for entry in self._entries if (rank := _rank(entry, text, words)) is not None]
        ranked.sort(key=lambda pair: pair[0])
        return [signal for _, signal in ranked[:limit]]

    def nearest(self, typed: str) -> Signal | None:
        """The signal whose id, label or their parts look most like what was typed, or None when nothing is near."""
        text = typed.strip().casefold()[:MOST]
        found = self.find(text, 1)
        if found and text:
            return found[0]
        # The same few words make up all names.
        alike = cache(lambda word, own: SequenceMatcher(None, word, own).ratio())
        scored = [(_likeness(text[:_COMPARED], entry, alike), entry) for entry in self._entries]
        likeness, best = max(scored, key=lambda pair: pair[0], default=(0.0, None))
        return best.signal if best is not None and likeness >= _NEAR else None

    def get(self, typed: str) -> Signal:
        """The signal of that id, or of that exact label. Raises UserError naming the nearest one."""
        text = typed.strip().casefold()
        for entry in self._entries:
            if text in (entry.id, entry.label):
                return entry.signal
        raise UserError(
            f'No signal "{quoted(typed)}". {self.suggestion(text) or "Start typing and choose from the list."}'
        )

    def suggestion(self, typed: str) -> str:
        """`Did you mean rates.real_10y (10-year real yield)?`, or an empty text when nothing is near."""
        near = self.nearest(typed)
        return f"Did you mean {near.id} ({near.label})?" if near else ""


def _entry(signal: Signal) -> _Entry:
    identity, label = signal.id.casefold(), signal.label.casefold()
    return _Entry(signal, identity, label, tuple(dict.fromkeys(_WORDS.findall(f"{identity} {label} {signal.family}"))))


def _rank(entry: _Entry, text: str, words: list[str]) -> int | None:
    if text in (entry.id, entry.label):
        return 0
    if entry.id.startswith(text):
        return 1
    if entry.label.startswith(text):
        return 2
    if all(any(own.startswith(word) for own in entry.words) for word in words):
        return 3
    inside = f"{entry.id} {entry.label}"
    return 4 if all(word in inside for word in words) else None


def _likeness(text: str, entry: _Entry, alike: Callable[[str, str], float]) -> float:
    names = (entry.id, entry.label, entry.id.partition(".")[2].replace("_", " "))
    whole = max(SequenceMatcher(None, text, name).ratio() for name in names)
    parts = [max((alike(word, own) for own in entry.words), default=0.0) for word in _WORDS.findall(text)]
    return max(whole, 0.95 * sum(parts) / len(parts) if parts else 0.0)


def one_of(typed: str, known: Mapping[str, T], what: str) -> T:
    """The entry of that key (case and blanks around it do not matter). Raises UserError with the nearest key."""
    text = typed.strip().casefold()
    for key, value in known.items():
        if key.casefold() == text:
            return value
    near = closest(text, known)
    hint = f"Did you mean {near}?" if near else f"Known are {', '.join(list(known)[:12])}."
    raise UserError(f'No {what} "{quoted(typed)}". {hint}')


def closest(text: str, names: Iterable[str], least: float = 0.5) -> str | None:
    """The name most like `text`: one that begins so or contains it first, else by likeness; None when none is near."""
    known = list(names)
    for fits in (str.startswith, str.__contains__):
        for name in known:
            if text and fits(name.casefold(), text):
                return name
    # Of a text so much longer than the name that they cannot be alike enough nothing more is looked at.
    near = [name for name in known if 2 * min(len(text), len(name)) >= least * (len(text) + len(name))]
    scored = [(SequenceMatcher(None, text, name.casefold()).ratio(), name) for name in near]
    best = max(scored, default=(0.0, ""))
    return best[1] if best[0] >= least else None
