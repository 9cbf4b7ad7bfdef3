"""Tables and links of a web page, with bounds on what its cells may span."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree, html  # type: ignore[import-untyped]

from bot.errors import SourceError
from bot.sources.http.responses import HttpResponse
from bot.sources.parsing.cells import text

LARGEST = 16_000_000
MOST_SPANNED = 200
"""Cells that one cell may span in a direction; anybody can edit a page of Wikipedia."""
MOST_CELLS = 400_000
"""Cells of one table."""
_UNSEEN = frozenset({"script", "style", "sup", "template", "noscript"})
"""Elements whose text is no part of a cell; marks of footnotes are `sup`."""


@dataclass(frozen=True, slots=True)
class HtmlTable:
    """One table: its `id`, and its rows as texts, spanned cells repeated."""

    id: str
    rows: tuple[tuple[str, ...], ...]


def tables(response: HttpResponse) -> list[HtmlTable]:
    """The tables of a page. Raises SourceError when the page breaks off or a cell spans too many others."""
    root = _page(response)
    if "</html" not in response.text()[-1000:].lower():
        raise SourceError(f"{response.place} breaks off in the middle of the page")
    return [HtmlTable(str(table.get("id") or ""), _rows(table, response.place)) for table in root.iter("table")]


def links(response: HttpResponse) -> list[str]:
    """The addresses that a page links to, as they are written in it."""
    return [str(link.get("href")).strip() for link in _page(response).iter("a") if link.get("href")]


def _page(response: HttpResponse) -> Any:
    if len(response.content) > LARGEST:
        raise SourceError(f"{response.place} sent a page of more than {LARGEST / 1e6:g} MB")
    parser = html.HTMLParser(no_network=True, huge_tree=False, encoding="utf-8")
    try:
        root = html.document_fromstring(response.text().encode(), parser=parser)
    except (etree.LxmlError, ValueError):
        raise SourceError(f"{response.place} sent a page that cannot be read") from None
    return root


def _rows(table: Any, place: str) -> tuple[tuple[str, ...], ...]:
    rows: list[tuple[str, ...]] = []
    below: dict[int, tuple[int, str]] = {}
    count = 0
    for row in _own(table, "tr"):
        cells: list[str] = []
        for cell in _own(row, "td", "th"):
            _fill(cells, below)
            wide, high = _span(cell, "colspan", place), _span(cell, "rowspan", place)
            shown = text("".join(_seen(cell)))
            for _ in range(wide):
                if high > 1:
                    below[len(cells)] = (high - 1, shown)
                cells.append(shown)
        _fill(cells, below)
        count += len(cells)
        if count > MOST_CELLS:
            raise SourceError(f"{place} has a table of more than {MOST_CELLS} cells")
        rows.append(tuple(cells))
    return tuple(rows)


def _fill(cells: list[str], below: dict[int, tuple[int, str]]) -> None:
    """Append the cells of rows above that reach down to this place."""
    while len(cells) in below:
        left, shown = below.pop(len(cells))
        if left > 1:
            below[len(cells)] = (left - 1, shown)
        cells.append(shown)


def _own(parent: Any, *names: str) -> Iterator[Any]:
    """Descendants with these names that belong to `parent` and not to a table inside it."""
    waiting = list(reversed(parent))
    while waiting:
        element = waiting.pop()
        if element.tag in names:
            yield element
        elif element.tag != "table" and isinstance(element.tag, str):
            waiting.extend(reversed(element))


def _seen(cell: Any) -> Iterator[str]:
    """Texts that a reader of the page sees in a cell."""
    waiting: list[Any] = [cell]
    while waiting:
        element = waiting.pop()
        if isinstance(element, str):
            yield element
            continue
        if isinstance(element.tag, str) and not _is_unseen(element):
            waiting += [part for child in reversed(element) for part in (child.tail, child) if part is not None]
            if element.text:
                yield element.text


def _is_unseen(element: Any) -> bool:
    return element.tag in _UNSEEN or "display:none" in str(element.get("style") or "").replace(" ", "").lower()


def _span(cell: Any, name: str, place: str) -> int:
    written = text(cell.get(name))
    if not written.isdecimal() or not written.isascii():
        return 1
    if len(written) > 4 or int(written) > MOST_SPANNED:
        raise SourceError(f"{place} has a cell that spans {written[:12]} others, more than any list needs")
    return max(1, int(written))
