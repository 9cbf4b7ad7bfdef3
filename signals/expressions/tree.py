"""What an expression is made of: tickers, sums, quotients, differences and functions, each of one kind of value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from signals.core.rolling import YEAR


class ValueKind(StrEnum):
    """The kind of a value; it decides what may be done with it, and its unit."""

    PRICE = "a price"
    RATIO = "a ratio"
    PERCENT = "a percentage"
    POINTS = "a difference of percentages"
    DEVIATIONS = "a z-score"
    LEG = "the direction of a leg"


LEVELS = (ValueKind.PRICE, ValueKind.RATIO)
"""Kinds from which a return, a drawdown or a directional change can be taken."""


@dataclass(frozen=True, slots=True)
class Price:
    """The price of one ticker."""

    symbol: str
    kind: ValueKind = ValueKind.PRICE


@dataclass(frozen=True, slots=True)
class Pair:
    """Two values joined by `+`, `-` or `/`."""

    left: Expression
    sign: str
    right: Expression
    kind: ValueKind


@dataclass(frozen=True, slots=True)
class Call:
    """A function of a value; `number` counts sessions, for `dc` per cent; `dd` has none (252 sessions)."""

    function: str
    of: Expression
    number: float | None
    kind: ValueKind


Expression = Price | Pair | Call


def text(expression: Expression) -> str:
    """The one spelling of an expression, without parentheses that change nothing."""
    if isinstance(expression, Price):
        return expression.symbol
    if isinstance(expression, Call):
        number = "" if expression.number is None else f", {expression.number:g}"
        return f"{expression.function}({text(expression.of)}{number})"
    first, second = text(expression.left), text(expression.right)
    if expression.sign == "/":
        first = f"({first})" if isinstance(expression.left, Pair) and expression.left.sign != "/" else first
        second = f"({second})" if isinstance(expression.right, Pair) else second
        return f"{first}/{second}"
    second = f"({second})" if isinstance(expression.right, Pair) and expression.right.sign != "/" else second
    return f"{first} - {second}" if expression.sign == "-" else f"{first}+{second}"


def symbols(expression: Expression) -> tuple[str, ...]:
    """The tickers of an expression, each once, in the order of their first use."""
    if isinstance(expression, Price):
        return (expression.symbol,)
    if isinstance(expression, Call):
        return symbols(expression.of)
    return tuple(dict.fromkeys((*symbols(expression.left), *symbols(expression.right))))


def sums(expression: Expression) -> tuple[tuple[str, ...], ...]:
    """The tickers of each sum of prices, which must be in one currency."""
    if isinstance(expression, Price):
        return ()
    if isinstance(expression, Call):
        return sums(expression.of)
    own = (symbols(expression),) if expression.sign == "+" and expression.kind is ValueKind.PRICE else ()
    return (*own, *sums(expression.left), *sums(expression.right))


def lookback(expression: Expression) -> int:
    """Sessions that one value needs, today's included; of a directional change two, though it reads the whole past."""
    if isinstance(expression, Price):
        return 1
    if isinstance(expression, Pair):
        return max(lookback(expression.left), lookback(expression.right))
    if expression.function == "dc":
        return lookback(expression.of) + 1
    windows = {"ret": int(expression.number or 0) + 1, "dd": YEAR}
    return lookback(expression.of) + windows.get(expression.function, int(expression.number or 0)) - 1
