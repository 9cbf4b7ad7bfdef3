"""Reports of large managers: recorded tables, units, options, amendments, and everything that can go wrong on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pandas as pd
import pytest
import pytest_asyncio

from bot.domain.fetched import Fetched, FetchRequest, HealthState
from bot.errors import SourceError
from bot.sources.edgar import POLICIES, Edgar
from bot.sources.edgar.form13f import information_table
from bot.sources.edgar.form13f.cusips import urls
from bot.sources.edgar.form13f.information_table import Position
from bot.sources.edgar.parsing import same_name
from bot.sources.http.http_client import Http
from signals.core.datasets import empty
from tests import recorded
from tests.bot.sources.edgar import filings
from tests.support.http_stub import PAGE, HttpStub, Reply, Waits, as_json, too_many

NOW = datetime(2026, 8, 28, 14, tzinfo=UTC)
REQUEST = FetchRequest(date(2026, 7, 1), date(2026, 8, 28), tickers=("NVDA", "MSFT"), records=("holdings",))
NVDA, MSFT = "67066G104", "594918104"
TIGER = {"Tiger Global": 1167483}
LIST = "data.sec.gov/submissions/CIK0001167483.json"
FIRST, SECOND = "0000919574-26-000001", "0000919574-26-000002"
FAILS = f"{filings.FAILS}/cnsfails202608a.zip"


def recorded_table() -> dict[information_table.Key, Position]:
    return information_table.read_table(recorded.body("sec/13f-table.xml").decode(), "recorded")


# Counted in the file: 255 rows. Apple's is 58,228 shares for 8,239,330: 141.50 each, its close of 2021-09-30; Alphabet's class A
# is 643 for 1,719,073: 2,673.52 each, likewise.
def test_the_recorded_table_is_in_dollars_although_thousands_were_due() -> None:
    table = recorded_table()
    apple, google = table[("037833100", "SH", "")], table[("02079K305", "SH", "")]
    assert len(table) == 255
    assert apple == Position(58_228, 8_239_330)
    assert apple.value / apple.shares == pytest.approx(141.50, abs=0.005)
    assert google.value / google.shares == pytest.approx(2673.52, abs=0.005)
    assert information_table.in_dollars(table, date(2021, 11, 12)) == 1.0
    assert information_table.in_dollars(table, date(2023, 5, 31)) == 1.0


def test_the_recorded_table_in_thousands_is_recognised_on_either_side_of_the_change() -> None:
    thousands = {key: Position(each.shares, each.value / 1000) for key, each in recorded_table().items()}
    assert information_table.in_dollars(thousands, date(2021, 11, 12)) == 1000.0
    assert information_table.in_dollars(thousands, date(2023, 5, 31)) == 1000.0


def test_without_prices_the_day_of_filing_decides() -> None:
    assert information_table.in_dollars({}, date(2023, 1, 2)) == 1000.0
    assert information_table.in_dollars({}, date(2023, 1, 3)) == 1.0


def test_principal_amounts_of_the_recorded_table_are_no_shares() -> None:
    table = recorded_table()
    left = information_table.shares_only(table)
    assert len(left) == sum(kind == "SH" for _, kind, _ in table) < len(table)


def test_the_recorded_covers_name_manager_and_quarter() -> None:
    metlife, abacus = (
        information_table.read_cover(recorded.body(f"sec/13f-cover-{name}.xml").decode(), "recorded")
        for name in ("metlife", "abacus")
    )
    assert metlife == information_table.Cover("METLIFE INC", date(2021, 12, 31), "13F COMBINATION REPORT", "")
    assert (abacus.manager, abacus.quarter) == ("Abacus Wealth Partners, LLC", date(2020, 12, 31))


@pytest.mark.parametrize("prefix", ["", "ns1", "n1"])
def test_rows_of_one_security_are_summed_whatever_the_prefix(prefix: str) -> None:
    rows = [(NVDA, 100, 5, "SH", ""), (NVDA, 60, 3, "SH", ""), (NVDA, 40, 2, "SH", "Put"), (NVDA, 9, 9, "PRN", "")]
    text = filings.table(rows, prefix).removeprefix("<XML>\n").removesuffix("\n</XML>")
    table = information_table.read_table(text, "x")
    assert table[(NVDA, "SH", "")] == Position(8, 160)
    assert table[(NVDA, "SH", "PUT")] == Position(2, 40)
    assert information_table.shares_only(table) == {NVDA: Position(8, 160)}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<informationTable><infoTable>", "XML that cannot be read"),
        ("<html/>", "holds <html> where <informationTable> is expected"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><informationTable>&b;</informationTable>', "document type"),
        ("<informationTable><infoTable><value>1</value></infoTable></informationTable>", "has no cusip, so its format"),
        (
            "<informationTable><infoTable><cusip>1</cusip><sshPrnamtType>SH</sshPrnamtType><sshPrnamt>many</sshPrnamt>"
            "<value>1</value></infoTable></informationTable>",
            "'many' is no number",
        ),
    ],
)
def test_a_table_that_cannot_be_used_is_told(text: str, says: str) -> None:
    with pytest.raises(SourceError, match=says):
        information_table.read_table(text, "x")


@pytest.mark.parametrize("name", ["13f-page-1", "13f-page-2"])
def test_the_recorded_pages_for_people_are_no_tables(name: str) -> None:
    with pytest.raises(SourceError, match="recorded holds"):
        information_table.read_table(recorded.body(f"sec/{name}.html").decode(), "recorded")


def report(
    amendment: str, shares: float, filed: str, quarter: str = "2026-06-30"
) -> tuple[information_table.Report, str]:
    cover = information_table.Cover("T", date.fromisoformat(quarter), "13F HOLDINGS REPORT", amendment)
    return information_table.Report(cover, date.fromisoformat(filed), {NVDA: Position(shares, 10 * shares)}), filed


def shares(reports: list[tuple[information_table.Report, str]]) -> list[tuple[str, float]]:
    rows = information_table.holdings(reports, "T", {NVDA: "NVDA", MSFT: "MSFT"})
    return [(row["known_at"], row["shares"]) for row in rows if row["ticker"] == "NVDA"]


def test_a_restatement_replaces_and_new_holdings_add() -> None:
    first = report("", 100, "2026-08-14")
    assert shares([first, report("RESTATEMENT", 70, "2026-08-20")]) == [("2026-08-14", 100), ("2026-08-20", 70)]
    assert shares([first, report("NEW HOLDINGS", 70, "2026-08-20")]) == [("2026-08-14", 100), ("2026-08-20", 170)]
    assert shares([report("NEW HOLDINGS", 70, "2026-08-20")]) == []


def test_a_restatement_of_a_few_lines_corrects_them_and_one_of_half_of_them_replaces_all() -> None:
    before = {f"{number:09d}": Position(100, 1000) for number in range(8)}
    cover = information_table.Cover("T", date(2026, 6, 30), "13F HOLDINGS REPORT", "RESTATEMENT")

    def after(count: int) -> dict[str, float]:
        lines = {f"{number:09d}": Position(110, 1100) for number in range(count)}
        amendment = information_table.Report(cover, date(2026, 8, 20), lines)
        return {cusip: position.shares for cusip, position in information_table.amended(before, amendment).items()}

    assert after(3) == {f"{number:09d}": 110 if number < 3 else 100 for number in range(8)}
    assert after(4) == {f"{number:09d}": 110 for number in range(4)}


@pytest.mark.parametrize("amendment", ["NEW HOLDINGS", "RESTATEMENT"])
def test_an_amendment_needs_the_report_that_it_amends(amendment: str) -> None:
    first, second = report("", 100, "2026-08-14")[0], report(amendment, 70, "2026-08-20")[0]
    assert information_table.lacks_base([second])
    assert not information_table.lacks_base([first, second])


def test_a_ticker_that_is_not_named_is_held_with_nothing() -> None:
    rows = information_table.holdings([report("", 100, "2026-08-14")], "T", {NVDA: "NVDA", MSFT: "MSFT"})
    assert {row["ticker"]: (row["shares"], row["value_usd"]) for row in rows} == {"NVDA": (100, 1000), "MSFT": (0, 0)}


def test_lists_of_cusips_are_looked_for_by_half_months_back() -> None:
    names = [url.rpartition("cnsfails")[2] for url in urls(date(2026, 1, 20))]
    assert names == ["202601b.zip", "202601a.zip", "202512b.zip", "202512a.zip", "202511b.zip"]


def test_names_are_compared_by_their_telling_word() -> None:
    assert same_name("TIGER GLOBAL MANAGEMENT LLC", "Tiger Global")
    assert same_name("D. E. Shaw & Co., Inc.", "D. E. Shaw")
    assert not same_name("BLUE WHALE LLC", "Tiger Global")


@pytest_asyncio.fixture
async def sec(stub: HttpStub, waits: Waits) -> AsyncIterator[Http]:
    client = Http(
        contact="Ada Lovelace ada@example.org",
        base_urls=stub.base_urls,
        policies=POLICIES,
        sleep=waits,
        jitter=lambda: 0.5,
    )
    filings.script(stub)
    stub.on(FAILS, filings.fails([(NVDA, "NVDA"), (MSFT, "MSFT"), ("000000000", "XYZ")]))
    yield client
    await client.close()


def listed(*rows: tuple[str, str, str]) -> Reply:
    """(accession, form, filed) of reports for the second quarter."""
    return filings.listing(
        [(accession, form, filed, "2026-06-30", f"{filed}T16:30:00.000Z", "") for accession, form, filed in rows]
    )


def reported(
    rows: list[filings.Row], *, form: str = "13F-HR", manager: str = "TIGER GLOBAL LLC", amendment: str = ""
) -> Reply:
    documents = [
        (form, "primary_doc.xml", filings.cover(manager, amendment=amendment)),
        ("INFORMATION TABLE", "t.xml", filings.table(rows)),
    ]
    return filings.whole(documents, "20260814163000")


def told(fetched: Fetched) -> list[tuple[str, float, float]]:
    frame = fetched.records["holdings"]
    return list(zip(frame["ticker"], frame["shares"], frame["value_usd"], strict=True))


async def test_holdings_come_by_manager_with_their_quarter_and_instant(sec: Http, stub: HttpStub) -> None:
    stub.on(LIST, listed((FIRST, "13F-HR", "2026-08-14")))
    stub.on(
        filings.text_of(1167483, FIRST),
        reported([(NVDA, 180_000, 1000, "SH", ""), (NVDA, 9, 9, "SH", "Call"), ("111111111", 5, 5, "SH", "")]),
    )

    fetched = await Edgar(sec, managers=TIGER).fetch(REQUEST, NOW)

    frame = fetched.records["holdings"]
    assert frame.dtypes.to_dict() == empty("holdings").dtypes.to_dict()
    assert told(fetched) == [("NVDA", 1000, 180_000), ("MSFT", 0, 0)]
    assert frame["manager"].unique().tolist() == ["Tiger Global"]
    assert frame["quarter"].unique().tolist() == [pd.Timestamp("2026-06-30")]
    # Accepted at 16:30 in New York: after the close of that day.
    assert frame["known_at"].unique().tolist() == [pd.Timestamp("2026-08-14 20:30", tz="UTC")]
    assert not fetched.missing


async def test_an_amendment_that_adds_is_put_to_what_was_filed_before(sec: Http, stub: HttpStub) -> None:
    stub.on(LIST, listed((FIRST, "13F-HR", "2026-08-14"), (SECOND, "13F-HR/A", "2026-08-20")))
    stub.on(filings.text_of(1167483, FIRST), reported([(NVDA, 180_000, 1000, "SH", "")]))
    stub.on(
        filings.text_of(1167483, SECOND),
        reported([(MSFT, 50_000, 100, "SH", "")], form="13F-HR/A", amendment="NEW HOLDINGS"),
    )

    late = FetchRequest(date(2026, 8, 18), date(2026, 8, 28), tickers=REQUEST.tickers, records=("holdings",))
    assert told(await Edgar(sec, managers=TIGER).fetch(late, NOW)) == [("NVDA", 1000, 180_000), ("MSFT", 100, 50_000)]


async def test_a_notice_is_no_report_and_is_named(sec: Http, stub: HttpStub) -> None:
    stub.on(LIST, listed((FIRST, "13F-NT", "2026-08-14")))
    fetched = await Edgar(sec, managers=TIGER).fetch(REQUEST, NOW)
    assert not fetched.records
    assert fetched.missing == {"Tiger Global": "another manager reports its holdings"}


async def test_older_parts_of_a_list_are_read_when_the_window_needs_them(sec: Http, stub: HttpStub) -> None:
    part = {"name": "CIK0001167483-submissions-001.json", "filingTo": "2026-08-20", "filingFrom": "2010-01-01"}
    stub.on(LIST, filings.listing([], [part]))
    row = (FIRST, "13F-HR", "2026-08-14", "2026-06-30", "2026-08-14T16:30:00.000Z", "")
    stub.on(f"data.sec.gov/submissions/{part['name']}", as_json(filings.columns([row])))
    stub.on(filings.text_of(1167483, FIRST), reported([(NVDA, 180_000, 1000, "SH", "")]))
    assert told(await Edgar(sec, managers=TIGER).fetch(REQUEST, NOW))[0] == ("NVDA", 1000, 180_000)


async def test_a_quarter_without_reports_is_empty_and_a_ticker_without_cusip_missing(sec: Http, stub: HttpStub) -> None:
    stub.on(LIST, listed())
    request = FetchRequest(REQUEST.start, REQUEST.end, tickers=("NVDA", "GOOG"), records=("holdings",))
    fetched = await Edgar(sec, managers=TIGER).fetch(request, NOW)
    assert not fetched.records
    assert fetched.missing == {"GOOG": "its CUSIP is not known"}


GOOD = [
    ("13F-HR", "p.xml", filings.cover("TIGER GLOBAL")),
    ("INFORMATION TABLE", "t.xml", filings.table([(NVDA, 180, 1, "SH", "")])),
]


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (as_json({}, 404), "answered 404"),
        (Reply(b"<SEC-DOCUMENT>\n<DOCUMENT>\n<TYPE>13F-HR", how="truncated"), "broke off in the middle"),
        (Reply(b"<SEC-DOCUMENT>\n<DOCUMENT>\n<TYPE>13F-HR\n<TEXT>"), "breaks off in the middle of a document"),
        (filings.whole(GOOD[1:]), "has no cover page"),
        (filings.whole(GOOD[:1]), "has no information table"),
        (
            filings.whole([("13F-HR", "p.xml", filings.cover("BLUE WHALE")), GOOD[1]]),
            "is by BLUE WHALE: the number of the filer is wrong",
        ),
        (
            filings.whole([("13F-HR", "p.xml", filings.cover("TIGER", "30 June")), GOOD[1]]),
            "'30 June' where the quarter is expected",
        ),
        (
            filings.whole([("13F-HR", "p.xml", "<edgarSubmission/>"), GOOD[1]]),
            "has no reportCalendarOrQuarter, so its format",
        ),
        (
            filings.whole(
                [GOOD[0], ("INFORMATION TABLE", "t.xml", "<informationTable><infoTable/></informationTable>")]
            ),
            "has no cusip",
        ),
    ],
)
async def test_a_report_that_cannot_be_read_names_its_manager_and_spares_the_others(
    sec: Http, stub: HttpStub, reply: Reply, says: str
) -> None:
    stub.on(LIST, listed((FIRST, "13F-HR", "2026-08-14")))
    stub.on("data.sec.gov/submissions/CIK0000000007.json", listed((SECOND, "13F-HR", "2026-08-14")))
    stub.on(filings.text_of(1167483, FIRST), reply)
    stub.on(filings.text_of(7, SECOND), reported([(NVDA, 180, 1, "SH", "")], manager="Lucky Seven"))
    fetched = await Edgar(sec, managers={**TIGER, "Lucky Seven": 7}).fetch(REQUEST, NOW)
    assert says in fetched.missing["Tiger Global"]
    assert told(fetched)[0] == ("NVDA", 1, 180)


async def test_a_refusal_stops_the_round_and_keeps_what_was_read(sec: Http, stub: HttpStub) -> None:
    stub.on("data.sec.gov/submissions/CIK0000000007.json", listed((SECOND, "13F-HR", "2026-08-14")))
    stub.on(filings.text_of(7, SECOND), reported([(NVDA, 180, 1, "SH", "")], manager="Lucky Seven"))
    stub.on(LIST, too_many("900"))
    source = Edgar(sec, managers={"Lucky Seven": 7, **TIGER, "Never Asked": 8})
    fetched = await source.fetch(REQUEST, NOW)
    assert told(fetched)[0] == ("NVDA", 1, 180)
    assert source.health.state is HealthState.RESTING
    assert stub.count("data.sec.gov/submissions/CIK0000000008.json") == 0


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (as_json({}, 404), "no list of failed deliveries"),
        (PAGE, "a web page instead of a ZIP file"),
        (Reply(b"PK\x03\x04 broken"), "no ZIP that can be read"),
        (filings.fails([], header="DATE|ID|SYMBOL"), "no column CUSIP, only .*its format has changed"),
    ],
)
async def test_without_cusips_there_are_no_holdings(sec: Http, stub: HttpStub, reply: Reply, says: str) -> None:
    stub.on(FAILS, reply)
    source = Edgar(sec, managers=TIGER)
    with pytest.raises(SourceError, match=says):
        await source.fetch(REQUEST, NOW)
    assert source.health.state is HealthState.FAILING
