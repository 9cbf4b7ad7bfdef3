"""Proportion intervals: closed formulas for shares and their differences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Z = 1.959963984540054
"""The 97.5% point of the normal distribution: every interval here is one of 95%."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and its 95% interval."""

    value: float
    low: float
    high: float


def wilson(hits: float, n: float) -> Interval:
    """A share with Wilson's score interval, 0-1. Raises ValueError without trials.

    ((p + z^2/2n) +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n): Wilson 1927, "Probable inference,
    the law of succession, and statistical inference", J. Am. Stat. Assoc. 22. 7 of 10 gives 40% to
    89 %, 0 of 5 gives 0 % to 43 %.
    """
    if n <= 0:
        raise ValueError("a share needs at least one trial")
    share = hits / n
    middle = share + Z * Z / (2 * n)
    reach = Z * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    scale = 1 + Z * Z / n
    return Interval(share, max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale))


def newcombe(first: Interval, second: Interval) -> Interval:
    """The difference of two independent shares, first minus second, from their Wilson intervals.

    d - sqrt((p1 - l1)^2 + (u2 - p2)^2) to d + sqrt((u1 - p1)^2 + (p2 - l2)^2): Newcombe 1998,
    "Interval estimation for the difference between independent proportions", Statistics in Medicine
    17, method 10. 56 of 70 less 48 of 80: 0.0524 to 0.3339.
    """
    gap = first.value - second.value
    down = math.hypot(first.value - first.low, second.high - second.value)
    up = math.hypot(first.high - first.value, second.value - second.low)
    return Interval(gap, gap - down, gap + up)


def p_value(first: Interval, n_first: float, second: Interval, n_second: float) -> float:
    """The probability, 0-1, that two equal shares, of n and of m trials, differ at least this much by chance.

    Two-sided score test with the pooled share p: z = (p1 - p2) / sqrt(p (1 - p) (1/n + 1/m)), which
    is Pearson's chi-square of a fourfold table without a correction (Fleiss, Levin, Paik 2003,
    "Statistical Methods for Rates and Proportions", section 3.1). 56 of 70 and 48 of 80: 0.0080.
    """
    pooled = (first.value * n_first + second.value * n_second) / (n_first + n_second)
    deviation = math.sqrt(pooled * (1 - pooled) * (1 / n_first + 1 / n_second))
    return math.erfc(abs(first.value - second.value) / deviation / math.sqrt(2)) if deviation else 1.0


def false_discoveries(p_values: Sequence[float]) -> list[float]:
    """The q-value of each of several tests, in their order.

    Among all tests with this q or a lower one the share q is expected to be chance alone. q of the
    i-th lowest p of m is the least m p(j) / j for j >= i: Benjamini and Hochberg 1995, "Controlling
    the false discovery rate", J. R. Stat. Soc. B 57. Their example: the fifteen of table 3.2 pass
    at 5 % up to the fourth, q = 15 * 0.0095 / 4.
    """
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    q_values, least = [1.0] * len(p_values), 1.0
    for rank in range(len(order), 0, -1):
        least = min(least, len(order) * p_values[order[rank - 1]] / rank)
        q_values[order[rank - 1]] = least
    return q_values
