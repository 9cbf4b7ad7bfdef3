"""Lists of index members from their several places."""

from __future__ import annotations

import asyncio
import io
import re
import string
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from bot.domain.fetched import FetchRequest, HealthState
from bot.errors import SourceError
from bot.sources.http.http_client import Http
from bot.sources.http.responses import HttpResponse
from bot.sources.index_members import Universe, parse_lists
from tests.support.http_stub import PAGE, HttpStub, Reply, as_json, as_text

NOW = datetime(2026, 10, 4, 12, tzinfo=UTC)
REQUEST = FetchRequest(date(2026, 10, 4), date(2026, 10, 4), universe=True)
SSGA = "www.ssga.com/library-content/products/fund-data/etfs/us/holdings-daily-us-en-spy.xlsx"
DATASET = "raw.githubusercontent.com/datasets/s-and-p-500-companies/main/data/constituents.csv"
SP500_PAGE = "en.wikipedia.org/wiki/List_of_S&P_500_companies"
NDX_PAGE = "en.wikipedia.org/wiki/List_of_NASDAQ-100_companies"
NDX_ARTICLE = "en.wikipedia.org/wiki/Nasdaq-100"


def names(count: int, first: str = "") -> list[str]:
    letters = string.ascii_uppercase
    made = [first + a + b + c for a in letters[:8] for b in letters[:8] for c in letters[:8]]
    return made[:count]


MEMBERS = [*names(501), "BRK.B", "BF.B"]
NDX = names(101)


def workbook(tickers: list[str], header: tuple[str, ...] = ("Name", "Ticker", "Identifier", "Weight")) -> Reply:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for row in (
        ("Fund Name:", "SPDR S&P 500 ETF Trust"),
        ("Ticker Symbol:", "SPY"),
        ("Holdings:", "As of 02-Oct-2026"),
        (),
    ):
        sheet.append(row)
    sheet.append(header)
    for ticker in tickers:
        sheet.append((f"{ticker} Inc", ticker, "123456789", "0.2"))
    for row in (("US DOLLAR", "-", "USD", "0.1"), ("E-MINI DEC26", "ESZ6", "-", "0.1"), ("Past performance is ...",)):
        sheet.append(row)
    body = io.BytesIO()
    book.save(body)
    return Reply(body.getvalue())


def dataset(tickers: list[str], header: str = "Symbol,Security,GICS Sector,GICS Sub-Industry,CIK") -> Reply:
    lines = [f'{ticker},"{ticker}, Company",Information Technology,Semiconductors,1' for ticker in tickers]
    return as_text("\n".join([header, *lines]) + "\n")


