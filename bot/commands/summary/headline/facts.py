"""The facts of one session that a headline is made from, and the candidate that a rule tells of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from bot.calendar.session_context import SessionContext
from bot.commands.summary.headline.index_moves import IndexMove
from bot.commands.summary.headline.rarity import Since, since
from bot.formatting.scenario import AxisState
from signals.core.model import Signal


@dataclass(frozen=True)
class SessionFacts:
    """One session. `past`: final values (sessions x signals) and `closes` of the large indices, both ending with it.

    `moves`: what each index did. `decided`: the Fed decided on this day. `standings`: where the scenario stands.
    """

    signals: Mapping[str, Signal]
    session: date
    past: pd.DataFrame
    closes: pd.DataFrame
    moves: Mapping[str, IndexMove]
    session_context: SessionContext
    decided: bool
    standings: Sequence[AxisState]

    def now(self, signal: str) -> float:
        """The session's value of a signal, NaN where it has none."""
        return self._at(signal, -1)

    def before(self, signal: str) -> float:
        """The value of the session before."""
        return self._at(signal, -2)

    def change(self, signal: str) -> float:
        """The change of the day, NaN unless both values are known."""
        return self.now(signal) - self.before(signal)

    def since(self, signal: str, *, lowest: bool) -> Since:
        """The last session with a value as low, or as high."""
        return since(self.values(signal), lowest=lowest)

    def values(self, signal: str) -> pd.Series:
        """All values of a signal up to the session; empty for one that is not computed."""
        return self.past[signal] if signal in self.past else pd.Series(dtype=float)

    def move(self, ticker: str) -> IndexMove | None:
        """What an index did."""
        return self.moves.get(ticker)

    def percent(self, ticker: str) -> float:
        """An index's change of the day in percent, NaN where it is not known."""
        found = self.moves.get(ticker)
        return found.percent if found is not None else math.nan

    def _at(self, signal: str, row: int) -> float:
        if signal not in self.past or len(self.past) < -row:
            return math.nan
        value = float(self.past[signal].iloc[row])
        return value if math.isfinite(value) else math.nan


@dataclass(frozen=True, slots=True)
class HeadlineCandidate:
    """What a rule has to tell. `size`: how much that is, about 1 for any day and 10 for one in years.

    `lead` begins a sentence and has `{when}` where the context of the session belongs, `aside` follows it after a comma, `tail`
    says the same in a few words behind another candidate; an empty one has nothing for that place. `sentiment`: 1 up, -1 down,
    0 neither. `alone`: the lead takes no tail.
    """

    size: float
    lead: str = ""
    aside: str = ""
    tail: str = ""
    sentiment: int = 0
    alone: bool = False
