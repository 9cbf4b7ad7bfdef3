"""Percentiles, crossed levels and states of a daily summary, computed anew from the closes of the market pack.

Like `summary_oracle`, it knows no formula of the program: thresholds and levels are typed here again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import lru_cache

import numpy as np
import pandas as pd

from tests.signals.summary_oracle import _SEVEN, Claim, Oracle, _values

_ROTATION = {
    "rotation.equal_weight": ("RSP", "SPY", 3.0),
    "rotation.small_caps": ("IWM", "SPY", 6.0),
    "rotation.value": ("IVE", "IVW", 5.0),
    "rotation.ex_tech": ("SPY", "XLK", 5.0),
    "rotation.nasdaq_equal": ("QQQE", "QQQ", 4.0),
    "rotation.ex_mag7": ("SPY", "seven", 8.5),
}
_TECH = {
    "tech.tech": ("XLK", None, 10.0),
    "tech.nasdaq": ("QQQ", None, 10.0),
    "tech.semis": ("SMH", None, 15.0),
    "tech.software": ("IGV", None, 12.0),
    "tech.average_tech": ("RSPT", None, 10.0),
}
_CLOCKS = {"rotation.state": (_ROTATION, 4), "tech.state": (_TECH, 3)}
_YEAR, _ENOUGH = 252, 200


def percentile_claim(oracle: Oracle, id: str, shown: float | None) -> Iterator[Claim]:
    """Where a mover's value stands within its last 252 sessions; nothing where its formula needs more than closes."""
    series = _values(oracle, id)
    if series is None or shown is None or len(series) < _ENOUGH:
        return
    window = series.iloc[-_YEAR:].dropna().round(10)
    below, equal = int((window < window.iloc[-1]).sum()), int((window == window.iloc[-1]).sum())
    computed = 100 * (below + equal / 2) / len(window)
    yield Claim(f"{id} at {shown:.1f}% of its year", f"{computed:.1f}%", abs(computed - shown) < 0.75)


def level_claims(oracle: Oracle, crossed: Collection[str]) -> Iterator[Claim]:
    """For each topic whose condition closes can say: is it listed exactly when its level was crossed today?"""
    for topic, holds in _CONDITIONS.items():
        series = holds(oracle)
        if len(series) < 2:
            continue
        before, now = bool(series.iloc[-2]), bool(series.iloc[-1])
        listed = topic in crossed
        text = f"{topic} {'crossed' if listed else 'not crossed'}"
        yield Claim(text, f"{'held' if before else 'did not hold'} before, {'holds' if now else 'does not hold'}",
                    listed == (now and not before))  # fmt: skip
    for topic, clock in (("rotation-turn", "rotation.state"), ("tech-turn", "tech.state")):
        states = clock_states(oracle, clock).dropna()
        turned = states.iloc[-1] != states.iloc[-2]
        yield Claim(
            f"{topic} {topic in crossed}",
            f"{states.iloc[-2]:+.0f} to {states.iloc[-1]:+.0f}",
            turned == (topic in crossed),
        )


def state_claims(oracle: Oracle, columns: Mapping[str, pd.Series]) -> Iterator[Claim]:
    """The state of each clock with its first session, and the side of each yardstick, against the closes."""
    for clock, (yardsticks, _) in _CLOCKS.items():
        shown, computed = (_with_since(series) for series in (columns[clock], clock_states(oracle, clock)))
        yield Claim(f"{clock} {shown}", computed, shown == computed)
        for name in yardsticks:
            side = float(columns[f"{name}.direction"].iloc[-1])
            own = float(legs(oracle, name)[oracle.day])
            # Before a fund or a company was listed its yardstick has neither a side here nor a value there.
            yield Claim(f"{name} {side:+.0f}", f"{own:+.0f}", side == own or (np.isnan(side) and own == 0))


