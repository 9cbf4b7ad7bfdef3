"""Answers of the SEC for tests: lists of filings, searches, whole filings, zipped lists of CUSIPs."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

from tests.support.http_stub import HttpStub, Reply, as_json

TICKERS = "www.sec.gov/files/company_tickers.json"
SEARCH = "efts.sec.gov/LATEST/search-index"
FAILS = "www.sec.gov/files/data/fails-deliver-data"
ARCHIVE = "www.sec.gov/Archives/edgar/data"
FACTS = "data.sec.gov/api/xbrl/companyconcept"

COMPANIES = {
    "0": {"cik_str": 1045810, "ticker": "NVDA", "title": "NVIDIA CORP"},
    "1": {"cik_str": 789019, "ticker": "MSFT", "title": "MICROSOFT CORP"},
}


def concept(rows: Sequence[dict[str, object]], unit: str = "USD") -> Reply:
    return as_json({"cik": 789019, "taxonomy": "us-gaap", "tag": "X", "units": {unit: list(rows)}})


def fact(
    start: str | None, end: str, value: float, filed: str, accession: str = "0000789019-26-000001"
) -> dict[str, object]:
    row = {"end": end, "val": value, "accn": accession, "fy": 2026, "fp": "Q2", "form": "10-Q", "filed": filed}
    return row if start is None else {"start": start, **row}


# accession, form, filed, report, accepted, items
Listed = tuple[str, str, str, str, str, str]


def listing(rows: Sequence[Listed], older: Sequence[dict[str, str]] = ()) -> Reply:
    return as_json({"filings": {"recent": columns(rows), "files": list(older)}})


def columns(rows: Sequence[Listed]) -> dict[str, list[str]]:
    names = ("accessionNumber", "form", "filingDate", "reportDate", "acceptanceDateTime", "items")
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def hit(
    accession: str, cik: int, filed: str, items: Sequence[str] = ("2.02", "9.01"), name: str = "pr.htm"
) -> dict[str, object]:
    source = {"ciks": [f"{cik:010d}"], "form": "8-K", "file_type": "EX-99.1", "file_date": filed, "adsh": accession}
    return {"_id": f"{accession}:{name}", "_source": {**source, "items": list(items)}}


def hits(found: Sequence[dict[str, object]], total: int | None = None) -> Reply:
    return as_json({"hits": {"total": {"value": len(found) if total is None else total}, "hits": list(found)}})


def whole(documents: Sequence[tuple[str, str, str]], accepted: str | None = "20260826162107") -> Reply:
    """A filing as one text: documents are (type, name, body)."""
    head = f"<ACCEPTANCE-DATETIME>{accepted}\n" if accepted else ""
    parts = [
        f"<DOCUMENT>\n<TYPE>{kind}\n<SEQUENCE>1\n<FILENAME>{name}\n<TEXT>\n{body}\n</TEXT>\n</DOCUMENT>\n"
        for kind, name, body in documents
    ]
    return Reply(f"<SEC-DOCUMENT>x.txt\n<SEC-HEADER>x\n{head}</SEC-HEADER>\n{''.join(parts)}</SEC-DOCUMENT>\n".encode())


def release(text: str, accepted: str | None = "20260826162107") -> Reply:
    page = f"<html><body><p>{text}</p></body></html>"
    return whole([("8-K", "main.htm", "<html></html>"), ("EX-99.1", "pr.htm", page)], accepted)


def text_of(cik: int, accession: str) -> str:
    return f"{ARCHIVE}/{cik}/{accession.replace('-', '')}/{accession}.txt"


def fails(
    rows: Sequence[tuple[str, str]], header: str = "SETTLEMENT DATE|CUSIP|SYMBOL|QUANTITY (FAILS)|DESCRIPTION|PRICE"
) -> Reply:
    lines = [
        header,
        *(f"20260814|{cusip}|{symbol}|100|{symbol} INC|10.0" for cusip, symbol in rows),
        "Trailer record count 2",
    ]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("cnsfails.txt", "\r\n".join(lines))
    return Reply(packed.getvalue())


def cover(manager: str, quarter: str = "06-30-2026", amendment: str = "") -> str:
    """Cover page of a 13F report."""
    amended = f"<amendmentInfo><amendmentType>{amendment}</amendmentType></amendmentInfo>" if amendment else ""
    return (
        '<XML>\n<?xml version="1.0"?><edgarSubmission xmlns="http://www.sec.gov/edgar/thirteenffiler"><formData><coverPage>'
        f"<reportCalendarOrQuarter>{quarter}</reportCalendarOrQuarter>{amended}<filingManager><name>{manager}</name>"
        "</filingManager><reportType>13F HOLDINGS REPORT</reportType></coverPage></formData></edgarSubmission>\n</XML>"
    )


# cusip, value, shares, type, put or call
Row = tuple[str, float, float, str, str]


def table(rows: Sequence[Row], prefix: str = "") -> str:
    """An information table; with a prefix for every name."""
    name = f"{prefix}:" if prefix else ""
    xmlns = f"xmlns:{prefix}" if prefix else "xmlns"

    def tag(word: str, body: str) -> str:
        return f"<{name}{word}>{body}</{name}{word}>"

    body = "".join(
        tag(
            "infoTable",
            tag("nameOfIssuer", "X")
            + tag("cusip", cusip)
            + tag("value", f"{value:.0f}")
            + tag("shrsOrPrnAmt", tag("sshPrnamt", f"{shares:.0f}") + tag("sshPrnamtType", kind))
            + (tag("putCall", option) if option else ""),
        )
        for cusip, value, shares, kind, option in rows
    )
    space = f'{xmlns}="http://www.sec.gov/edgar/document/thirteenf/informationtable"'
    return f'<XML>\n<?xml version="1.0"?><{name}informationTable {space}>{body}</{name}informationTable>\n</XML>'


def script(stub: HttpStub) -> None:
    """The parts that every job asks first."""
    stub.on(TICKERS, as_json(COMPANIES))
