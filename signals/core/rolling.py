"""Windows, means and streaks over plain arrays: the arithmetic that signals share.

Arrays run oldest first along axis 0, one row a session; NaN is a missing value. Nothing here
depends on a market.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from signals.core.decimals import COMPARED_PLACES, comparable

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NOISE = 1e-12
"""Relative differences up to this are rounding of binary fractions and count as equal."""

NEAR = 2.0 * 10.0**-COMPARED_PLACES
"""Two numbers further apart than this compare as their decimals do."""

YEAR = 252
"""Sessions of a year: the longest window of all measures and highs."""

ENOUGH = 200
"""Values that a year must contain for a place in it to be told."""

_CHUNK = 256
"""Windows that are computed at once: with more, their arrays do not stay in the processor's cache."""


def window_sum(values: Floats, size: int) -> Floats:
    """Sum of the last `size` rows including this one, per column.

    NaN where the window is short or has a NaN. Every sum is made of at most two partial sums inside
    blocks of `size` rows (van Herk's scheme), so that rounding does not grow with the length of the
    history as it does with one running sum, and one NaN spoils only the windows that contain it.
    """
    return _by_blocks(values, size, np.add, 0.0)


def window_max(values: Floats, size: int) -> Floats:
    """Greatest of the last `size` rows including this one, per column.

    NaN where the window is short or has a NaN.
    """
    return _by_blocks(values, size, np.maximum, -np.inf)


def window_min(values: Floats, size: int) -> Floats:
    """Least of the last `size` rows including this one, per column.

    NaN where the window is short or has a NaN.
    """
    return _by_blocks(values, size, np.minimum, np.inf)


