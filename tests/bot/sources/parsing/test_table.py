"""Tables: headings by name, rows that are read, empty or bad, and how many bad ones are borne."""

from __future__ import annotations

import logging
from datetime import date, timedelta

import pytest

from bot.errors import SourceError
from bot.sources.http.responses import HttpResponse
from bot.sources.parsing.cells import day, number
from bot.sources.parsing.csv_lines import csv_rows
from bot.sources.parsing.document_reader import reader
from bot.sources.parsing.html_tables import links, tables
from bot.sources.parsing.own_date import OldDocumentError, as_of, check_age
from bot.sources.parsing.table import Cells, agreed, find_table

Row = tuple[date, float | None]
FIRST = date(2026, 1, 1)


def lines(count: int, **changed: str) -> list[list[str]]:
    """Rows of `count` days, some with another value: `row_3="x"`."""
    return [[(FIRST + timedelta(days=at)).isoformat(), changed.get(f"row_{at}", str(at + 1))] for at in range(count)]


def read(rows: list[list[str]], *, reverse: bool = False, padded: bool = False) -> list[Row]:
    def parse(cells: Cells) -> Row:
        return day(cells[0], "%Y-%m-%d"), number(cells[1])

    body = rows[::-1] if reverse else rows
    table = find_table([["Date", "Rate"], *body], "the file", ("Date",), ("Rate",), padded=padded)
    return table.read([0, 1], parse, dated=lambda row: row[0])


def test_one_bad_row_of_a_hundred_is_left_out_and_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        rows = read(lines(100, row_50="5x"))
    assert len(rows) == 99
    assert "the file, line 52: '5x' is no number; 1 of 100 rows cannot be read" in caplog.text


@pytest.mark.parametrize("changed", [{"row_50": "x", "row_51": "x"}, {"row_95": "x"}, {"row_99": "x"}])
@pytest.mark.parametrize("reverse", [False, True])
def test_more_than_one_in_a_hundred_or_any_of_the_newest_five_refuses_the_file(
    changed: dict[str, str], reverse: bool
) -> None:
    with pytest.raises(SourceError, match=r"the file, line \d+: 'x' is no number; \d of 100 rows cannot be read"):
        read(lines(100, **changed), reverse=reverse)


def test_the_oldest_row_may_be_the_bad_one() -> None:
    assert len(read(lines(100, row_0="x"))) == 99
    assert len(read(lines(100, row_0="x"), reverse=True)) == 99


def test_marks_of_no_value_are_no_bad_rows() -> None:
    rows = read(lines(10, row_7=".", row_8="-", row_9="N/A"))
    assert [value for _, value in rows[7:]] == [None, None, None]


def test_lines_below_a_table_are_no_rows_and_a_broken_date_is_one() -> None:
    legal = ["Past performance is no guarantee of anything in 2026 or later.", ""]
    assert len(read([*lines(10), ["", ""], legal])) == 10
    assert len(read([*lines(10), [legal[0]]], padded=True)) == 10
    with pytest.raises(SourceError, match="'2026-13-01' stands where a date is expected"):
        read([*lines(10), ["2026-13-01", "5"]])
    with pytest.raises(SourceError, match="where a date is expected"):
        read([*lines(10), ["", "5"]])


@pytest.mark.parametrize("row", [["2026-01-11"], ["2026-01-11", "15", "99"]])
def test_a_row_of_another_width_is_bad(row: list[str]) -> None:
    with pytest.raises(SourceError, match=f"{len(row)} cells under 2 headings"):
        read([*lines(10), row])


def test_headings_have_synonyms_and_may_stand_below_other_lines() -> None:
    table = find_table([["Fund"], [], ["Ticker\u00a0Symbol", "x"], ["SPY", "1"]], "x", ("Symbol", "Ticker symbol"))
    assert table.position("Symbol", "Ticker symbol") == 0
    assert table.rows == ((4, ["SPY", "1"]),)


def test_a_heading_that_is_missing_or_there_twice_is_named() -> None:
    with pytest.raises(SourceError, match="x has no column Rate, only Date, Value; its format has changed"):
        find_table([["Date", "Value"]], "x", ("Date",), ("Rate",))
    with pytest.raises(SourceError, match="x has two columns Rate"):
        find_table([["Date", "Rate", "rate"]], "x", ("Date",)).position("Rate")


