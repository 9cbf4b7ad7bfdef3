"""Every reader of every source is marked as one, and none takes longer than its document is long."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from datetime import date

import pytest

import bot.sources
from bot.errors import SourceError
from bot.sources.edgar.filing_text import read_submission
from bot.sources.edgar.form13f.bulk_sets import read_index
from bot.sources.edgar.guidance_classifier import sentences
from bot.sources.fund_issuers.ishares import read as read_ishares
from bot.sources.http.responses import HttpResponse
from bot.sources.index_members.parse_lists import constituents_csv, wikipedia_ndx100
from bot.sources.parsing import cells
from bot.sources.treasury import read_csv
from tests.helpers import skip_where_lines_are_counted

KIT = ("bot.sources.parsing", "bot.sources.http", "bot.sources.simulated", "bot.sources.check")


def functions() -> Iterator[Callable[..., object]]:
    """The public functions of all adapters."""
    for module in pkgutil.walk_packages(bot.sources.__path__, "bot.sources."):
        if not module.name.startswith(KIT):
            for name, function in inspect.getmembers(importlib.import_module(module.name), inspect.isfunction):
                if function.__module__ == module.name and not name.startswith("_"):
                    yield function


def test_what_gets_a_response_or_is_called_a_reader_is_one_by_the_kit() -> None:
    unmarked = [
        f"{function.__module__}.{function.__name__}"
        for function in functions()
        if (
            function.__name__.startswith("read")
            or "HttpResponse" in str(inspect.signature(function).parameters.values())
        )
        and not hasattr(function, "reads")
    ]
    assert unmarked == []
    assert sum(hasattr(function, "reads") for function in functions()) > 25


def response(body: str) -> HttpResponse:
    return HttpResponse(200, body.encode(), "x", date(2026, 10, 6))


def page(body: str) -> str:
    return f"<html><body><table><tr><th>Ticker</th><th>Company</th></tr>{body}</table></body></html>"


SIZE = 400_000
CASES: dict[str, Callable[[], object]] = {
    "brackets in a cell": lambda: wikipedia_ndx100(response(page(f"<tr><td>{'[' * SIZE}</td><td>x</td></tr>"))),
    "brackets in a heading": lambda: cells.header_key("[" * SIZE),
    "cells of brackets": lambda: constituents_csv(response("Symbol,Security\n" + "[[[[[[,x\n" * (SIZE // 9))),
    "blank lines in a filing": lambda: sentences("\n \n\t" * (SIZE // 4)),
    "breaks without an end": lambda: sentences("<p>" + "<br " * (SIZE // 4)),
    "full stops and blanks": lambda: sentences(". " + " " * SIZE + "a"),
    "texts without an end": lambda: read_submission(response("<DOCUMENT>" + "<TEXT>" * (SIZE // 6) + "</DOCUMENT>")),
    "links without an end": lambda: read_index(response("<html>" + "<a href='x" * (SIZE // 10))),
    "ampersands": lambda: read_ishares(response("<Workbook>" + "&" * SIZE), "IWM"),
    "digits": lambda: cells.number("1" * SIZE),
    "groups": lambda: cells.number("1" + ",111" * (SIZE // 4) + "x", grouped=True),
    "headings": lambda: read_csv(response('Date,"' + "1 " * SIZE + '"\n')),
}


@pytest.mark.parametrize("name", CASES)
def test_half_a_megabyte_of_the_worst_is_read_or_refused_in_a_moment(name: str) -> None:
    """What grows with the square of its length takes minutes here."""
    skip_where_lines_are_counted()
    begun = time.process_time()
    with contextlib.suppress(SourceError, cells.BadCellError):
        CASES[name]()
    assert time.process_time() - begun < 2.0


def test_no_reader_uses_pandas_to_read_pages() -> None:
    used = [function.__module__ for function in functions() if re.search(r"read_html", inspect.getsource(function))]
    assert used == []
