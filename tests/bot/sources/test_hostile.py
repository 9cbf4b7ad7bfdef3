"""Bodies made to exhaust whoever reads them: each is refused with a sentence, and none is unpacked or expanded first."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest

from bot.errors import SourceError
from bot.sources import treasury
from bot.sources.edgar.form13f import cusips, information_table
from bot.sources.fred.csv_download import read_series
from bot.sources.fund_issuers.ishares import read as read_ishares
from bot.sources.fund_issuers.statestreet import read as read_state_street
from bot.sources.http.responses import HttpResponse
from bot.sources.index_members import parse_lists
from bot.sources.parsing.workbook import MAX_COLUMNS, first_sheet

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BILLION = f'<!DOCTYPE a [<!ENTITY l0 "lol">{LAUGHS}]>'
"""A billion times "lol" in a thousand bytes."""


def answer(body: bytes) -> HttpResponse:
    return HttpResponse(200, body, "example.org/file")


def read_table(body: bytes) -> object:
    return information_table.read_table(body.decode(), "example.org/file")


READERS: dict[str, Callable[[bytes], object]] = {
    "treasury": lambda body: treasury.read_xml(answer(body)),
    "ishares": lambda body: read_ishares(answer(body), "IWM"),
    "13F": read_table,
}
XML = pytest.mark.parametrize("read", READERS.values(), ids=READERS.keys())


@XML
@pytest.mark.parametrize(
    "body",
    [
        f"{BILLION}<feed>&l9;</feed>",
        f'{BILLION}<feed name="&l9;"/>',
        '<!DOCTYPE a [<!ENTITY secret SYSTEM "file:///etc/passwd">]><feed>&secret;</feed>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/evil.dtd"><feed/>',
        "<a>" * 100_000,
        "<a>" * 5_000 + "</a>" * 5_000,
    ],
    ids=["laughs", "laughs in an attribute", "a file", "a document type from elsewhere", "endless", "deep"],
)
def test_xml_that_expands_or_refers_elsewhere_is_refused(read: Callable[[bytes], object], body: str) -> None:
    with pytest.raises(SourceError) as caught:
        read(body.encode())
    assert "root:" not in str(caught.value)
    assert len(str(caught.value)) < 300


def workbook(sheet: bytes | None = None, *cells: tuple[str, Any]) -> dict[str, bytes]:
    """The files of a workbook, its sheet replaced by hand where one is given."""
    book = openpyxl.Workbook()
    active: Any = book.active
    for place, value in cells:
        active[place] = value
    out = io.BytesIO()
    book.save(out)
    with zipfile.ZipFile(out) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    if sheet is not None:
        files["xl/worksheets/sheet1.xml"] = sheet
    return files


def packed(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return out.getvalue()


def lying(body: bytes, size: int, told: int) -> bytes:
    """A ZIP whose headers say that a file unpacks to `told` bytes and not to `size`."""
    changed = body.replace(struct.pack("<I", size), struct.pack("<I", told))
    assert changed != body
    return changed


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)


def test_a_workbook_that_unpacks_to_too_much_is_refused_before_it_is_read() -> None:
    body = packed(workbook() | {"xl/media/image1.png": b"0" * 65_000_000})
    assert len(body) < 100_000
    with pytest.raises(SourceError, match="workbook of more than 64 MB"):
        first_sheet(answer(body), max_rows=10)


def test_a_workbook_that_lies_about_its_size_is_refused() -> None:
    sheet = SHEET.format('<row r="1"><c r="A1"><v>1</v></c></row>' * 50_000).encode()
    body = lying(packed(workbook(sheet)), len(sheet), 2_000)
    with pytest.raises(SourceError, match="workbook that cannot be read"):
        first_sheet(answer(body), max_rows=10_000)


def test_a_workbook_with_entities_is_refused() -> None:
    sheet = BILLION.replace("DOCTYPE a", "DOCTYPE worksheet") + SHEET.format(
        '<row r="1"><c t="str"><v>&l9;</v></c></row>'
    )
    with pytest.raises(SourceError, match="workbook that cannot be read"):
        first_sheet(answer(packed(workbook(sheet.encode()))), max_rows=10)


def test_rows_are_not_filled_up_to_the_last_column_that_a_sheet_can_have() -> None:
    rows = "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(1, 200))
    found = first_sheet(answer(packed(workbook(SHEET.format(rows).encode()))), max_rows=100)
    assert len(found) <= 100
    assert max(map(len, found)) == MAX_COLUMNS


def test_a_sheet_of_2003_is_not_filled_up_either() -> None:
    """Five hundred rows of ten thousand empty cells would be 40 MB."""
    head = "".join(f"<Cell><Data>{name}</Data></Cell>" for name in ("As Of", "NAV per Share", "Shares Outstanding"))
    day = "<Cell><Data>Sep 18, 2026</Data></Cell><Cell><Data>241.87</Data></Cell><Cell><Data>272650000</Data></Cell>"
    rows = f'<Row>{day}<Cell Index="9999"><Data>1</Data></Cell></Row>' * 500
    body = f'<Workbook><Worksheet Name="Historical"><Table><Row>{head}</Row>{rows}</Table></Worksheet></Workbook>'
    tracemalloc.start()
    days = read_ishares(answer(body.encode()), "IWM")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [(found.nav, found.shares) for found in days] == [(241.87, 272650000.0)]
    assert peak < 15_000_000


@pytest.mark.parametrize(
    "read",
    [
        lambda body: read_state_street(body, "XLK"),
        parse_lists.ssga_holdings,
        lambda body: read_series(body, date.min, date.max),
        cusips.read_fails,
    ],
)
@pytest.mark.parametrize("body", [b"PK\x03\x04", b"PK\x05\x06" + b"\0" * 18, b"PK" + b"\xff" * 500])
def test_what_only_begins_like_a_zip_is_refused(read: Callable[[HttpResponse], object], body: bytes) -> None:
    with pytest.raises(SourceError):
        read(answer(body))


def test_a_zip_of_cusips_that_unpacks_to_too_much_is_refused_before_it_is_read() -> None:
    with pytest.raises(SourceError, match="more than 64 MB"):
        cusips.read_fails(answer(packed({"cnsfails.txt": b"0" * 65_000_000})))


def test_a_page_whose_cells_span_a_thousand_others_is_refused() -> None:
    page = '<html><table><tr><th>Ticker</th><th>Company</th></tr><tr><td colspan="99999999">A</td></tr></table></html>'
    with pytest.raises(SourceError, match="spans 99999999 others"):
        parse_lists.wikipedia_ndx100(answer(page.encode()))


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b"1" * 5_000])
def test_json_that_is_too_deep_or_holds_an_endless_number_is_refused(body: bytes) -> None:
    with pytest.raises(SourceError, match="not JSON"):
        answer(body).json()
