"""Issuers of funds: what each of them prints, what they answer instead, and silence after a refusal."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import openpyxl
import pandas as pd
import pytest

from bot.archive import Archive
from bot.calendar.clock import Calendar
from bot.domain.fetched import FetchRequest, HealthState
from bot.errors import SourceError
from bot.sources import fund_issuers
from bot.sources.fund_issuers.parsing import with_figures
from bot.sources.http.http_client import Http
from signals.core.datasets import empty
from tests.support.http_stub import HttpStub, Reply, Waits, as_json

# Monday, 21 September 2026, nine in the morning in New York: the newest session with a file is Friday the 18th.
NOW = datetime(2026, 9, 21, 13, 30, tzinfo=UTC)
REQUEST = FetchRequest(date(2003, 1, 1), date(2026, 9, 21), records=("funds",))
SSGA = "www.ssga.com/library-content/products/fund-data/etfs/us/navhist-us-en-xlk.xlsx"
BLACKROCK = "www.blackrock.com/varnish-api/blk-one01-product-data/product-data/api/v1/get-fund-document"
INVESCO = "dng-api.invesco.com/cache/v1/accounts/en_US/shareclasses/46090E103/prices"


def navhist(
    *rows: tuple[object, ...],
    header: tuple[str, ...] = ("Date", "NAV", "Shares Outstanding", "Total Net Assets"),
    ticker: str = "XLK",
) -> Reply:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = "navhist"
    for row in (("Fund Name:", "Technology Select Sector SPDR Fund"), ("Ticker Symbol:", ticker), (), header, *rows):
        sheet.append(row)
    sheet.append(())
    sheet.append(("Past performance is not a reliable indicator of future performance.",))
    out = io.BytesIO()
    book.save(out)
    return Reply(out.getvalue())


XLK = navhist(
    ("18-Sep-2026", 289.41, "651260000", "188481156600"),
    ("17-Sep-2026", "288.10", "650,760,000", ""),
    (pd.Timestamp(2026, 9, 16), 287.5, 650760000, None),
    (46280, 286.0, "-", None),
)


def workbook(*rows: str, sheet: str = "Historical", shares: str = "Shares Outstanding") -> Reply:
    """SpreadsheetML as it comes: a byte-order mark, a bare ampersand, cells that skip a column."""
    head = "".join(
        f'<ss:Cell><ss:Data ss:Type="String">{name}</ss:Data></ss:Cell>' for name in ("As Of", "NAV per Share")
    )
    head += f'<ss:Cell ss:Index="4"><ss:Data ss:Type="String">{shares}</ss:Data></ss:Cell>'
    body = f"""\ufeff<?xml version="1.0"?>
