"""Twins: what other tickers say of a move that is doubted. Pure over a view of closes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

import numpy as np
import numpy.typing as npt

from bot.domain.doubt import DoubtRule
from bot.ingest.plausibility.jumps import move
from signals.core.instruments import MARKET, Basket, Instrument, InstrumentKind, Likeness, instrument

AGREES_WITHIN = 0.015
STANDS_STILL = 0.003
"""A ticker that is unchanged to the cent is doubted when its twin moved by this much."""
MEMBERS_STAND_STILL = 0.005
"""The same for the mean of members, from which an equal-weighted fund strays by 0.14 points a day."""

MOST_OF_A_BASKET = 0.6
FEWEST_MEMBERS = 5
ENDS = (0.1, 0.9)
"""Quantiles of the members' moves between which a fund that weighs them by size lies."""

CRASH = 0.03
SECTOR_PART = 0.25
"""On a day on which the market moves by 3 %, a member's move the same way is borne out by a sector
that moves by at least a quarter as much."""
FEWEST_OF_A_SECTOR = 3
FUND_PART = 1.5
"""On such a day a fund without twins is borne out up to 1.5 times the market's move."""

FEWEST_WITNESSES = 2
"""One twin that says otherwise may be the one that is wrong."""
EQUAL_WEIGHTS_STRAY = 0.025
"""Equal weights stray by up to 2.6 points a day from the index that weighs the same members by size, by 3.1 once in 21 years."""

CAUGHT_UP = 0.5


