"""The yardsticks of the two clocks: ratios of adjusted closes for rotation, adjusted closes for tech itself.

The thresholds are 3 % for equal weight and scaled by volatility for the others; they are not tuned.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from signals.asof.watched_names import SEVEN
from signals.core.panel import Panel
from signals.core.rolling import Floats
from signals.rotation.directional_change import DirectionalChanges, directional_changes


@dataclass(frozen=True, slots=True)
class Yardstick:
    """One ratio or price whose turns are followed.

    Attributes:
        name: The middle word of its ids.
        label: What people read.
        short: The same in at most 19 characters.
        tickers: Everything that it needs a price of.
        threshold: Per cent from an extreme at which it turns.
        values: Its value on every session of the whole past (`Panel.whole_past`), NaN where there
            is none.
    """

    name: str
    label: str
    short: str
    tickers: tuple[str, ...]
    threshold: float
    values: Callable[[Panel], Floats]


def changes_of(panel: Panel, yardstick: Yardstick) -> DirectionalChanges:
    """The legs of a yardstick over the whole past, computed once a panel."""
    key = ("directional changes", yardstick.name, yardstick.tickers)
    return panel.once(key, lambda: directional_changes(yardstick.values(panel), yardstick.threshold / 100.0))


def ratio(panel: Panel, first: str, second: str) -> Floats:
    """A of `first` over A of `second`, NaN where one of them is missing or not positive."""
    result: Floats = price(panel, first) / price(panel, second)
    return result


def against_the_seven(panel: Panel, ticker: str) -> Floats:
    """A of `ticker` over a basket of the seven.

    The basket is 1 on the first session on which all seven have a price. Its daily return is the
    mean of theirs; on a session on which one has none there is no ratio, and the next return is
    from the last session with all seven.
    """
    prices = np.stack([price(panel, name) for name in SEVEN], axis=1)
    basket = np.full(len(prices), np.nan)
    whole = np.flatnonzero(~np.isnan(prices).any(axis=1))
    if len(whole):
        growth = (prices[whole[1:]] / prices[whole[:-1]]).mean(axis=1)
        basket[whole] = np.concatenate([[1.0], np.cumprod(growth)])
    result: Floats = price(panel, ticker) / basket
    return result


def price(panel: Panel, ticker: str) -> Floats:
    """A of `ticker` since the first session of all, NaN where it is missing or not positive."""
    prices = panel.whole_past(ticker)
    return np.where(prices > 0, prices, np.nan)


def _pair(name: str, label: str, short: str, first: str, second: str, threshold: float) -> Yardstick:
    return Yardstick(name, label, short, (first, second), threshold, partial(ratio, first=first, second=second))


def _price(name: str, label: str, short: str, ticker: str, threshold: float) -> Yardstick:
    return Yardstick(name, label, short, (ticker,), threshold, partial(price, ticker=ticker))


ROTATION: tuple[Yardstick, ...] = (
    _pair("equal_weight", "equal weight against cap weight", "Equal weight", "RSP", "SPY", 3.0),
    _pair("small_caps", "small caps against the S&P 500", "Small caps", "IWM", "SPY", 6.0),
    _pair("value", "value against growth", "Value", "IVE", "IVW", 5.0),
    _pair("ex_tech", "the S&P 500 against its technology sector", "S&P 500 vs. tech", "SPY", "XLK", 5.0),
    _pair("nasdaq_equal", "equal-weighted against cap-weighted Nasdaq-100", "Nasdaq equal weight", "QQQE", "QQQ", 4.0),
    Yardstick(
        "ex_mag7",
        "the S&P 500 against the Magnificent Seven",
        "S&P 500 vs. Mag 7",
        ("SPY", *SEVEN),
        8.5,
        partial(against_the_seven, ticker="SPY"),
    ),
)
"""Up is out of big tech."""

TECH: tuple[Yardstick, ...] = (
    _price("tech", "technology sector", "Tech sector", "XLK", 10.0),
    _price("nasdaq", "Nasdaq-100", "Nasdaq-100", "QQQ", 10.0),
    _price("semis", "semiconductors", "Semiconductors", "SMH", 15.0),
    _price("software", "software", "Software", "IGV", 12.0),
    _price("average_tech", "average technology stock", "Average tech", "RSPT", 10.0),
)
"""Up is an advance of tech."""

TICKERS: tuple[str, ...] = tuple(dict.fromkeys(name for yard in (*ROTATION, *TECH) for name in yard.tickers))
"""The tickers whose adjusted closes are needed from the first session on."""
