"""Series results: one value a session with the reason where it is missing, and operations on prices.

C is the close adjusted for splits, A the one adjusted for splits and dividends. r(n) = value /
value n sessions earlier - 1, a fraction; results that people read are in percent or percentage
points. A price is never carried forward.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from signals.core.model import History
from signals.core.panel import Panel, Positions
from signals.core.rolling import ENOUGH, YEAR, Floats, compare, growth, rolling_z, streak, window_max

Why = Callable[[int], str | None]
"""From a position to the sentence why there is no value, None where there is one."""


@dataclass(frozen=True, slots=True)
class SeriesResult:
    """Values over the sessions, why one is missing, and the dates of the observations behind them.

    Attributes:
        values: One value a session, NaN = none.
        why: From a position to the reason why its value is missing.
        observed: Datetime64[D] a session, or None where every value describes its own session.
        counted: Members counted in each value, or None where there are no members.
        listed: Members listed, or None where there are no members.
        notes: From a position to remarks for its reading, or None where there are none.
        spans: Per session the number of the leg or state a value belongs to, or None.
        estimated: Whether the date since which the observation counts is an estimate, one a
            session; None where every date is known.
    """

    values: Floats
    why: Why
    observed: NDArray[np.datetime64] | None = None
    counted: NDArray[np.int64] | None = None
    listed: NDArray[np.int64] | None = None
    notes: Callable[[int], tuple[str, ...]] | None = None
    spans: NDArray[np.int64] | None = None
    estimated: NDArray[np.bool_] | None = None


def price(panel: Panel, ticker: str, *, adjusted: bool = False) -> SeriesResult:
    """C of `ticker`.

    With `adjusted` it is A of the ticker.
    """
    return SeriesResult(
        panel.prices(ticker, adjusted=adjusted), lambda position: panel.no_price(ticker, position, adjusted=adjusted)
    )


def returned(panel: Panel, ticker: str, sessions: int, *, adjusted: bool = True) -> SeriesResult:
    """r(n) of a ticker on A (or C) as a fraction; needs the close of the day and that of n sessions
    earlier.
    """

    def why(position: int) -> str | None:
        return (
            panel.no_price(ticker, position, adjusted=adjusted)
            or panel.too_short(sessions + 1, position)
            or panel.no_price(ticker, position - sessions, adjusted=adjusted)
            or _no_base(ticker, values[position])
        )

    values = panel.once(
        ("returned", ticker, sessions, adjusted), lambda: growth(panel.prices(ticker, adjusted=adjusted), sessions)
    )
    return SeriesResult(values, why)


def year_to_date(panel: Panel, ticker: str, *, adjusted: bool) -> SeriesResult:
    """Return since the last session of the previous calendar year as a fraction; needs the close of
    that very session.
    """

    return _to_date(panel, ticker, panel.year_base, "year", adjusted)


def month_to_date(panel: Panel, ticker: str, *, adjusted: bool) -> SeriesResult:
    """Return since the last session of the previous calendar month as a fraction; needs the close of
    that very session.
    """
    return _to_date(panel, ticker, panel.month_base, "month", adjusted)


def _to_date(panel: Panel, ticker: str, bases: Positions, period: str, adjusted: bool) -> SeriesResult:
    def make() -> Floats:
        prices = panel.prices(ticker, adjusted=adjusted)
        before = np.where(bases >= 0, prices[bases], np.nan)
        before[before == 0] = np.nan
        return prices / before - 1.0

    def why(position: int) -> str | None:
        missing = panel.no_price(ticker, position, adjusted=adjusted)
        base = int(bases[position])
        if base < 0:
            begun = panel.day(position)[: 4 if period == "year" else 7]
            return missing or f"needs the last session before {begun}, sessions are known since {panel.day(0)}"
        return missing or panel.no_price(ticker, base, adjusted=adjusted) or _no_base(ticker, values[position])

    values = panel.once(("to date", period, ticker, adjusted), make)
    return SeriesResult(values, why)


def drawdown(panel: Panel, ticker: str) -> SeriesResult:
    """C against the highest C of the 252 sessions that end today, as a fraction: 0 or negative.

    Needs the closes of all 252.
    """

    def make() -> Floats:
        closes = panel.prices(ticker, adjusted=False)
        high = window_max(closes, YEAR)
        return closes / np.where(high == 0, np.nan, high) - 1.0

    def why(position: int) -> str | None:
        if not np.isnan(values[position]):
            return None
        missing = panel.no_price(ticker, position, adjusted=False) or panel.too_short(YEAR, position)
        if missing:
            return missing
        closes = panel.prices(ticker, adjusted=False)[position - YEAR + 1 : position + 1]
        gap = int(np.flatnonzero(np.isnan(closes))[-1]) + position - YEAR + 1
        return f"needs {YEAR} closes without a gap: {panel.no_price(ticker, gap, adjusted=False)}"

    values = panel.once(("drawdown", ticker), make)
    return SeriesResult(values, why)


def difference(first: SeriesResult, second: SeriesResult, *, scale: float = 1.0) -> SeriesResult:
    """`scale` times (first - second); needs both. `observed` is the older of the two."""
    return SeriesResult(
        scale * (first.values - second.values),
        either(first, second),
        _older(first, second),
        estimated=_any_estimated(first, second),
    )


def quotient(first: SeriesResult, second: SeriesResult) -> SeriesResult:
    """first / second; needs both, and a second that is not 0. `observed` is the older of the two."""
    base = np.where(second.values == 0, np.nan, second.values)
    missing = either(first, second)
    return SeriesResult(
        first.values / base,
        lambda position: (
            missing(position) or ("what it is divided by stands at 0" if second.values[position] == 0 else None)
        ),
        _older(first, second),
        estimated=_any_estimated(first, second),
    )


def scaled(result: SeriesResult, factor: float) -> SeriesResult:
    """A result in another unit: a fraction times 100 is percent."""
    return SeriesResult(factor * result.values, result.why, result.observed, estimated=result.estimated)


def spread(panel: Panel, first: str, second: str, sessions: int) -> SeriesResult:
    """`sessions`-session return of `first` less that of `second` on A, in percentage points."""
    return difference(returned(panel, first, sessions), returned(panel, second, sessions), scale=100.0)


def z_of_pair(panel: Panel, first: str, second: str) -> SeriesResult:
    """(ln R - mean)/sd over the last 252 pairs, today's included, of R = A of `first` / A of `second`.

    Sessions that lack one of the two are not counted, so the window reaches further back over them.
    There must be 200 pairs since the beginning, and today's pair must be one of them; sd has n - 1.
    """
    ratio = quotient(price(panel, first, adjusted=True), price(panel, second, adjusted=True))
    logs = np.log(np.where(ratio.values > 0, ratio.values, np.nan))
    paired = ~np.isnan(logs)
    values = np.full(panel.count, np.nan)
    values[paired] = rolling_z(logs[paired])

    def why(position: int) -> str | None:
        if not np.isnan(values[position]):
            return None
        pairs = int(paired[: position + 1].sum())
        if pairs < ENOUGH and paired[position]:
            return f"needs {ENOUGH} sessions with both {first} and {second}, {pairs} are known"
        return ratio.why(position) or f"{first} over {second} did not move in {YEAR} sessions"

    return SeriesResult(values, why)


def beating_streak(panel: Panel, first: str, second: str, *, adjusted: bool) -> SeriesResult:
    """Sessions in a row up to today on which the daily return of `first` beat that of `second`;
    negative while it lost.

    The returns are compared as decimals; a tie resets it to 0. On a session where one of the two is
    missing the reading is withheld, and the count starts anew after it: a run must not extend across
    a session that is not known.
    """
    ours, theirs = (returned(panel, ticker, 1, adjusted=adjusted) for ticker in (first, second))
    return SeriesResult(streak(compare(ours.values, theirs.values)), either(ours, theirs))


def either(*results: SeriesResult) -> Why:
    """The first reason that one of several results has at a position."""

    def why(position: int) -> str | None:
        return next((reason for result in results if (reason := result.why(position))), None)

    return why


def history(panel: Panel, result: SeriesResult) -> History:
    """A result as a signal's history over the market's sessions."""
    observed = None if result.observed is None else pd.Series(result.observed.astype("datetime64[s]"), index=panel.days)
    counted, listed = (
        None if members is None else pd.Series(members, index=panel.days) for members in (result.counted, result.listed)
    )
    return History(
        pd.Series(result.values, index=panel.days),
        counted=counted,
        listed=listed,
        observed=observed,
        why=result.why,
        notes=result.notes,
        spans=None if result.spans is None else pd.Series(result.spans, index=panel.days),
        estimated=result.estimated,
    )


def _any_estimated(first: SeriesResult, second: SeriesResult) -> NDArray[np.bool_] | None:
    if first.estimated is None or second.estimated is None:
        return first.estimated if second.estimated is None else second.estimated
    return first.estimated | second.estimated


def _older(first: SeriesResult, second: SeriesResult) -> NDArray[np.datetime64] | None:
    if first.observed is None or second.observed is None:
        return first.observed if second.observed is None else second.observed
    older: NDArray[np.datetime64] = np.minimum(first.observed, second.observed)
    return older


def _no_base(ticker: str, value: float) -> str | None:
    return f"{ticker} stood at 0, no return can be taken from it" if np.isnan(value) else None