def _with_since(states: pd.Series) -> str:
    known = states.dropna()
    if not len(known):
        return "not known"
    other = known[known != known.iloc[-1]]
    since = known.index[0] if other.empty else known.loc[other.index[-1] :].index[1]
    return f"{known.iloc[-1]:+.0f} since {since.date()}"


def clock_states(oracle: Oracle, clock: str) -> pd.Series:
    """1 with two thirds of the yardsticks up, -1 with two thirds down, else the last one; NaN before the first."""
    yardsticks, quorum = _CLOCKS[clock]
    table = pd.DataFrame({name: legs(oracle, name).loc[: oracle.day] for name in yardsticks})
    turned = (table != 0).sum(axis=1)
    up = (table > 0).sum(axis=1)
    state = pd.Series(np.nan, index=table.index)
    state[(turned >= quorum) & (3 * up >= 2 * turned)] = 1.0
    state[(turned >= quorum) & (3 * up <= turned)] = -1.0
    return state.ffill()


@lru_cache(maxsize=32)
def legs(oracle: Oracle, name: str) -> pd.Series:
    """The side of a yardstick after every session: it turns once it stands its threshold away from its extreme."""
    first, second, threshold = {**_ROTATION, **_TECH}[name]
    values = oracle.adjusted[first]
    if second == "seven":
        seven = oracle.adjusted[list(_SEVEN)].dropna()
        values = values / (seven / seven.shift()).mean(axis=1).fillna(1.0).cumprod()
    elif second is not None:
        values = values / oracle.adjusted[second]
    side, low, high = 0, np.inf, -np.inf
    sides: dict[pd.Timestamp, int] = {}
    for day, value in values.dropna().round(10).items():
        low, high = min(low, value), max(high, value)
        if side <= 0 and value >= round(low * (1 + threshold / 100), 10):
            side, low, high = 1, value, value
        elif side >= 0 and value <= round(high * (1 - threshold / 100), 10):
            side, low, high = -1, value, value
        sides[day] = side
    return pd.Series(sides).reindex(oracle.adjusted.index).ffill().fillna(0)


def _spread(oracle: Oracle) -> pd.Series:
    moved = oracle.adjusted[["IGV", "SMH"]].loc[: oracle.day].iloc[-30:].pct_change(21, fill_method=None)
    return (100 * (moved["IGV"] - moved["SMH"])).dropna()


def _falls(oracle: Oracle) -> pd.Series:
    """Whether S&P 500, Nasdaq and Dow (by its fund) all fell."""
    return (pd.DataFrame({name: oracle.change(name).iloc[-30:] for name in ("^GSPC", "^IXIC", "DIA")}) < 0).all(axis=1)


def _below(oracle: Oracle) -> pd.Series:
    share = _values(oracle, "breadth.sp500.above_50dma")
    assert share is not None
    return share < 20


def _seven_down(oracle: Oracle) -> pd.Series:
    returns = pd.DataFrame({name: oracle.change(name).iloc[-3:] for name in _SEVEN}).dropna()
    return (returns.round(10) <= -2).sum(axis=1) > 4


def _stress(oracle: Oracle) -> pd.Series:
    vix = oracle.series[["VIX", "VIX3M"]].loc[: oracle.day].dropna()
    return vix["VIX"] / vix["VIX3M"] > 1 if len(vix) and vix.index[-1] == oracle.day else pd.Series(dtype=bool)


def _eighth_win(oracle: Oracle) -> pd.Series:
    wins = oracle.small().iloc[-20:].round(10) > 0
    return wins.rolling(8).sum() == 8


_CONDITIONS: Mapping[str, Callable[[Oracle], pd.Series]] = {
    "equal-weight-day": lambda oracle: oracle.equal_weight().round(10) > 0.8,
    "russell-streak": _eighth_win,
    "mag7-red-day": _seven_down,
    "breadth-washout": _below,
    "stress": _stress,
    "indexes-back-to-back": lambda oracle: _falls(oracle).rolling(2).sum() == 2,
}
"""Whether the condition of a topic held after each of the newest sessions."""
