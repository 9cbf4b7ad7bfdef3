"""Price over expected earnings, from daily snapshots.

For companies it is price over the mean estimate of next fiscal year's earnings, both of one snapshot.
The fund of small companies has a figure of its own, which its data vendor computes from its holdings.
"""

from __future__ import annotations

import numpy as np

from signals.asof import watched_names
from signals.asof.estimates import Snapshots, enough, snapshots
from signals.asof.series import STALE_SESSIONS
from signals.core.define import Formula, define
from signals.core.model import Signal
from signals.core.panel import Panel
from signals.core.rolling import Floats, median_of_rows
from signals.core.series_ops import SeriesResult, difference
from signals.core.units import Unit

LOWEST, HIGHEST = 3.0, 200.0
"""Limits to which a price over earnings is clipped before medians."""


def megacap(panel: Panel) -> SeriesResult:
    """Harmonic mean of the seven, each counting alike: 7 over the sum of their earnings per dollar
    of price, turns.

    Needs all seven. An expected loss counts as negative earnings; when they come to no profit
    together there is no value.
    """
    estimates = snapshots(panel, watched_names.SEVEN)
    cheapness = _cheapness(estimates)
    total = cheapness.sum(axis=1)
    values = np.full(panel.count, np.nan)
    values[total > 0] = len(watched_names.SEVEN) / total[total > 0]

    def why(position: int) -> str | None:
        if not np.isnan(values[position]):
            return None
        unknown = [
            ticker
            for ticker, earnings in zip(watched_names.SEVEN, cheapness[position], strict=True)
            if np.isnan(earnings)
        ]
        if unknown:
            missing = f"no estimate of {', '.join(unknown)} of the last {STALE_SESSIONS} sessions"
            return estimates.too_early(position) or f"{missing}; {estimates.since()}"
        return "the seven together are expected to earn nothing"

    return SeriesResult(values, why, estimates.newest)


def small(panel: Panel) -> SeriesResult:
    """Price over earnings of IWM as its vendor shows it, turns."""
    estimates = snapshots(panel, (watched_names.FUND,))
    values = estimates.column("forward_pe")[:, 0]

    def why(position: int) -> str | None:
        if not np.isnan(values[position]):
            return None
        missing = f"no price over earnings of {watched_names.FUND} of the last {STALE_SESSIONS} sessions"
        return estimates.too_early(position) or f"{missing}; {estimates.since()}"

    return SeriesResult(values, why, estimates.newest)


def gap(panel: Panel) -> SeriesResult:
    """The seven less IWM, turns."""
    return difference(megacap(panel), small(panel))


def ai(panel: Panel) -> SeriesResult:
    """Median price over next fiscal year's expected earnings, companies of AI, turns."""
    return _median(panel, watched_names.AI)


def other_tech(panel: Panel) -> SeriesResult:
    """Median price over next fiscal year's expected earnings, watched names of technology that are
    not companies of AI, turns.
    """
    return _median(
        panel, tuple(name for name in watched_names.within(panel.market, "tech") if name not in watched_names.AI)
    )


def ai_gap(panel: Panel) -> SeriesResult:
    """Companies of AI less other large technology, turns."""
    return difference(ai(panel), other_tech(panel))


def _median(panel: Panel, tickers: tuple[str, ...]) -> SeriesResult:
    """Median over expected profits only.

    A company that is expected to make a loss counts as known but is left out, and a note counts
    such companies.
    """
    estimates = snapshots(panel, tickers)
    cheapness = _cheapness(estimates)
    have, gains = ~np.isnan(cheapness), cheapness > 0
    turns = np.full(cheapness.shape, np.nan)
    turns[gains] = np.clip(1 / cheapness[gains], LOWEST, HIGHEST)
    with_estimate, counted = (part.sum(axis=1).astype(np.int64) for part in (have, gains))
    fit = enough(with_estimate, len(tickers)) & (counted > 0)
    values = np.where(fit, median_of_rows(turns), np.nan)

    def why(position: int) -> str | None:
        if fit[position]:
            return None
        few = estimates.too_few(int(with_estimate[position]), len(tickers), position, have="have a known estimate")
        return few or "none of them is expected to make a profit"

    def notes(position: int) -> tuple[str, ...]:
        losses = int(with_estimate[position] - counted[position])
        return (
            (f"{losses} of {with_estimate[position]} left out, losses are expected",)
            if losses and fit[position]
            else ()
        )

    return SeriesResult(values, why, estimates.newest, counted, np.full(panel.count, len(tickers)), notes)


def _cheapness(estimates: Snapshots) -> Floats:
    """Expected earnings per dollar of price, negative for losses, NaN where either is unknown."""
    prices = estimates.column("price")
    result: Floats = estimates.column("eps_next_year") / np.where(prices > 0, prices, np.nan)
    return result


def _valued(name: str, label: str, formula: Formula, meaning: str, *others: str) -> Signal:
    return define(
        f"valuation.{name}",
        label,
        unit=Unit.TURNS,
        meaning=meaning,
        inputs=("records:estimates", *others),
        formula=formula,
        max_age=STALE_SESSIONS,
    )


SIGNALS: tuple[Signal, ...] = (
    _valued(
        *("forward_pe_megacap", "Forward P/E, Mag 7", megacap),
        "What the Mag 7 cost per dollar of next fiscal year's expected earnings; over 35 has been rich, under 22 cheap.",
    ),
    _valued(
        *("forward_pe_small", "P/E, small caps", small),
        "What the companies of IWM cost per dollar of earnings by the data vendor's count, which leaves out losses.",
    ),
    _valued(
        *("forward_pe_gap", "P/E, Mag 7 vs. small caps", gap),
        "Forward P/E of the Mag 7 less the vendor's P/E of small companies; shrinks from highs in rotations.",
    ),
    _valued(
        *("ai_pe", "Forward P/E, AI companies", ai),
        "Median price over next year's expected earnings of fifteen companies that live on AI; far over other tech in booms.",
    ),
    _valued(
        *("tech_pe", "Forward P/E, other tech", other_tech),
        "Median price over next year's expected earnings of large tech outside AI; what AI's price is held against.",
        "group:tech",
    ),
    _valued(
        *("ai_gap", "Forward P/E, AI vs. other tech", ai_gap),
        "How much more a dollar of earnings costs at AI companies than at other large tech; wide in booms of AI.",
        "group:tech",
    ),
)
