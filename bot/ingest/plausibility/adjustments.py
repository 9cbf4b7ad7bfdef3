"""Adjusted closes against raw ones: their ratio changes on days with an action alone, by what it says. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from bot.archive.bar_history import BarHistory
from bot.archive.date_encoding import Floats
from bot.domain.doubt import Doubt, DoubtKind, DoubtRule, DoubtState
from bot.ingest.plausibility.sentences import on
from bot.ingest.plausibility.ticker_answer import TickerAnswer

LARGEST = 0.15
"""A distribution of more than this part of the close is believed only if the price fell by it."""
ORDINARY = 0.08
"""An adjusted move up to this size is what is left when the price fell by the distribution."""
ANSWERED_DAYS = 30
"""What is said of a day that lies further back is told once."""
TOLERANCE = 1e-3
"""Of the change of the ratio: sources round adjusted closes."""

Dividend = tuple[int, float]
"""(ordinal day, amount a share)"""


@dataclass(frozen=True, slots=True)
class RatioChange:
    """A change of the ratio of adjusted to raw closes that no action explains.

    `day`: ordinal of the session on which it changes. `change`: older ratio over newer one.
    `expected`: what the actions say, 1 without one. `dividend`: one that is too large to believe.
    """

    day: int
    change: float
    expected: float
    dividend: float | None = None
    close: float = float("nan")


def judge(
    part: TickerAnswer, rows: BarHistory, dividends: Sequence[Dividend], earlier: Iterable[Doubt]
) -> tuple[BarHistory, list[Doubt]]:
    """The rows with adjusted closes that are believed, and doubts as they are now.

    Args:
        part: The answer of one ticker.
        rows: Those of its rows that are believed.
        dividends: As the source reports them.
        earlier: What was doubted of the ticker before.
    """
    if not (rows.closes > 0).all():
        return rows, []
    rows = _completed(part.stored, rows, dividends)
    adjustment = finding(rows, dividends)
    own = [doubt for doubt in earlier if doubt.kind is DoubtKind.ADJUSTED]
    if adjustment is None:
        evidence = "the source's adjusted closes follow from its distributions by now"
        decided = [doubt for doubt in own if doubt.state is DoubtState.OPEN]
        return rows, [replace(doubt, state=DoubtState.REPLACED, evidence=evidence) for doubt in decided]
    day = date.fromordinal(adjustment.day)
    before = next((doubt for doubt in own if doubt.day == day), None)
    state, evidence = DoubtState.OPEN, ""
    if before is not None and abs(before.value - adjustment.change) <= TOLERANCE:
        if before.state is DoubtState.ACCEPTED:
            return rows, []
        # A whole history comes each month, and answers of a few days between say nothing of years ago.
        if before.state is DoubtState.REJECTED or int(rows.days[-1]) - adjustment.day > ANSWERED_DAYS:
            state, evidence = before.state, before.evidence
    reason = _reason(adjustment)
    ticker = part.instrument.ticker
    doubt = Doubt(
        DoubtKind.ADJUSTED,
        ticker,
        day,
        DoubtRule.ADJUSTED,
        adjustment.change,
        reason,
        part.source,
        adjustment.expected,
        state=state,
        evidence=evidence,
    )
    return remade(rows, dividends, _newest_ratio(part.stored, rows)), [doubt]


def _newest_ratio(stored: BarHistory, rows: BarHistory) -> float:
    """Adjusted over raw close of the newest row: 1, or that of the archive where it goes on after it."""
    last = rows.days[-1]
    if not len(stored.days) or stored.days[-1] <= last:
        return 1.0
    at = int(np.searchsorted(stored.days, last, side="right")) - 1
    ratio = float(stored.adj[at] / stored.closes[at]) if at >= 0 else 1.0
    return ratio if ratio == ratio else 1.0


def finding(rows: BarHistory, dividends: Iterable[Dividend]) -> RatioChange | None:
    """The largest unexplained change of the ratio of adjusted to raw closes, or None.

    Rows without a positive close and adjusted close are passed over.
    """
    usable = rows.where(_positive(rows))
    if len(usable.days) < 2:
        return None
    ratios = usable.adj / usable.closes
    changes = ratios[:-1] / ratios[1:]
    expected, refused = _expected(usable, dividends)
    errors = np.abs(changes / expected - 1)
    at = int(errors.argmax())
    if errors[at] <= TOLERANCE:
        return None
    day = int(usable.days[at + 1])
    return RatioChange(day, float(changes[at]), float(expected[at]), refused.get(at), float(usable.closes[at]))


def remade(rows: BarHistory, dividends: Iterable[Dividend], newest_ratio: float = 1.0) -> BarHistory:
    """The rows with adjusted closes made of raw closes and credible distributions.

    `newest_ratio`: adjusted over raw close of the last row, below 1 where stored rows follow it.
    """
    expected, _ = _expected(rows, dividends)
    ratios = np.ones(len(rows.days))
    ratios[:-1] = np.cumprod(expected[::-1])[::-1]
    return BarHistory(rows.days, rows.closes, rows.closes * ratios * newest_ratio)


def _completed(stored: BarHistory, rows: BarHistory, dividends: Iterable[Dividend]) -> BarHistory:
    """The rows with adjusted closes made for those that have none, where others of the answer have one.

    A bar without one is no gap, so it would not be asked for again before the next session.
    """
    absent = np.isnan(rows.adj)
    if not absent.any() or absent.all():
        return rows
    made = remade(rows, dividends, _newest_ratio(stored, rows))
    return BarHistory(rows.days, rows.closes, np.where(absent, made.adj, rows.adj))


def _reason(finding: RatioChange) -> str:
    """Why adjusted closes are not believed, and what is used instead."""
    day = on(date.fromordinal(finding.day))
    if finding.dividend is not None:
        share = 100 * finding.dividend / finding.close
        reason = (
            f"its distribution of ${finding.dividend:g} of {day} is {share:.0f}% of the close, more than "
            f"{100 * LARGEST:.0f}%, and the price did not fall by it"
        )
    else:
        size = 100 * (finding.change / finding.expected - 1)
        reason = f"its adjusted closes change by {size:+.2f}% on {day}, which no distribution or split explains"
    return f"{reason}; they are made from its closes and distributions instead"


def _expected(rows: BarHistory, dividends: Iterable[Dividend]) -> tuple[Floats, dict[int, float]]:
    """The change before each row but the first that the actions say, and distributions not believed."""
    expected, refused = np.ones(max(len(rows.days) - 1, 0)), {}
    for day, amount in dividends:
        at = int(np.searchsorted(rows.days, day)) - 1
        if amount <= 0 or not 0 <= at < len(expected) or rows.closes[at] <= 0:
            continue
        if is_credible(amount, float(rows.closes[at]), float(rows.closes[at + 1])):
            expected[at] *= 1 - amount / rows.closes[at]
        else:
            refused[at] = amount
    return expected, refused


def is_credible(amount: float, before: float, close: float) -> bool:
    """Whether a distribution between two closes is small, or what the price fell by."""
    return amount <= LARGEST * before or (amount < before and abs((close + amount) / before - 1) <= ORDINARY)


def _positive(rows: BarHistory) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    mask: np.ndarray[tuple[int], np.dtype[np.bool_]] = (rows.closes > 0) & (rows.adj > 0)
    return mask
