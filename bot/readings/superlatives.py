"""Values over all years of the signals that headlines call the longest, the most or the widest since a day.

A snapshot has five years of every signal, and "the longest in at least five years" of a streak whose
equal stands in the archive is a poor answer. Signals of few prices are computed over all years at
each check. Those of an index's members would take seconds: they are looked up that far only when
the newest value has no equal in the years that are loaded anyway, which is on a few days a year.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from signals import catalogue
from signals.core.inputs import of_members
from signals.core.market import Market
from signals.core.model import History

SUPERLATIVES = (
    "weighting.rsp_spy.spread_1d",
    "size.russell_sp500.streak",
    "megacap.spread_1d",
    "options.vix",
    *(name for name in catalogue.SIGNALS if name.startswith("sectors.") and name.endswith(".return_1d")),
    "breadth.sp500.new_highs",
    "breadth.sp500.new_lows",
    "breadth.sp500.above_50dma",
    "breadth.sp500.thrust_signal",
)
"""Every signal that a rule of the headline compares with its whole past."""


def _of_members(name: str) -> bool:
    return of_members(catalogue.signal(name).inputs)


OF_FEW_PRICES = tuple(name for name in SUPERLATIVES if not _of_members(name))
OF_MEMBERS = tuple(name for name in SUPERLATIVES if _of_members(name))


def tickers() -> frozenset[str]:
    """The tickers and series that the signals of few prices are made of."""
    return frozenset(series for name in OF_FEW_PRICES for series in catalogue.signal(name).inputs)


def all_years(
    market: Market, histories: Mapping[str, History], long: Market, everything: Callable[[], Market]
) -> pd.DataFrame:
    """Final values of those of `SUPERLATIVES` that have a history, all sessions that are known x signals, NaN where withheld.

    Signals of members begin with `market`, unless their newest value has no equal there.

    Args:
        market: All tickers over some years.
        histories: What `catalogue.compute` gave for `market`.
        long: The tickers of `tickers` over all years, up to the last final session.
        everything: Gives all tickers over all years; called only where it is needed.
    """
    histories_of_few = catalogue.compute(long, [name for name in OF_FEW_PRICES if name in histories])
    values = {name: history.values for name, history in histories_of_few.items()}
    values |= {name: histories[name].values.reindex(long.days) for name in OF_MEMBERS if name in histories}
    longer = len(long.days) > len(market.days)
    unequalled = [name for name in OF_MEMBERS if name in values and longer and without_equal(values[name])]
    if unequalled:
        values |= {name: history.values for name, history in catalogue.compute(everything(), unequalled).items()}
    return pd.DataFrame(values).reindex(long.days)


def of_histories(histories: Mapping[str, History]) -> pd.DataFrame:
    """The same from histories over all years."""
    return pd.DataFrame({name: histories[name].values for name in SUPERLATIVES if name in histories})


def without_equal(values: pd.Series) -> bool:
    """Whether the last value is higher, or lower, than every one before; not where there is none."""
    numbers = values.to_numpy(dtype=np.float64)
    earlier = numbers[:-1][np.isfinite(numbers[:-1])]
    if not len(earlier) or not np.isfinite(numbers[-1]):
        return False
    return not (earlier >= numbers[-1]).any() or not (earlier <= numbers[-1]).any()
