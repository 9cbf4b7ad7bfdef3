"""Breadth: shares of members above averages, advancers and decliners, highs and lows.

All on C of the members of a group. A session on which fewer than 90 % of the listed members are
counted has no value: it is withheld, it is left out of the recursive means (which keep their value),
and a mean over 21 sessions that contains it is withheld.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from signals.asof import index_members
from signals.asof.index_members import MemberCounts
from signals.core.decimals import comparable
from signals.core.define import by_z, define, levels
from signals.core.model import Signal, Vote
from signals.core.panel import Panel, Positions
from signals.core.rolling import Floats, ema, window_mean
from signals.core.series_ops import SeriesResult, Why
from signals.core.units import Unit

SLOPE = 21
THRUST_HIGH, THRUST_LOW, THRUST_END, THRUST_SESSIONS = 0.615, 0.40, 0.50, 10


def above_average(panel: Panel, *, group: str, window: int) -> SeriesResult:
    """Percent of the counted members with C above the mean of their last `window` C, today included."""
    counts = index_members.against_average(panel, group, window)
    return _result(counts, _share(counts.up, counts.counted))


def advance_decline(panel: Panel, *, group: str) -> SeriesResult:
    """advancers / max(decliners, 1)."""
    counts = index_members.changes(panel, group)
    return _result(counts, counts.up / np.maximum(counts.down, 1))


def slope(panel: Panel, *, group: str) -> SeriesResult:
    """Mean over 21 sessions of advancers - decliners, in issues a day; every one of the 21 must be
    covered.
    """
    counts = index_members.changes(panel, group)
    net = np.where(counts.covered, (counts.up - counts.down).astype(np.float64), np.nan)
    values = window_mean(net, SLOPE)

    def why(position: int) -> str | None:
        if not np.isnan(values[position]):
            return None
        # The first session of all has no session before it, hence no change.
        if position < SLOPE:
            return panel.too_short(SLOPE + 1, position) or counts.why(position)
        gaps = np.flatnonzero(np.isnan(net[position - SLOPE + 1 : position + 1])) + position - SLOPE + 1
        newest = int(gaps[-1])
        reason = counts.why(newest)
        return reason if newest == position else f"no advances and declines on {panel.day(newest)}: {reason}"

    return _result(counts, values, why=why)


def new_highs(panel: Panel, *, group: str) -> SeriesResult:
    """Members with C equal to the highest C of 252 sessions including today."""
    counts = index_members.extremes(panel, group)
    return _result(counts, counts.up.astype(np.float64))


def new_lows(panel: Panel, *, group: str) -> SeriesResult:
    """Members with C equal to the lowest C of 252 sessions including today."""
    counts = index_members.extremes(panel, group)
    return _result(counts, counts.down.astype(np.float64))


def high_low(panel: Panel, *, group: str) -> SeriesResult:
    """100 (new highs - new lows) / counted members."""
    counts = index_members.extremes(panel, group)
    return _result(counts, _share(counts.up - counts.down, counts.counted))


def mcclellan(panel: Panel, *, group: str) -> SeriesResult:
    """EMA(alpha 0.10) - EMA(alpha 0.05) of RANA = 1000 (adv - dec)/(adv + dec)."""
    counts, fast, slow = _mcclellan_means(panel, group)
    return _result(counts, fast - slow)


def mcclellan_sum(panel: Panel, *, group: str) -> SeriesResult:
    """1000 + mcclellan - (10 ema10% - 20 ema5%): the running sum of the oscillator up to a constant."""
    counts, fast, slow = _mcclellan_means(panel, group)
    return _result(counts, 1000.0 + (fast - slow) - (10.0 * fast - 20.0 * slow))


def _mcclellan_means(panel: Panel, group: str) -> tuple[MemberCounts, Floats, Floats]:
    counts = index_members.changes(panel, group)
    moved = counts.up + counts.down
    balance = np.where(moved > 0, 1000.0 * (counts.up - counts.down) / np.maximum(moved, 1), 0.0)
    rana = np.where(counts.covered, balance, np.nan)
    return counts, *panel.once(("mcclellan", group), lambda: (ema(rana, 0.10), ema(rana, 0.05)))


def thrust(panel: Panel, *, group: str) -> SeriesResult:
    """EMA(alpha 2/11) of adv/(adv + dec)."""
    counts, mean = _thrust_mean(panel, group)
    return _result(counts, mean)


def _thrust_mean(panel: Panel, group: str) -> tuple[MemberCounts, Floats]:
    """The recursive mean on every session; on sessions without a value it keeps the one before."""
    counts = index_members.changes(panel, group)
    moved = counts.up + counts.down
    share = np.where(moved > 0, counts.up / np.maximum(moved, 1), 0.5)
    return counts, panel.once(("thrust", group), lambda: ema(np.where(counts.covered, share, np.nan), 2 / 11))


def thrust_signal(panel: Panel, *, group: str) -> SeriesResult:
    """1 on the first session with thrust > 0.615 if it was < 0.40 on one of the 10 sessions before, then
    none until thrust has been < 0.50 again; else 0.

    On sessions without a value the thrust keeps the one before, and nothing fires.
    """
    counts, mean = _thrust_mean(panel, group)
    mean = comparable(mean)
    padded = np.concatenate([np.full(THRUST_SESSIONS, np.nan), mean])
    recent = np.lib.stride_tricks.sliding_window_view(padded, THRUST_SESSIONS)[: len(mean)]
    reached = counts.covered & (mean > THRUST_HIGH) & (recent < THRUST_LOW).any(axis=1)
    fired = np.zeros(len(mean))
    ended = np.flatnonzero(mean < THRUST_END)
    position = 0
    for candidate in np.flatnonzero(reached).tolist():
        if candidate < position:
            continue
        fired[candidate] = 1.0
        following = int(np.searchsorted(ended, candidate))
        position = int(ended[following]) if following < len(ended) else len(mean)
    return _result(counts, fired)


def rest_minus_tech(panel: Panel, *, window: int) -> SeriesResult:
    """Percent above their `window`-session average among sp500 outside tech, minus that among tech;
    each covered by itself.
    """
    others, tech = (index_members.against_average(panel, group, window) for group in (index_members.REST, "tech"))
    values = np.where(
        others.covered & tech.covered, _share(others.up, others.counted) - _share(tech.up, tech.counted), np.nan
    )
    return SeriesResult(
        values,
        lambda position: others.why(position) or tech.why(position),
        counted=others.counted + tech.counted,
        listed=others.listed + tech.listed,
    )


def _share(part: Positions, counted: Positions) -> Floats:
    return 100.0 * part / np.maximum(counted, 1)


def _result(counts: MemberCounts, values: Floats, *, why: Why | None = None) -> SeriesResult:
    return SeriesResult(
        np.where(counts.covered, values, np.nan),
        counts.why if why is None else why,
        counted=counts.counted,
        listed=counts.listed,
    )


_NAMES = {"sp500": "S&P 500", "tech": "tech", "ndx100": "Nasdaq-100"}


def _signal(
    group: str,
    name: str,
    label: str,
    unit: Unit,
    lookback: int,
    formula: Callable[..., SeriesResult],
    meaning: str,
    votes: tuple[Vote, ...] = (),
) -> Signal:
    """The definition of a signal whose formula is bound to a group, with the group's name at the
    end of the label.
    """
    return define(
        f"breadth.{group}.{name}",
        f"{label}, {_NAMES[group]}",
        unit=unit,
        meaning=meaning,
        inputs=(f"group:{group}",),
        formula=partial(formula, group=group),
        lookback=lookback,
        votes=votes,
    )


_above_50, _above_200 = (partial(above_average, window=window) for window in (50, 200))
_TECH = "technology and communication members of the S&P 500"

SIGNALS: tuple[Signal, ...] = (
    _signal(
        *("sp500", "above_50dma", "Above 50-day average", Unit.PERCENT, 50, _above_50),
        "Share of S&P 500 members above their own 50-day average; under 20 has marked washouts.",
        levels(40, 60, rec=1, rot=1),
    ),
    _signal(
        *("sp500", "above_200dma", "Above 200-day average", Unit.PERCENT, 200, _above_200),
        "Share of S&P 500 members above their own 200-day average; under 40 has gone with bear markets.",
        levels(40, 60, rec=1, rot=1),
    ),
    _signal(
        *("sp500", "advance_decline", "Advancers/decliners", Unit.RATIO, 2, advance_decline),
        "S&P 500 members that rose for each that fell; above 9 or under 0.1 all went one way.",
    ),
    _signal(
        *("sp500", "ad_slope_21d", "Advance-decline slope", Unit.ISSUES_PER_DAY, 22, slope),
        "Advancers less decliners a day over 21 sessions; falling while the index rises, few shares carry it.",
        by_z(rec=1, rot=1),
    ),
    _signal(
        *("sp500", "new_highs", "New 52-week highs", Unit.COUNT, 252, new_highs),
        "S&P 500 members at their highest close of 252 sessions; many go with broad advances.",
    ),
    _signal(
        *("sp500", "new_lows", "New 52-week lows", Unit.COUNT, 252, new_lows),
        "S&P 500 members at their lowest close of 252 sessions; a flood has marked the depth of sell-offs.",
    ),
    _signal(
        *("sp500", "high_low", "New highs minus new lows", Unit.PERCENT, 252, high_low),
        "New one-year highs less lows as a share of members; long below zero has gone with falling markets.",
        by_z(rec=1, rot=1),
    ),
    _signal(
        *("sp500", "mcclellan", "McClellan oscillator", Unit.POINTS, 600, mcclellan),
        "Short less long mean of net advances; beyond +-100 marks unusually one-sided weeks.",
        by_z(rot=1),
    ),
    _signal(
        *("sp500", "mcclellan_sum", "McClellan summation", Unit.POINTS, 600, mcclellan_sum),
        "Running sum of the McClellan oscillator; its turns have shown participation begin to grow or shrink.",
        by_z(rot=1),
    ),
    _signal(
        *("sp500", "thrust", "Advancing share, 10-day mean", Unit.SHARE, 600, thrust),
        "Ten-session mean of the share of members that rise; from under 0.40 to over 0.615 in 10 sessions is a thrust.",
    ),
    define(
        "breadth.sp500.thrust_signal",
        "Breadth thrust (S&P 500 members)",
        unit=Unit.FLAG,
        meaning="1 on the day a breadth thrust completes among S&P 500 members; Zweig's own is on NYSE issues and rarer.",
        inputs=("group:sp500",),
        formula=partial(thrust_signal, group="sp500"),
        lookback=600,
    ),
    _signal(
        *("tech", "above_50dma", "Above 50-day average", Unit.PERCENT, 50, _above_50),
        f"Share of {_TECH} above their 50-day average; under 20 has marked washouts.",
        levels(40, 60, rec=1),
    ),
    _signal(
        *("tech", "above_200dma", "Above 200-day average", Unit.PERCENT, 200, _above_200),
        f"Share of {_TECH} above their 200-day average; under 40 in bear markets.",
    ),
    _signal(
        *("tech", "new_highs", "New 52-week highs", Unit.COUNT, 252, new_highs),
        f"Count of {_TECH} at their highest close of 252 sessions; many mark leadership of tech.",
        by_z(rec=1),
    ),
    _signal(
        *("tech", "advance_decline", "Advancers/decliners", Unit.RATIO, 2, advance_decline),
        f"Advancers for each decliner among {_TECH}; above 9 or under 0.1 all went one way.",
    ),
    _signal(
        *("ndx100", "above_50dma", "Above 50-day average", Unit.PERCENT, 50, _above_50),
        "Share of Nasdaq-100 members above their own 50-day average; under 20 has marked washouts.",
        levels(40, 60, rec=1),
    ),
    define(
        "breadth.rest_minus_tech",
        "Breadth, rest vs. tech",
        unit=Unit.POINTS_PERCENT,
        decimals=1,
        meaning="Share above the 50-day average outside tech less that of tech; high when an advance broadens away from tech.",
        inputs=("group:sp500",),
        formula=partial(rest_minus_tech, window=50),
        lookback=50,
        votes=by_z(rot=1),
    ),
)
