"""Digest: what one session was like, made from readings by rules. Pure, so that channels, `/summary` and the terminal agree.

A digest describes the session asked for, however much newer the history is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from bot.alerts import rules
from bot.commands import formats, tables
from bot.commands.reply import Tone
from bot.commands.scenario_words import Standing, is_state, standing, turn_words
from bot.model import AlertSpec, Condition
from signals.measures import measure
from signals.reading import Axis, Measure, Signal
from signals.scenario import axis_of

SPREAD = "weighting.rsp_spy.spread_1d"
RUSSELL = "size.russell_sp500.streak"
GIANTS_DOWN = "megacap.down_2pct"
ALL_DOWN = "index.all_down_streak"

_YEAR = 252
_ENOUGH = 200
_NOTABLE_SPREAD_PP = 0.3
_NOTABLE_STREAK = 3
_WIDEST_SESSIONS = 10
_A_FAMILY = 2


@dataclass(frozen=True, slots=True)
class Mover:
    """A signal that moved much against its own past: `score` is today's change in standard deviations of a year of changes."""

    signal: Signal
    value: float
    change: float
    percentile: float | None
    score: float


@dataclass(frozen=True, slots=True)
class Crossing:
    """A house level that was crossed on the session: `value` of the watched measure, `stands` of the signal itself."""

    topic: str
    signal: Signal
    spec: AlertSpec
    value: float
    stands: float


@dataclass(frozen=True, slots=True)
class Digest:
    """One session in short. `known` of `listed` signals had a reading. An empty headline means nothing was known.

    `standings`: where the scenario stands, without axes that are withheld.
    """

    session: date
    headline: str
    tone: Tone
    movers: tuple[Mover, ...]
    crossings: tuple[Crossing, ...]
    known: int
    listed: int
    standings: tuple[Standing, ...] = ()


def digest(
    signals: Mapping[str, Signal],
    history: pd.DataFrame,
    session: date,
    *,
    topics: Mapping[str, Sequence[AlertSpec]] | None = None,
    movers: int = 5,
) -> Digest:
    """Make the digest of `session` from final values (naive session dates x signal ids, NaN where withheld).

    Rows after `session` are not looked at. A session that is not in `history` gives a digest without numbers.
    """
    past = history.loc[: pd.Timestamp(session), [name for name in history.columns if name in signals]]
    if not len(past) or past.index[-1] != pd.Timestamp(session):
        return Digest(session, "", Tone.NEUTRAL, (), (), 0, len(signals))
    today = past.iloc[-1]
    headline, tone = _headline(past)
    found = _movers(signals, past, movers)
    if not headline and found:
        headline = _mover_headline(found[0])
    known = int(today.notna().sum())
    standings = tuple(each for axis in Axis if (each := standing(past, axis)) is not None)
    crossings = _crossings(signals, past, topics or {})
    return Digest(session, headline, tone, found, crossings, known, len(signals), standings)


def _movers(signals: Mapping[str, Signal], past: pd.DataFrame, most: int) -> tuple[Mover, ...]:
    """Largest changes of the day in standard deviations of a year of daily changes, at most two of a family.

    The scenario is not among them: it is made of the others.
    """
    changes = past.diff().iloc[-_YEAR:]
    enough = changes.count() >= _ENOUGH
    spread = changes.std()
    scores = (changes.iloc[-1] / spread.where(spread > 0)).where(enough).dropna()
    scores = scores.reindex(scores.abs().sort_values(ascending=False, kind="stable").index)
    chosen: list[Mover] = []
    families: dict[str, int] = {}
    for name, score in scores.items():
        signal = signals[str(name)]
        if len(chosen) == most or not math.isfinite(score):
            break
        if families.get(signal.family, 0) == _A_FAMILY or signal.unit.whole or signal.parts:
            continue
        families[signal.family] = families.get(signal.family, 0) + 1
        column = past[str(name)]
        chosen.append(
            Mover(signal, float(column.iloc[-1]), float(changes[str(name)].iloc[-1]), _percentile(column), float(score))
        )
    return tuple(chosen)


def _percentile(column: pd.Series) -> float | None:
    window = column.iloc[-_YEAR:].dropna().to_numpy(dtype=float)
    if len(window) < _ENOUGH:
        return None
    return float(100 * (np.sum(window < window[-1]) + np.sum(window == window[-1]) / 2) / len(window))


def _crossings(
    signals: Mapping[str, Signal], past: pd.DataFrame, topics: Mapping[str, Sequence[AlertSpec]]
) -> tuple[Crossing, ...]:
    found = []
    for topic, specs in topics.items():
        for spec in specs:
            if spec.signal not in signals or spec.signal not in past:
                continue
            watched = measure(past[spec.signal].iloc[-3 * _YEAR :], spec.measure).dropna()
            if len(watched) >= 2 and watched.index[-1] == past.index[-1]:
                before, now = float(watched.iloc[-2]), float(watched.iloc[-1])
                if _crossed(spec, before, now):
                    stands = float(past[spec.signal].iloc[-1])
                    found.append(Crossing(topic, signals[spec.signal], spec, now, stands))
    return tuple(found)


def _crossed(spec: AlertSpec, before: float, now: float) -> bool:
    """Whether one side of the condition holds now and did not hold before."""
    return any(rules.holds(side, now) and not rules.holds(side, before) for side in rules.triggers(spec))


