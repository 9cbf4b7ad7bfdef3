"""Ticker cells of Wikipedia's table carry footnote marks (yfiua/index-constituents#3)."""

from __future__ import annotations

import contextlib

from bot.errors import SourceError
from bot.sources.http.responses import HttpResponse
from bot.sources.index_members import parse_lists

PLACE = "en.wikipedia.org/wiki/Nasdaq-100"


def test_every_member_is_read_or_the_list_is_refused() -> None:
    tickers = [f"Q{chr(65 + index // 26)}{chr(65 + index % 26)}" for index in range(101)]
    cells = [f"{tickers[0]}<sup>[3]</sup>", f'{tickers[1]}<sup><a href="#n">[a]</a></sup>', *tickers[2:]]
    lines = [f"<tr><td>{cell}</td><td>{name} Inc.</td></tr>" for cell, name in zip(cells, tickers, strict=True)]
    table = f"<table><tr><th>Ticker</th><th>Company</th></tr>{''.join(lines)}</table>"
    page = f"<!DOCTYPE html><html><body>{table}</body></html>"
    with contextlib.suppress(SourceError):
        members = parse_lists.wikipedia_ndx100(HttpResponse(200, page.encode(), PLACE))
        assert [member.ticker for member in members] == tickers
