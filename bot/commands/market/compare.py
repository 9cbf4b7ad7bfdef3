"""`/compare`: two signals or tickers beside each other over a span, in words and as a picture."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bot.commands.context import ADVICE, Core, loading
from bot.commands.market.chart import sessions_of
from bot.commands.market.comparables import Comparable, comparable
from bot.commands.reply import Reply
from bot.domain.chart_request import ChartKind, ChartRequest
from bot.errors import UserError
from bot.formatting import formats
from signals.core.model import Measure

FEWEST = 20
"""Sessions in common below which nothing is compared."""


@dataclass(frozen=True, slots=True)
class Common:
    """Two series on the sessions on which both are known, oldest first; no NaN.

    `correlation` of their daily changes (returns of tickers, differences of signals), -1 to 1, or None where one never moved.
    """

    first: pd.Series
    second: pd.Series
    correlation: float | None


def common(first: pd.Series, second: pd.Series, *, returns: tuple[bool, bool]) -> Common:
    """What two series of the same dates have in common. `returns`: which of them change in per cent and not in units."""
    both = pd.concat([first, second], axis=1).dropna()
    one, two = both.iloc[:, 0], both.iloc[:, 1]
    changes = [each.pct_change() if of else each.diff() for each, of in zip((one, two), returns, strict=True)]
    moved = pd.concat(changes, axis=1).dropna()
    known = len(moved) > 1 and bool((moved.std() > 0).all())
    return Common(one, two, float(np.corrcoef(moved.to_numpy(dtype=float).T)[0, 1]) if known else None)


def compare(core: Core, first: str, second: str, span: str | None = None) -> Awaitable[Reply]:
    """Latest values, changes over the span, ratio of two tickers, correlation, and the request of both.

    Raises UserError at once for unknown names and for two that are the same, and when awaited where they have too little in
    common: closes of tickers are read from the archive.
    """
    snapshot = core.readings.snapshot
    if snapshot is None or not len(snapshot.history):
        raise UserError(f"No data yet. {loading(core) or ''}".strip())
    subjects = (comparable(core, first), comparable(core, second))
    if subjects[0].key == subjects[1].key:
        raise UserError(f"Both are {subjects[0].label}. Choose two different ones.")
    return _compared(core, subjects, pd.DatetimeIndex(snapshot.history.index), *sessions_of(span))


async def _compared(
    core: Core, subjects: tuple[Comparable, Comparable], known: pd.DatetimeIndex, named: str, sessions: int
) -> Reply:
    days = known[-sessions:]
    one, two = [each.reindex(days) for each in await _series(core, subjects, days)]
    found = common(one, two, returns=(subjects[0].signal is None, subjects[1].signal is None))
    if len(found.first) < FEWEST:
        raise UserError(
            f"{subjects[0].label} and {subjects[1].label} have {formats.counted(len(found.first), 'session')} in common "
            f"in the last {named}; a comparison takes {FEWEST}. {_advice(sessions)}".strip()
        )
    return Reply(
        title=f"{subjects[0].label} and {subjects[1].label}, {named}",
        lines=tuple(_lines(core, subjects, found)),
        footer=core.footer(_origin(subjects), ADVICE),
        picture=ChartRequest(ChartKind.COMPARE, days[-1].date(), (subjects[0].key, subjects[1].key), span=sessions),
    )


async def _series(core: Core, subjects: Sequence[Comparable], days: pd.DatetimeIndex) -> list[pd.Series]:
    tickers = [each.key for each in subjects if each.signal is None]
    closes = (
        await core.prices.closes(tickers, days) if tickers and core.prices is not None else pd.DataFrame(index=days)
    )
    nothing = pd.Series(float("nan"), index=days)
    return [
        core.readings.series(each.key) if each.signal is not None else closes.get(each.key, nothing)
        for each in subjects
    ]


def _advice(sessions: int) -> str:
    return "Try a longer span." if sessions < 1260 else ""


def _lines(core: Core, subjects: tuple[Comparable, Comparable], found: Common) -> list[str]:
    first, last = (found.first.index[place].date() for place in (0, -1))
    lines = [_line(each, values) for each, values in zip(subjects, (found.first, found.second), strict=True)]
    if all(each.signal is None for each in subjects):
        ratio = found.first / found.second
        lines.append(f"Ratio {_ratio(float(ratio.iloc[-1]))}, {_percent(ratio)}")
    if found.correlation is not None:
        lines.append(
            f"Daily changes correlate {formats.plain(found.correlation, 2, signed=True)} (+1 together, -1 opposite)"
        )
    else:
        lines.append("No correlation: one of them did not move.")
    today = core.today()
    count = formats.counted(len(found.first), "session")
    lines.append(f"From {formats.day(first, today=today)} to {formats.day(last, today=today)}, {count} with both")
    return lines


def _line(of: Comparable, values: pd.Series) -> str:
    last = float(values.iloc[-1])
    if of.signal is None:
        return f"**{of.label}** {formats.plain(last, 2)}, {_percent(values)}"
    moved = formats.delta(last - float(values.iloc[0]), of.signal.unit, of.signal.decimals)
    return f"**{of.label}** {formats.measured(last, of.signal, Measure.VALUE)}, {moved}"


def _percent(values: pd.Series) -> str:
    start, last = float(values.iloc[0]), float(values.iloc[-1])
    # A future may have closed at or below zero; nothing grew by per cents from there.
    grown = 100 * (last / start - 1) if start > 0 else math.nan
    return f"{formats.plain(grown, 1, signed=True)}{formats.THIN}%"


def _ratio(value: float) -> str:
    """Three significant digits after the zeros, so that 0.00214 is no 0.00."""
    return f"{value:,.2f}" if abs(value) >= 10 else f"{value:.3g}"


def _origin(subjects: Sequence[Comparable]) -> str:
    adjusted = any(each.signal is None for each in subjects)
    return "Closes adjusted for splits and dividends" if adjusted else "Final readings"
