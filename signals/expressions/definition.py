"""Own signals as signals: their ids, units and histories, and the mapping in which ids find them.

The id is the expression itself in its one spelling (`own.SMH/IGV`), so whoever has the id has the
signal: no process needs a list, and two people with the same expression have one signal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from signals.core.define import define
from signals.core.model import Family, Signal
from signals.core.panel import Panel
from signals.core.series_ops import SeriesResult
from signals.core.units import Unit
from signals.expressions import tree
from signals.expressions.evaluate import evaluate
from signals.expressions.grammar import ExpressionError, parse
from signals.expressions.tree import Call, Expression, Price, ValueKind

PREFIX = f"{Family.OWN.value}."
LEGS: Mapping[int, str] = MappingProxyType({1: "up leg", -1: "down leg"})
"""Names of the directions of `dc`."""

_UNITS = {
    ValueKind.RATIO: (Unit.RATIO, 4),
    ValueKind.PERCENT: (Unit.PERCENT, 1),
    ValueKind.POINTS: (Unit.POINTS_PERCENT, 2),
    ValueKind.DEVIATIONS: (Unit.Z, 2),
    ValueKind.LEG: (Unit.STATE, 0),
}
_REMEMBERED = 1024

LONGEST_LABEL = 32
"""As long as the longest label of the catalogue: what pictures and tables have room for."""


class WithOwnSignals(Mapping[str, Signal]):
    """The built-in signals, which are those that are listed and counted; ids of own signals find theirs as well."""

    def __init__(self, built_in: Mapping[str, Signal]) -> None:
        self._built_in = dict(built_in)

    def __getitem__(self, id: str) -> Signal:
        built_in = self._built_in.get(id)
        return own_signal(id) if built_in is None else built_in

    def __iter__(self) -> Iterator[str]:
        return iter(self._built_in)

    def __len__(self) -> int:
        return len(self._built_in)


def id_of(expression: Expression) -> str:
    """The id of the signal of an expression."""
    return PREFIX + tree.text(expression)


def expression_of(id: str) -> Expression:
    """The expression of an id. Raises KeyError for what is no id of an own signal in its one spelling."""
    text = id.removeprefix(PREFIX)
    try:
        expression = parse(text) if text != id else None
    except ExpressionError:
        expression = None
    if expression is None or tree.text(expression) != text:
        raise KeyError(id)
    return expression


@lru_cache(_REMEMBERED)
def own_signal(id: str) -> Signal:
    """The signal of an id such as `own.SMH/IGV`. Raises KeyError as `expression_of`."""
    expression = expression_of(id)
    names, text = tree.symbols(expression), tree.text(expression)
    unit, decimals = _UNITS.get(expression.kind) or (_unit_of_price(names), 2)
    adjusted = "splits" if isinstance(expression, Price) else "splits and dividends"
    return define(
        id,
        text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 1]}…",
        unit=unit,
        decimals=decimals,
        meaning=f"{text}, from closes adjusted for {adjusted}.",
        inputs=names,
        formula=lambda panel: _computed(panel, expression),
        lookback=tree.lookback(expression),
        names=LEGS if expression.kind is ValueKind.LEG else MappingProxyType({}),
    )


def whole_past(id: str) -> tuple[str, ...]:
    """The tickers of an own signal whose adjusted closes it needs from the first session of all on."""
    expression = expression_of(id)
    return tree.symbols(expression) if expression.kind is ValueKind.LEG else ()


def _computed(panel: Panel, expression: Expression) -> SeriesResult:
    adjusted = not isinstance(expression, Price)
    if expression.kind is ValueKind.LEG:
        values = evaluate(expression, panel.whole_past)[panel.earlier :]
    else:
        values = evaluate(expression, lambda symbol: panel.prices(symbol, adjusted=adjusted))
    values = np.array(values)

    def why(position: int) -> str | None:
        if not np.isnan(values[position]):
            return None
        missing = (panel.no_price(symbol, position, adjusted=adjusted) for symbol in tree.symbols(expression))
        return next((reason for reason in missing if reason), None) or _too_little(panel, expression, position)

    return SeriesResult(values, why)


def _too_little(panel: Panel, expression: Expression, position: int) -> str:
    if isinstance(expression, Call) and expression.function == "dc":
        return f"{tree.text(expression.of)} has not moved {expression.number:g}% from an extreme yet"
    names = " and ".join(tree.symbols(expression))
    needed = tree.lookback(expression)
    return panel.too_short(needed, position) or f"needs {needed} sessions with a price of {names}, and some movement"


def _unit_of_price(symbols: tuple[str, ...]) -> Unit:
    """Dollars, points of indices, or a price in whatever currency the exchange has."""
    if all(symbol.startswith("^") for symbol in symbols):
        return Unit.POINTS
    return Unit.USD if all(_in_dollars(symbol) for symbol in symbols) else Unit.PRICE


def _in_dollars(symbol: str) -> bool:
    """Tickers of other exchanges have a suffix, rates `=X`, coins their currency behind a hyphen."""
    currency = symbol.rpartition("-")[2] if "-" in symbol else ""
    return not (
        symbol.startswith("^") or "." in symbol or symbol.endswith("=X") or currency not in ("", "USD", "A", "B")
    )