def _by_blocks(values: Floats, size: int, join: np.ufunc, neutral: float) -> Floats:
    """Combines each window from the end of one block and the beginning of the next.

    The running result is taken forwards (`heads`) and backwards (`tails`) inside every block; a
    window that spans two blocks is the tail of the first joined with the head of the second.
    """
    rows = len(values)
    result = np.full(values.shape, np.nan)
    if rows < size:
        return result
    blocks = -(-rows // size)
    shape = (blocks, size, *values.shape[1:])
    padded = np.full((blocks * size, *values.shape[1:]), neutral)
    padded[:rows] = values
    heads = padded.reshape(shape)
    tails = heads.copy()
    if values.ndim == 1:
        join.accumulate(heads, axis=1, out=heads)
        join.accumulate(tails[:, ::-1], axis=1, out=tails[:, ::-1])
    else:
        # Row by row: of many columns numpy would run down one after the other.
        for step in range(1, size):
            join(heads[:, step], heads[:, step - 1], out=heads[:, step])
            join(tails[:, -1 - step], tails[:, -step], out=tails[:, -1 - step])
    begins = tails.reshape(padded.shape)[: rows - size + 1]
    begins[::size] = neutral
    join(begins, padded[size - 1 : rows], out=result[size - 1 :])
    return result


def window_mean(values: Floats, size: int) -> Floats:
    """Mean of the last `size` values; NaN where the window is short or has a NaN. One dimension.

    Sums are exact, so that windows of the same decimals in another order have the same mean:
    percentiles count equal readings.
    """
    result = np.full(len(values), np.nan)
    if len(values) >= size:
        result[size - 1 :] = [math.fsum(window) / size for window in sliding_window_view(values, size).tolist()]
    return result


def window_deviation(values: Floats, size: int) -> Floats:
    """Standard deviation (n - 1) of the last `size` values.

    NaN where the window is short, has a NaN or is constant.
    """
    result = np.full(len(values), np.nan)
    if len(values) >= size:
        windows = sliding_window_view(values, size)
        result[size - 1 :] = np.where(_constant(windows), np.nan, windows.std(axis=-1, ddof=1))
    return result


def window_product(values: Floats, size: int) -> Floats:
    """Product of the last `size` values; NaN where the window is short or has a NaN. One dimension."""
    result = np.full(len(values), np.nan)
    if len(values) >= size:
        result[size - 1 :] = sliding_window_view(values, size).prod(axis=-1)
    return result


def rolling_z(values: Floats, *, window: int = YEAR, need: int = ENOUGH) -> Floats:
    """`z_of` each window of `window` rows ending at a row, shorter at the beginning; one result a row."""
    return _over(values, window, lambda windows: z_of(windows, need=need))


def rolling_percentile(values: Floats) -> Floats:
    """`percentile_of` each year ending at a row, shorter at the beginning; one result a row."""
    return _over(values, YEAR, lambda windows: percentile_of(windows, need=ENOUGH))


def z_of(windows: Floats, *, need: int) -> Floats:
    """(last value - mean)/sd with n - 1 of each row of `windows` (rows x sessions).

    Missing values are left out; NaN where the last is missing, fewer than `need` are there, or all
    are equal.
    """
    totals = windows.sum(axis=1)
    if windows.shape[1] >= max(need, 2) and not np.isnan(totals).any():
        # Nothing is missing, which is most often so.
        return _z(windows, windows - (totals / windows.shape[1])[:, None], windows.shape[1] - 1)
    result = np.full(len(windows), np.nan)
    present = ~np.isnan(windows)
    count = present.sum(axis=1)
    enough = (count >= max(need, 2)) & present[:, -1]
    windows, present, count = windows[enough], present[enough], count[enough]
    mean = np.where(present, windows, 0.0).sum(axis=1) / count
    deviations = np.where(present, windows - mean[:, None], 0.0)
    result[enough] = _z(np.where(present, windows, windows[:, -1:]), deviations, count - 1)
    return result


def _z(windows: Floats, deviations: Floats, degrees: int | NDArray[np.int64]) -> Floats:
    """The last of each row of deviations over their standard deviation; NaN where the values are all the same decimal."""
    deviation = np.sqrt(np.einsum("ij,ij->i", deviations, deviations) / degrees)
    # Such values deviate by no more than their difference and the rounding of their mean.
    size = np.abs(windows[:, -1])
    near = np.flatnonzero((deviation <= NEAR + NOISE * size) | np.isinf(deviation))
    deviation[near[_constant(windows[near])]] = np.nan
    result: Floats = deviations[:, -1] / deviation
    return result


def percentile_of(windows: Floats, *, need: int) -> Floats:
    """100 (number lower + half of the number equal, the last included) / n of each row of `windows`, 0-100.

    Missing values are left out; NaN where the last is missing or fewer than `need` are there. Equal
    means the same number.
    """
    last, size = windows[:, -1:], windows.shape[1]
    rank = set_in_rows(windows < last) + 0.5 * set_in_rows(windows == last)
    if size >= max(need, 1) and not np.isnan(windows.sum(axis=1)).any():
        percentiles: Floats = 100.0 * rank / size
        return percentiles
    result = np.full(len(windows), np.nan)
    count = set_in_rows(~np.isnan(windows))
    enough = (count >= max(need, 1)) & ~np.isnan(last[:, 0])
    result[enough] = 100.0 * rank[enough] / count[enough]
    return result


def set_in_rows(flags: Bools) -> NDArray[np.uint32]:
    """How many of each row of `flags` (rows x columns) are set; 0 without columns."""
    # Bytes are added up faster than truth values.
    count: NDArray[np.uint32] = np.add.reduce(flags.view(np.uint8), axis=1, dtype=np.uint32)
    return count


def ema(values: Floats, alpha: float) -> Floats:
    """Recursive mean m += alpha (value - m), starting with the first value.

    A missing value leaves it as it was. NaN only before the first value: on a day without a value
    the result is the mean carried over.
    """
    result = np.full(len(values), np.nan)
    mean = np.nan
    for position, value in enumerate(values.tolist()):
        if value == value:
            mean = value if mean != mean else mean + alpha * (value - mean)
        result[position] = mean
    return result


def streak(signs: Floats) -> Floats:
    """Length of the run of equal signs that ends here, negative for a run of -1, 0 at a 0.

    NaN where the sign is missing. A run does not reach across a missing sign, because what happened
    there is unknown.
    """
    result = np.full(len(signs), np.nan)
    run = 0.0
    for position, sign in enumerate(signs.tolist()):
        if sign != sign:
            run = 0.0
            continue
        run = run + sign if run * sign > 0 else sign
        result[position] = run
    return result


def median_of_rows(table: Floats) -> Floats:
    """Median of the values in each row, missing ones left out; NaN for a row without values."""
    result = np.full(len(table), np.nan)
    some = ~np.isnan(table).all(axis=1) if table.shape[1] else np.zeros(len(table), dtype=bool)
    result[some] = np.nanmedian(table[some], axis=1)
    return result


def compare(first: Floats, second: Floats) -> Floats:
    """1 where first is greater, -1 where less, 0 where they are the same decimal, NaN where one is missing."""
    return np.sign(comparable(first) - comparable(second))


def back(values: Floats, sessions: int) -> Floats:
    """The values of `sessions` rows earlier; NaN where the history begins later."""
    result = np.full(len(values), np.nan)
    if 0 < sessions < len(values):
        result[sessions:] = values[:-sessions]
    return values.copy() if sessions == 0 else result


def growth(values: Floats, sessions: int) -> Floats:
    """r(n) = value / value `sessions` rows earlier - 1 as a fraction.

    NaN where either is missing or the base is 0.
    """
    base = back(values, sessions)
    base[base == 0] = np.nan
    return values / base - 1.0


def _constant(windows: Floats) -> Bools:
    """Whether all values of a row are the same decimal; False with a NaN."""
    high, low = windows.max(axis=-1), windows.min(axis=-1)
    equal: Bools = high - low < NEAR
    if equal.any():
        equal[equal] = comparable(high[equal]) == comparable(low[equal])
    return equal


def _over(values: Floats, size: int, function: Callable[[Floats], Floats]) -> Floats:
    """Applies a function of windows in chunks, so that 252 copies of a long history are never in
    memory at once.
    """
    # One row more than needed in front, so that no values have no windows.
    windows = sliding_window_view(np.concatenate([np.full(size, np.nan), values]), size)[1:]
    result = np.empty(len(values))
    for begin in range(0, len(values), _CHUNK):
        result[begin : begin + _CHUNK] = function(windows[begin : begin + _CHUNK])
    return result