class Corroboration(Enum):
    """What the twins of a ticker say."""

    AGREE = "agree"
    DISAGREE = "disagree"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the universe."""

    sector: str
    groups: tuple[str, ...]


@dataclass
class View:
    """Closes of other tickers: those of the answer first, then those of the archive.

    Attributes:
        claims: Ticker -> close by ordinal day, as the answer has it.
        doubted: Tickers of the answer with a doubted bar; they say nothing against others.
        stored: Gives the archive's closes of a day.
        members: The universe.
    """

    claims: Mapping[str, Mapping[int, float]]
    doubted: Collection[str]
    stored: Callable[[int], Mapping[str, float]]
    members: Mapping[str, Member]
    _days: dict[int, Mapping[str, float]] = field(default_factory=dict)

    def move(self, ticker: str, before_day: int, day: int) -> float | None:
        """The return of a ticker between two days, None where one of its closes is not known."""
        before, close = self._close(ticker, before_day), self._close(ticker, day)
        return None if before is None or close is None or before == 0 else move(before, close)

    def moves(self, tickers: Sequence[str], before_day: int, day: int) -> npt.NDArray[np.float64] | None:
        """The returns of a basket; None where too few of those that had a close before have one now."""
        before = [ticker for ticker in tickers if self._close(ticker, before_day) is not None]
        moves = [value for ticker in before if (value := self.move(ticker, before_day, day)) is not None]
        if len(moves) < max(FEWEST_MEMBERS, MOST_OF_A_BASKET * len(before)):
            return None
        return np.array(moves)

    def _close(self, ticker: str, day: int) -> float | None:
        claimed = self.claims.get(ticker, {}).get(day)
        if claimed is not None:
            return claimed
        if day not in self._days:
            self._days[day] = self.stored(day)
        return self._days[day].get(ticker)


def corroborate(
    own: Instrument, rule: DoubtRule, before_day: int, day: int, claimed: float, view: View
) -> tuple[Corroboration, str]:
    """What twins, members or the market say of a claimed return between two days, and who says it."""
    if rule in (DoubtRule.UNCHANGED, DoubtRule.NO_ANSWER):
        return _of_standing_still(own, before_day, day, claimed, view)
    disagreeing = ""
    for twin in own.twins:
        moved = view.move(twin, before_day, day)
        if moved is None:
            continue
        if abs(moved - claimed) <= AGREES_WITHIN:
            return Corroboration.AGREE, _moved(twin, moved)
        if twin not in view.doubted:
            disagreeing = _moved(twin, moved)
    if disagreeing:
        return Corroboration.DISAGREE, disagreeing
    if own.basket is not None:
        return _of_basket(own.basket, before_day, day, claimed, view)
    if own.kind is InstrumentKind.FUTURE:
        return Corroboration.SILENT, ""
    return _of_market(own, before_day, day, claimed, view)


@dataclass(frozen=True, slots=True)
class Reference:
    """The move that others say a ticker made, who says it, and up to which size it means standing still."""

    move: float
    words: str
    still: float = STANDS_STILL


def reference(own: Instrument, before_day: int, day: int, view: View) -> Reference | None:
    """The move that a twin or the members of a ticker say it made; None where none says any.

    Futures say nothing to the hundredth: they settle hours before the stock market closes. Members
    that a fund weighs by size tell the smallest move that most of them made.
    """
    for twin in own.twins:
        moved = view.move(twin, before_day, day)
        if moved is not None and twin not in view.doubted and instrument(twin).kind is not InstrumentKind.FUTURE:
            return Reference(moved, _moved(twin, moved))
    moves = None if own.basket is None else view.moves(_tickers(own.basket, view), before_day, day)
    if own.basket is None or moves is None:
        return None
    if own.basket.likeness is Likeness.MEAN:
        mean = float(moves.mean())
        return Reference(mean, _moved("the mean of its members", mean), MEMBERS_STAND_STILL)
    low, high = map(float, np.quantile(moves, ENDS))
    least = max(low, 0.0) + min(high, 0.0)
    return Reference(least, f"nine in ten of its members moved by {100 * least:+.2f}% or more")


def has_witnesses(own: Instrument) -> bool:
    """Whether so many tickers tell how a liquid one moved that its close is held against them, whatever its size."""
    return own.liquid and len(_witnesses(own)) >= FEWEST_WITNESSES


def diverges(own: Instrument, before_day: int, day: int, claimed: float, view: View) -> bool:
    """Whether a claimed return is none that any of two or more tickers made which move with it."""
    within = AGREES_WITHIN if own.twins else EQUAL_WEIGHTS_STRAY
    moves = [
        moved
        for name in _witnesses(own)
        if name not in view.doubted and (moved := view.move(name, before_day, day)) is not None
    ]
    return len(moves) >= FEWEST_WITNESSES and all(abs(moved - claimed) > within for moved in moves)


def _witnesses(own: Instrument) -> tuple[str, ...]:
    """The twins of a ticker; for a fund of equal weights the market: its members are asked for after it."""
    equal = own.basket is not None and own.basket.likeness is Likeness.MEAN
    return own.twins or (MARKET if equal else ())


def has_caught_up(own: Instrument, missed: float, day: int, next_day: int, moved: float, view: View) -> bool:
    """Whether a session made up for more than half of the move that was missed the session before.

    Then the close of that session was not its own. `moved`: the return of the ticker since.
    """
    usual = reference(own, day, next_day, view)
    return usual is not None and (moved - usual.move) / missed > CAUGHT_UP


def _of_standing_still(
    own: Instrument, before_day: int, day: int, claimed: float, view: View
) -> tuple[Corroboration, str]:
    usual = reference(own, before_day, day, view)
    if usual is None:
        return Corroboration.SILENT, ""
    return _corroboration(abs(usual.move - claimed) < usual.still), usual.words


def _moved(who: str, moved: float) -> str:
    return f"{who} moved by {100 * moved:+.2f}%"


def _of_basket(basket: Basket, before_day: int, day: int, claimed: float, view: View) -> tuple[Corroboration, str]:
    moves = view.moves(_tickers(basket, view), before_day, day)
    if moves is None:
        return Corroboration.SILENT, ""
    if basket.likeness is Likeness.MEAN:
        mean = float(moves.mean())
        return _corroboration(abs(mean - claimed) <= AGREES_WITHIN), _moved("the mean of its members", mean)
    low, high = map(float, np.quantile(moves, ENDS))
    inside = low - AGREES_WITHIN <= claimed <= high + AGREES_WITHIN
    return _corroboration(inside), f"most of its members moved by {100 * low:+.1f} to {100 * high:+.1f}%"


def _corroboration(agrees: bool) -> Corroboration:
    return Corroboration.AGREE if agrees else Corroboration.DISAGREE


def _tickers(basket: Basket, view: View) -> list[str]:
    if basket.tickers:
        return list(basket.tickers)
    return [
        ticker
        for ticker, member in view.members.items()
        if (basket.group and basket.group in member.groups)
        or (basket.sector and basket.sector == member.sector and "sp500" in member.groups)
    ]


def _of_market(own: Instrument, before_day: int, day: int, claimed: float, view: View) -> tuple[Corroboration, str]:
    """A move on a day on which the market makes one of the same kind, and the sector of a member too."""
    market = next((value for name in MARKET if (value := view.move(name, before_day, day)) is not None), None)
    if market is None or abs(market) < CRASH or market * claimed < 0 or own.ticker in MARKET:
        return Corroboration.SILENT, ""
    words = f"the market moved by {100 * market:+.1f}%"
    member = view.members.get(own.ticker)
    if member is None:
        return (Corroboration.AGREE, words) if abs(claimed) <= FUND_PART * abs(market) else (Corroboration.SILENT, "")
    others = [
        value
        for name, other in view.members.items()
        if other.sector == member.sector and name != own.ticker
        if (value := view.move(name, before_day, day)) is not None
    ]
    if len(others) < FEWEST_OF_A_SECTOR:
        return Corroboration.SILENT, ""
    sector = float(np.median(others))
    if sector * claimed > 0 and abs(sector) >= SECTOR_PART * abs(claimed):
        return Corroboration.AGREE, f"{words} and its sector by {100 * sector:+.1f}%"
    return Corroboration.SILENT, ""
