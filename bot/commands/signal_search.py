"""Search for signals by typed text (id, label, family), and the nearest name for a misspelt one.

In memory.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from functools import cache
from typing import TypeVar

from bot.commands.input_limits import DEFAULT_LIMIT
from bot.commands.reply import MOST_CHOICES, Choice
from bot.errors import UserError
from bot.formatting.quoting import quoted
from signals.core.model import Signal
from signals.expressions import PREFIX

T = TypeVar("T")
_WORDS = re.compile(r"[a-z0-9]+")
_TICKERS = re.compile(r"\^?[A-Z]{1,5}([-.=/ ]{1,3}\^?[A-Z]{1,5})*")
"""What is typed as tickers are written, in capitals: `NVDA`, `BRK-B`, `SMH/IGV`."""

_SUGGESTION_CUTOFF = 0.55
_MOST_KEYS = 25
_COMPARED_LENGTH = 50
"""Characters of the typed text that are compared with every name; no id or label is longer."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """`title`: the name that a person has given to an own signal, else empty; `id` is then that name."""

    signal: Signal
    id: str
    label: str
    words: tuple[str, ...]
    title: str = ""


@dataclass(frozen=True)
class Finder:
    """The catalogue prepared for searching; made once."""

    signals: Mapping[str, Signal]
    _entries: tuple[_Entry, ...] = field(init=False, default=())
    _by_name: dict[str, Signal] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._add([_entry(signal) for signal in self.signals.values()])

    def with_own(self, titles: Iterable[tuple[str, Signal]]) -> Finder:
        """The same for somebody who has own signals, by the names that they have given to them."""
        finder = copy(self)
        finder._add([_own_entry(*pair) for pair in titles])
        return finder

    def _add(self, entries: list[_Entry]) -> None:
        # A name that two of them have is that of the first.
        names = {name: entry.signal for entry in reversed(entries) for name in _names(entry)} | self._by_name
        object.__setattr__(self, "_by_name", names)
        object.__setattr__(self, "_entries", (*self._entries, *entries))

    def choices(self, typed: str) -> list[Choice]:
        """What `find` gives, to choose from: label and id, for an own signal name and expression."""
        return [
            Choice(f"{entry.title} · {entry.signal.id.removeprefix(PREFIX)}", entry.title)
            if entry.title
            else Choice(f"{entry.signal.label} · {entry.signal.id}", entry.signal.id)
            for entry in self._matching(typed, MOST_CHOICES)
        ]

    def find(self, typed: str, limit: int = MOST_CHOICES) -> list[Signal]:
        """Signals that match, best first.

        The order is: the id or label is the text, the id begins with it, the label begins with it,
        words begin with the typed words, the typed words occur inside. Several words must all
        match. An empty text gives the first signals of the catalogue; no match gives an empty list.
        """
        return [entry.signal for entry in self._matching(typed, limit)]

    def _matching(self, typed: str, limit: int) -> list[_Entry]:
        text = typed.strip().casefold()[:DEFAULT_LIMIT]
        words = _WORDS.findall(text)
        if not words:
            return list(self._entries[:limit]) if not text else []
        ranked = [(rank, entry) for entry in self._entries if (rank := _rank(entry, text, words)) is not None]
        ranked.sort(key=lambda pair: pair[0])
        return [entry for _, entry in ranked[:limit]]

    def nearest(self, typed: str) -> Signal | None:
        """The signal whose id, label or words are most similar to the text.

        None where none is similar enough.
        """
        text = typed.strip().casefold()[:DEFAULT_LIMIT]
        matches = self.find(text, 1)
        if matches and text:
            return matches[0]
        # All names consist of the same few words, so most comparisons repeat.
        word_likeness = cache(lambda word, own: SequenceMatcher(None, word, own).ratio())
        # It prepares its second text once, and the names are compared with that one after the other.
        compared = text[:_COMPARED_LENGTH]
        matcher, words = SequenceMatcher(None, "", compared), _WORDS.findall(compared)
        scored = [(_likeness(matcher, words, entry, word_likeness), entry) for entry in self._entries]
        likeness, best = max(scored, key=lambda pair: pair[0], default=(0.0, None))
        return best.signal if best is not None and likeness >= _SUGGESTION_CUTOFF else None

    def named(self, typed: str) -> Signal | None:
        """The signal of that id, or of that exact label; None where there is none."""
        return self._by_name.get(typed.strip().casefold())

    def get(self, typed: str) -> Signal:
        """The signal of that id, or of that exact label. Raises UserError with the nearest one."""
        signal, text = self.named(typed), typed.strip().casefold()
        if signal is not None:
            return signal
        if text.startswith(PREFIX):
            raise UserError(
                f"{quoted(typed.strip()[len(PREFIX) :])} is not one of your signals. Add it with /watch add."
            )
        hint = self.suggestion(text) or "Start typing and choose from the list."
        if _TICKERS.fullmatch(typed.strip()):
            # Names that only sound like a ticker are no help to whoever wants that ticker.
            near = f"{hint} " if self.find(text, 1) else ""
            hint = f"{near}/watch add makes a signal out of any ticker."
        raise UserError(f"No signal {quoted(typed)}. {hint}")

    def suggestion(self, typed: str) -> str:
        """`Did you mean rates.real_10y (10-year real yield)?`, or empty where no signal is near."""
        near = self.nearest(typed)
        title = next((entry.title for entry in self._entries if entry.title and entry.signal is near), "")
        if near is None:
            return ""
        # The label of an own signal is its name already: chips (SMH/IGV).
        return f"Did you mean {title}?" if title else f"Did you mean {near.id} ({near.label})?"


def _entry(signal: Signal) -> _Entry:
    identity, label = signal.id.casefold(), signal.label.casefold()
    return _Entry(signal, identity, label, tuple(dict.fromkeys(_WORDS.findall(f"{identity} {label} {signal.family}"))))


def _own_entry(title: str, signal: Signal) -> _Entry:
    entry = _entry(signal)
    words = _WORDS.findall(f"{title.casefold()} {signal.id.casefold().removeprefix(PREFIX)}")
    return replace(entry, id=title.casefold(), words=tuple(dict.fromkeys(words)), title=title)


def _names(entry: _Entry) -> tuple[str, ...]:
    """What people may type for it as a whole; the expression of an own signal also without its prefix."""
    identity = entry.signal.id.casefold()
    return entry.id, entry.label, identity, identity.removeprefix(PREFIX)


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


def _likeness(
    matcher: SequenceMatcher[str], words: list[str], entry: _Entry, word_likeness: Callable[[str, str], float]
) -> float:
    """The likeness of the text of `matcher`, which consists of `words`, and the names of an entry."""
    parts = [max((word_likeness(word, own) for own in entry.words), default=0.0) for word in words]
    likeness = 0.95 * sum(parts) / len(parts) if parts else 0.0
    for name in (entry.id, entry.label, entry.id.partition(".")[2].replace("_", " ")):
        matcher.set_seq1(name)
        # Both are upper bounds that cost little.
        if matcher.real_quick_ratio() > likeness and matcher.quick_ratio() > likeness:
            likeness = max(likeness, matcher.ratio())
    return likeness


def one_of(typed: str, entries: Mapping[str, T], what: str) -> T:
    """The entry of that key, without regard to case and outer blanks.

    Raises UserError with the nearest key, or with all keys where none is near; of more than 25 with the first.
    """
    text = typed.strip().casefold()
    for key, value in entries.items():
        if key.casefold() == text:
            return value
    nearest = closest(text, entries)
    hint = f"Did you mean {nearest}?" if nearest else f"Choose from {_keys(list(entries))}."
    raise UserError(f"No {what} {quoted(typed)}. {hint}")


def _keys(keys: Sequence[str]) -> str:
    left_out = len(keys) - _MOST_KEYS
    return ", ".join(keys[:_MOST_KEYS]) + (f" and {left_out} others" if left_out > 0 else "")


def closest(text: str, names: Iterable[str], least: float = 0.5) -> str | None:
    """The name nearest to `text`.

    It is one that begins with the text, else one that contains it, else the most similar one; None
    where no similarity reaches `least`, a ratio of `SequenceMatcher`.
    """
    candidates = list(names)
    for matches in (str.startswith, str.__contains__):
        for name in candidates:
            if text and matches(name.casefold(), text):
                return name
    # Lengths alone bound the ratio: names that cannot reach `least` are not compared.
    comparable = [name for name in candidates if 2 * min(len(text), len(name)) >= least * (len(text) + len(name))]
    scored = [(SequenceMatcher(None, text, name.casefold()).ratio(), name) for name in comparable]
    best = max(scored, default=(0.0, ""))
    return best[1] if best[0] >= least else None
