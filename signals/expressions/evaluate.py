"""The values of an expression, from arrays of prices; pure, and nothing in it looks ahead.

`ret` goes back by sessions. Means, deviations and drawdowns are taken over the last sessions on which every
ticker has a price, so a holiday of one exchange costs that day alone.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from signals.core.rolling import YEAR, Floats, growth, rolling_z, window_max, window_sum
from signals.expressions.tree import Call, Expression, Pair, Price
from signals.rotation.directional_change import directional_changes

PricesOf = Callable[[str], Floats]
"""From a ticker to its prices, one a session, NaN where there is none."""


def evaluate(expression: Expression, prices: PricesOf) -> Floats:
    """One value a session, NaN where one cannot be computed. The arrays of `prices` are only read."""
    if isinstance(expression, Price):
        return prices(expression.symbol)
    if isinstance(expression, Call):
        return _called(expression, evaluate(expression.of, prices))
    return _joined(expression, evaluate(expression.left, prices), evaluate(expression.right, prices))


def _joined(pair: Pair, left: Floats, right: Floats) -> Floats:
    if pair.sign == "+":
        return left + right
    if pair.sign == "-":
        return left - right
    return left / np.where(right == 0, np.nan, right)


def _called(call: Call, values: Floats) -> Floats:
    size = int(call.number or 0)
    if call.function == "ret":
        return 100.0 * growth(_positive(values), size)
    if call.function == "dc":
        positive = _positive(values)
        direction = directional_changes(positive, (call.number or 0.0) / 100.0).direction
        return np.where(np.isnan(positive) | (direction == 0), np.nan, direction.astype(np.float64))
    present = ~np.isnan(values)
    result = np.full(len(values), np.nan)
    result[present] = _windowed(call.function, values[present], size)
    return result


def _windowed(function: str, values: Floats, size: int) -> Floats:
    if function == "sma":
        return window_sum(values, size) / size
    if function == "z":
        return rolling_z(values, window=size, need=size)
    high = window_max(values, YEAR)
    return 100.0 * (values / np.where(high > 0, high, np.nan) - 1.0)


def _positive(values: Floats) -> Floats:
    """A future may have closed at or below zero; from there nothing grows by per cent."""
    return np.where(values > 0, values, np.nan)
