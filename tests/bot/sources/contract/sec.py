"""Everything that the SEC is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from bot.domain.fetched import FetchRequest
from bot.sources.base import Source
from bot.sources.edgar import Edgar
from tests.bot.sources.contract.adapter import Adapter, Bench, renamed
from tests.bot.sources.edgar import filings
from tests.support.http_stub import HttpStub, Reply, as_json

SEC_DAY = datetime(2026, 8, 28, 14, tzinfo=UTC)
NVIDIA, ACCESSION = 1045810, "0001045810-26-000073"
FIGURE = filings.concept([filings.fact("2025-07-01", "2025-12-31", 49.27e9, "2026-01-28")])
RAISES = "We are raising our full-year 2027 revenue guidance to a range of $300 to $310 billion."
HITS = filings.hits([filings.hit(ACCESSION, NVIDIA, "2026-08-26")])
LISTED = filings.listing([(ACCESSION, "8-K", "2026-08-26", "2026-08-26", "2026-08-26T20:21:07.000Z", "2.02,9.01")])
LIST = "data.sec.gov/submissions/CIK0001045810.json"
RELEASE = filings.release(RAISES)
GUIDANCE = FetchRequest(date(2026, 8, 1), date(2026, 8, 28), tickers=("NVDA",), records=("guidance",))


def _sec(**places: Reply) -> Callable[[HttpStub], None]:
    """The SEC with good answers at places that are not under test."""

    def script(stub: HttpStub) -> None:
        filings.script(stub)
        for place, reply in places.items():
            stub.on(
                {"search": filings.SEARCH, "listed": LIST, "text": filings.text_of(NVIDIA, ACCESSION)}[place], reply
            )

    return script


FACT_PLACE = f"{filings.FACTS}/CIK0000789019/us-gaap/PaymentsToAcquirePropertyPlantAndEquipment.json"
FACTS = FetchRequest(date(2016, 1, 1), date(2026, 8, 28), tickers=("MSFT",), records=("facts",))
SEC = (
    Adapter(
        "edgar tickers",
        lambda bench: Edgar(bench.http),
        FACTS,
        SEC_DAY,
        filings.TICKERS,
        as_json(filings.COMPANIES),
        as_json({}),
        renamed(as_json(filings.COMPANIES), "cik_str"),
        {"cut": "not JSON", "empty": "lists no companies", "changed": "no cik_str"},
        around=lambda stub: stub.on(FACT_PLACE, FIGURE),
    ),
    Adapter(
        "edgar figures",
        lambda bench: Edgar(bench.http),
        FACTS,
        SEC_DAY,
        FACT_PLACE,
        FIGURE,
        filings.concept([]),
        renamed(FIGURE, '"units"'),
        {
            "not found": "none of the figures asked for",
            "cut": "not JSON",
            "empty": "none of the figures asked for",
            "changed": "no units",
        },
        around=_sec(),
        unknown=frozenset({"not found", "empty"}),
    ),
    Adapter(
        "edgar search",
        lambda bench: Edgar(bench.http),
        GUIDANCE,
        SEC_DAY,
        filings.SEARCH,
        HITS,
        filings.hits([]),
        renamed(HITS, '"adsh"'),
        {"too many": "429", "empty": ""},
        around=_sec(listed=LISTED, text=RELEASE),
        unknown=frozenset({"empty"}),
        stands_in=1,
        noted="the full-text search fails, so lists are read",
    ),
    Adapter(
        "edgar lists of filings",
        lambda bench: Edgar(bench.http),
        GUIDANCE,
        SEC_DAY,
        LIST,
        LISTED,
        filings.listing([]),
        renamed(LISTED, '"filingDate"'),
        {"cut": "not JSON", "empty": "", "changed": "no filingDate"},
        around=_sec(search=Reply(b"down", 503), text=RELEASE),
        unknown=frozenset({"empty"}),
    ),
    Adapter(
        "edgar releases",
        lambda bench: Edgar(bench.http),
        GUIDANCE,
        SEC_DAY,
        filings.text_of(NVIDIA, ACCESSION),
        RELEASE,
        Reply(b"<SEC-DOCUMENT>x\n</SEC-DOCUMENT>"),
        Reply(b"A filing in a form that nobody knows"),
        {"a web page": "no filing", "cut": "breaks off", "empty": "no document", "changed": "no SEC-DOCUMENT"},
        around=_sec(search=HITS),
    ),
)
SUMMER = FetchRequest(date(2026, 7, 1), date(2026, 8, 28), tickers=("NVDA",), records=("holdings",))
REPORT, CUSIP = "0000919574-26-000001", "67066G104"
COVER = ("13F-HR", "primary_doc.xml", filings.cover("TIGER GLOBAL LLC"))
TABLE = ("INFORMATION TABLE", "t.xml", filings.table([(CUSIP, 180_000, 1000, "SH", "")]))
HELD = filings.whole([COVER, TABLE], "20260814163000")
OF_MANAGER = filings.listing([(REPORT, "13F-HR", "2026-08-14", "2026-06-30", "2026-08-14T16:30:00.000Z", "")])
MANAGERS = {
    f"{filings.FAILS}/cnsfails202608a.zip": filings.fails([(CUSIP, "NVDA")]),
    "data.sec.gov/submissions/CIK0001167483.json": OF_MANAGER,
    filings.text_of(1167483, REPORT): HELD,
}


def _of_managers(
    name: str, place: str, nothing: Reply, changed: Reply, says: Mapping[str, str], **more: Any
) -> Adapter:
    def around(stub: HttpStub) -> None:
        filings.script(stub)
        for other, reply in MANAGERS.items():
            stub.on(other, reply)

    def make(bench: Bench) -> Source:
        return Edgar(bench.http, managers={"Tiger Global": 1167483})

    return Adapter(name, make, SUMMER, SEC_DAY, place, MANAGERS[place], nothing, changed, says, around=around, **more)


SEC_HOLDINGS = (
    _of_managers(
        "edgar lists of CUSIPs",
        f"{filings.FAILS}/cnsfails202608a.zip",
        filings.fails([]),
        filings.fails([(CUSIP, "NVDA")], header="DATE|ID|SYMBOL"),
        {
            "not found": "no list of failed deliveries",
            "cut": "no ZIP that can be read",
            "empty": "no list of failed deliveries",
            "changed": "no column CUSIP",
        },
    ),
    _of_managers(
        "edgar lists of managers",
        "data.sec.gov/submissions/CIK0001167483.json",
        filings.listing([]),
        renamed(OF_MANAGER, '"filingDate"'),
        {"cut": "not JSON", "empty": "", "changed": "no filingDate"},
        unknown=frozenset({"empty"}),
    ),
    _of_managers(
        "edgar reports of managers",
        filings.text_of(1167483, REPORT),
        Reply(b"<SEC-DOCUMENT>x\n</SEC-DOCUMENT>"),
        renamed(HELD, "sshPrnamtType", "kind"),
        {
            "a web page": "no filing",
            "cut": "breaks off",
            "empty": "no document",
            "changed": "no sshPrnamtType",
        },
    ),
)
