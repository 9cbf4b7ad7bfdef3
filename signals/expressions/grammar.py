"""The grammar of own signals: from a typed text to an expression, or to a sentence that points at the column.

    sum      = quotient (("+" | " - ") quotient)*
    quotient = value ("/" value)*
    value    = ticker | "(" sum ")" | function "(" sum ["," number] ")"

Nothing is evaluated here. A hyphen without blanks belongs to a ticker (`BRK-B`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from signals.expressions import tree
from signals.expressions.tree import LEVELS, Call, Expression, Pair, Price, ValueKind

LONGEST = 80
"""Characters of an expression."""
MOST_TICKERS = 10
MOST_SESSIONS = 756
"""Sessions that one value may need in all: a tail of the history then gives the same as the whole."""

NUMBERS = {"sma": (2, 252), "ret": (1, 252), "z": (20, 252), "dc": (0.5, 50.0)}
"""Least and greatest number of each function: sessions, for `dc` per cent."""
_EXAMPLES = {"sma": "sma(SPY, 50)", "ret": "ret(KRE, 21)", "z": "z(SMH/IGV, 252)", "dc": "dc(RSP/SPY, 3)"}
FUNCTIONS = (*NUMBERS, "dd")

_PERCENTAGES = (ValueKind.PERCENT, ValueKind.POINTS)
_TOKEN = re.compile(r" *(\^?[A-Za-z0-9]+(?:[.=-][A-Za-z0-9]+)*|[-+/(),])")
_MINUS = str.maketrans({"\N{MINUS SIGN}": "-", "\N{EN DASH}": "-"})


class ExpressionError(ValueError):
    """A text that is no expression.

    Attributes:
        column: Where, counted from 1.
        sentence: What is wrong there, and what would be right.
    """

    def __init__(self, column: int, sentence: str) -> None:
        super().__init__(f"Column {column}: {sentence}")
        self.column, self.sentence = column, sentence


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    at: int


def parse(typed: str) -> Expression:
    """The expression of a text. Raises ExpressionError for what is none, with the first column that is wrong."""
    if len(typed) > LONGEST:
        raise ExpressionError(LONGEST + 1, f"an expression has at most {LONGEST} characters.")
    parser = _Parser("".join(" " if letter.isspace() else letter for letter in typed.translate(_MINUS)))
    expression = parser.sum()
    if (token := parser.peek()) is not None:
        raise ExpressionError(token.at + 1, _unexpected(token.text))
    if len(tree.symbols(expression)) > MOST_TICKERS:
        raise ExpressionError(1, f"an expression has at most {MOST_TICKERS} tickers.")
    if len(tree.text(expression)) > LONGEST:
        raise ExpressionError(1, f"an expression has at most {LONGEST} characters.")
    if tree.lookback(expression) > MOST_SESSIONS:
        raise ExpressionError(1, f"all windows together may reach back {MOST_SESSIONS} sessions.")
    return expression


class _Parser:
    """Reads tokens from the left; each method reads what the grammar names like it."""

    def __init__(self, typed: str) -> None:
        self._typed, self._tokens, self._next = typed, _tokens(typed), 0

    def peek(self) -> _Token | None:
        """The next token, None at the end."""
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def sum(self) -> Expression:
        left = self._quotient()
        while sign := self._take("+", "-"):
            blanks = self._typed[sign.at - 1 : sign.at + 2]
            if sign.text == "-" and not (blanks[:1].isspace() and blanks[2:].isspace()):
                raise ExpressionError(
                    sign.at + 1, "a minus sign needs a space on each side: ret(KRE, 21) - ret(SPY, 21)."
                )
            left = _joined(left, sign, self._quotient())
        return left

    def _quotient(self) -> Expression:
        left = self._value()
        while sign := self._take("/"):
            left = _joined(left, sign, self._value())
        return left

    def _value(self) -> Expression:
        token = self.peek()
        if token is None:
            raise ExpressionError(len(self._typed.rstrip()) + 1, "a ticker or a function is missing here.")
        if token.text in "+-/,)":
            raise ExpressionError(token.at + 1, f'a ticker or a function belongs here, not "{token.text}".')
        self._next += 1
        if token.text == "(":
            inside = self.sum()
            self._close(token)
            return inside
        opening = self._take("(")
        if opening is None:
            if not re.search("[A-Za-z]", token.text):
                raise ExpressionError(token.at + 1, f"{token.text} is no ticker; numbers stand in functions alone.")
            return Price(token.text.upper())
        name = token.text.lower()
        if name not in FUNCTIONS:
            raise ExpressionError(token.at + 1, f"“{token.text}” is no function. There are {', '.join(FUNCTIONS)}.")
        of = self.sum()
        number = self._number(name) if name in NUMBERS else None
        self._close(opening)
        return Call(name, of, number, _kind(name, of, token))

    def _number(self, function: str) -> float:
        comma, token = self._take(","), self.peek()
        low, high = NUMBERS[function]
        at = token.at if token is not None else len(self._typed.rstrip())
        sessions = "per cent" if function == "dc" else "sessions"
        expected = f"{function} takes a number of {sessions} from {low:g} to {high:g}, as in {_EXAMPLES[function]}."
        digits = r"[0-9]{1,2}(\.[0-9]{1,2})?" if function == "dc" else r"[0-9]{1,3}"
        numeric = comma is not None and token is not None and re.fullmatch(digits, token.text)
        if token is None or not numeric or not low <= float(token.text) <= high:
            raise ExpressionError(at + 1, expected)
        self._next += 1
        return float(token.text)

    def _take(self, *texts: str) -> _Token | None:
        token = self.peek()
        if token is None or token.text not in texts:
            return None
        self._next += 1
        return token

    def _close(self, opening: _Token) -> None:
        token = self.peek()
        if self._take(")") is None:
            at = token.at if token is not None else len(self._typed.rstrip())
            raise ExpressionError(at + 1, f"the parenthesis of column {opening.at + 1} is not closed.")


def _tokens(typed: str) -> list[_Token]:
    tokens, at = [], 0
    while typed[at:].strip():
        match = _TOKEN.match(typed, at)
        if match is None:
            at += len(typed[at:]) - len(typed[at:].lstrip())
            raise ExpressionError(at + 1, _unexpected(typed[at]))
        at = match.end()
        tokens.append(_Token(match[1], match.start(1)))
    return tokens


def _unexpected(text: str) -> str:
    shown = text if text.isprintable() else "that character"
    return f"“{shown}” does not belong here."


def _joined(left: Expression, sign: _Token, right: Expression) -> Pair:
    kinds = (left.kind, right.kind)
    if sign.text == "-":
        if all(kind in _PERCENTAGES for kind in kinds):
            return Pair(left, "-", right, ValueKind.POINTS)
        expected = "only returns or drawdowns are subtracted, as in ret(KRE, 21) - ret(SPY, 21)"
    elif sign.text == "+":
        if left.kind is right.kind and left.kind in LEVELS:
            return Pair(left, "+", right, left.kind)
        expected = "only prices are added to prices and ratios to ratios, as in (XLY+XLK)/(XLP+XLU)"
    else:
        if all(kind in LEVELS for kind in kinds):
            return Pair(left, "/", right, ValueKind.RATIO)
        expected = "only prices and ratios are divided, as in SMH/IGV"
    raise ExpressionError(sign.at + 1, f"{expected}; these are {left.kind} and {right.kind}.")


def _kind(function: str, of: Expression, token: _Token) -> ValueKind:
    """The kind of a function's values. Raises ExpressionError for what it cannot be taken of."""
    if of.kind is ValueKind.LEG or (of.kind not in LEVELS and function in ("ret", "dd", "dc")):
        raise ExpressionError(token.at + 1, f"{function} cannot be taken of {of.kind}.")
    kinds = {"ret": ValueKind.PERCENT, "dd": ValueKind.PERCENT, "z": ValueKind.DEVIATIONS, "dc": ValueKind.LEG}
    return kinds.get(function, of.kind)
