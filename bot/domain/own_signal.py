"""Own signals as people have them: names that point at expressions, and what their tickers are."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from types import MappingProxyType

from signals import expressions
from signals.core.model import Signal
from signals.expressions import LONGEST_LABEL, tree

KEY = "own!"
"""What the short words of own signals begin with."""

NAME = re.compile(r"[a-z0-9_]{1,24}")
"""A name that an own signal may have."""

NAME_FORM = "up to 24 letters a-z, digits and underscores, such as semis_vs_software"
"""The same in words."""

_SHORTEST_EXPRESSION = 5
"""Less of an expression says nothing beside its name."""


@dataclass(frozen=True, slots=True)
class OwnSignal:
    """A name that a person (`user_id`) or a server (`guild_id`) has given to an expression."""

    expression: str
    name: str
    user_id: int | None = None
    guild_id: int | None = None
    created_by: int = 0

    @property
    def signal(self) -> str:
        """The id of its signal, which is that of everybody else with the same expression."""
        return expressions.PREFIX + self.expression

    @property
    def title(self) -> str:
        """The name as people type it: `mine.semis`, or `server.semis`."""
        return f"{'mine' if self.user_id is not None else 'server'}.{self.name}"

    @property
    def label(self) -> str:
        """The name with the expression, `chips (SMH/IGV)`, as short as other labels; what does not fit is left out."""
        room = LONGEST_LABEL - len(self.name) - len(" ()")
        if len(self.expression) <= room:
            return f"{self.name} ({self.expression})"
        return f"{self.name} ({self.expression[: room - 1]}…)" if room >= _SHORTEST_EXPRESSION else self.name

    @property
    def symbols(self) -> tuple[str, ...]:
        """The tickers of its expression."""
        return tree.symbols(expressions.expression_of(self.signal))


def key_of(signal: str) -> str:
    """A short word for an own signal, for the ids of buttons, which have no room for its id."""
    return f"{KEY}{hashlib.blake2b(signal.encode(), digest_size=6).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Listing:
    """What a source says that a ticker is. `first_day`: of its prices; None where it is not said."""

    symbol: str
    name: str = ""
    currency: str = ""
    first_day: date | None = None


@dataclass(frozen=True)
class OwnSignals:
    """All own signals of everybody. Made anew after each change.

    `reported_gone`: tickers of which the owners know that their source has them no more.
    """

    rows: tuple[OwnSignal, ...] = ()
    listings: Mapping[str, Listing] = field(default_factory=lambda: MappingProxyType({}))
    reported_gone: frozenset[str] = frozenset()

    def of(self, user_id: int | None, guild_id: int | None) -> list[OwnSignal]:
        """What a person sees in a server (None: in no server): their own, then the server's."""
        own = [] if user_id is None else self._by_person.get(user_id, [])
        return [*own, *([] if guild_id is None else self._by_guild.get(guild_id, []))]

    @cached_property
    def signals(self) -> tuple[str, ...]:
        """The id of each expression that somebody has, once."""
        return tuple(dict.fromkeys(row.signal for row in self.rows))

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """Every ticker that one of them reads, once."""
        return tuple(dict.fromkeys(symbol for row in self.rows for symbol in row.symbols))

    @cached_property
    def by_key(self) -> Mapping[str, str]:
        """The id of each signal by its short word."""
        return {key_of(signal): signal for signal in self.signals}

    @cached_property
    def _by_person(self) -> Mapping[int, list[OwnSignal]]:
        return _grouped((row.user_id, row) for row in self.rows)

    @cached_property
    def _by_guild(self) -> Mapping[int, list[OwnSignal]]:
        return _grouped((row.guild_id, row) for row in self.rows)


def _grouped(pairs: Iterable[tuple[int | None, OwnSignal]]) -> dict[int, list[OwnSignal]]:
    groups: dict[int, list[OwnSignal]] = {}
    for owner, row in pairs:
        if owner is not None:
            groups.setdefault(owner, []).append(row)
    return groups


class NamedSignals(Mapping[str, Signal]):
    """Signals as somebody knows them: those that they have named have that name in their labels."""

    def __init__(self, signals: Mapping[str, Signal], named: Iterable[OwnSignal]) -> None:
        self._signals = signals
        self._labels: dict[str, str] = {}
        for row in named:
            self._labels.setdefault(row.signal, row.label)

    def __getitem__(self, id: str) -> Signal:
        label = self._labels.get(id)
        return self._signals[id] if label is None else replace(self._signals[id], label=label, short="")

    def __iter__(self) -> Iterator[str]:
        return iter(self._signals)

    def __len__(self) -> int:
        return len(self._signals)


@dataclass
class OwnSignalState:
    """The own signals of everybody as the newest change has left them."""

    current: OwnSignals = field(default_factory=OwnSignals)
