"""`/compare`: two signals or tickers over one span, in words and as a chart."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bot.commands.context import ADVICE, Caller, Core, no_data
from bot.commands.market.chart import own_labels, sessions_of
from bot.commands.market.comparables import Comparable, comparable
from bot.commands.reply import Reply
from bot.domain.chart_request import ChartKind, ChartRequest
from bot.errors import UserError
from bot.formatting import formats
from signals.core.model import Measure

MIN_COMMON_SESSIONS = 20
"""Fewest common sessions for a comparison."""


@dataclass(frozen=True, slots=True)
class SharedSessions:
    """Two series on the sessions on which both are known, oldest first, without NaN.

    `correlation`: of their daily changes (returns of tickers, differences of signals), -1 to 1;
    None where a series never moved.
    """

    first: pd.Series
    second: pd.Series
    correlation: float | None


def overlap(first: pd.Series, second: pd.Series, *, returns: tuple[bool, bool]) -> SharedSessions:
    """The common sessions of two series and their correlation.

    `returns`: for each series whether its changes are returns (per cent) and not differences
    (units).
    """
    both = pd.concat([first, second], axis=1).dropna()
    first_values, second_values = both.iloc[:, 0], both.iloc[:, 1]
    changes = [
        series.pct_change() if of else series.diff()
        for series, of in zip((first_values, second_values), returns, strict=True)
    ]
    moved = pd.concat(changes, axis=1).dropna()
    correlated = len(moved) > 1 and bool((moved.std() > 0).all())
    return SharedSessions(
        first_values, second_values, float(np.corrcoef(moved.to_numpy(dtype=float).T)[0, 1]) if correlated else None
    )


def compare(
    core: Core, first: str, second: str, span: str | None = None, caller: Caller | None = None
) -> Awaitable[Reply]:
    """Latest values, changes over the span, ratio of two tickers, correlation, and a chart request.

    Raises:
        UserError: at once for an unknown name, for two equal ones and while there is no data; when
            awaited, for too few common sessions, because closes of tickers are read from the
            archive.
    """
    snapshot = core.readings.snapshot
    if snapshot is None or not len(snapshot.history):
        raise no_data(core)
    subjects = (comparable(core, first, caller), comparable(core, second, caller))
    if subjects[0].key == subjects[1].key:
        raise UserError(f"Both are {subjects[0].label}. Choose two different ones.")
    return _compared(core, subjects, pd.DatetimeIndex(snapshot.history.index), *sessions_of(span))


async def _compared(
    core: Core, subjects: tuple[Comparable, Comparable], sessions_known: pd.DatetimeIndex, span_name: str, sessions: int
) -> Reply:
    days = sessions_known[-sessions:]
    first, second = [series.reindex(days) for series in await _series(core, subjects, days)]
    shared = overlap(first, second, returns=(subjects[0].signal is None, subjects[1].signal is None))
    if len(shared.first) < MIN_COMMON_SESSIONS:
        raise UserError(
            f"{subjects[0].label} and {subjects[1].label} have {formats.counted(len(shared.first), 'session')} in common "
            f"in the last {span_name}; a comparison takes {MIN_COMMON_SESSIONS}. {_advice(sessions)}".strip()
        )
    return Reply(
        title=f"{subjects[0].label} and {subjects[1].label}, {span_name}",
        lines=tuple(_lines(core, subjects, shared)),
        footer=core.footer(_origin(subjects), ADVICE),
        picture=ChartRequest(
            ChartKind.COMPARE,
            days[-1].date(),
            (subjects[0].key, subjects[1].key),
            span=sessions,
            labels=own_labels(subjects[0].signal, subjects[1].signal),
        ),
    )


async def _series(core: Core, subjects: Sequence[Comparable], days: pd.DatetimeIndex) -> list[pd.Series]:
    tickers = [subject.key for subject in subjects if subject.signal is None]
    closes = (
        await core.prices.closes(tickers, days) if tickers and core.prices is not None else pd.DataFrame(index=days)
    )
    nothing = pd.Series(float("nan"), index=days)
    return [
        core.readings.series(subject.key) if subject.signal is not None else closes.get(subject.key, nothing)
        for subject in subjects
    ]


def _advice(sessions: int) -> str:
    return "Try a longer span." if sessions < 1260 else ""


def _lines(core: Core, subjects: tuple[Comparable, Comparable], shared: SharedSessions) -> list[str]:
    first, last = (shared.first.index[place].date() for place in (0, -1))
    lines = [_line(subject, values) for subject, values in zip(subjects, (shared.first, shared.second), strict=True)]
    if all(subject.signal is None for subject in subjects):
        ratio = shared.first / shared.second
        lines.append(f"Ratio {_ratio(float(ratio.iloc[-1]))}, {_percent(ratio)}")
    if shared.correlation is not None:
        lines.append(
            f"Daily changes correlate {formats.plain(shared.correlation, 2, signed=True)} (+1 together, -1 opposite)"
        )
    else:
        lines.append("No correlation: one of them did not move.")
    today = core.today()
    count = formats.counted(len(shared.first), "session")
    lines.append(f"From {formats.day(first, today=today)} to {formats.day(last, today=today)}, {count} with both")
    return lines


def _line(of: Comparable, values: pd.Series) -> str:
    last = float(values.iloc[-1])
    if of.signal is None:
        return f"**{of.label}** {formats.plain(last, 2)}, {_percent(values)}"
    if of.signal.named:
        now, before = (formats.measured(value, of.signal, Measure.VALUE) for value in (last, float(values.iloc[0])))
        return f"**{of.label}** {now}, {'as at the start' if now == before else f'was {before}'}"
    # Per cent as in the picture, where both start from 100.
    relative = of.signal.unit.has_zero and bool((values > 0).all())
    moved = _percent(values) if relative else formats.change(last - float(values.iloc[0]), of.signal)
    return f"**{of.label}** {formats.measured(last, of.signal, Measure.VALUE)}, {moved}"


def _percent(values: pd.Series) -> str:
    start, last = float(values.iloc[0]), float(values.iloc[-1])
    # A future may have closed at or below zero, and no growth rate is defined from there.
    grown = 100 * (last / start - 1) if start > 0 else math.nan
    return f"{formats.plain(grown, 1, signed=True)}%"


def _ratio(value: float) -> str:
    """Two decimals from 10 upwards, below that three significant digits: 0.00214 and not 0.00."""
    return f"{value:,.2f}" if abs(value) >= 10 else f"{value:.3g}"


def _origin(subjects: Sequence[Comparable]) -> str:
    adjusted = any(subject.signal is None for subject in subjects)
    return "Closes adjusted for splits and dividends" if adjusted else "Final readings"