<ss:Workbook xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<ss:Worksheet ss:Name="Holdings"><ss:Table><ss:Row><ss:Cell><ss:Data ss:Type="String">See https://example.org/?a=1&b=2 &amp; more
</ss:Data></ss:Cell></ss:Row></ss:Table></ss:Worksheet>
<ss:Worksheet ss:Name="{sheet}"><ss:Table><ss:Row>{head}</ss:Row>{"".join(rows)}</ss:Table></ss:Worksheet></ss:Workbook>"""
    return Reply(body.encode())


def line(day: str, nav: str, shares: str) -> str:
    cells = [f'<ss:Cell><ss:Data ss:Type="String">{text}</ss:Data></ss:Cell>' for text in (day, nav)]
    return (
        f'<ss:Row>{"".join(cells)}<ss:Cell ss:Index="4"><ss:Data ss:Type="Number">{shares}</ss:Data></ss:Cell></ss:Row>'
    )


IWM = workbook(line("Sep 18, 2026", "241.87", "272650000"), line("Sep 17, 2026", "240.00", "272,500,000"))
PRICE: dict[str, Any] = {
    "effectiveDate": "2026-09-18",
    "cusip": "46090E103",
    "currency": "USD",
    "nav": 603.677982,
    "sharesOutstanding": 641892663,
    "closingPrice": 603.66,
}


@dataclass(frozen=True)
class Case:
    """One issuer with one fund, a good answer of it, and one whose named field has gone."""

    make: Callable[..., fund_issuers.Issuer]
    ticker: str
    place: str
    good: Reply
    changed: Reply
    field: str
    expected: list[tuple[str, float, float | None]]


CASES = [
    Case(
        fund_issuers.state_street,
        "XLK",
        SSGA,
        XLK,
        navhist(("18-Sep-2026", 289.41, 1.0), header=("Date", "NAV", "Units")),
        "Shares Outstanding",
        [
            # 46280 is the serial number of the 15th.
            ("2026-09-15", 286.0, None),
            ("2026-09-16", 287.5, 650760000.0),
            ("2026-09-17", 288.1, 650760000.0),
            ("2026-09-18", 289.41, 651260000.0),
        ],
    ),
    Case(
        fund_issuers.ishares,
        "IWM",
        BLACKROCK,
        IWM,
        workbook(line("Sep 18, 2026", "1", "2"), shares="Units"),
        "Shares Outstanding",
        [("2026-09-17", 240.0, 272500000.0), ("2026-09-18", 241.87, 272650000.0)],
    ),
    Case(
        fund_issuers.invesco,
        "QQQ",
        INVESCO,
        as_json(PRICE),
        as_json({name: value for name, value in PRICE.items() if name != "sharesOutstanding"}),
        "sharesOutstanding",
        [("2026-09-18", 603.677982, 641892663.0)],
    ),
]
ALL = pytest.mark.parametrize("case", CASES, ids=lambda case: case.make.__name__)


@pytest.fixture
def asked(http: Http, stub: HttpStub, calendar: Calendar) -> Callable[..., Any]:
    """Asks one issuer for its fund after scripting replies."""

    async def ask(case: Case, *replies: Reply, now: datetime = NOW) -> Any:
        stub.on(case.place, *replies)
        source = case.make(http, calendar=calendar)
        return source, await source.fetch(
            FetchRequest(REQUEST.start, REQUEST.end, tickers=(case.ticker,), records=("funds",)), now
        )

    return ask


def told(frame: pd.DataFrame) -> list[tuple[str, float, float | None]]:
    return [
        (
            str(row.date.date()),
            row.nav,
            None if row.shares_outstanding != row.shares_outstanding else row.shares_outstanding,
        )
        for row in frame.itertuples()
    ]


@ALL
async def test_a_good_answer_gives_the_days_oldest_first(case: Case, asked: Callable[..., Any]) -> None:
    source, fetched = await asked(case, case.good)
    frame = fetched.records["funds"]
    assert told(frame) == case.expected
    assert set(frame["ticker"]) == {case.ticker}
    assert set(frame["source"]) == {source.name}
    assert frame["flow_usd"].isna().all()
    assert {name: str(frame[name].dtype) for name in empty("funds")} == {
        name: str(kind) for name, kind in empty("funds").dtypes.items()
    }
    assert not fetched.missing
    assert source.health.state is HealthState.OK


@pytest.mark.parametrize(
    ("case", "empty_answer", "says"),
    [
        (CASES[0], navhist(), "no line with a net asset value"),
        (CASES[0], navhist(header=("Hello",)), "no line with Date, NAV, Shares Outstanding"),
        (CASES[0], navhist(("18-Sep-2026", 1, 2), ticker="XLC"), "about 'XLC' and not about XLK"),
        (
            CASES[0],
            navhist(("18-Sep-2026", 1, 2), ("17-Sep-2026", "x", "y")),
            "'x' is no number; 1 of 2 rows cannot be read",
        ),
        (CASES[1], workbook(), "no line with a net asset value"),
        (CASES[1], workbook(sheet="History"), "no sheet 'Historical', only Holdings, History"),
        (CASES[1], workbook(line("--", "--", "--")), "no line with a net asset value"),
        (CASES[1], Reply(b'<!DOCTYPE w [<!ENTITY a "b">]><w>&a;</w>'), "document type"),
        (CASES[2], as_json({}), "no price of QQQ"),
        (CASES[2], as_json([]), "no price of QQQ"),
        (CASES[2], as_json({**PRICE, "cusip": "46137V357"}), "about '46137V357'"),
        (CASES[2], as_json({**PRICE, "effectiveDate": None}), "'' stands where a date is expected"),
        (CASES[2], as_json({**PRICE, "nav": None, "sharesOutstanding": 0}), "no line with a net asset value"),
    ],
)
async def test_an_answer_without_figures_is_unknown_and_never_zero(
    case: Case, empty_answer: Reply, says: str, asked: Callable[..., Any]
) -> None:
    with pytest.raises(SourceError, match=says):
        await asked(case, empty_answer)


@ALL
@pytest.mark.parametrize("status", [403, 406])
async def test_an_issuer_that_refuses_is_left_alone(
    case: Case, status: int, http: Http, stub: HttpStub, calendar: Calendar
) -> None:
    stub.on(case.place, Reply(b"", status), case.good)
    source = case.make(http, calendar=calendar)
    request = FetchRequest(REQUEST.start, REQUEST.end, tickers=(case.ticker,), records=("funds",))
    rest = timedelta(days=1) if status == 403 else timedelta(minutes=15)
    for minutes in (0, 14):
        with pytest.raises(SourceError) as error:
            await source.fetch(request, NOW + timedelta(minutes=minutes))
        assert error.value.rate_limited
    assert stub.count(case.place) == 1
    assert source.health.state is HealthState.RESTING
    assert (await source.fetch(request, NOW + rest)).records
    assert stub.count(case.place) == 2


async def test_invesco_is_asked_every_fifteen_seconds_at_most(stub: HttpStub, calendar: Calendar) -> None:
    waits = Waits()
    client = Http(
        base_urls=stub.base_urls,
        policies=fund_issuers.INVESCO.policies,
        sleep=waits,
        monotonic=lambda: 0.0,
        jitter=lambda: 0.5,
    )
    stub.on(INVESCO, as_json(PRICE))
    source = fund_issuers.invesco(client, calendar=calendar)
    for _ in range(3):
        await source.fetch(FetchRequest(REQUEST.start, REQUEST.end, tickers=("QQQ",), records=("funds",)), NOW)
    await client.close()
    assert waits.seconds == [15.0, 30.0]


async def test_days_of_a_history_are_public_on_the_morning_after_and_a_snapshot_when_it_is_seen(
    asked: Callable[..., Any],
) -> None:
    _, history = await asked(CASES[0], CASES[0].good)
    assert [str(at) for at in history.records["funds"]["known_at"]][-2:] == [
        "2026-09-18 13:00:00+00:00",
        "2026-09-19 13:00:00+00:00",
    ]
    evening = datetime(2026, 9, 19, 1, tzinfo=UTC)
    _, early = await asked(CASES[0], CASES[0].good, now=evening)
    assert early.records["funds"]["known_at"].iloc[-1] == pd.Timestamp(evening)
    _, snapshot = await asked(CASES[2], CASES[2].good)
    assert list(snapshot.records["funds"]["known_at"]) == [pd.Timestamp(NOW)]


async def test_a_file_that_is_no_longer_updated_is_told_with_its_age(asked: Callable[..., Any]) -> None:
    source, fetched = await asked(CASES[0], CASES[0].good, now=datetime(2026, 9, 28, 13, 30, tzinfo=UTC))
    # Sessions since Friday the 18th: 21 to 25 September.
    assert fetched.missing == {"XLK": "its newest day is 2026-09-18, 5 sessions old"}
    assert len(fetched.records["funds"]) == 4
    assert source.health.state is HealthState.OK


async def test_only_the_days_wanted_are_given(http: Http, stub: HttpStub, calendar: Calendar) -> None:
    stub.on(SSGA, XLK)
    request = FetchRequest(date(2026, 9, 17), date(2026, 9, 17), tickers=("XLK",), records=("funds",))
    fetched = await fund_issuers.state_street(http, calendar=calendar).fetch(request, NOW)
    assert told(fetched.records["funds"]) == [("2026-09-17", 288.1, 650760000.0)]


async def test_one_fund_that_fails_does_not_take_the_other_along(
    http: Http, stub: HttpStub, calendar: Calendar
) -> None:
    stub.on(SSGA, XLK)
    source = fund_issuers.state_street(http, calendar=calendar)
    fetched = await source.fetch(
        FetchRequest(REQUEST.start, REQUEST.end, tickers=("XLK", "XLC", "QQQ"), records=("funds",)), NOW
    )
    assert set(fetched.records["funds"]["ticker"]) == {"XLK"}
    assert "answered 404" in fetched.missing["XLC"]
    assert "not a fund of State Street" in fetched.missing["QQQ"]
    assert source.health.state is HealthState.FAILING


def test_ishares_and_invesco_are_asked_only_by_choice() -> None:
    specs = (fund_issuers.STATE_STREET, fund_issuers.ISHARES, fund_issuers.INVESCO)
    assert [spec.name for spec in specs if spec.opt_in] == ["ishares", "invesco"]


def test_each_fund_is_one_piece_of_its_own_issuer(http: Http, calendar: Calendar) -> None:
    source = fund_issuers.state_street(http, calendar=calendar)
    pieces = source.split(REQUEST)
    assert [piece.tickers for piece in pieces][:2] == [("XLK",), ("XLC",)]
    assert all(piece.records == ("funds",) for piece in pieces)
    named = FetchRequest(
        REQUEST.start, REQUEST.end, tickers=("QQQ", "XLF"), series=("VIX",), records=("funds", "options")
    )
    assert [piece.tickers for piece in source.split(named)] == [("XLF",)]
    assert source.split(named)[0].series == ()
    assert source.split(FetchRequest(REQUEST.start, REQUEST.end, tickers=("XLF",))) == []


async def test_what_an_issuer_gives_is_stored_once_and_a_changed_count_is_a_correction(
    asked: Callable[..., Any], calendar: Calendar, tmp_path: Any
) -> None:
    with Archive.open(tmp_path / "market.db") as archive:
        _, first = await asked(CASES[0], XLK)
        assert archive.store(first, calendar).records == 4
        _, again = await asked(CASES[0], XLK, now=NOW + timedelta(days=1))
        assert archive.store(again, calendar).records == 0
        _, mended = await asked(CASES[0], navhist(("18-Sep-2026", 289.41, 651300000)), now=NOW + timedelta(days=1))
        assert archive.store(mended, calendar).record_revisions == 1
        newest = archive.db.execute("SELECT max(known_at) FROM record_funds").fetchone()[0]
        assert newest == int((NOW + timedelta(days=1)).timestamp())


async def test_invesco_is_told_that_json_is_wanted(asked: Callable[..., Any], stub: HttpStub) -> None:
    """Its host answers 406 to `Accept: */*`."""
    await asked(CASES[2], CASES[2].good)
    assert [seen.headers["Accept"] for seen in stub.seen] == ["application/json"]


DAYS = [date(2026, 9, 18) - timedelta(days=back) for back in range(40)]


@pytest.mark.parametrize(
    "answer",
    [
        navhist(*((f"{day:%d.%m.%Y}" if at < 10 else day, 289.41, 651260000) for at, day in enumerate(DAYS))),
        navhist(*((day, "289,41" if at == 0 else 289.41, 651260000) for at, day in enumerate(DAYS))),
        navhist(*((day, "289,410" if at == 0 else 289.41, 651260000) for at, day in enumerate(DAYS))),
        navhist(*((day, 289.41, "651,26" if at == 0 else 651260000) for at, day in enumerate(DAYS))),
    ],
    ids=[
        "ten newest days in another form",
        "decimal comma",
        "decimal comma before three digits",
        "count in odd groups",
    ],
)
async def test_days_that_cannot_be_read_refuse_the_file_and_are_not_left_out(
    asked: Callable[..., Any], answer: Reply
) -> None:
    with pytest.raises(SourceError, match="of 40 rows cannot be read"):
        await asked(CASES[0], answer)


def test_no_days_are_not_believed() -> None:
    with pytest.raises(SourceError, match="here has no line"):
        with_figures([], "here")
