"""Percentiles, crossed levels and states of a daily summary, computed anew from the closes of the market pack.

Like `summary_oracle`, it knows no formula of the program: thresholds and levels are typed here again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tests.signals.summary_oracle import _SEVEN, Claim, Oracle, Pattern, _values

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
    """For each topic that closes and yields can say: is it listed exactly when its alert fires today?"""
    for topic, watches in _WATCHED.items():
        fired = [_fires(watch, watch.values(oracle).dropna()) for watch in watches]
        listed = topic in crossed
        text = f"{topic} {'crossed' if listed else 'not crossed'}"
        yield Claim(text, "fires" if any(oracle.day in days for days in fired) else "does not fire",
                    listed == any(oracle.day in days for days in fired))  # fmt: skip
    turned = [name for name in _ROTATION if legs(oracle, name).loc[: oracle.day].diff().iloc[-1] not in (0, 1, -1)]
    yield Claim(f"yardstick-turn {'yardstick-turn' in crossed}", ", ".join(turned) or "none",
                bool(turned) == ("yardstick-turn" in crossed))  # fmt: skip
    states = pd.DataFrame({clock: clock_states(oracle, clock) for clock in _CLOCKS}).dropna()
    changed = bool((states.iloc[-1] != states.iloc[-2]).any()) if len(states) > 1 else False
    yield Claim(f"regime-change {'regime-change' in crossed}", f"a clock has turned: {changed}",
                changed == ("regime-change" in crossed))  # fmt: skip
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


def recovery_claim(scores: pd.Series, cases: pd.Series) -> Claim:
    """The case of the recovery with its first session, named anew from the scores."""
    shown, computed = _with_since(cases[scores.notna()]), _with_since(recovery_cases(scores).astype(float))
    return Claim(f"recovery {shown}", computed, shown == computed)


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


def recovery_cases(scores: pd.Series) -> pd.Series:
    """The case that each score names: from the third session in a row at 33 or beyond, until three back at 10."""
    case, beyond, back, cases = 0, 0, 0, {}
    for day, score in scores.dropna().items():
        side = 1 if score >= 33 else -1 if score <= -33 else 0
        beyond = beyond + np.sign(side) if side and side * beyond >= 0 else side
        back = back + 1 if case and case * score <= 10 else 0
        if abs(beyond) >= 3:
            case = int(np.sign(beyond))
        elif back >= 3:
            case = 0
        cases[day] = case
    return pd.Series(cases)


def _turn(oracle: Oracle, match: re.Match[str]) -> tuple[str, bool]:
    states = clock_states(oracle, "rotation.state").dropna()
    before, now = float(states.iloc[-2]), float(states.iloc[-1])
    return f"{before:+.0f} to {now:+.0f}", before != now and (now > 0) == (match["way"].lower() == "out of")


def recovery_pattern(scores: pd.Series) -> Pattern:
    """What a headline says of the recovery, by the scores up to the session."""
    cases = {"bear": -1, "base": 0, "bull": 1}

    def check(_: Oracle, match: re.Match[str]) -> tuple[str, bool]:
        before, now = (int(case) for case in recovery_cases(scores).iloc[-2:])
        wanted = tuple(cases[match[name].lower()] for name in ("before", "now"))
        return f"{before:+d} to {now:+d}", (before, now) == wanted

    return r"tech recovery moved from the (?P<before>\w+) to the (?P<now>\w+) case", check


HEADLINE: tuple[Pattern, ...] = (
    (r"(?:money began to rotate|two thirds of the yardsticks turned) (?P<way>out of|back into) big tech", _turn),
)
"""What headlines say of the clocks."""


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


@dataclass(frozen=True)
class Watch:
    """What a topic watches: its values, the level, and which side of it is past the level."""

    values: Callable[[Oracle], pd.Series]
    level: float
    above: bool = True
    whole: bool = False
    """Counts and streaks, whose alerts re-arm at the level itself."""
    quiet_days: int = 0


def _fires(watch: Watch, values: pd.Series) -> set[pd.Timestamp]:
    """The sessions on which an alert fires that re-arms once a value is back by the median move of a session."""
    if not len(values):
        return set()
    band = 0.0 if watch.whole else float(values.diff().abs().iloc[-_YEAR:].median())
    side = 1 if watch.above else -1
    excess = ((values - watch.level) * side).round(8)
    armed, fired, quiet_until = bool(excess.iloc[0] <= 0), set(), pd.Timestamp.min
    for day, past in excess.items():
        if armed and past > 0:
            armed = False
            if day >= quiet_until:
                fired.add(day)
                quiet_until = day + pd.Timedelta(days=watch.quiet_days)
        elif not armed and past <= -round(band, 8):
            armed = True
    return fired


def _recent(values: pd.Series) -> pd.Series:
    """About three years, which is what a summary looks at."""
    return values.iloc[-3 * _YEAR :]


def _percentile(values: pd.Series) -> pd.Series:
    """Of each value among the 252 sessions that end with it, ties counted half."""

    def place(window: NDArray[np.float64]) -> float:
        known = window[~np.isnan(window)]
        if len(known) < _ENOUGH or np.isnan(window[-1]):
            return np.nan
        return 100 * float((known < window[-1]).sum() + (known == window[-1]).sum() / 2) / len(known)

    return values.round(8).rolling(_YEAR, min_periods=1).apply(place, raw=True)


def _observed(oracle: Oracle, name: str) -> pd.Series:
    """A yield on each session: that of the newest day before it."""
    days = oracle.close.loc[: oracle.day].index[-3 * _YEAR :]
    series = oracle.series[name].dropna()
    at = series.index.searchsorted(days) - 1
    return pd.Series(series.to_numpy()[at], index=days)


def _spread(oracle: Oracle) -> pd.Series:
    moved = _recent(oracle.adjusted[["IGV", "SMH"]].loc[: oracle.day]).pct_change(21, fill_method=None)
    return 100 * (moved["IGV"] - moved["SMH"])


def _falls(oracle: Oracle) -> pd.Series:
    """How many sessions in a row S&P 500, Nasdaq and Dow (by its fund) have all fallen."""
    changes = pd.DataFrame({name: oracle.change(name).iloc[-3 * _YEAR :] for name in ("^GSPC", "^IXIC", "DIA")})
    return _in_a_row((changes < 0).all(axis=1))


def _in_a_row(flags: pd.Series) -> pd.Series:
    return flags.astype(int).groupby((~flags).cumsum()).cumsum()


def _below(oracle: Oracle) -> pd.Series:
    members = oracle.close[oracle.members].loc[: oracle.day].iloc[-3 * _YEAR - 60 :]
    mean = members.rolling(50).mean()
    known = mean.notna() & members.notna()
    return _recent(100 * ((members.round(10) > mean.round(10)) & known).sum(axis=1) / known.sum(axis=1))


def _seven_down(oracle: Oracle) -> pd.Series:
    returns = pd.DataFrame({name: oracle.change(name).iloc[-3 * _YEAR :] for name in _SEVEN}).dropna()
    return (returns.round(10) <= -2).sum(axis=1)


def _stress(oracle: Oracle) -> pd.Series:
    vix = oracle.series[["VIX", "VIX3M"]].loc[: oracle.day].dropna()
    return _recent(vix["VIX"] / vix["VIX3M"]).round(8)


def _curve(oracle: Oracle) -> pd.Series:
    return (_observed(oracle, "DGS10") - _observed(oracle, "DGS2")).round(8).diff(21).round(8)


def _metal(ticker: str) -> Callable[[Oracle], pd.Series]:
    return lambda oracle: _percentile(_recent(oracle.close[ticker].loc[: oracle.day]))


_WATCHED: Mapping[str, tuple[Watch, ...]] = {
    "equal-weight-day": (Watch(lambda oracle: _recent(oracle.equal_weight()).round(8), 0.8),),
    "russell-streak": (Watch(lambda oracle: _in_a_row(_recent(oracle.small()).round(10) > 0), 7, whole=True),),
    "mag7-red-day": (Watch(_seven_down, 4, whole=True),),
    "breadth-washout": (Watch(_below, 20, above=False),),
    "stress": (Watch(_stress, 1),),
    "indexes-back-to-back": (Watch(_falls, 1, whole=True, quiet_days=7),),
    "semis-or-software": (Watch(_spread, 10), Watch(_spread, -10, above=False)),
    "real-yield-breakout": (Watch(lambda oracle: _percentile(_observed(oracle, "DFII10")), 95),),
    "curve-steepening": (Watch(_curve, 0.25),),
    "tech-new-highs": (Watch(lambda oracle: _percentile(oracle.tech_highs()), 95),),
    "gold-or-silver-high": (Watch(_metal("GC=F"), 99.5), Watch(_metal("SI=F"), 99.5)),
}
