"""iShares' workbook of one fund: SpreadsheetML of 2003 with the history of all days. Optional.

The row of a day contains the units created in the session before, as State Street's does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import islice

from lxml import etree  # type: ignore[import-untyped]

from bot.calendar.clock import Calendar
from bot.errors import SourceError
from bot.sources.fund_issuers.parsing import FundDay, fund_days
from bot.sources.fund_issuers.source import Issuer, flows_job, sample_of
from bot.sources.http.host_policy import HostPolicy
from bot.sources.http.http_client import Http
from bot.sources.http.responses import Expect, HttpResponse
from bot.sources.parsing.cells import day
from bot.sources.parsing.document_reader import reader
from bot.sources.parsing.table import find_table
from bot.sources.parsing.xml_documents import parse_xml
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


@reader("iShares")
def read(response: HttpResponse, ticker: str) -> list[FundDay]:
    """The days of the sheet `Historical`, with explicit or implicit cell positions.

    The file does not name the ticker.
    """
    table = find_table(_sheet(response), f"{response.place} of {ticker}", (AS_OF,), (NAV,), (SHARES,), padded=True)
    return fund_days(table, (AS_OF, NAV, SHARES), _day)


def _day(cell: object) -> date:
    return day(cell, "%b %d, %Y", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S")


def _sheet(response: HttpResponse) -> Iterator[list[str]]:
    """The first rows of the sheet as texts, gaps (`ss:Index`) filled with empty ones.

    Links in it contain bare ampersands, which are escaped; nothing else is changed.
    """
    content = _LOOSE.sub(b"&amp;", response.content)
    root = parse_xml(content, response.place, "Workbook")
    sheet_names = []
    for sheet in root.iter("{*}Worksheet"):
        name = next((value for key, value in sheet.attrib.items() if etree.QName(key).localname == "Name"), "")
        sheet_names.append(name)
        if name == SHEET:
            return (_cells(row) for row in islice(sheet.iter("{*}Row"), MAX_ROWS))
    raise SourceError(f"{response.place} has no sheet {SHEET!r}, only {', '.join(sheet_names)[:200] or 'none'}")


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
    samples=lambda day: sample_of("IWM", day),
    policies={
        "www.blackrock.com": HostPolicy(per_second=0.1, burst=1, timeout_seconds=60.0, tries=2, max_bytes=32_000_000)
    },
    jobs=(flows_job("ishares"),),
    opt_in=True,
)