def page(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> Reply:
    other = "<table><tr><th>Category</th><th>All-time highs</th></tr><tr><td>Closing</td><td>1</td></tr></table>"
    head = "".join(f"<th>{name}</th>" for name in header)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return Reply(f"<!DOCTYPE html><html><body>{other}<table><tr>{head}</tr>{body}</table></body></html>".encode())


def ndx_page(tickers: list[str], first: str = "Ticker") -> Reply:
    return page(
        (first, "Company", "ICB Industry[14]"), [(ticker, f"{ticker} Corp", "Technology") for ticker in tickers]
    )


def sp500_page(tickers: list[str]) -> Reply:
    header = ("Symbol", "Security", "GICS Sector", "GICS Sub-Industry", "Founded")
    return page(header, [(ticker, f"{ticker} Inc", "Health Care", "Biotechnology", "1999") for ticker in tickers])


@pytest.fixture
def universe(http: Http, tmp_path: Path) -> Universe:
    return Universe(http, cache_dir=tmp_path)


async def test_members_come_from_the_holdings_and_sectors_from_the_data_set(universe: Universe, stub: HttpStub) -> None:
    stub.on(SSGA, workbook(MEMBERS))
    stub.on(DATASET, dataset([*MEMBERS[1:], "OLD"]))
    stub.on(SP500_PAGE, sp500_page(MEMBERS))
    stub.on(NDX_PAGE, ndx_page([*NDX[:100], "NEWX"]))

    table = (await universe.fetch(REQUEST, NOW)).universe

    assert table is not None
    assert list(table.columns) == ["ticker", "name", "sector", "industry", "groups"]
    by_ticker = table.set_index("ticker")
    assert by_ticker.loc["BRK-B"].to_list() == ["BRK.B, Company", "Information Technology", "Semiconductors", "sp500"]
    assert by_ticker.loc["AAA"].to_list() == ["AAA Inc", "Health Care", "Biotechnology", "sp500 ndx100"]
    assert by_ticker.loc["NEWX"].to_list() == ["NEWX Corp", "", "", "ndx100"]
    assert "OLD" not in by_ticker.index
    assert "USD" not in by_ticker.index
    assert len(table) == 504
    assert table["ticker"].is_unique
    assert universe.health.state is HealthState.OK


@pytest.mark.parametrize(
    "bad", [PAGE, Reply(b"", 403), Reply(b"PK\x03\x04broken"), workbook(MEMBERS, ("Fund", "Symbol"))]
)
async def test_without_the_holdings_the_data_set_gives_the_members(
    universe: Universe, stub: HttpStub, bad: Reply
) -> None:
    stub.on(SSGA, bad)
    stub.on(DATASET, dataset(MEMBERS))
    stub.on(NDX_PAGE, ndx_page(NDX))

    table = (await universe.fetch(REQUEST, NOW)).universe

    assert table is not None
    assert len(table) == 503


async def test_without_both_wikipedia_gives_the_members(universe: Universe, stub: HttpStub) -> None:
    stub.on(SP500_PAGE, sp500_page(MEMBERS))
    stub.on(NDX_PAGE, ndx_page(NDX, first="Symbol[3]"))

    table = (await universe.fetch(REQUEST, NOW)).universe

    assert table is not None
    assert set(table["sector"]) == {"Health Care"}


async def test_a_list_of_480_is_not_believed(universe: Universe, stub: HttpStub) -> None:
    short = MEMBERS[:480]
    stub.on(SSGA, workbook(short))
    stub.on(DATASET, dataset(short))
    stub.on(SP500_PAGE, sp500_page(short))
    stub.on(NDX_PAGE, ndx_page(NDX))

    with pytest.raises(SourceError, match="has 480 members, 500 to 510 are believed"):
        await universe.fetch(REQUEST, NOW)
    assert universe.health.state is HealthState.FAILING


async def test_a_changed_column_is_named(universe: Universe, stub: HttpStub) -> None:
    stub.on(DATASET, dataset(MEMBERS, "Symbol,Security,Sector,GICS Sub-Industry,CIK"))

    with pytest.raises(SourceError, match="no column GICS Sector, only Symbol, Security, Sector"):
        await universe.fetch(REQUEST, NOW)


async def test_a_bad_list_of_the_nasdaq_100_leaves_the_last_good_one(
    http: Http, stub: HttpStub, tmp_path: Path
) -> None:
    stub.on(SSGA, workbook(MEMBERS))
    stub.on(DATASET, dataset(MEMBERS))
    stub.on(NDX_PAGE, ndx_page(NDX), ndx_page(NDX[:90]))
    await Universe(http, cache_dir=tmp_path).fetch(REQUEST, NOW)

    after_a_restart = Universe(http, cache_dir=tmp_path)
    fetched = await after_a_restart.fetch(REQUEST, NOW)

    assert fetched.universe is not None
    assert fetched.universe["groups"].str.contains("ndx100").sum() == 101
    assert "the list of 2026-10-04 is used" in fetched.missing["ndx100"]
    assert "90 members, 98 to 112" in fetched.missing["ndx100"]
    assert after_a_restart.health.state is HealthState.FAILING


async def test_without_a_contact_wikipedia_is_not_asked(stub: HttpStub, tmp_path: Path) -> None:
    stub.on(SSGA, workbook(MEMBERS))
    stub.on(DATASET, dataset(MEMBERS))
    http = Http(base_urls=stub.base_urls)

    fetched = await Universe(http, cache_dir=tmp_path).fetch(REQUEST, NOW)
    await http.close()

    assert fetched.universe is not None
    assert set(fetched.universe["groups"]) == {"sp500"}
    assert "with a contact" in fetched.missing["ndx100"]
    assert not any("wikipedia" in seen.place for seen in stub.seen)


async def test_the_nasdaq_100_is_read_from_its_list_and_from_its_article_only_where_that_fails(
    universe: Universe, stub: HttpStub
) -> None:
    """The list moved to a page of its own in 2026; the article had it before."""
    stub.on(DATASET, dataset(MEMBERS))
    stub.on(NDX_PAGE, ndx_page([*NDX[:100], "NEWX"]), Reply(b"gone", 404))
    stub.on(NDX_ARTICLE, ndx_page([*NDX[:100], "OLDX"]))

    listed, articled = [(await universe.fetch(REQUEST, NOW)).universe for _ in range(2)]

    assert listed is not None
    assert articled is not None
    assert set(listed["ticker"]) - set(articled["ticker"]) == {"NEWX"}
    assert set(articled["ticker"]) - set(listed["ticker"]) == {"OLDX"}
    assert stub.count(NDX_ARTICLE) == 1


@pytest.mark.parametrize("heading", ["Ticker", "Ticker symbol", "Symbol", "TICKER\u00a0 Symbol", "ticker[5]"])
@pytest.mark.parametrize("name", ["Company", "Security", "Name"])
def test_headings_of_a_list_of_members_have_their_known_synonyms(heading: str, name: str) -> None:
    answer = page((heading, name), [("ADBE", "Adobe Inc."), ("AMD", "Advanced Micro Devices")])
    found = parse_lists.wikipedia_ndx100(HttpResponse(200, answer.body, "page"))
    assert [(member.ticker, member.name) for member in found] == [
        ("ADBE", "Adobe Inc."),
        ("AMD", "Advanced Micro Devices"),
    ]


async def test_112_members_of_the_nasdaq_100_are_believed_and_113_are_not(universe: Universe, stub: HttpStub) -> None:
    stub.on(DATASET, dataset(MEMBERS))
    stub.on(NDX_PAGE, ndx_page(names(112)), ndx_page(names(113)))

    believed, doubted = [await universe.fetch(REQUEST, NOW) for _ in range(2)]

    assert not believed.missing
    assert "has 113 members, 98 to 112 are believed" in doubted.missing["ndx100"]


async def test_the_table_that_is_marked_as_that_of_the_members_is_read_though_another_is_longer(
    universe: Universe, stub: HttpStub
) -> None:
    def table(mark: str, tickers: list[str]) -> str:
        rows = "".join(f"<tr><td>{ticker}</td><td>{ticker} Corp</td></tr>" for ticker in tickers)
        return f"<table {mark}><tr><th>Ticker</th><th>Company</th></tr>{rows}</table>"

    former, members = names(112, "X"), NDX
    tables = table("", former) + table('id="constituents"', members)
    stub.on(DATASET, dataset(MEMBERS))
    stub.on(NDX_PAGE, Reply(f"<html><body>{tables}</body></html>".encode()))

    found = (await universe.fetch(REQUEST, NOW)).universe

    assert found is not None
    assert set(found["ticker"][found["groups"].str.contains("ndx100")]) == set(members)


INVESCO = "dng-api.invesco.com/cache/v1/accounts/en_US/shareclasses/46090E103/holdings/fund"


def qqq(tickers: list[str], total: int | None = None, **renamed: str) -> Reply:
    """Holdings of QQQ as Invesco shows them; `renamed` fields are called something else."""
    kinds = {"AGPXX": "Money Market Fund", "USD": "Currency", "NQZ6": "Index Future"}
    rows = [
        {
            "ticker": ticker,
            "issuerName": f"{ticker} Inc",
            "cusip": "x",
            "securityTypeName": kinds.get(ticker, "Common Stock"),
        }
        for ticker in (*tickers, *kinds)
    ]
    body = {
        "effectiveDate": "2026-10-02",
        "totalNumberOfHoldings": len(rows) if total is None else total,
        "holdings": rows,
    }
    return as_json({renamed.get(name, name): value for name, value in body.items()})


async def test_invesco_is_only_asked_when_a_person_chose_it_and_then_first(
    http: Http, stub: HttpStub, tmp_path: Path
) -> None:
    stub.on(DATASET, dataset(MEMBERS))
    stub.on(NDX_PAGE, ndx_page(NDX))
    stub.on(INVESCO, qqq([*NDX[:100], "NEWX"]))
    await Universe(http, cache_dir=tmp_path).fetch(REQUEST, NOW)
    assert stub.count(INVESCO) == 0

    table = (await Universe(http, cache_dir=tmp_path, invesco=True).fetch(REQUEST, NOW)).universe

    assert table is not None
    members = set(table["ticker"][table["groups"].str.contains("ndx100")])
    assert members == {*NDX[:100], "NEWX"}
    assert stub.count(NDX_PAGE) == 1
    [asked] = [seen for seen in stub.seen if seen.place == INVESCO]
    assert asked.query["interval"] == "daily"
    # Its host answers 406 to `Accept: */*`.
    assert asked.headers["Accept"].startswith("application/json")


@pytest.mark.parametrize(
    "reply",
    [
        qqq([]),
        as_json({}, 404),
        Reply(b"", 406),
        Reply(b"Too Many Requests", 429, {"Retry-After": "900"}),
        PAGE,
        Reply(b'{"holdings": [', how="truncated"),
        qqq(NDX, total=200),
        qqq(NDX, holdings="positions"),
    ],
    ids=["empty", "not found", "rate limit", "too many", "a web page", "torn", "a part of it", "changed"],
)
async def test_without_invesco_another_list_is_used(http: Http, stub: HttpStub, tmp_path: Path, reply: Reply) -> None:
    stub.on(DATASET, dataset(MEMBERS))
    stub.on(NDX_PAGE, ndx_page(NDX))
    stub.on(INVESCO, reply)
    table = (await Universe(http, cache_dir=tmp_path, invesco=True).fetch(REQUEST, NOW)).universe
    assert table is not None
    assert table["groups"].str.contains("ndx100").sum() == len(NDX)


async def test_the_data_set_is_read_with_all_columns_that_it_has_today(universe: Universe, stub: HttpStub) -> None:
    header = "Symbol,Security,GICS Sector,GICS Sub-Industry,Headquarters Location,Date added,CIK,Founded"
    lines = [
        f'{ticker},{ticker} Inc.,Financials,Banks,"Somewhere, Ohio",1999-01-04,1,2013 (1888)' for ticker in MEMBERS
    ]
    stub.on(DATASET, as_text("\n".join([header, *lines]) + "\n"))
    stub.on(NDX_PAGE, ndx_page(NDX))

    table = (await universe.fetch(REQUEST, NOW)).universe

    assert table is not None
    assert table["groups"].str.contains("sp500").sum() == 503
    assert table["groups"].str.contains("ndx100").sum() == len(NDX)
    assert table.set_index("ticker").loc["BRK-B"].to_list() == ["BRK.B Inc.", "Financials", "Banks", "sp500"]


LINKED = """{| class="wikitable sortable" id="constituents"
|-
! Ticker !! Company !! [[Some classification|ICB]] Industry<ref name="a">{{Cite web |title=x}}</ref>!! ICB Subsector
|-
| ZZA || [[Invented One]] || Technology || Software
|-
| ZZB || [[ZZB|Invented Two]] || Technology || Semiconductors
|-
| ZZC || [[Invented Three]] (Class A) || Technology || Software
"""


async def test_links_classes_and_footnotes_of_wikipedias_table_leave_tickers_and_names_as_they_are_read(
    universe: Universe, stub: HttpStub
) -> None:
    rows = [f"|-\n| {ticker} || [[{ticker} Corp.]] || Technology || Software\n" for ticker in NDX[:98]]
    stub.on(DATASET, dataset(MEMBERS))
    stub.on(NDX_PAGE, Reply(f"<html><body>{rendered(LINKED + ''.join(rows))}</body></html>".encode()))

    fetched = await universe.fetch(REQUEST, NOW)

    assert not fetched.missing
    assert fetched.universe is not None
    listed = fetched.universe[fetched.universe["groups"].str.contains("ndx100")]
    assert set(listed["ticker"]) == {*NDX[:98], "ZZA", "ZZB", "ZZC"}
    assert listed.set_index("ticker").loc[["ZZA", "ZZB", "ZZC"], ["name", "sector"]].to_numpy().tolist() == [
        ["Invented One", ""],
        ["Invented Two", ""],
        ["Invented Three (Class A)", ""],
    ]


async def test_real_lists_of_2025_and_2026_are_read(universe: Universe, stub: HttpStub, shared: Path) -> None:
    """Of Wikipedia's page of October 2026 only the head and three rows were recorded, as wikitext; the other rows are in the same
    form."""
    folder = shared / "data/constituents"
    head = (shared / "data/http/real/wikipedia/ndx100_table.2026-10.wikitext").read_text().removesuffix("|}\n")
    lines = (folder / "ndx_components_2026-08.csv").read_text().splitlines()[1:]
    tickers = [line.split(",")[0] for line in lines]
    others = [ticker for ticker in tickers if ticker not in ("ADBE", "AMD", "GOOGL")]
    rows = [f"|-\n| {ticker} || [[{ticker} Corp.]] || Technology || Software\n" for ticker in others]
    stub.on(DATASET, Reply((folder / "sp500_constituents_2025-08-12.csv").read_bytes()))
    stub.on(NDX_PAGE, Reply(f"<html><body>{rendered(head + ''.join(rows))}</body></html>".encode()))

    fetched = await universe.fetch(REQUEST, NOW)

    assert not fetched.missing
    assert fetched.universe is not None
    by_ticker = fetched.universe.set_index("ticker")
    assert by_ticker["groups"].str.contains("sp500").sum() == 503
    assert by_ticker.loc["BRK-B", "sector"] == "Financials"
    listed = by_ticker[by_ticker["groups"].str.contains("ndx100")]
    assert len(tickers) == 102
    assert set(listed.index) == {*tickers, "ADBE", "AMD", "GOOGL"}
    assert listed.loc[["ADBE", "AMD", "GOOGL"], "name"].tolist() == [
        "Adobe Inc.",
        "Advanced Micro Devices",
        "Alphabet Inc. (Class A)",
    ]


def rendered(wikitext: str) -> str:
    """A table as MediaWiki makes HTML of it, as far as these tables go."""
    first, *rows = wikitext.strip().split("\n|-\n")
    text = "".join(_rendered_row(row) for row in rows)
    return f"<table{first.removeprefix('{|')}><tbody>{text}</tbody></table>"


def _rendered_row(row: str) -> str:
    kind, mark = ("th", "!!") if row.startswith("!") else ("td", "||")
    text = re.sub(r"<ref.*?</ref>", '<sup class="reference">[7]</sup>', row[1:])
    text = re.sub(r"\[\[(?:[^]|]*\|)?([^]]*)\]\]", r"<a>\1</a>", text)
    return f"<tr>{''.join(f'<{kind}>{cell.strip()}</{kind}>' for cell in text.split(mark))}</tr>"


def test_the_lists_are_one_piece(universe: Universe) -> None:
    assert universe.split(REQUEST) == [REQUEST]
    assert universe.split(FetchRequest(date(2026, 10, 4), date(2026, 10, 4), tickers=("SPY",), series=("VIX",))) == []


def groups_of(table: pd.DataFrame | None, group: str) -> set[str]:
    assert table is not None
    return {row.ticker for row in table.itertuples() if group in row.groups.split()}


@pytest.mark.parametrize(
    ("exchanged", "weeks", "believed"), [(12, 0, True), (13, 0, False), (16, 4, True), (17, 4, False)]
)
async def test_a_page_on_which_somebody_exchanged_many_members_is_not_believed(
    universe: Universe, stub: HttpStub, exchanged: int, weeks: int, believed: bool
) -> None:
    stub.on(SSGA, workbook(MEMBERS))
    stub.on(DATASET, dataset(MEMBERS))
    edited = [*names(exchanged, "X"), *NDX[exchanged:]]
    stub.on(NDX_PAGE, ndx_page(NDX), ndx_page(edited))
    await universe.fetch(REQUEST, NOW)

    fetched = await universe.fetch(REQUEST, NOW + timedelta(weeks=weeks))

    assert groups_of(fetched.universe, "ndx100") == set(edited if believed else NDX)
    if believed:
        assert not fetched.missing
    else:
        assert fetched.missing["ndx100"].startswith("the list of 2026-10-04 is used: ")
        assert (
            f"has {exchanged} other members than on 2026-10-04, {12 + weeks} are believed" in fetched.missing["ndx100"]
        )
        assert universe.health.state is HealthState.FAILING


async def test_where_one_page_was_edited_the_other_one_is_read(universe: Universe, stub: HttpStub) -> None:
    stub.on(SSGA, workbook(MEMBERS))
    stub.on(DATASET, dataset(MEMBERS))
    stub.on(NDX_PAGE, ndx_page(NDX), ndx_page([*names(50, "X"), *NDX[50:]]))
    stub.on(NDX_ARTICLE, ndx_page([*NDX[1:], "NEWX"]))
    await universe.fetch(REQUEST, NOW)

    fetched = await universe.fetch(REQUEST, NOW)

    assert groups_of(fetched.universe, "ndx100") == {*NDX[1:], "NEWX"}


async def test_holdings_of_another_fund_give_no_members(universe: Universe, stub: HttpStub) -> None:
    others = [*names(250, "X"), *MEMBERS[250:]]
    stub.on(SSGA, workbook(MEMBERS), workbook(others))
    stub.on(DATASET, dataset(MEMBERS), dataset(MEMBERS), dataset(others))
    stub.on(NDX_PAGE, ndx_page(NDX))
    await universe.fetch(REQUEST, NOW)

    assert "X" + MEMBERS[0] not in groups_of((await universe.fetch(REQUEST, NOW)).universe, "sp500")
    with pytest.raises(SourceError, match="has 250 other members than on 2026-10-04, 12 are believed"):
        await universe.fetch(REQUEST, NOW)


async def test_where_the_kept_list_was_the_wrong_one_deleting_the_file_that_is_named_begins_anew(
    universe: Universe, stub: HttpStub, tmp_path: Path
) -> None:
    wrong = [*names(250, "X"), *MEMBERS[250:]]
    stub.on(SSGA, workbook(wrong), workbook(MEMBERS))
    stub.on(DATASET, dataset(wrong), dataset(MEMBERS))
    stub.on(NDX_PAGE, ndx_page(NDX))
    await universe.fetch(REQUEST, NOW)
    with pytest.raises(SourceError, match=r"delete members-sp500\.json in the cache folder") as refused:
        await universe.fetch(REQUEST, NOW)
    name = str(refused.value).partition("delete ")[2].partition(" ")[0]
    await asyncio.to_thread((tmp_path / name).unlink)

    members = groups_of((await universe.fetch(REQUEST, NOW)).universe, "sp500")
    assert (len(members), members & set(wrong[:250])) == (len(MEMBERS), set())
