"""iShares' workbook of one fund: SpreadsheetML of 2003 with the history of all days. Optional.

The row of a day contains the units created in the session before, as State Street's does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from lxml import etree  # type: ignore[import-untyped]

from bot.calendar.clock import Calendar
from bot.errors import SourceError
from bot.sources.fund_issuers.parsing import FundDay, checked, columns, positive, read_day
from bot.sources.fund_issuers.source import Issuer, flows_job
from bot.sources.http.client import Http
from bot.sources.http.host_policy import HostPolicy
from bot.sources.http.responses import UTF8_BOM, Expect, HttpResponse
from bot.sources.source_spec import SourceSpec

BASE = (
    "https://www.blackrock.com/varnish-api/blk-one01-product-data/product-data/api/v1/get-fund-document?appType=PRODUCT_PAGE"
    "&appSubType=ISHARES&targetSite=us-ishares&locale=en_US&portfolioId={}&component=fundDownload&userType=individual"
)
PORTFOLIOS = {"IWM": 239710, "IJR": 239774, "IVE": 239728, "VLUE": 251616, "SOXX": 239705, "IGV": 239771}
SHEET = "Historical"
MAX_ROWS, MAX_COLUMNS = 20_000, 64
AS_OF, NAV, SHARES = "As Of", "NAV per Share", "Shares Outstanding"

_LOOSE = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)")


def ishares(http: Http, *, calendar: Calendar) -> Issuer:
    """The source. The site's terms forbid automated access in general wording, so a person has to
    enable it.
    """
    return Issuer(
        http,
        name="ishares",
        label="iShares",
        calendar=calendar,
        addresses={ticker: BASE.format(number) for ticker, number in PORTFOLIOS.items()},
        expect=Expect.XML,
        read=read,
        history=True,
    )


def read(response: HttpResponse, ticker: str) -> list[FundDay]:
    """The days of the sheet `Historical`, with explicit or implicit cell positions.

    The file does not name the ticker.
    """
    rows = [row for row in _sheet(response) if any(row)]
    at = next((number for number, row in enumerate(rows) if AS_OF in row), None)
    if at is None:
        raise SourceError(f"{response.place} has no line with {AS_OF!r} for {ticker}, so its format has changed")
    day, nav, shares = columns(rows[at], (AS_OF, NAV, SHARES), response.place)
    days: list[FundDay] = []
    bad = 0
    for row in rows[at + 1 :]:
        cells = [*row, *[""] * len(rows[at])]
        when = read_day(cells[day], "%b %d, %Y", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S")
        fund_day = None if when is None else FundDay(when, positive(cells[nav]), positive(cells[shares]))
        if fund_day is None or (fund_day.nav is None and fund_day.shares is None):
            bad += 1
        else:
            days.append(fund_day)
    return checked(days, bad, response.place)


def _sheet(response: HttpResponse) -> Iterator[list[str]]:
    """The first rows of the sheet as texts, gaps (`ss:Index`) filled with empty ones."""
    root = _root(response)
    sheet_names = []
    for sheet in root.iter("{*}Worksheet"):
        name = next((value for key, value in sheet.attrib.items() if etree.QName(key).localname == "Name"), "")
        sheet_names.append(name)
        if name == SHEET:
            return (_cells(row) for row in islice(sheet.iter("{*}Row"), MAX_ROWS))
    raise SourceError(f"{response.place} has no sheet {SHEET!r}, only {', '.join(sheet_names)[:200] or 'none'}")


def _root(response: HttpResponse) -> etree._Element:
    """The workbook's XML. Links in it contain bare ampersands, which are escaped.

    Nothing else is changed.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(_LOOSE.sub(b"&amp;", response.content.removeprefix(UTF8_BOM).lstrip()), parser)
    except etree.XMLSyntaxError:
        raise SourceError(f"{response.place} sent XML that cannot be read") from None
    if root.getroottree().docinfo.doctype:
        raise SourceError(f"{response.place} sent XML with a document type, which a workbook has not")
    return root


def _cells(row: etree._Element) -> list[str]:
    cells: list[str] = []
    for cell in row.iter("{*}Cell"):
        index = next((value for key, value in cell.attrib.items() if etree.QName(key).localname == "Index"), "")
        if index.isdecimal() and len(index) < 5 and len(cells) < int(index):
            cells += [""] * (min(int(index), MAX_COLUMNS + 1) - 1 - len(cells))
        if len(cells) >= MAX_COLUMNS:
            break
        data = next(iter(cell.iter("{*}Data")), None)
        cells.append("" if data is None else "".join(data.itertext()).strip())
    return cells


ISHARES = SourceSpec(
    name="ishares",
    title="iShares",
    gives="fund flows",
    build=lambda dependencies: ishares(dependencies.http, calendar=dependencies.calendar),
    policies={
        "www.blackrock.com": HostPolicy(per_second=0.1, burst=1, timeout_seconds=60.0, tries=2, max_bytes=32_000_000)
    },
    jobs=(flows_job("ishares"),),
    opt_in=True,
)
