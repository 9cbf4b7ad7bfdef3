"""Answers of the real hosts as others recorded them: each reader gives what stands in them and refuses them damaged.

The files are no part of the repository; without them these tests skip, and those of each source read fixtures
made by hand in the same layout. Recorded answers of Yahoo's other addresses are read by the tests beside their
readers. Of Cboe's option chains and daily statistics, of State Street's histories of shares and of ALFRED's file
no recording was to be had.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bot.errors import SourceError
from bot.sources.cboe.indices import read_archive, read_index
from bot.sources.edgar.form13f import cusips, information_table
from bot.sources.fed_calendar import read_meetings
from bot.sources.fred.csv_download import read_series
from bot.sources.fund_issuers import holdings
from bot.sources.fund_issuers.invesco import read as read_invesco
from bot.sources.fund_issuers.ishares import read as read_ishares
from bot.sources.fund_issuers.parsing import FundDay
from bot.sources.http.responses import Expect, HttpResponse, unusable
from bot.sources.index_members import parse_lists
from bot.sources.parsing.own_date import OldDocumentError
from bot.sources.parsing.series_frame import Row
from bot.sources.parsing.workbook import first_sheet
from bot.sources.treasury import read_csv, read_xml
from bot.sources.yahoo import option_chains as yahoo_chains


@pytest.fixture
def real(shared: Path) -> Callable[..., HttpResponse]:
    """The recorded answer of a name, as if it had been fetched on a day."""

    def response(name: str, fetched_on: date | None = None) -> HttpResponse:
        return HttpResponse(200, (shared / "data/http/real" / name).read_bytes(), name, fetched_on)

    return response


Real = Callable[..., HttpResponse]
INDICES = [
    ("VIX", "2026-03", 9137, date(2026, 3, 6), 29.49),
    ("VIX", "2026-08", 9241, date(2026, 7, 31), 15.99),
    ("VIX9D", "2026-08", 3909, date(2026, 7, 22), 14.88),
    ("VIX3M", "2026-08", 4235, date(2026, 7, 22), 19.54),
    ("VXN", "tail-2026-07", 7, date(2026, 7, 10), 24.89),
    ("SKEW", "2026-03", 9095, date(2026, 3, 6), 151.80),
    ("SKEW", "2026-08", 9189, date(2026, 7, 22), 150.19),
    ("SKEW", "tail-2026-09-27", 12, date(2026, 9, 25), 144.91),
]


def newest(rows: list[Row]) -> tuple[date, float]:
    return max((day, value) for day, value, _ in rows)


@pytest.mark.parametrize(("sid", "month", "count", "day", "close"), INDICES)
def test_cboes_index_files_are_read_whole(
    real: Real, sid: str, month: str, count: int, day: date, close: float
) -> None:
    rows = read_index(real(f"cboe_index/{sid}_History.{month}.csv"), sid)
    assert len(rows) == count
    assert newest(rows) == (day, close)


@pytest.mark.parametrize("cut", [1, 2, 4, 7, 9, 25])
def test_a_cut_in_the_last_line_of_cboes_file_is_refused(real: Real, cut: int) -> None:
    whole = real("cboe_index/VIX_History.2026-08.csv")
    with pytest.raises(SourceError, match="breaks off"):
        read_index(HttpResponse(200, whole.content[:-cut], "VIX"), "VIX")


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b"15.820000,15.990000", b'15.820000,"15,990000"'),
        (b"15.820000,15.990000", b"15.820000,15,990000"),
        (b"15.820000,15.990000", b"15.820000,15.99 pts"),
        (b"07/31/2026,", b"31.07.2026,"),
        (b"07/31/2026,", b","),
        (b"DATE,OPEN,HIGH,LOW,CLOSE", b"DATE,OPEN,HIGH,LOW,LAST"),
    ],
)
def test_a_damaged_newest_day_of_cboes_file_is_refused(real: Real, was: bytes, becomes: bytes) -> None:
    content = real("cboe_index/VIX_History.2026-08.csv").content
    assert was in content
    with pytest.raises(SourceError):
        read_index(HttpResponse(200, content.replace(was, becomes), "VIX"), "VIX")


@pytest.mark.parametrize(
    ("name", "count", "last"),
    [
        ("totalpc.2020-02", 3253, (date(2019, 10, 4), 1.05)),
        ("totalpc.2023-06", 3240, (date(2019, 9, 17), 0.83)),
        ("equitypc.head", 3, (date(2006, 11, 3), 0.64)),
        ("indexpc.head", 4, (date(2006, 12, 27), 1.0)),
    ],
)
def test_cboes_archives_are_read_below_their_legal_text(
    real: Real, name: str, count: int, last: tuple[date, float]
) -> None:
    rows = read_archive(real(f"cboe_archive/{name}.csv"))
    assert len(rows) == count
    assert newest(rows) == last


def test_freds_file_has_holidays_as_empty_cells(real: Real) -> None:
    rows = read_series(real("fred/VIXCLS.2026-05.csv"), date(1990, 1, 1), date(2026, 12, 31))["VIXCLS"]
    assert len(rows) == 9473 - 302
    assert newest(rows) == (date(2026, 4, 23), 19.31)


def test_the_treasurys_file_is_read_with_and_without_its_last_line_end(real: Real) -> None:
    whole = real("treasury/daily_treasury_yield_curve.2026-10-02.csv")
    for content in (whole.content, whole.content.rstrip()):
        table = read_csv(HttpResponse(200, content, "treasury"))
        assert table["10Y"][date(2026, 10, 2)] == 5.28
        assert table["1.5M"][date(2026, 9, 24)] == 4.10
        assert {len(column) for column in table.values()} == {7}
    with pytest.raises(SourceError, match="breaks off"):
        read_csv(HttpResponse(200, whole.content[:-3], "treasury"))


def test_the_treasurys_feed_is_read(shared: Path) -> None:
    body = (shared / "data/http/treasury_real_yield_curve.xml").read_bytes()
    table = read_xml(HttpResponse(200, body, "feed"))
    assert len(table["10Y"]) == 3


@pytest.mark.parametrize(
    ("name", "meetings"),
    [
        ("calendar.2026-09-25", {date(2026, 9, 16), date(2026, 10, 28), date(2026, 12, 9)}),
        ("calendar.2026-10", {date(2026, 9, 16), date(2026, 10, 28)}),
    ],
)
def test_the_feds_calendar_is_read_among_minutes_speeches_and_odd_rows(
    real: Real, name: str, meetings: set[date]
) -> None:
    assert read_meetings(real(f"fed_calendar/{name}.json")) == meetings


HOLDINGS = [("spy.2025-05", "2025-02-07", 504), ("spy.2025-10", "2025-09-30", 503)]


@pytest.mark.parametrize(("name", "said", "count"), HOLDINGS)
def test_state_streets_holdings_are_read_whole_while_they_are_new(real: Real, name: str, said: str, count: int) -> None:
    day = date.fromisoformat(said)
    file = f"ssga_holdings/holdings-daily-us-en-{name}.xlsx"
    members = parse_lists.ssga_holdings(real(file, day))
    assert len(members) == count
    assert {"BRK-B", "BF-B", "NVDA"} <= {member.ticker for member in members}
    by_ticker = {security.symbol: security.cusip for security in cusips.read_spy(real(file))}
    assert (by_ticker["AAPL"], by_ticker["NVDA"]) == ("037833100", "67066G104")
    with pytest.raises(OldDocumentError, match=f"is of {said}, 11 days old; 10 are accepted"):
        parse_lists.ssga_holdings(real(file, date.fromordinal(day.toordinal() + 11)))


@pytest.mark.parametrize(
    ("name", "day", "seven", "top_ten"),
    [
        # Summed up by hand in the workbooks: the eight lines of the seven, and the ten largest.
        ("spy.2025-05", "2025-02-07", 32.011929, 35.763999),
        ("spy.2025-10", "2025-09-30", 34.536916, 38.872431),
        ("spy.2026-08", "2026-04-10", 32.82575, 37.348526),
    ],
)
def test_the_weights_in_state_streets_holdings_are_summed_up(
    real: Real, name: str, day: str, seven: float, top_ten: float
) -> None:
    said, weights = holdings.read_weights(real(f"ssga_holdings/holdings-daily-us-en-{name}.xlsx"))
    assert said == date.fromisoformat(day)
    assert (weights.seven, weights.top_ten) == (pytest.approx(seven, abs=1e-9), pytest.approx(top_ten, abs=1e-9))


def test_the_holdings_of_another_fund_are_refused_for_their_weights(real: Real) -> None:
    with pytest.raises(SourceError, match="has no line of AAPL, AMZN, GOOG, GOOGL, META, MSFT, NVDA, TSLA"):
        holdings.read_weights(real("ssga_holdings/holdings-daily-us-en-xbi.2025-02.xlsx"))


def test_contra_rights_and_escrows_of_a_fund_are_no_members(real: Real) -> None:
    members = parse_lists.ssga_holdings(real("ssga_holdings/holdings-daily-us-en-xbi.2025-02.xlsx"))
    assert "NBIX" in {member.ticker for member in members}
    assert not any(member.name.startswith(("CONTRA", "US DOLLAR", "SSI US")) for member in members)


def test_the_newest_recorded_holdings_are_those_of_503_companies(real: Real) -> None:
    response = real("ssga_holdings/holdings-daily-us-en-spy.2026-08.xlsx")
    assert 500 <= len(parse_lists.ssga_holdings(response)) <= 510
    assert len(first_sheet(response, max_rows=5_000)) > 510


@pytest.mark.parametrize(
    ("name", "day"),
    [("iShares-Core-SP-500-ETF_fund.2022-07.xls", date(2022, 5, 11)), ("small_historical.xml", date(2022, 5, 11))],
)
def test_ishares_workbooks_are_read_with_their_two_byte_order_marks(real: Real, name: str, day: date) -> None:
    response = real(f"ishares/{name}")
    assert unusable(response.content, Expect.XML) is None
    days = {found.day: found for found in read_ishares(response, "IVV")}
    assert (days[day].nav, days[day].shares) == (394.279541, 707_900_000.0)


def test_invescos_answers_say_their_own_date(real: Real) -> None:
    price = real("invesco/rsp_prices.2026-10-01.json", date(2026, 10, 2))
    assert read_invesco(price, "RSP") == [FundDay(date(2026, 10, 1), 208.981986, 456_612_663.0)]
    holdings = real("invesco/qqq_holdings.2026-05-21.json", date(2026, 5, 22))
    with pytest.raises(SourceError, match="sent 2 of 105 holdings"):
        parse_lists.invesco_holdings(holdings)
    body = json.loads(holdings.content) | {"totalNumberOfHoldings": 2}
    whole = HttpResponse(200, json.dumps(body).encode(), "qqq", date(2026, 5, 22))
    assert [member.ticker for member in parse_lists.invesco_holdings(whole)] == ["NVDA", "GOOGL"]
    with pytest.raises(OldDocumentError, match="is of 2026-05-21, 12 days old"):
        parse_lists.invesco_holdings(HttpResponse(200, whole.content, "qqq", date(2026, 6, 2)))


def test_the_data_set_of_members_is_read_whole(real: Real) -> None:
    members = parse_lists.constituents_csv(real("wikipedia/constituents.2026-08-08.csv"))
    assert len(members) == 503
    by_ticker = {member.ticker: member for member in members}
    assert by_ticker["AKAM"].sector == "Information Technology"
    assert by_ticker["GOOGL"].name == "Alphabet Inc. (Class A)"


def test_a_row_of_wikipedias_list_is_read(real: Real) -> None:
    head = "".join(f"<th>{name}</th>" for name in ("Symbol", "Security", "GICS Sector", "GICS Sub-Industry", *"abcd"))
    row = real("wikipedia/sp500_row.2026-05-05.html").text()
    page = f"<html><body><table id='constituents'><tr>{head}</tr>{row}</table></body></html>"
    members = parse_lists.wikipedia_sp500(HttpResponse(200, page.encode(), "x"))
    assert members == [
        parse_lists.Member("AME", "Ametek", "Industrials", "Electrical Components & Equipment"),
    ]


def test_recorded_information_tables_are_read(shared: Path) -> None:
    body = (shared / "data/http/sec_edgartools/13F-HR.infotable.xml").read_text()
    table = information_table.read_table(body, "13F")
    assert table
    assert sum(position.shares for position in table.values()) > 0


def test_a_recorded_option_chain_of_yahoo_is_read_whole(shared: Path) -> None:
    body = json.loads((shared / "data/http/pandas_datareader/yahoo_options1.json").read_text())
    page = yahoo_chains.read(body, "AAPL")
    expected = sum(
        len(part[side]) for part in body["optionChain"]["result"][0]["options"] for side in ("calls", "puts")
    )
    expiry = date(2030, 1, 1)
    assert len(page.contracts) == expected > 0
    assert len(yahoo_chains.rows_of(page.contracts, expiry, expiry)) == expected
