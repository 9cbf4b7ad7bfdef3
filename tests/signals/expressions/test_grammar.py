"""The grammar of own signals: what is read, what is refused, and at which column."""

from __future__ import annotations

import random
import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from signals.expressions import ExpressionError, parse, tree
from signals.expressions.grammar import FUNCTIONS, LONGEST
from signals.expressions.tree import Call, Expression, Pair, Price, ValueKind


@pytest.mark.parametrize(
    ("typed", "spelled", "kind"),
    [
        ("smh / igv", "SMH/IGV", ValueKind.RATIO),
        ("RSP/SPY", "RSP/SPY", ValueKind.RATIO),
        ("TLT", "TLT", ValueKind.PRICE),
        ("ret(KRE,21) - ret(SPY,21)", "ret(KRE, 21) - ret(SPY, 21)", ValueKind.POINTS),
        ("ret(KRE, 21) \N{MINUS SIGN} ret(SPY, 21)", "ret(KRE, 21) - ret(SPY, 21)", ValueKind.POINTS),
        ("(XLY + XLK)/(XLP+XLU)", "(XLY+XLK)/(XLP+XLU)", ValueKind.RATIO),
        ("BRK-B", "BRK-B", ValueKind.PRICE),
        ("BTC-USD/GLD", "BTC-USD/GLD", ValueKind.RATIO),
        ("^GSPC", "^GSPC", ValueKind.PRICE),
        ("GC=F/SI=F", "GC=F/SI=F", ValueKind.RATIO),
        ("7203.T", "7203.T", ValueKind.PRICE),
        ("Z(SMH/IGV, 252)", "z(SMH/IGV, 252)", ValueKind.DEVIATIONS),
        ("Z", "Z", ValueKind.PRICE),
        ("dd(smh)", "dd(SMH)", ValueKind.PERCENT),
        ("dc((RSP/SPY), 3.50)", "dc(RSP/SPY, 3.5)", ValueKind.LEG),
        ("sma(ret(SPY, 1), 21)", "sma(ret(SPY, 1), 21)", ValueKind.PERCENT),
        ("((SPY))", "SPY", ValueKind.PRICE),
        ("(A/B)/C", "A/B/C", ValueKind.RATIO),
        ("A/(B/C)", "A/(B/C)", ValueKind.RATIO),
    ],
)
def test_an_expression_has_one_spelling_and_a_kind(typed: str, spelled: str, kind: ValueKind) -> None:
    assert tree.text(parse(typed)) == spelled
    assert parse(typed).kind is kind


@pytest.mark.parametrize(
    ("typed", "column", "sentence"),
    [
        ("", 1, "a ticker or a function is missing here."),
        ("SMH/", 5, "a ticker or a function is missing here."),
        ("SMH -IGV", 5, "a minus sign needs a space on each side: ret(KRE, 21) - ret(SPY, 21)."),
        ("/SPY", 1, 'a ticker or a function belongs here, not "/".'),
        ("SPY $", 5, "“$” does not belong here."),
        ("SPY\x07", 4, "“that character” does not belong here."),
        ("SPY IVV", 5, "“IVV” does not belong here."),
        ("(SPY", 5, "the parenthesis of column 1 is not closed."),
        ("SPY)", 4, "“)” does not belong here."),
        ("ema(SPY, 9)", 1, "“ema” is no function. There are sma, ret, z, dc, dd."),
        ("ret(SPY)", 8, "ret takes a number of sessions from 1 to 252, as in ret(KRE, 21)."),
        ("ret(SPY, 0)", 10, "ret takes a number of sessions from 1 to 252, as in ret(KRE, 21)."),
        ("ret(SPY, 2.5)", 10, "ret takes a number of sessions from 1 to 252, as in ret(KRE, 21)."),
        ("dc(SPY, 60)", 9, "dc takes a number of per cent from 0.5 to 50, as in dc(RSP/SPY, 3)."),
        ("2/SPY", 1, "2 is no ticker; numbers stand in functions alone."),
        ("dc(z(SPY, 20), 3)", 1, "dc cannot be taken of a z-score."),
        ("sma(dc(SPY, 3), 5)", 1, "sma cannot be taken of the direction of a leg."),
        (
            "SPY - IVV",
            5,
            "only returns or drawdowns are subtracted, as in ret(KRE, 21) - ret(SPY, 21); these are a price and a price.",
        ),
        (
            "SPY+SMH/IGV",
            4,
            "only prices are added to prices and ratios to ratios, as in (XLY+XLK)/(XLP+XLU); these are a price and a ratio.",
        ),
        ("SPY/dd(SPY)", 4, "only prices and ratios are divided, as in SMH/IGV; these are a price and a percentage."),
        ("z(sma(sma(dd(SPY), 252), 252), 252)", 1, "all windows together may reach back 756 sessions."),
        ("A+B+C+D+E+F+G+H+I+J+K", 1, "an expression has at most 10 tickers."),
        ("(" * 81, 81, "an expression has at most 80 characters."),
    ],
)
def test_a_refusal_points_at_the_column(typed: str, column: int, sentence: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(typed)
    assert (caught.value.column, caught.value.sentence) == (column, sentence)
    assert str(caught.value) == f"Column {column}: {sentence}"


LEVELS = st.deferred(lambda: st.one_of(TICKERS, RATIOS))
TICKERS = st.sampled_from(["SPY", "BRK-B", "^GSPC", "GC=F", "BTC-USD", "7203.T", "Z", "RET"]).map(Price)
RATIOS = st.builds(lambda left, right: Pair(left, "/", right, ValueKind.RATIO), TICKERS, LEVELS)
SUMS = st.builds(lambda left, right: Pair(left, "+", right, ValueKind.PRICE), TICKERS, TICKERS)
RETURNS = st.builds(lambda of, n: Call("ret", of, n, ValueKind.PERCENT), LEVELS | SUMS, st.integers(1, 252).map(float))
EXPRESSIONS = st.one_of(
    LEVELS,
    SUMS,
    RETURNS,
    st.builds(lambda left, right: Pair(left, "-", right, ValueKind.POINTS), RETURNS, RETURNS),
    st.builds(lambda of, n: Call("dc", of, n / 4, ValueKind.LEG), LEVELS, st.integers(2, 200)),
)


@given(EXPRESSIONS)
def test_what_is_spelled_is_read_back(expression: Expression) -> None:
    spelled = tree.text(expression)
    assume(len(spelled) <= LONGEST)
    assert parse(spelled) == expression


def read(typed: str) -> Expression | ExpressionError:
    try:
        return parse(typed)
    except ExpressionError as error:
        return error


def test_ten_thousand_random_texts_are_read_or_refused_at_a_column() -> None:
    rng = random.Random(7)
    words = [*FUNCTIONS, "SPY", "BRK-B", "^GSPC", "21", "0.5", " - ", *"+-/(), ", "\N{MINUS SIGN}", "é", "\x00", "１"]
    readable = 0
    for _ in range(10_000):
        chosen = [words if rng.random() < 0.9 else string.printable for _ in range(rng.randint(0, 12))]
        typed = "".join(rng.choice(of) for of in chosen)
        result = read(typed)
        if isinstance(result, ExpressionError):
            assert 1 <= result.column <= len(typed) + 1
            assert result.sentence.endswith(".")
        else:
            readable += 1
            assert parse(tree.text(result)) == result
    assert readable > 100
