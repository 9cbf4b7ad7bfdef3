"""Closes: which bars of one ticker's answer are believed, given what the archive has of it. Pure.

Rows are judged oldest first, each against the last close that is believed: after a doubted bar the
next one is held against the bar before it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.archive.bar_history import BarHistory
from bot.archive.ordinary_moves import SMALL, WINDOW
from bot.domain.doubt import DoubtRule, DoubtState
from bot.ingest.plausibility import jumps, scale, staleness
from bot.ingest.plausibility.ticker_answer import Baseline, ClosesDoubt, TickerAnswer, TickerVerdict, new_rows
from bot.ingest.plausibility.twins import (
    AGREES_WITHIN,
    Corroboration,
    View,
    corroborate,
    diverges,
    has_caught_up,
    has_witnesses,
    reference,
)
from signals.core.instruments import InstrumentKind

OF_LIKE = (DoubtRule.UNCHANGED, DoubtRule.DIVERGED)
"""Rules about moves of any size, which others that move alike tell: sizes decide nothing there."""


def needs_judging(part: TickerAnswer, off: frozenset[DoubtRule], no_answer: frozenset[int]) -> bool:
    """Whether any rule may doubt a row: the quick way past most answers.

    It holds every step of the rows, joined to the stored ones, against the smallest move that is
    ever doubted.
    """
    rows, stored = part.rows, part.stored
    if part.decided or (no_answer and not no_answer.isdisjoint(rows.days.tolist())):
        return True
    smallest = AGREES_WITHIN if has_witnesses(part.instrument) else SMALL
    if smallest < SMALL and new_rows(part):
        return True
    closes = rows.closes
    at = int(np.searchsorted(stored.days, rows.days[0])) if len(stored.days) else 0
    if at:
        closes = np.concatenate([stored.closes[at - 1 : at], closes])
    if len(closes) > 1 and not (np.abs(np.diff(closes)) <= SMALL * np.abs(closes[:-1])).all():
        return True
    if len(stored.days):
        places = np.searchsorted(stored.days, rows.days)
        common = (places < len(stored.days)) & (stored.days[np.minimum(places, len(stored.days) - 1)] == rows.days)
        old, new = stored.closes[places[common]], rows.closes[common]
        if not (np.abs(new - old) <= smallest * np.abs(old)).all():
            return True
    return any(_is_stale(part, at, _before(part, at), off, no_answer) is not None for at in new_rows(part))


def judge(
    part: TickerAnswer,
    view: View,
    off: frozenset[DoubtRule] = frozenset(),
    no_answer: frozenset[int] = frozenset(),
) -> TickerVerdict:
    """Judge every row.

    Args:
        part: The answer of one ticker.
        view: What other tickers did.
        off: Rules that are switched off.
        no_answer: Ordinal days on which the whole answer repeats the session before.
    """
    stored = scale.stored_on_it(part, off)
    if stored is None:
        return scale.judge(part, view)
    return _Judge(part, view, off, no_answer, stored).verdict()


class _Judge:
    """The rows of one answer, judged in order."""

    def __init__(
        self,
        part: TickerAnswer,
        view: View,
        off: frozenset[DoubtRule],
        no_answer: frozenset[int],
        stored: BarHistory,
    ) -> None:
        self._part, self._view, self._off, self._no_answer = part, view, off, no_answer
        self._days, self._closes = part.rows.days.tolist(), part.rows.closes.tolist()
        self._stored = dict(zip(stored.days.tolist(), stored.closes.tolist(), strict=True))
        self._believed = Baseline(stored.days.tolist(), stored.closes.tolist())
        self._newest = int(stored.days[-1]) if len(stored.days) else None
        self._future = part.instrument.kind is InstrumentKind.FUTURE
        self._result = TickerVerdict(np.ones(len(self._days), dtype=bool))

    def verdict(self) -> TickerVerdict:
        """Judge all rows."""
        for at, (day, close) in enumerate(zip(self._days, self._closes, strict=True)):
            problem = self._correction(at, day, close) if day in self._stored else self._new(at, day, close)
            if problem is None:
                self._believed.add(day, close)
            else:
                self._result.believed[at] = False
                self._result.doubts.append(problem)
        return self._result

    def _correction(self, at: int, day: int, close: float) -> ClosesDoubt | None:
        old = self._stored[day]
        position = self._believed.before(day)
        earlier = self._believed.closes[:position]
        rule = jumps.doubt(old, close, earlier, self._factors(day), self._off)
        if rule is None and abs(close - old) > AGREES_WITHIN * abs(old) and self._diverges(day, close):
            rule = DoubtRule.DIVERGED
        if rule is None or self._is_decided(day, close, DoubtState.ACCEPTED):
            return None
        if position and not jumps.is_never_believed(old, close):
            before_day, before = self._believed.days[position - 1], earlier[-1]
            corroboration, words = corroborate(
                self._part.instrument, rule, before_day, day, jumps.move(before, close), self._view
            )
            if corroboration is Corroboration.AGREE:
                self._result.evidence[day] = words
                return None
        return ClosesDoubt(
            at,
            rule,
            day,
            old,
            self._still_open(day, close),
            f"the stored close of that day is {old:g}",
            correction=True,
        )

    def _new(self, at: int, day: int, close: float) -> ClosesDoubt | None:
        position = self._believed.before(day)
        if not position:
            return None
        before_day, before = self._believed.days[position - 1], self._believed.closes[position - 1]
        earlier = self._believed.closes[max(0, position - WINDOW - 1) : position]
        rule = None
        if self._newest is not None and day > self._newest:
            rule = _is_stale(self._part, at, before, self._off, self._no_answer)
        rule = rule or jumps.doubt(before, close, earlier, self._factors(day, before_day), self._off)
        if rule is None and self._newest is not None and day > self._newest and self._diverges(day, close):
            rule = DoubtRule.DIVERGED
        if rule is None or self._is_decided(day, close, DoubtState.ACCEPTED):
            return None
        following = self._following(at)
        claimed = jumps.move(before, close)
        if rule in OF_LIKE:
            # Unchanged on an ex-dividend day is a return of the distribution; its twin has to have made it too.
            claimed = self._return(before_day, before, day, close)
        corroboration, words = corroborate(self._part.instrument, rule, before_day, day, claimed, self._view)
        evidence = self._evidence(rule, day, before, close, following, corroboration, words, claimed)
        if evidence is not None:
            self._result.evidence[day] = evidence
            return None
        return ClosesDoubt(at, rule, before_day, before, self._state(rule, day, before, close, following), words)

    def _evidence(
        self,
        rule: DoubtRule,
        day: int,
        before: float,
        close: float,
        following: tuple[int, float] | None,
        corroboration: Corroboration,
        words: str,
        claimed: float,
    ) -> str | None:
        """What makes a doubted bar credible, or None."""
        if rule is not DoubtRule.UNCHANGED and jumps.is_never_believed(before, close):
            return None
        if rule is DoubtRule.NO_ANSWER and day in self._no_answer:
            return None
        if corroboration is Corroboration.AGREE:
            return words
        decided = self._part.decided.get(day)
        if decided is not None and decided.source != self._part.source and decided.is_about(close):
            return f"{decided.source} gives the same close"
        if following is None:
            return None
        if rule in OF_LIKE:
            return None if self._is_caught_up(day, close, claimed, following) else self._words(following)
        if corroboration is Corroboration.DISAGREE:
            return None
        there = rule is DoubtRule.NO_ANSWER or jumps.trades_there(before, close, following[1], future=self._future)
        return self._words(following) if there else None

    def _words(self, following: tuple[int, float]) -> str:
        return f"the next session closed at {following[1]:g}"

    def _diverges(self, day: int, close: float) -> bool:
        """Whether a close is none to which any ticker moved that moves with this one.

        It is held against the two closes before it, since the newest may itself be the one that was
        wrong, and with what was paid as well as without it, since that may be wrong.
        """
        own, position = self._part.instrument, self._believed.before(day)
        bases = [(self._believed.days[at], self._believed.closes[at]) for at in range(max(0, position - 2), position)]
        if DoubtRule.DIVERGED in self._off or not has_witnesses(own):
            return False
        return bool(bases) and all(
            diverges(own, base, day, claimed, self._view)
            for base, before in bases
            for claimed in (jumps.move(before, close), self._return(base, before, day, close))
        )

    def _return(self, before_day: int, before: float, day: int, close: float) -> float:
        """The return between two days, with what the source reports as paid in between."""
        paid = sum(amount for when, amount in self._part.distributions.items() if before_day < when <= day)
        return jumps.move(before, close) + paid / before

    def _is_caught_up(self, day: int, close: float, claimed: float, following: tuple[int, float]) -> bool:
        """Whether the next session made up for what a ticker's like moved and it did not."""
        own, before_day = self._part.instrument, self._believed.days[self._believed.before(day) - 1]
        missed = reference(own, before_day, day, self._view)
        moved = jumps.move(close, following[1])
        return missed is not None and has_caught_up(own, missed.move - claimed, day, following[0], moved, self._view)

    def _state(
        self, rule: DoubtRule, day: int, before: float, close: float, following: tuple[int, float] | None
    ) -> DoubtState:
        if following is None:
            return self._still_open(day, close)
        there = rule not in OF_LIKE and jumps.trades_there(before, close, following[1], future=self._future)
        return self._still_open(day, close) if there else DoubtState.REFUTED

    def _still_open(self, day: int, close: float) -> DoubtState:
        """OPEN, but for a figure that the operator has rejected or the next session refuted."""
        decided = self._part.decided.get(day)
        if decided is None or not decided.is_about(close):
            return DoubtState.OPEN
        return decided.state if decided.state in (DoubtState.REJECTED, DoubtState.REFUTED) else DoubtState.OPEN

    def _is_decided(self, day: int, close: float, state: DoubtState) -> bool:
        decided = self._part.decided.get(day)
        return decided is not None and decided.state is state and decided.is_about(close)

    def _following(self, at: int) -> tuple[int, float] | None:
        """Day and close of the session after a row: of the answer, else of the archive."""
        if at + 1 < len(self._closes):
            return self._days[at + 1], self._closes[at + 1]
        position = self._believed.before(self._days[at])
        if position == len(self._believed.closes):
            return None
        return self._believed.days[position], self._believed.closes[position]

    def _factors(self, day: int, after: int = 0) -> list[float]:
        return [factor for when, factor in self._part.splits if after < when <= day or after == 0]


