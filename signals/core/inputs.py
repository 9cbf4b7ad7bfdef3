"""Which tickers the inputs of signals stand for: themselves, the members of an index, the contracts of a future."""

from __future__ import annotations

from collections.abc import Iterable

GROUP = "group:"
"""The prefix of inputs that stand for all members of an index."""

FUTURES = "futures:"
"""The prefix of inputs that stand for every contract of a future; the tickers of contracts begin with what follows it."""


def of_members(inputs: Iterable[str]) -> bool:
    """Whether one of these inputs stands for the members of an index."""
    return any(name.startswith(GROUP) for name in inputs)


def tickers_of(inputs: Iterable[str], known: Iterable[str]) -> frozenset[str]:
    """Those of the `known` tickers whose prices signals with these inputs read.

    All of them where one stands for the members of an index: lists of members change, and the past ones count as well.
    """
    names = frozenset(inputs)
    if of_members(names):
        return frozenset(known)
    contracts = tuple(name.removeprefix(FUTURES) for name in names if name.startswith(FUTURES))
    return frozenset(ticker for ticker in known if ticker in names or ticker.startswith(contracts))