def _headline(past: pd.DataFrame) -> tuple[str, Tone]:
    """The sentence about giants and the rest, with at most one more fact; empty when the spread is not known."""
    if SPREAD not in past or not math.isfinite(past[SPREAD].iloc[-1]):
        return "", Tone.NEUTRAL
    spreads = past[SPREAD]
    main, tone = _spread_clause(spreads)
    more = _streak_clause(past) or _giants_clause(past)
    widest = _widest_clause(spreads) if tone is not Tone.NEUTRAL else ""
    if widest and more:
        return f"{main}, {widest}, and {more}.", tone
    if widest:
        return f"{main}, {widest}.", tone
    return (f"{main}, and {more}." if more else f"{main}."), tone


def _spread_clause(spreads: pd.Series) -> tuple[str, Tone]:
    now = float(spreads.iloc[-1])
    before = float(spreads.iloc[-2]) if len(spreads) > 1 else math.nan
    gap = formats.plain(abs(now), 1)
    if now >= _NOTABLE_SPREAD_PP:
        verb = "kept leaving" if before > 0 else "left"
        return f"Money {verb} the giants: equal weight beat the index by {gap} points", Tone.BROADENING
    if now <= -_NOTABLE_SPREAD_PP:
        verb = "kept flowing" if before < 0 else "went back"
        return f"Money {verb} to the giants: equal weight trailed the index by {gap} points", Tone.CONCENTRATING
    if gap == "0.0":
        return "Giants and the rest moved together: equal weight and the index made the same", Tone.NEUTRAL
    word = "ahead of" if now > 0 else "behind"
    return f"Giants and the rest moved together: equal weight ended {gap} points {word} the index", Tone.NEUTRAL


def _widest_clause(spreads: pd.Series) -> str:
    """`its widest day since 21 November`, when no day of the same direction was as wide for ten sessions or more."""
    now = float(spreads.iloc[-1])
    earlier = spreads.iloc[:-1] * math.copysign(1.0, now)
    wider = np.flatnonzero(earlier.to_numpy(dtype=float) >= abs(now))
    since = len(earlier) - int(wider[-1]) if len(wider) else len(earlier) + 1
    if since <= _WIDEST_SESSIONS or len(earlier) < _WIDEST_SESSIONS:
        return ""
    if not len(wider):
        return (
            f"its widest day in {formats.counted(max(1, round(len(spreads) / _YEAR)), 'year')}"
            if len(spreads) >= _YEAR
            else ""
        )
    then, today = spreads.index[int(wider[-1])].date(), spreads.index[-1].date()
    year = f" {then.year}" if then.year != today.year else ""
    return f"its widest day since {formats.long_day(then)}{year}"


def _streak_clause(past: pd.DataFrame) -> str:
    streak = _last(past, RUSSELL)
    if streak is None or abs(streak) < _NOTABLE_STREAK:
        return ""
    verb = "won" if streak > 0 else "lost"
    count = formats.ordinal(int(abs(streak)))
    return f"small caps {verb} {_article(count)} {count} day running"


def _giants_clause(past: pd.DataFrame) -> str:
    down = _last(past, GIANTS_DOWN)
    if down is not None and down >= 4:
        return f"{int(down)} of the seven giants fell 2{formats.THIN}% or more"
    days = _last(past, ALL_DOWN)
    if days is not None and days >= 2:
        count = formats.ordinal(int(days))
        return f"all three indexes fell {_article(count)} {count} day running"
    return ""


def _article(count: str) -> str:
    return "an" if count.startswith(("eigh", "elev", "8", "11t", "18t")) else "a"


def _last(past: pd.DataFrame, name: str) -> float | None:
    if name not in past or not math.isfinite(past[name].iloc[-1]):
        return None
    return float(past[name].iloc[-1])


def _mover_headline(mover: Mover) -> str:
    signal = mover.signal
    now = formats.number(mover.value, signal.unit, signal.decimals)
    return f"The largest move was {signal.label}: {now}, {formats.delta(mover.change, signal.unit, signal.decimals)} on the day."


def crossing_words(crossing: Crossing) -> str:
    """`Russell streak: 8 sessions, above 7`; a named state says what it has turned to."""
    signal, spec = crossing.signal, crossing.spec
    axis = axis_of(signal.id)
    if axis is not None and is_state(signal) and spec.measure is Measure.CHANGE_1D:
        return turn_words(axis, crossing.stands, crossing.value)
    value = formats.measured(crossing.value, signal, spec.measure)
    what = "" if spec.measure is Measure.VALUE else f" ({formats.MEASURES[spec.measure]})"
    return f"{signal.label}{what}: {value}, {condition_words(spec, signal)}"


def condition_words(spec: AlertSpec, signal: Signal) -> str:
    """`above 90.00 USD`, `outside -1 and 1`."""
    low = formats.level(spec.level, signal, spec.measure)
    if spec.condition is Condition.OUTSIDE and spec.level_high is not None:
        return f"outside {formats.span_of(low, formats.level(spec.level_high, signal, spec.measure))}"
    return f"{spec.condition.value} {low}"


def digest_table(movers: Sequence[Mover]) -> str:
    """Monospaced lines of at most 40 columns: name, value, change of the day, one-year percentile."""
    if not movers:
        return ""
    return "\n".join([tables.heading(""), *(_mover_line(mover) for mover in movers)])


def _mover_line(mover: Mover) -> str:
    change = formats.delta(mover.change, mover.signal.unit, mover.signal.decimals, with_unit=False)
    return tables.columns(mover.signal, tables.cell(mover.value, mover.signal), change, mover.percentile)