def _before(part: TickerAnswer, at: int) -> float:
    """The close before a row, of the answer or of the archive."""
    if at:
        return float(part.rows.closes[at - 1])
    position = int(np.searchsorted(part.stored.days, part.rows.days[0]))
    return float(part.stored.closes[position - 1]) if position else float("nan")


def _is_stale(
    part: TickerAnswer, at: int, before: float, off: frozenset[DoubtRule], no_answer: frozenset[int]
) -> DoubtRule | None:
    close = float(part.rows.closes[at])
    if (
        part.instrument.kind is not InstrumentKind.FUTURE
        and DoubtRule.NO_ANSWER not in off
        and staleness.is_unchanged(before, close)
    ):
        traded = part.volumes is None or part.volumes[at] > 0
        if not traded or int(part.rows.days[at]) in no_answer:
            return DoubtRule.NO_ANSWER
    if DoubtRule.UNCHANGED in off or not staleness.moves_every_session(part.instrument, len(part.stored.days)):
        return None
    return DoubtRule.UNCHANGED if staleness.is_unchanged_to_the_cent(before, close) else None


def unchanged_by_day(parts: Sequence[TickerAnswer]) -> dict[int, dict[str, bool]]:
    """Ordinal day -> ticker -> whether its new close of that day repeats the one before; futures left out."""
    result: dict[int, dict[str, bool]] = {}
    for part in parts:
        if part.instrument.kind is InstrumentKind.FUTURE:
            continue
        for at in new_rows(part):
            repeats = staleness.is_unchanged(_before(part, at), float(part.rows.closes[at]))
            result.setdefault(int(part.rows.days[at]), {})[part.instrument.ticker] = repeats
    return result
