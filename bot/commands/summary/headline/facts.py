"""The input of the headline rules, `SessionFacts`, and their output, `HeadlineCandidate`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from bot.calendar.session_context import SessionContext
from bot.commands.summary.headline.index_moves import IndexMove
from bot.commands.summary.headline.rarity import Since, since
from bot.formatting.scenario_words import AxisState
from signals.core.model import Signal


@dataclass(frozen=True)
class SessionFacts:
    """One session, as the headline rules read it.

    Attributes:
        past: final values (sessions x signals) up to the session, of five years.
        all_years: final values up to the session over all years, of some signals.
        closes: closes of the large indices (sessions x tickers) up to the session.
        moves: moves of the large indices, by ticker.
        decided: whether the Fed decided on this day.
        yields_of: the date of the newest yields; None where it is that of the session before.
        axis_states: state of each axis of the scenario.
        read: collects the signals whose values were asked for.
    """

    signals: Mapping[str, Signal]
    session: date
    past: pd.DataFrame
    all_years: pd.DataFrame
    closes: pd.DataFrame
    moves: Mapping[str, IndexMove]
    session_context: SessionContext
    decided: bool
    axis_states: Sequence[AxisState]
    yields_of: date | None = None
    read: set[str] = field(default_factory=set, compare=False)

    def now(self, signal: str) -> float:
        """The session's value of a signal, NaN where it has none."""
        return self._at(signal, -1)

    def before(self, signal: str) -> float:
        """The value on the session before, NaN where there is none."""
        return self._at(signal, -2)

    def change(self, signal: str) -> float:
        """The change of the day, NaN unless both values are known."""
        return self.now(signal) - self.before(signal)

    def since(self, signal: str, *, lowest: bool) -> Since:
        """The last session with a value as low, or as high, as on this one."""
        return since(self.values(signal), lowest=lowest)

    def values(self, signal: str) -> pd.Series:
        """All values of a signal up to the session, over all years where they are known.

        Empty for a signal that is not computed.
        """
        self.read.add(signal)
        if len(self.all_years) and signal in self.all_years:
            return self.all_years[signal]
        return self.past[signal] if signal in self.past else pd.Series(dtype=float)

    def move(self, ticker: str) -> IndexMove | None:
        """The move of an index; None where it is not known."""
        return self.moves.get(ticker)

    def percent(self, ticker: str) -> float:
        """An index's change of the day in percent, NaN where it is not known."""
        move = self.moves.get(ticker)
        return move.percent if move is not None else math.nan

    def _at(self, signal: str, row: int) -> float:
        self.read.add(signal)
        if signal not in self.past or len(self.past) < -row:
            return math.nan
        value = float(self.past[signal].iloc[row])
        return value if math.isfinite(value) else math.nan


@dataclass(frozen=True, slots=True)
class HeadlineCandidate:
    """What a rule offers for the headline; an empty text offers nothing for its place.

    Attributes:
        size: importance, about 1 for any day and 10 for one in years.
        lead: begins the sentence; `{when}` stands where the context of the session belongs.
        aside: follows the lead after a comma.
        tail: the same fact in a few words, to follow the lead of another candidate.
        sentiment: 1 up, -1 down, 0 neither.
        alone: whether the lead takes no tail.
        today: the day of the week of the session where the lead is of the day before, for the tail.
    """

    size: float
    lead: str = ""
    aside: str = ""
    tail: str = ""
    sentiment: int = 0
    alone: bool = False
    today: str = ""
