"""A market whose yardsticks of the rotation turn on sessions that can be worked out with a pocket calculator.

The S&P 500 stays at 400. For 300 sessions all else does too; then each yardstick falls and rises by a fixed part a
session, from one extreme to the next. With a part s and a threshold T it has turned up after the first n sessions with
(1 + s)^n >= 1 + T, and down after the first with (1 - s)^n <= 1 - T:

| yardstick | T | s | up after | down after |
| --- | --- | --- | --- | --- |
| equal_weight | 3 % | 0.25 % | 12 | 13 |
| nasdaq_equal | 4 % | 0.25 % | 16 | 17 |
| ex_mag7 | 8.5 % | 0.5 % | 17 | 18 |
| small_caps | 6 % | 0.3 % | 20 | 21 |
| value, ex_tech | 5 % | 0.2 % | 25 | 26 |

So four of six, two thirds, have turned up 20 sessions after a low, and down 21 sessions after a high. Tech moves against
them, by 1 / (1 + s) a session:

| yardstick | T | s | up after | down after |
| --- | --- | --- | --- | --- |
| software | 12 % | 0.3 % | 38 | 43 |
| average_tech | 10 % | 0.25 % | 39 | 43 |
| semis | 15 % | 0.3 % | 47 | 55 |
| tech, nasdaq | 10 % | 0.2 % | 48 | 53 |

Four of five, two thirds, have turned up 48 sessions after a high of the ratios and down 53 sessions after a low. The pair of
value against growth begins on session 430.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from signals.asof.watched_names import SEVEN
from signals.core.market import Market
from tests.signals.markets import market, sessions_from

FLAT, FALL, RISE = 0, -1, 1
LEGS = ((FLAT, 300), (FALL, 120), (RISE, 180), (FALL, 120), (RISE, 180), (FALL, 39))
"""Direction of the yardsticks and number of sessions; the extremes are sessions 300, 420, 600, 720 and 900, the last is 939."""

ROTATION_TURNS = ((321, -1), (440, 1), (621, -1), (740, 1), (921, -1))
"""Session and state."""

TECH_TURNS = ((347, 1), (473, -1), (648, 1), (773, -1))
"""At first three yardsticks suffice, 47 sessions after the first fall began."""

FIRST = "2020-10-26"
VALUE_BEGINS = 430
COUNT = 1 + sum(sessions for _, sessions in LEGS)


def session(position: int) -> date:
    """The day of a session, the first of which is 0."""
    return _days(FIRST, COUNT)[position].date()


@cache
def _days(first: str, count: int) -> pd.DatetimeIndex:
    return sessions_from(first, count)


def path(part: float) -> NDArray[np.float64]:
    """A yardstick that moves by a part of itself each session."""
    directions = np.repeat([way for way, _ in LEGS], [sessions for _, sessions in LEGS])
    return np.concatenate([[1.0], np.cumprod(1.0 + part * directions)])


def closes(first: str = FIRST, count: int = COUNT) -> pd.DataFrame:
    """Closes of the first `count` sessions, which are the adjusted ones as well; session 0 is at or after `first`."""
    quarter, fifth, third, half = path(0.0025), path(0.002), path(0.003), path(0.005)
    growth = pd.Series(100.0, range(COUNT)).where(np.arange(COUNT) >= VALUE_BEGINS)
    table = {
        "SPY": np.full(COUNT, 400.0),
        "RSP": 400.0 * quarter,
        "IWM": 400.0 * third,
        "IVW": growth.to_numpy(),
        "IVE": growth.to_numpy() * fifth,
        "XLK": 400.0 / fifth,
        "QQQ": 400.0 / fifth,
        "QQQE": 400.0 / fifth * quarter,
        "SMH": 400.0 / third,
        "IGV": 400.0 / third,
        "RSPT": 400.0 / quarter,
        **dict.fromkeys(SEVEN, 400.0 / half),
    }
    return pd.DataFrame(table).head(count).set_index(_days(first, count)[:count])


def made_market() -> Market:
    """The closes as a market whose last session is the newest."""
    return market(FIRST, adjusted={ticker: column.tolist() for ticker, column in closes().items()})


def write(folder: Path, first: str = FIRST, count: int = COUNT) -> Path:
    """The same, or its first `count` sessions from another day on, as a market pack."""
    folder.mkdir(parents=True)
    table = closes(first, count)
    for name in ("close", "adj_close"):
        table.to_csv(folder / f"{name}.csv", index_label="date")
    (folder / "series.csv").write_text(f"date,VIX\n{table.index[0]:%Y-%m-%d},20\n")
    rows = [f"{ticker},{ticker} Inc.,Information Technology,,sp500 ndx100" for ticker in SEVEN]
    (folder / "universe.csv").write_text("\n".join(["ticker,name,sector,industry,groups", *rows]) + "\n")
    return folder
