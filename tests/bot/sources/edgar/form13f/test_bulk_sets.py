"""The SEC's quarterly sets of managers' reports: which days they hold, what is read from them, and what else they may send."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.fetched import Fetched, FetchRequest, HealthState
from bot.errors import SourceError
from bot.sources.edgar import POLICIES, Edgar
from bot.sources.edgar.form13f import bulk_sets
from bot.sources.edgar.form13f.information_table import Position
from bot.sources.http.http_client import Http
from bot.sources.http.responses import HttpResponse
from tests.bot.sources.edgar import filings
from tests.support.http_stub import PAGE, HttpStub, Reply, Waits, as_json, too_many

NOW = datetime(2026, 9, 20, 14, tzinfo=UTC)
INDEX = "www.sec.gov/data-research/sec-markets-data/form-13f-data-sets"
FOLDER = "/files/datastandardsinnovation/data/form-13f-data-sets"
NAME = "01jun2026-31aug2026_form13f.zip"
SET = f"www.sec.gov{FOLDER}/{NAME}"
SUMMER = FetchRequest(date(2026, 6, 1), date(2026, 8, 31), tickers=("NVDA", "MSFT"), records=("holdings",))
NVDA, MSFT = "67066G104", "594918104"
TIGER, ORDINARY = 1167483, 7
MANAGERS = {"Tiger Global": TIGER, "Ordinary Capital": ORDINARY}
LISTS = {cik: f"data.sec.gov/submissions/CIK{cik:010d}.json" for cik in (TIGER, ORDINARY)}

# accession, filer, form, filed, manager, quarter, amendment
Submission = tuple[str, int, str, str, str, str, str]
# accession, cusip, value, shares, type, put or call
Line = tuple[str, str, str, str, str, str]

FIRST = ("0000919574-26-000001", TIGER, "13F-HR", "14-AUG-2026", "TIGER GLOBAL MANAGEMENT LLC", "30-JUN-2026", "")
SECOND = ("0000000007-26-000003", ORDINARY, "13F-HR", "10-AUG-2026", "Ordinary Capital LP", "30-JUN-2026", "")
STRANGER = ("0000000009-26-000003", 9, "13F-HR", "10-AUG-2026", "Stranger", "30-JUN-2026", "")
HEADS = {
    "SUBMISSION": "ACCESSION_NUMBER\tFILING_DATE\tSUBMISSIONTYPE\tCIK\tPERIODOFREPORT",
    "COVERPAGE": "ACCESSION_NUMBER\tREPORTCALENDARORQUARTER\tISAMENDMENT\tAMENDMENTTYPE\tFILINGMANAGER_NAME\tREPORTTYPE",
    "INFOTABLE": "ACCESSION_NUMBER\tINFOTABLE_SK\tNAMEOFISSUER\tCUSIP\tVALUE\tSSHPRNAMT\tSSHPRNAMTTYPE\tPUTCALL",
}


def tables(submissions: Sequence[Submission], lines: Sequence[Line]) -> dict[str, list[str]]:
    return {
        "SUBMISSION": [f"{row[0]}\t{row[3]}\t{row[2]}\t{row[1]:010d}\t{row[5]}" for row in submissions],
        "COVERPAGE": [f"{row[0]}\t{row[5]}\t\t{row[6]}\t{row[4]}\t13F HOLDINGS REPORT" for row in submissions],
        "INFOTABLE": [f"{row[0]}\t1\tX\t{row[1]}\t{row[2]}\t{row[3]}\t{row[4]}\t{row[5]}" for row in lines],
    }  # fmt: skip


def packed(found: dict[str, list[str]], heads: dict[str, str] = HEADS, folder: str = "") -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in found.items():
            archive.writestr(f"{folder}{name}.tsv", "\n".join([heads[name], *rows]) + "\n")
    return body.getvalue()


def shares(accession: str, cusip: str, count: int, price: float = 100.0, kind: str = "SH", option: str = "") -> Line:
    return accession, cusip, f"{count * price:.0f}", str(count), kind, option


GOOD = tables(
    [FIRST, SECOND, STRANGER],
    [
        shares(FIRST[0], NVDA, 600),
        shares(FIRST[0], NVDA, 400),
        shares(FIRST[0], NVDA, 7000, option="Put"),
        shares(FIRST[0], NVDA, 7000, option="Call"),
        shares(FIRST[0], NVDA, 7000, kind="PRN"),
        shares(STRANGER[0], NVDA, 9),
        shares(SECOND[0], MSFT, 50),
    ],
)


def read(body: bytes) -> list[bulk_sets.SetFiling]:
    with tempfile.NamedTemporaryFile() as file:
        file.write(body)
        file.flush()
        return bulk_sets.read(Path(file.name), set(MANAGERS.values()), "the set")


def test_a_set_is_read_for_the_managers_asked_for_without_options_and_principal_amounts() -> None:
    found = {filed.cik: filed.report for filed in read(packed(GOOD, folder="INFO/"))}
    assert set(found) == {TIGER, ORDINARY}
    tiger = found[TIGER]
    assert tiger is not None
    assert tiger.positions == {NVDA: Position(1000, 100_000)}
    assert (tiger.cover.quarter, tiger.filed) == (date(2026, 6, 30), date(2026, 8, 14))


def test_a_set_from_before_2023_is_in_thousands_unless_its_prices_say_dollars() -> None:
    old = (*FIRST[:3], "14-NOV-2022", FIRST[4], "30-SEP-2022", "")
    other = (*SECOND[:3], "14-NOV-2022", SECOND[4], "30-SEP-2022", "")
    # 100 shares at 120 USD: 12 thousand, or 12,000 dollars as some filed already then.
    body = packed(tables([old, other], [shares(old[0], NVDA, 100, 0.12), shares(other[0], NVDA, 100, 120.0)]))
    found = {filed.cik: filed.report for filed in read(body)}
    assert [found[cik].positions[NVDA].value for cik in (TIGER, ORDINARY)] == [12_000.0, 12_000.0]  # type: ignore[union-attr]


def test_rows_of_others_are_never_decoded_or_kept() -> None:
    """A row of somebody else that could not even be read costs nothing."""
    broken = {**GOOD, "INFOTABLE": [*GOOD["INFOTABLE"], f"{STRANGER[0]}\tbroken"]}
    assert len(read(packed(broken))) == 2


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"PK\x03\x04 broken", "no ZIP that can be read"),
        (packed(GOOD)[:-200], "no ZIP that can be read"),
        (packed({name: rows for name, rows in GOOD.items() if name != "INFOTABLE"}), "has no table INFOTABLE"),
        (
            packed(GOOD, {**HEADS, "INFOTABLE": HEADS["INFOTABLE"].replace("CUSIP", "SECURITY")}),
            "has no column CUSIP in INFOTABLE.tsv, so its format has changed",
        ),
        (packed({**GOOD, "COVERPAGE": []}), f"has no cover page of {FIRST[0]}"),
        (packed({**GOOD, "INFOTABLE": [f"{FIRST[0]}\t1\tX"]}), "breaks off in the middle of a row"),
        (packed({**GOOD, "INFOTABLE": ["x" * 70_000]}), "has a row of more than 65536 bytes"),
        (packed(tables([(*FIRST[:3], "soon", *FIRST[4:])], [])), "'soon' stands where a date is expected"),
        (packed(tables([FIRST], [(FIRST[0], NVDA, "many", "1", "SH", "")])), "'many' is no number"),
    ],
)
def test_a_set_that_cannot_be_used_is_told(body: bytes, says: str) -> None:
    with pytest.raises(SourceError, match=says):
        read(body)


def test_a_set_that_unpacks_to_too_much_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_sets, "LARGEST_UNPACKED", 400)
    with pytest.raises(SourceError, match="unpacks to more than"):
        read(packed(GOOD))


def index(*links: str) -> bytes:
    return (
        "<html><body>" + "".join(f'<a class="x" href="{link}">2026</a>' for link in links) + "</body></html>"
    ).encode()


def test_names_and_folders_are_read_from_the_page() -> None:
    page = index(
        f"{FOLDER}/{NAME}",
        "https://www.sec.gov/files/structureddata/data/form-13f-data-sets/2023q4_form13f.zip",
        "/files/structureddata/data/form-13f-data-sets/01jan2024-29feb2024_form13f_0.zip",
        "https://elsewhere.example.org/2023q3_form13f.zip",
        "/files/form13f_readme.pdf",
        "/files/99xyz2026-31aug2026_form13f.zip",
    )
    found = bulk_sets.read_index(HttpResponse(200, page, "the page"))
    assert [(each.start, each.end) for each in found] == [
        (date(2026, 6, 1), date(2026, 8, 31)),
        (date(2023, 10, 1), date(2023, 12, 31)),
        (date(2024, 1, 1), date(2024, 2, 29)),
    ]
    assert found[0].url == f"https://www.sec.gov{FOLDER}/{NAME}"
    with pytest.raises(SourceError, match="links to no set"):
        bulk_sets.read_index(HttpResponse(200, index("/a.zip"), "the page"))


@given(st.dates(date(2014, 1, 1), date(2030, 12, 31)), st.integers(0, 1500))
def test_seasons_cover_every_day_once_and_inner_ones_are_whole(end: date, days: int) -> None:
    start = end - timedelta(days=days)
    spans = list(bulk_sets.seasons(start, end))
    assert (spans[-1][0], spans[0][1]) == (start, end)
    assert all(older[1] + timedelta(days=1) == newer[0] for newer, older in pairwise(spans))
    assert all(bulk_sets.is_whole_set(*span) for span in spans[1:-1])


def test_seasons_are_those_of_the_sets() -> None:
    spans = list(bulk_sets.seasons(date(2023, 10, 1), date(2024, 8, 31)))
    assert [f"{start:%d%b%Y}-{end:%d%b%Y}".lower() for start, end in spans] == [
        "01jun2024-31aug2024",
        "01mar2024-31may2024",
        "01jan2024-29feb2024",
        "01oct2023-31dec2023",
    ]
    assert all(bulk_sets.is_whole_set(*span) for span in spans)
    assert not bulk_sets.is_whole_set(date(2024, 6, 2), date(2024, 8, 31))
    assert not bulk_sets.is_whole_set(date(2024, 6, 1), date(2024, 8, 30))


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
    for half in ("202608b", "202608a"):
        stub.on(f"{filings.FAILS}/cnsfails{half}.zip", filings.fails([(NVDA, "NVDA"), (MSFT, "MSFT")]))
    stub.on(INDEX, Reply(index(f"{FOLDER}/{NAME}")))
    for place in LISTS.values():
        stub.on(place, filings.listing([]))
    yield client
    await client.close()


def told(fetched: Fetched) -> list[tuple[str, str, float, float]]:
    frame = fetched.records["holdings"]
    return list(zip(frame["manager"], frame["ticker"], frame["shares"], frame["value_usd"], strict=True))


async def test_the_days_of_a_whole_set_are_read_from_it(sec: Http, stub: HttpStub) -> None:
    stub.on(SET, Reply(packed(GOOD)))
    fetched = await Edgar(sec, managers=MANAGERS).fetch(SUMMER, NOW)
    assert told(fetched) == [
        ("Ordinary Capital", "NVDA", 0, 0),
        ("Ordinary Capital", "MSFT", 50, 5_000),
        ("Tiger Global", "NVDA", 1000, 100_000),
        ("Tiger Global", "MSFT", 0, 0),
    ]
    frame = fetched.records["holdings"]
    # A set tells the day and not the minute, so it counts as filed as late as a filing of that day can be: 17:30 in New York.
    assert frame["known_at"].iloc[-1] == pd.Timestamp("2026-08-14 21:30", tz="UTC")
    assert [stub.count(place) for place in LISTS.values()] == [0, 0]
    assert not fetched.missing


async def test_a_set_that_has_left_its_folder_is_read_from_the_other_one(sec: Http, stub: HttpStub) -> None:
    gone, there = f"/files/structureddata/data/form-13f-data-sets/{NAME}", f"{FOLDER}/{NAME}"
    stub.on(INDEX, Reply(index(gone, there)))
    stub.on(f"www.sec.gov{there}", Reply(packed(GOOD)))

    rows = told(await Edgar(sec, managers=MANAGERS).fetch(SUMMER, NOW))

    assert rows
    assert [stub.count(f"www.sec.gov{place}") for place in (gone, there)] == [1, 1]


async def test_a_set_and_single_filings_give_the_same_rows(sec: Http, stub: HttpStub) -> None:
    stub.on(SET, Reply(packed(GOOD)))
    of_set = await Edgar(sec, managers=MANAGERS).fetch(SUMMER, NOW)
    stub.on(INDEX, as_json({}, 404))
    tiger: list[filings.Row] = [(NVDA, 60_000, 600, "SH", ""), (NVDA, 40_000, 400, "SH", "")]
    for row, lines in ((FIRST, tiger), (SECOND, [(MSFT, 5000, 50, "SH", "")])):
        accession, cik, form, _, manager, _, _ = row
        day = "2026-08-14" if row is FIRST else "2026-08-10"
        stub.on(LISTS[cik], filings.listing([(accession, form, day, "2026-06-30", f"{day}T16:30:00.000Z", "")]))
        documents = [
            (form, "p.xml", filings.cover(manager)),
            ("INFORMATION TABLE", "t.xml", filings.table([*lines, (NVDA, 9, 9, "SH", "Put"), (NVDA, 9, 9, "PRN", "")])),
        ]
        stub.on(filings.text_of(cik, accession), filings.whole(documents, f"{day.replace('-', '')}163000"))
    single = await Edgar(sec, managers=MANAGERS).fetch(SUMMER, NOW)
    bare = [fetched.records["holdings"].drop(columns="known_at") for fetched in (of_set, single)]
    pd.testing.assert_frame_equal(*bare)


async def test_amendments_of_a_set_replace_or_add(sec: Http, stub: HttpStub) -> None:
    again = ("0000919574-26-000009", TIGER, "13F-HR/A", "20-AUG-2026", FIRST[4], "30-JUN-2026", "RESTATEMENT")
    more = ("0000000007-26-000009", ORDINARY, "13F-HR/A", "20-AUG-2026", SECOND[4], "30-JUN-2026", "NEW HOLDINGS")
    lines = [shares(FIRST[0], NVDA, 100), shares(again[0], NVDA, 70), shares(SECOND[0], NVDA, 100)]
    stub.on(SET, Reply(packed(tables([more, again, FIRST, SECOND], [*lines, shares(more[0], NVDA, 70)]))))
    fetched = await Edgar(sec, managers=MANAGERS).fetch(SUMMER, NOW)
    rows = [(manager, count) for manager, ticker, count, _ in told(fetched) if ticker == "NVDA"]
    assert rows == [("Ordinary Capital", 100), ("Tiger Global", 100), ("Tiger Global", 70), ("Ordinary Capital", 170)]


async def test_an_addition_to_a_report_of_an_earlier_set_is_read_with_its_report(sec: Http, stub: HttpStub) -> None:
    late = ("0000000007-26-000009", ORDINARY, "13F-HR/A", "20-AUG-2026", SECOND[4], "31-MAR-2026", "NEW HOLDINGS")
    stub.on(SET, Reply(packed(tables([FIRST, late], [shares(FIRST[0], NVDA, 100), shares(late[0], NVDA, 70)]))))
    fetched = await Edgar(sec, managers=MANAGERS).fetch(SUMMER, NOW)
    assert {manager for manager, *_ in told(fetched)} == {"Tiger Global"}
    assert stub.count(LISTS[ORDINARY]) == 1


async def test_a_notice_in_a_set_is_named(sec: Http, stub: HttpStub) -> None:
    notice = (*FIRST[:2], "13F-NT", *FIRST[3:])
    stub.on(SET, Reply(packed(tables([notice, SECOND], [shares(SECOND[0], NVDA, 1)]))))
    fetched = await Edgar(sec, managers=MANAGERS).fetch(SUMMER, NOW)
    assert fetched.missing == {"Tiger Global": "another manager reports its holdings"}


async def test_a_set_that_the_sec_does_not_have_yet_is_not_asked_for(sec: Http, stub: HttpStub) -> None:
    stub.on(INDEX, Reply(index(f"{FOLDER}/01mar2026-31may2026_form13f.zip")))
    source = Edgar(sec, managers=MANAGERS)
    assert not (await source.fetch(SUMMER, NOW)).records
    assert stub.count(LISTS[TIGER]) == 1
    assert source.health.state is HealthState.OK


@pytest.mark.parametrize(
    ("place", "reply", "says"),
    [
        (INDEX, as_json({}, 404), "answered 404"),
        (INDEX, Reply(b"", 200), "nothing in it"),
        (INDEX, PAGE, "links to no set of reports, so its format has changed"),
        (SET, as_json({}, 404), "answered 404"),
        (SET, Reply(b"", 200), "nothing in it"),
        (SET, PAGE, "a web page instead of a ZIP file"),
        (SET, Reply(packed(GOOD), how="truncated"), "broke off in the middle"),
        (SET, Reply(packed(GOOD)[:-50]), "no ZIP that can be read"),
        (SET, Reply(packed({**GOOD, "SUBMISSION": []}, {**HEADS, "SUBMISSION": "A\tB"})), "has no column ACCESSION_NUMBER"),
    ],
)  # fmt: skip
async def test_without_a_usable_set_reports_are_read_one_by_one_and_the_source_says_why(
    sec: Http, stub: HttpStub, caplog: pytest.LogCaptureFixture, reply: Reply, place: str, says: str
) -> None:
    stub.on(SET, Reply(packed(GOOD)))
    stub.on(place, reply)
    await Edgar(sec, managers=MANAGERS).fetch(SUMMER, NOW)
    assert [stub.count(place) for place in LISTS.values()] == [1, 1]
    assert f"reports are read one by one: {place}" in caplog.text
    assert says in caplog.text


async def test_a_refusal_while_a_set_is_asked_for_stops_the_round(sec: Http, stub: HttpStub) -> None:
    stub.on(SET, too_many("900"))
    source = Edgar(sec, managers=MANAGERS)
    with pytest.raises(SourceError, match="429"):
        await source.fetch(SUMMER, NOW)
    assert source.health.state is HealthState.RESTING
    assert [stub.count(place) for place in LISTS.values()] == [0, 0]


async def test_days_that_are_no_whole_set_never_ask_for_one(sec: Http, stub: HttpStub) -> None:
    part = FetchRequest(date(2026, 8, 1), date(2026, 8, 31), tickers=SUMMER.tickers, records=("holdings",))
    await Edgar(sec, managers=MANAGERS).fetch(part, NOW)
    assert stub.count(INDEX) == 0
