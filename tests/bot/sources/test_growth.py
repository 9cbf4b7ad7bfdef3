"""What foreign texts cost: the time of every pattern and every reader grows with the length of a text, not with its square."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterator, Mapping

import pytest

import bot.sources
from bot.errors import SourceError
from bot.sources.edgar import guidance_classifier
from bot.sources.edgar.filing_text import read_submission
from bot.sources.edgar.guidance_classifier import LONGEST_SENTENCE, classify_document
from bot.sources.http.responses import HttpResponse
from bot.sources.index_members import parse_lists
from bot.sources.parsing import html_tables, own_date
from tests.helpers import skip_where_lines_are_counted

LENGTH = 20_000
MOST_SECONDS = 0.1

PIECES = (
    "[", "]", "[[", "(", "<", ">", "<br ", "<td", "&", "&#", '"', "'", " ", "\n", " \n", "\t", "\r\n", ".", ". ", ".\n", ",",
    "-", "+", "0", "1,", "1,000", "0.", "1e", "a", "A", "Aa ", "A-", "as of", "as of ", "as of: ", "_", "<!--", "<TYPE>",
    "<ACCEPTANCE-DATETIME>", "<ACCEPTANCE-DATETIME> ", '"ratios": [', "raise ", "revised ", "guidance ", "outlook, ", "expect ",
    "above ", "NYSE: ", "1 mo", "BC_1", "20", "2024q1", "01jan2024-",
)  # fmt: skip
"""Pieces that some pattern may begin with, or may stumble over at each of many places."""


def patterns() -> Iterator[tuple[str, re.Pattern[str] | re.Pattern[bytes]]]:
    """Every compiled pattern of the sources by name; those of sentences are tried by sentences of their own."""
    for module in pkgutil.walk_packages(bot.sources.__path__, "bot.sources."):
        loaded = importlib.import_module(module.name)
        for name, value in vars(loaded).items():
            found = value.values() if isinstance(value, Mapping) else (value,)
            for pattern in found:
                if isinstance(pattern, re.Pattern):
                    yield f"{module.name}.{name}", pattern


OF_SENTENCES = {id(pattern) for pattern in guidance_classifier._PATTERNS.values()}


def seconds(work: Callable[[], object]) -> float:
    """The least CPU time of three tries."""
    least = float("inf")
    for _ in range(3):
        begun = time.process_time()
        work()
        least = min(least, time.process_time() - begun)
        if least < MOST_SECONDS:
            break
    return least


def repeated(piece: str, length: int = LENGTH) -> str:
    return (piece * (length // len(piece) + 1))[:length]


def test_every_pattern_over_foreign_texts_is_linear() -> None:
    skip_where_lines_are_counted()
    found = list(patterns())
    assert len(found) >= 20
    slow = {}
    for name, pattern in found:
        length = LONGEST_SENTENCE if id(pattern) in OF_SENTENCES else LENGTH
        for piece in PIECES:
            text = repeated(piece, length)
            subject = text.encode() if isinstance(pattern.pattern, bytes) else text

            def search(pattern: re.Pattern[str] = pattern, subject: str = subject) -> None:  # type: ignore[assignment]
                for _ in pattern.finditer(subject):
                    pass

            if (taken := seconds(search)) > MOST_SECONDS:
                slow[name, piece] = round(taken, 2)
    assert not slow


PAGE = "<!DOCTYPE html><html><body><table id='constituents'><tr><th>Symbol</th></tr><tr><td>{}</td></tr></table></body></html>"
FILING = "<SEC-DOCUMENT><DOCUMENT><TYPE>{}\n<TEXT>{}</TEXT></DOCUMENT></SEC-DOCUMENT>"
READERS: dict[str, Callable[[str], object]] = {
    "tables of a page": lambda text: html_tables.tables(response(PAGE.format(text))),
    "Wikipedia's list": lambda text: parse_lists.wikipedia_sp500(response(PAGE.format(text))),
    "links of a page": lambda text: html_tables.links(response(PAGE.format(text))),
    "a filing": lambda text: read_submission(response(FILING.format(text, text))),
    "a press release": classify_document,
    "a press release as a page": lambda text: classify_document(f"<html><body><p>{text}</p></body></html>"),
    "a document's own date": lambda text: own_date.as_of(text, "example.org"),
}


def response(text: str) -> HttpResponse:
    return HttpResponse(200, text.encode(), "example.org/file")


@pytest.mark.parametrize("read", READERS.values(), ids=READERS.keys())
def test_every_reader_of_pages_and_texts_is_linear(read: Callable[[str], object]) -> None:
    skip_where_lines_are_counted()
    slow = {}
    for piece in PIECES:

        def one(piece: str = piece) -> None:
            try:
                read(repeated(piece))
            except SourceError:
                return

        if (taken := seconds(one)) > 2 * MOST_SECONDS:
            slow[piece] = round(taken, 2)
    assert not slow


@pytest.mark.parametrize("span", ["5_000", "5000", "500000000", "٥٠٠٠", "9" * 5000])
def test_a_cell_that_claims_to_span_thousands_of_others_takes_no_memory(span: str) -> None:
    page = response(f"<html><body><table><tr><td colspan='{span}' rowspan='{span}'>a</td></tr></table></body></html>")
    if span.isascii() and span.isdecimal():
        with pytest.raises(SourceError, match="spans"):
            html_tables.tables(page)
    else:
        assert html_tables.tables(page)[0].rows == (("a",),)
