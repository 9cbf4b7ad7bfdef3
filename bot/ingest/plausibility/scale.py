"""Scale: an answer whose older closes all differ from the stored ones by one factor. Pure."""

from __future__ import annotations

import numpy as np

from bot.archive.bar_history import EMPTY, BarHistory
from bot.archive.ordinary_moves import SMALL
from bot.archive.price_merge import rescaling, scaled
from bot.archive.splits import explained
from bot.domain.doubt import DoubtRule, DoubtState
from bot.ingest.plausibility import jumps
from bot.ingest.plausibility.ticker_answer import ClosesDoubt, TickerAnswer, TickerVerdict, new_rows
from bot.ingest.plausibility.twins import Corroboration, View, corroborate

FEWEST = 3
"""Common rows that must differ by one factor before the whole answer counts as rescaled."""
TOLERANCE = 1e-3


def stored_on_it(part: TickerAnswer, off: frozenset[DoubtRule]) -> BarHistory | None:
    """The stored rows on the scale of the answer; None when that scale itself is doubted."""
    stored, rows = part.stored, part.rows
    if not len(stored.days):
        return EMPTY
    factor, until = rescaling(stored, rows, part.splits)
    if factor != 1.0 and explained(factor, [split for _, split in part.splits]):
        return scaled(stored, factor, until)
    common = np.isin(stored.days, rows.days)
    if common.sum() >= FEWEST:
        ratios = rows.closes[np.isin(rows.days, stored.days)] / stored.closes[common]
        middle = float(np.median(ratios))
        # All common rows, or all but the newest: a split that the source enters late leaves that one.
        if (np.abs(ratios[:-1] / middle - 1) <= TOLERANCE).all() and _is_doubtful_scale(middle, off):
            return None
    return scaled(stored, factor, until) if factor != 1.0 else stored


def _is_doubtful_scale(factor: float, off: frozenset[DoubtRule]) -> bool:
    return _scale_rule(factor) not in (None, *off)


def _scale_rule(factor: float) -> DoubtRule | None:
    if factor <= 0 or jumps.is_unit_error(factor):
        return DoubtRule.UNIT
    if jumps.is_split_ratio(factor):
        return DoubtRule.RATIO
    return DoubtRule.BAND if abs(factor - 1) > SMALL else None


def judge(part: TickerAnswer, view: View) -> TickerVerdict:
    """An answer whose older closes all differ from the stored ones by one factor that nothing explains.

    Its rows are believed together or not at all: on the operator's word, or when a second session
    has come on the new scale and no twin says otherwise.
    """
    rows, stored = part.rows, part.stored
    fresh = new_rows(part)
    at = fresh[0] if fresh else len(rows.days) - 1
    day, close = int(rows.days[at]), float(rows.closes[at])
    position = int(np.searchsorted(stored.days, day))
    before_day, before = int(stored.days[position - 1]), float(stored.closes[position - 1])
    middle = float(
        np.median(rows.closes[np.isin(rows.days, stored.days)] / stored.closes[np.isin(stored.days, rows.days)])
    )
    rule = _scale_rule(middle) or DoubtRule.BAND
    words = f"all its closes are {middle:.4g} times the stored ones, and the source reports no split"
    decided = part.decided.get(day)
    accepted = decided is not None and decided.state is DoubtState.ACCEPTED and decided.is_about(close)
    corroboration, _ = corroborate(part.instrument, rule, before_day, day, jumps.move(before, close), view)
    followed = (
        len(fresh) > 1 and corroboration is not Corroboration.DISAGREE and not jumps.is_never_believed(before, close)
    )
    if accepted or followed:
        evidence = "the operator accepted it" if accepted else "a second session came on the new scale"
        return TickerVerdict(np.ones(len(rows.days), dtype=bool), evidence={day: evidence})
    rejected = decided is not None and decided.state is DoubtState.REJECTED and decided.is_about(close)
    state = DoubtState.REJECTED if rejected else DoubtState.OPEN
    problem = ClosesDoubt(at, rule, before_day, before, state, words, correction=not fresh)
    return TickerVerdict(np.zeros(len(rows.days), dtype=bool), [problem])