def test_one_day_with_two_values_is_refused_and_one_that_is_repeated_is_not() -> None:
    assert agreed([(1, 2.0), (1, 2.0)], "x") == {1: 2.0}
    with pytest.raises(SourceError, match="x has two values for 1"):
        agreed([(1, 2.0), (1, 2.5)], "x")


def test_a_file_that_is_cut_in_its_last_number_is_refused() -> None:
    assert csv_rows("a,b\n1,23.5\n", "x") == [["a", "b"], ["1", "23.5"]]
    with pytest.raises(SourceError, match="x breaks off in the middle of a line"):
        csv_rows("a,b\n1,23", "x")


def test_a_source_without_a_last_line_end_shows_a_cut_by_the_digits_of_the_last_number() -> None:
    """The Treasury's file of 24 July 2026 had 11,531 bytes: a header of 110, and 141 rows of 81 less one line end."""
    assert len(csv_rows("a,b\n1,23.50\n2,24.50", "x", line_end=False)) == 3
    for cut in ("a,b\n1,23.50\n2,24.5", "a,b\n1,23.50\n2,2", "a,b\n1,23.50\n2"):
        with pytest.raises(SourceError, match="breaks off"):
            csv_rows(cut, "x", line_end=False)


@pytest.mark.parametrize("marks", [0, 1, 2])
def test_bodies_are_read_with_any_number_of_byte_order_marks(marks: int) -> None:
    body = b"\xef\xbb\xbf" * marks + b'{"a": 1}'
    assert HttpResponse(200, body, "x").json() == {"a": 1}


def test_json_without_a_number_in_it_is_refused() -> None:
    with pytest.raises(SourceError, match="not JSON"):
        HttpResponse(200, b'{"a": NaN}', "x").json()


def page(body: str) -> HttpResponse:
    return HttpResponse(200, f"<html><body>{body}</body></html>".encode(), "x")


def test_spanned_cells_are_repeated_and_what_nobody_sees_is_left_out() -> None:
    rows = tables(
        page(
            '<table id="t"><tr><th rowspan=2>A</th><th colspan=2>B<sup>[1]</sup></th></tr><tr><td>C</td><td>D</td></tr>'
            "<tr><td><span style='display: none'>hidden</span>E<style>x{}</style></td><td>"
            "<table><tr><td>inside</td></tr></table></td><td>F</td></tr></table>"
        )
    )
    assert (rows[0].id, rows[0].rows[:2]) == ("t", (("A", "B", "B"), ("A", "C", "D")))
    assert rows[0].rows[2] == ("E", "inside", "F")
    assert rows[1].rows == (("inside",),)


@pytest.mark.parametrize("span", ["5_000", "5000", "99999999", "201"])
def test_a_cell_that_spans_too_many_others_is_refused(span: str) -> None:
    body = page(f"<table><tr><td colspan='{span}'>A</td></tr></table>")
    if span == "5_000":
        assert tables(body)[0].rows == (("A",),)
        return
    with pytest.raises(SourceError, match="spans"):
        tables(body)


def test_links_are_read_as_written() -> None:
    assert links(page("<a href=' /a.zip '>x</a><a>y</a>")) == ["/a.zip"]


def test_a_document_says_how_old_it_is() -> None:
    monday = HttpResponse(200, b"", "the file", date(2026, 10, 12))
    said = as_of("As of 02-Oct-2026", "the file")
    assert check_age(said, monday, most_days=10) == date(2026, 10, 2)
    with pytest.raises(OldDocumentError, match="the file is of 2026-10-02, 10 days old; 9 are accepted"):
        check_age(said, monday, most_days=9)
    with pytest.raises(SourceError, match="still to come"):
        check_age(date(2026, 11, 2), monday, most_days=9)
    for unknown in ("", "As of -", "Holdings", None):
        with pytest.raises(SourceError, match="does not say its date"):
            as_of(unknown, "the file")


def test_whatever_a_reader_stumbles_over_names_source_document_and_reason() -> None:
    @reader("Somebody")
    def stumble(response: HttpResponse) -> object:
        return {}[response.status]  # type: ignore[var-annotated]

    with pytest.raises(SourceError, match=r"^Somebody: host/file cannot be read \(KeyError: 200\)$"):
        stumble(HttpResponse(200, b"", "host/file"))
