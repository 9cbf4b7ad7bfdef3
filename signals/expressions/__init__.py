"""Own signals: expressions of tickers that people type, as signals like those of the catalogue."""

from __future__ import annotations

from signals.expressions.definition import (
    LONGEST_LABEL,
    PREFIX,
    WithOwnSignals,
    expression_of,
    id_of,
    own_signal,
    whole_past,
)
from signals.expressions.grammar import ExpressionError, parse
from signals.expressions.tree import Expression

__all__ = [
    "LONGEST_LABEL",
    "PREFIX",
    "Expression",
    "ExpressionError",
    "WithOwnSignals",
    "expression_of",
    "id_of",
    "own_signal",
    "parse",
    "whole_past",
]
