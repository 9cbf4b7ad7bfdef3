"""Tables of days, members and contracts in the formats of their sources, with invented figures."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any
from xml.sax.saxutils import escape

import openpyxl

from bot.sources.cboe import indices, option_chains
from bot.sources.edgar import xbrl_facts
from bot.sources.edgar.form13f import cusips, information_table
from bot.sources.fred import api, csv_download
from bot.sources.fund_issuers.ishares import read as read_ishares
from bot.sources.fund_issuers.statestreet import read as read_state_street
from bot.sources.http.responses import HttpResponse
from bot.sources.index_members import parse_lists
from bot.sources.index_members.parse_lists import ListedMember
from bot.sources.treasury import read_csv, read_xml
from tests.bot.sources.fuzz.document import Document
from tests.bot.sources.fuzz.oracle import Kind, next_day

K = Kind
ROWS = 110


def days(count: int) -> list[date]:
    made = [date(2026, 1, 5)]
    while len(made) < count:
        made.append(next_day(made[-1]))
    return made


DAYS = days(ROWS)
TICKERS = [f"{first}{second}Q" for first in "ABCDEFGHIJK" for second in "LMNOPQRSTU"]


def as_csv(end: str = "\n", above: str = "", last: bool = True) -> Callable[[Document], bytes]:
    def write(document: Document) -> bytes:
        out = io.StringIO()
        lines = csv.writer(out, lineterminator=end)
        for row in (document.heads, *document.rows):
            lines.writerow(["" if cell is None else cell for cell in row])
        text = above + out.getvalue()
        return (text if last else text.removesuffix(end)).encode()

    return write


def as_workbook(*above: tuple[object, ...]) -> Callable[[Document], bytes]:
    def write(document: Document) -> bytes:
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet()
        for row in (*above, document.heads, *document.rows):
            sheet.append([cell.replace("\x1b", "") if isinstance(cell, str) else cell for cell in row])
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    return write


def as_spreadsheet_xml(document: Document) -> bytes:
    def cell(content: object) -> str:
        kind = "Number" if isinstance(content, int | float) else "String"
        shown = "" if content is None else escape(str(content).replace("\x1b", ""))
        return f'<ss:Cell><ss:Data ss:Type="{kind}">{shown}</ss:Data></ss:Cell>'

    rows = "".join(f"<ss:Row>{''.join(map(cell, row))}</ss:Row>" for row in (document.heads, *document.rows))
    return (
        '<?xml version="1.0"?><ss:Workbook xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        f'<ss:Worksheet ss:Name="Historical"><ss:Table>{rows}</ss:Table></ss:Worksheet></ss:Workbook>'
    ).encode()


def as_html(document: Document) -> bytes:
    def row(cells: Iterable[object], kind: str) -> str:
        return (
            "<tr>"
            + "".join(f"<{kind}>{escape('' if cell is None else str(cell))}</{kind}>" for cell in cells)
            + "</tr>"
        )

    body = "".join(row(cells, "td") for cells in document.rows)
    table = f'<table id="constituents">{row(document.heads, "th")}{body}</table>'
    return f"<!DOCTYPE html><html><body><p>Members</p>{table}</body></html>".encode()


def as_objects(document: Document) -> list[dict[str, object]]:
    return [dict(zip(document.heads, row, strict=False)) for row in document.rows]


def as_feed(document: Document) -> bytes:
    def entry(row: tuple[object, ...]) -> str:
        cells = "".join(
            f"<d:{name}>{escape('' if cell is None else str(cell).replace(chr(27), ''))}</d:{name}>"
            for name, cell in zip(document.heads, row, strict=False)
        )
        return f"<entry><content><m:properties>{cells}</m:properties></content></entry>"

    body = "".join(map(entry, document.rows))
    return f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:d="urn:d" xmlns:m="urn:m">{body}</feed>'.encode()


def as_information_table(document: Document) -> bytes:
    def entry(row: tuple[object, ...]) -> str:
        cells = "".join(
            f"<{name}>{escape('' if cell is None else str(cell).replace(chr(27), ''))}</{name}>"
            for name, cell in zip(document.heads, row, strict=False)
        )
        return f"<infoTable>{cells}</infoTable>"

    return f'<informationTable xmlns="urn:x">{"".join(map(entry, document.rows))}</informationTable>'.encode()


def as_zipped_list(document: Document) -> bytes:
    lines = ["|".join("" if cell is None else str(cell) for cell in row) for row in (document.heads, *document.rows)]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("cnsfails.txt", "\r\n".join([*lines, "Trailer record count 110", ""]))
    return out.getvalue()


def by_day(rows: Iterable[tuple[date, float, object]]) -> dict[Any, tuple[object, ...]]:
    return {day: (value,) for day, value, _ in rows}


def tenors(read: Callable[[HttpResponse], Mapping[str, Mapping[date, float]]], *names: str) -> Callable[..., Any]:
    def rows(response: HttpResponse) -> dict[Any, tuple[object, ...]]:
        table = read(response)
        seen = sorted({day for column in table.values() for day in column})
        return {day: tuple(table.get(name, {}).get(day) for name in names) for day in seen}

    return rows


def freds(response: HttpResponse) -> dict[Any, tuple[object, ...]]:
    columns = csv_download.read_series(response, date.min, date.max)
    values = {name: {day: value for day, value, _ in rows} for name, rows in columns.items()}
    seen = sorted({day for column in values.values() for day in column})
    return {day: tuple(column.get(day) for column in values.values()) for day in seen}


def fred_page(response: HttpResponse) -> dict[Any, tuple[object, ...]]:
    page = api.read_page(response, "DGS10", "key")
    return {(day, date.fromisoformat(loaded)): (value,) for day, value, loaded in page.rows if value is not None}


def funds(read: Callable[[HttpResponse, str], Any], ticker: str) -> Callable[[HttpResponse], Any]:
    return lambda response: {found.day: (found.nav, found.shares) for found in read(response, ticker)}


def members(read: Callable[[HttpResponse], list[ListedMember]], *fields: str) -> Callable[[HttpResponse], Any]:
    return lambda response: {
        member.ticker: tuple(getattr(member, field) for field in fields) for member in read(response)
    }


def contracts(response: HttpResponse) -> dict[Any, tuple[object, ...]]:
    _, table = option_chains.read_chain(response)
    rows = table.astype(object).where(table.notna(), None).itertuples(index=False)
    return {
        (row.expiry.date(), row.side, row.strike): (row.bid, row.ask, row.iv, row.delta, row.volume, row.open_interest)
        for row in rows
    }


def facts(response: HttpResponse) -> dict[Any, tuple[object, ...]]:
    rows = xbrl_facts.read_concept(response, "MSFT", "Capex")
    return {(row["start"], row["end"], row["accession"]): (row["value"], row["known_at"].date()) for row in rows}


def positions(response: HttpResponse) -> dict[Any, tuple[object, ...]]:
    table = information_table.read_table(response.text(), "the table")
    return {cusip: (held.value, held.shares) for (cusip, _, _), held in table.items()}


def securities(response: HttpResponse) -> dict[Any, tuple[object, ...]]:
    return {(found.cusip, found.symbol): () for found in cusips.read_fails(response)}


def rate(at: int, base: float = 4.0) -> str:
    return f"{base + at % 97 / 100:.2f}"


US, ISO = "%m/%d/%Y", "%Y-%m-%d"
NEWEST_FIRST = DAYS[::-1]
CUSIPS = [f"{37833100 + 97 * at:09d}" for at in range(ROWS)]

TABLES: tuple[Document, ...] = (
    Document(
        "treasury csv",
        ("Date", "3 Mo", "10 Yr"),
        (K.US_DAY, K.NUMBER, K.NUMBER),
        tuple((day.strftime(US), rate(at), rate(at, 5.0)) for at, day in enumerate(NEWEST_FIRST)),
        as_csv(last=False),
        tenors(read_csv, "3M", "10Y"),
        newest_first=True,
        ragged=True,
        renamed=True,
    ),
    Document(
        "treasury feed",
        ("NEW_DATE", "BC_3MONTH", "BC_10YEAR"),
        (K.ISO_DAY, K.NUMBER, K.NUMBER),
        tuple((f"{day}", rate(at), rate(at, 5.0)) for at, day in enumerate(DAYS)),
        as_feed,
        tenors(read_xml, "3M", "10Y"),
        newest_first=False,
    ),
    Document(
        "fred csv",
        ("observation_date", "DGS2", "DGS10"),
        (K.ISO_DAY, K.NUMBER, K.NUMBER),
        tuple((f"{day}", rate(at), "." if at % 20 == 3 else rate(at, 5.0)) for at, day in enumerate(DAYS)),
        as_csv(),
        freds,
        newest_first=False,
        ragged=True,
    ),
    Document(
        "fred api",
        ("date", "realtime_start", "value"),
        (K.ISO_DAY, K.ISO_DAY, K.NUMBER),
        tuple((f"{day}", f"{next_day(day)}", "." if at % 20 == 3 else rate(at)) for at, day in enumerate(DAYS)),
        lambda document: json.dumps({"observations": as_objects(document)}).encode(),
        fred_page,
        key=(0, 1),
        newest_first=False,
    ),
    Document(
        "cboe index",
        ("DATE", "OPEN", "HIGH", "LOW", "CLOSE"),
        (K.US_DAY, K.OTHER, K.OTHER, K.OTHER, K.AMOUNT),
        tuple((day.strftime(US), "1", "2", "3", f"{15 + at % 70 / 10:.6f}") for at, day in enumerate(DAYS)),
        as_csv(),
        lambda response: by_day(indices.read_index(response, "VIX")),
        newest_first=False,
        ragged=True,
        renamed=True,
    ),
    Document(
        "cboe archive",
        ("DATE", "CALLS", "PUTS", "TOTAL", "P/C Ratio"),
        (K.US_DAY, K.OTHER, K.OTHER, K.OTHER, K.AMOUNT),
        tuple((day.strftime(US), 9, 8, 17, f" {0.5 + at % 70 / 100:.2f}") for at, day in enumerate(DAYS)),
        as_csv(
            "\r\n", "Volume and Put/Call Ratio data is compiled as of 2012,,,,\r\n, PRODUCT: TOTAL,,EXCHANGE: Cboe,\r\n"
        ),
        lambda response: by_day(indices.read_archive(response)),
        newest_first=False,
        ragged=True,
        renamed=True,
    ),
    Document(
        "state street history",
        ("Date", "NAV", "Shares Outstanding", "Total Net Assets"),
        (K.DASH_DAY, K.AMOUNT, K.COUNT, K.OTHER),
        tuple(
            (day.strftime("%d-%b-%Y"), 280 + at / 4, f"{650_000_000 + 50_000 * at:,}", 1)
            for at, day in enumerate(NEWEST_FIRST)
        ),
        as_workbook(("Fund Name:", "A fund"), ("Ticker Symbol:", "XLK"), ()),
        funds(read_state_street, "XLK"),
        newest_first=True,
        renamed=True,
        weight=1,
    ),
    Document(
        "ishares history",
        ("As Of", "NAV per Share", "Ex-Dividends", "Shares Outstanding"),
        (K.WORD_DAY, K.AMOUNT, K.OTHER, K.COUNT),
        tuple(
            (day.strftime("%b %d, %Y"), 280 + at / 4, "--", 650_000_000 + 50_000 * at)
            for at, day in enumerate(NEWEST_FIRST)
        ),
        as_spreadsheet_xml,
        funds(read_ishares, "IWM"),
        newest_first=True,
        renamed=True,
    ),
    Document(
        "state street holdings",
        ("Name", "Ticker", "Identifier", "Weight"),
        (K.NAME, K.TICKER, K.OTHER, K.OTHER),
        tuple((f"{ticker} Inc", ticker, CUSIPS[at], 0.2) for at, ticker in enumerate(TICKERS)),
        as_workbook(("Fund Name:", "A fund"), ("Holdings:", "As of 02-Oct-2026"), ()),
        members(parse_lists.ssga_holdings, "name"),
        key=(1,),
        strict=True,
        renamed=True,
        weight=1,
    ),
    Document(
        "data set of members",
        ("Symbol", "Security", "GICS Sector", "GICS Sub-Industry", "CIK"),
        (K.TICKER, K.NAME, K.NAME, K.NAME, K.OTHER),
        tuple((ticker, f"{ticker}, Inc", "Energy", "Oil", at) for at, ticker in enumerate(TICKERS)),
        as_csv(),
        members(parse_lists.constituents_csv, "name", "sector", "industry"),
        strict=True,
        listed=True,
        ragged=True,
        renamed=True,
    ),
    Document(
        "wikipedia",
        ("Ticker", "Company", "ICB Industry"),
        (K.TICKER, K.NAME, K.OTHER),
        tuple((ticker, f"{ticker} Corp", "Technology") for ticker in TICKERS),
        as_html,
        members(parse_lists.wikipedia_ndx100, "name"),
        strict=True,
        listed=True,
        ragged=True,
        renamed=True,
        weight=2,
    ),
    Document(
        "cboe option chain",
        ("option", "bid", "ask", "iv", "delta", "volume", "open_interest"),
        (K.CONTRACT, K.NUMBER, K.NUMBER, K.NUMBER, K.NUMBER, K.NUMBER, K.NUMBER),
        tuple((f"QQQ260116C00{400 + at}000", 1.0 + at, 1.5 + at, 0.25, 0.5, at, 7 * at) for at in range(ROWS)),
        lambda document: json.dumps(
            {"data": {"last_trade_time": "2026-01-02T15:00:00", "options": as_objects(document)}}
        ).encode(),
        contracts,
    ),
    Document(
        "sec figures",
        ("start", "end", "val", "accn", "form", "filed"),
        (K.ISO_DAY, K.ISO_DAY, K.REQUIRED, K.NAME, K.OTHER, K.ISO_DAY),
        tuple(
            (f"{day}", f"{next_day(day)}", 10**9 + at, f"a-{at}", "10-Q", f"{next_day(day)}")
            for at, day in enumerate(DAYS)
        ),
        lambda document: json.dumps({"units": {"USD": as_objects(document)}}).encode(),
        facts,
        key=(0, 1, 3),
        newest_first=False,
    ),
    Document(
        "13F table",
        ("cusip", "value", "sshPrnamt", "sshPrnamtType"),
        (K.CUSIP, K.REQUIRED, K.REQUIRED, K.OTHER),
        tuple((cusip, f"{1000 + at}", f"{100 + at}", "SH") for at, cusip in enumerate(CUSIPS)),
        as_information_table,
        positions,
        strict=True,
        sums=True,
    ),
    Document(
        "failed deliveries",
        ("SETTLEMENT DATE", "CUSIP", "SYMBOL", "QUANTITY (FAILS)", "DESCRIPTION", "PRICE"),
        (K.OTHER, K.CUSIP, K.SYMBOL, K.OTHER, K.OTHER, K.OTHER),
        tuple(("20260814", CUSIPS[at], ticker, 100, f"{ticker} INC", ".") for at, ticker in enumerate(TICKERS)),
        as_zipped_list,
        securities,
        key=(1, 2),
        ragged=True,
    ),
)
