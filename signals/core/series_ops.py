"""Lines: a value a session together with the reason where it has none, and the sums that families build from prices.

C is the close adjusted for splits, A the one adjusted for splits and dividends. r(n) = value / value n sessions earlier - 1,
a fraction; lines for people are in percent or percentage points. A price is never carried forward.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from signals.core.model import History
from signals.core.panel import Panel
from signals.core.rolling import Floats, compare, growth, rolling_z, streak

Why = Callable[[int], str | None]
"""From a position to the sentence why there is no value, None where there is one."""

YEAR = 252
ENOUGH = 200


@dataclass(frozen=True, slots=True)
class Line:
    """Values over the sessions (NaN = none), why one is missing, and the dates of the observations behind them.

    `observed`: datetime64[D] a session, or None where every value describes its own session.
    `counted`, `listed`: members behind each value, or None where there are no members.
    `notes`: from a position to remarks for its reading, or None where there are none.
    """

    values: Floats
    why: Why
    observed: NDArray[np.datetime64] | None = None
    counted: NDArray[np.int64] | None = None
    listed: NDArray[np.int64] | None = None
    notes: Callable[[int], tuple[str, ...]] | None = None


def price(panel: Panel, ticker: str, *, adjusted: bool = False) -> Line:
    """C of `ticker`.

    A with `adjusted`.
    """
    return Line(
        panel.prices(ticker, adjusted=adjusted), lambda position: panel.no_price(ticker, position, adjusted=adjusted)
    )


def returned(panel: Panel, ticker: str, sessions: int, *, adjusted: bool = True) -> Line:
    """r(n) of a ticker on A (or C) as a fraction; needs the close of the day and that of n sessions earlier."""

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
    return Line(values, why)


def year_to_date(panel: Panel, ticker: str, *, adjusted: bool) -> Line:
    """Return since the last session of the previous calendar year as a fraction; needs the close of that very session."""

    def make() -> Floats:
        prices, base = panel.prices(ticker, adjusted=adjusted), panel.year_base
        before = np.where(base >= 0, prices[base], np.nan)
        before[before == 0] = np.nan
        return prices / before - 1.0

    def why(position: int) -> str | None:
        missing = panel.no_price(ticker, position, adjusted=adjusted)
        base = int(panel.year_base[position])
        if base < 0:
            year = panel.day(position)[:4]
            return missing or f"needs the last session before {year}, sessions are known since {panel.day(0)}"
        return missing or panel.no_price(ticker, base, adjusted=adjusted) or _no_base(ticker, values[position])

    values = panel.once(("ytd", ticker, adjusted), make)
    return Line(values, why)


def difference(first: Line, second: Line, *, scale: float = 1.0) -> Line:
    """`scale` times (first - second); needs both. `observed` is the older of the two."""
    return Line(scale * (first.values - second.values), either(first, second), _older(first, second))


def quotient(first: Line, second: Line) -> Line:
    """first / second; needs both, and a second that is not 0. `observed` is the older of the two."""
    base = np.where(second.values == 0, np.nan, second.values)
    missing = either(first, second)
    return Line(
        first.values / base,
        lambda position: (
            missing(position) or ("what it is divided by stands at 0" if second.values[position] == 0 else None)
        ),
        _older(first, second),
    )


def scaled(line: Line, factor: float) -> Line:
    """A line in another unit: a fraction times 100 is percent."""
    return Line(factor * line.values, line.why, line.observed)


def spread(panel: Panel, first: str, second: str, sessions: int) -> Line:
    """`sessions`-session return of `first` less that of `second` on A, in percentage points."""
    return difference(returned(panel, first, sessions), returned(panel, second, sessions), scale=100.0)


def z_of_pair(panel: Panel, first: str, second: str) -> Line:
    """(ln R - mean)/sd over the last 252 pairs, today's included, of R = A of `first` / A of `second`.

    Sessions that lack a leg are left out of the counting, so the window reaches further back over them; 200 pairs must be there
    since the beginning, sd has n - 1, and today's pair must be one of them.
    """
    ratio = quotient(price(panel, first, adjusted=True), price(panel, second, adjusted=True))
    logs = np.log(np.where(ratio.values > 0, ratio.values, np.nan))
    paired = ~np.isnan(logs)
    values = np.full(panel.count, np.nan)
    values[paired] = rolling_z(logs[paired], window=YEAR, need=ENOUGH)

    def why(position: int) -> str | None:
        if not np.isnan(values[position]):
            return None
        known = int(paired[: position + 1].sum())
        if known < ENOUGH and paired[position]:
            return f"needs {ENOUGH} sessions with both {first} and {second}, {known} are known"
        return ratio.why(position) or f"{first} over {second} did not move in {YEAR} sessions"

    return Line(values, why)


def beating_streak(panel: Panel, first: str, second: str, *, adjusted: bool) -> Line:
    """Sessions in a row up to today on which the daily return of `first` beat that of `second`; negative while it lost.

    A tie ends it at 0. On a session where a leg is missing the reading is withheld, and the count starts anew behind it: a
    run must not reach across a day that nobody knows.
    """
    ours, theirs = (returned(panel, ticker, 1, adjusted=adjusted) for ticker in (first, second))
    return Line(streak(compare(1 + ours.values, 1 + theirs.values)), either(ours, theirs))


def either(*lines: Line) -> Why:
    """The first reason that one of several lines has at a position."""

    def why(position: int) -> str | None:
        return next((reason for line in lines if (reason := line.why(position))), None)

    return why


def history(panel: Panel, line: Line) -> History:
    """A line as a signal's history over the market's sessions."""
    observed = None if line.observed is None else pd.Series(line.observed.astype("datetime64[s]"), index=panel.days)
    counted, listed = (
        None if part is None else pd.Series(part, index=panel.days) for part in (line.counted, line.listed)
    )
    return History(
        pd.Series(line.values, index=panel.days),
        counted=counted,
        listed=listed,
        observed=observed,
        why=line.why,
        notes=line.notes,
    )


def _older(first: Line, second: Line) -> NDArray[np.datetime64] | None:
    if first.observed is None or second.observed is None:
        return first.observed if second.observed is None else second.observed
    older: NDArray[np.datetime64] = np.minimum(first.observed, second.observed)
    return older


def _no_base(ticker: str, value: float) -> str | None:
    return f"{ticker} stood at 0, no return can be taken from it" if np.isnan(value) else None
