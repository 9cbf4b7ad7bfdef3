"""Cells of foreign tables: what is a value, what is none, and what is neither."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from bot.sources.parsing.cells import BadCellError, amount, cusip, day, header_key, number, text
from bot.sources.parsing.symbols import share

NBSP, ZERO_WIDTH, BOM = "\u00a0", "\u200b", "\ufeff"


@pytest.mark.parametrize("cell", ["", " ", ".", "-", "--", "N/A", "n/a", "ND", NBSP, None])
def test_what_stands_for_no_value_is_none_and_never_zero(cell: object) -> None:
    assert number(cell) is None


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (" 5.25 ", 5.25),
        ("-0.37", -0.37),
        ("+.91", 0.91),
        ("0.00", 0.0),
        ("1.5E+09", 1.5e9),
        (f"{ZERO_WIDTH}16.5{NBSP}", 16.5),
        (12, 12.0),
    ],
)
def test_numbers_are_read_as_printed(cell: object, value: float) -> None:
    assert number(cell) == value


@pytest.mark.parametrize(
    "cell",
    ["15,99", "1,599", "1.599,00", "5 %", "3.2x", "nan", "inf", "Infinity", "1e999", "0x10", "5.", "1 234", "1_000"],
)
def test_what_is_no_number_is_refused_and_not_guessed(cell: str) -> None:
    with pytest.raises(BadCellError, match=r"is no (finite )?number"):
        number(cell)


@pytest.mark.parametrize("cell", [True, float("nan"), float("inf"), 10**400, [1], {"raw": 1}])
def test_what_is_no_number_of_json_or_a_workbook_is_refused(cell: Any) -> None:
    with pytest.raises(BadCellError):
        number(cell)


def test_digits_of_another_script_are_no_number() -> None:
    with pytest.raises(BadCellError):
        number("\u0661\u0665")


def test_thousands_commas_are_read_in_groups_of_three_and_only_where_a_source_prints_them() -> None:
    assert number("1,234,567.50", grouped=True) == 1234567.5
    for cell in ("1,23", "12,34,567", "1234,567", ",123", "15,99"):
        with pytest.raises(BadCellError):
            number(cell, grouped=True)


def test_an_amount_is_above_zero_and_a_zero_is_none() -> None:
    assert amount("2.5") == 2.5
    assert amount("0.00") is None
    with pytest.raises(BadCellError, match="below zero"):
        amount("-2.5")


def test_a_day_is_read_in_the_forms_of_its_source() -> None:
    assert day("18-Sep-2026", "%d-%b-%Y") == date(2026, 9, 18)
    assert day(datetime(2026, 9, 18, 12, 30)) == date(2026, 9, 18)  # noqa: DTZ001 - a workbook's cell has no zone
    assert day(46283.0, serials=True) == date(2026, 9, 18)


@pytest.mark.parametrize(
    "read",
    [
        lambda: day("soon", "%d-%b-%Y"),
        lambda: day("02/30/2026", "%m/%d/%Y"),
        lambda: day("09/18/26", "%m/%d/%Y"),
        lambda: day("1066-10-14", "%Y-%m-%d"),
        lambda: day(46283.0),
        lambda: day(12, serials=True),
        lambda: day(True, serials=True),
        lambda: day(None, "%Y-%m-%d"),
    ],
)
def test_what_is_no_day_is_refused(read: Callable[[], date]) -> None:
    with pytest.raises(BadCellError, match="stands where a date is expected"):
        read()


@pytest.mark.parametrize("cell", ["037833100", "37833100", 37833100, 37833100.0, f" 037833100{NBSP}"])
def test_a_cusip_of_digits_keeps_its_leading_zeros(cell: object) -> None:
    assert cusip(cell) == "037833100"


@pytest.mark.parametrize("cell", ["", "-", "67066G10", "67066G1044", "NVDA"])
def test_what_is_no_cusip_is_refused(cell: str) -> None:
    with pytest.raises(BadCellError):
        cusip(cell)


def test_headings_are_compared_without_case_blanks_footnotes_and_signs_that_nobody_sees() -> None:
    spellings = ["GICS Sector", f"gics{NBSP}{NBSP}SECTOR", f"{BOM}GICS Sector[7]", f" GICS{ZERO_WIDTH} Sector [note 1]"]
    assert {header_key(spelling) for spelling in spellings} == {"gics sector"}


def test_text_is_bounded_and_has_no_control_characters() -> None:
    assert text("a\x1b[31m\r\nb\x00") == "a[31m b"
    assert len(text("x" * 5_000_000)) == 200


@pytest.mark.parametrize(
    ("cell", "ticker"),
    [
        ("BRK.B", "BRK-B"),
        ("BF/B", "BF-B"),
        (" aapl ", "AAPL"),
        ("GOOGL[1]", "GOOGL"),
        ("GOOGL [note 2]", "GOOGL"),
        ("NASDAQ: ADBE", "ADBE"),
        (f"NYSE:{NBSP}BRK.B", "BRK-B"),
        (f"{ZERO_WIDTH}MSFT{BOM}", "MSFT"),
        ("META*", "META"),
        ("USD", None),
        ("CASH_USD", None),
        ("-", None),
        ("", None),
        (None, None),
        ("ESU6", None),
        ("2602335D", None),
        ("999USDZ92", None),
    ],
)
def test_a_ticker_has_one_spelling_and_what_is_known_to_be_no_share_is_none(cell: object, ticker: str | None) -> None:
    assert share(cell) == ticker


@pytest.mark.parametrize("cell", ["Past performance", "GO0GL", "ADBE, AMD", "https://x", 12.5, float("nan"), "ABCDEFG"])
def test_what_may_be_a_member_is_never_left_out_without_a_word(cell: object) -> None:
    with pytest.raises(BadCellError, match="where a ticker is expected"):
        share(cell)
