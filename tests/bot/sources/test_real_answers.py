"""Answers of the sources in their real layouts: each reader gives what stands in them and refuses them damaged.

The files in `tests/fixtures/made` and the workbooks of `tests/support/holdings_workbook.py` have the layouts of the
real hosts, their oddities included, and invented figures. Where the folder of real figures lies beside the project,
the same tests also read what others recorded. Of Cboe's option chains and daily statistics, of State Street's
histories of shares and of ALFRED's file no recording was to be had.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import pytest

from bot.errors import SourceError
from bot.sources.cboe.indices import read_archive, read_index
from bot.sources.edgar.form13f import cusips
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
from bot.sources.treasury import read_csv
from tests import recorded
from tests.conftest import SHARED
from tests.recorded import where_present
from tests.support.holdings_workbook import BIOTECH, SPY, workbook

WORKBOOKS = {"made/spy.xlsx": SPY, "made/biotech.xlsx": BIOTECH}


def answer(name: str, fetched_on: date | None = None) -> HttpResponse:
    """A hand-made answer (`made/...`) or a recorded one, as if it had been fetched on a day."""
    if name in WORKBOOKS:
        content = workbook(WORKBOOKS[name])
    else:
        folder = recorded.FIXTURES if name.startswith("made/") else SHARED / "data/http/real"
        content = (folder / name).read_bytes()
    return HttpResponse(200, content, name, fetched_on)


def newest(rows: list[Row]) -> tuple[date, float]:
    return max((day, value) for day, value, _ in rows)


@pytest.mark.parametrize(
    ("sid", "name", "count", "last"),
    [
        # The third of March has zeros, which are no values.
        ("VIX", "made/cboe/VIX_History.csv", 6, (date(2026, 3, 6), 18.75)),
        ("VXN", "made/cboe/VXN_History.csv", 3, (date(2026, 3, 6), 25.15)),
        ("SKEW", "made/cboe/SKEW_History.csv", 3, (date(2026, 3, 6), 149.75)),
        *where_present(
            ("VIX", "cboe_index/VIX_History.2026-03.csv", 9137, (date(2026, 3, 6), 29.49)),
            ("VIX", "cboe_index/VIX_History.2026-08.csv", 9241, (date(2026, 7, 31), 15.99)),
            ("VIX9D", "cboe_index/VIX9D_History.2026-08.csv", 3909, (date(2026, 7, 22), 14.88)),
            ("VIX3M", "cboe_index/VIX3M_History.2026-08.csv", 4235, (date(2026, 7, 22), 19.54)),
            ("VXN", "cboe_index/VXN_History.tail-2026-07.csv", 7, (date(2026, 7, 10), 24.89)),
            ("SKEW", "cboe_index/SKEW_History.2026-03.csv", 9095, (date(2026, 3, 6), 151.80)),
            ("SKEW", "cboe_index/SKEW_History.2026-08.csv", 9189, (date(2026, 7, 22), 150.19)),
            ("SKEW", "cboe_index/SKEW_History.tail-2026-09-27.csv", 12, (date(2026, 9, 25), 144.91)),
        ),
    ],
)
def test_cboes_index_files_are_read_whole(sid: str, name: str, count: int, last: tuple[date, float]) -> None:
    rows = read_index(answer(name), sid)
    assert len(rows) == count
    assert newest(rows) == last


VIX_FILES = ["made/cboe/VIX_History.csv", *where_present("cboe_index/VIX_History.2026-08.csv")]


@pytest.mark.parametrize("name", VIX_FILES)
def test_a_cut_in_the_last_line_of_cboes_file_is_refused(name: str) -> None:
    whole = answer(name).content
    for cut in (1, 2, 4, 7, 9, 25):
        with pytest.raises(SourceError, match="breaks off"):
            read_index(HttpResponse(200, whole[:-cut], "VIX"), "VIX")


@pytest.mark.parametrize(
    ("damage", "place"),
    [
        (lambda cells: [*cells[:-1], '"15,990000"'], -1),
        (lambda cells: [*cells[:-1], "15", "990000"], -1),
        (lambda cells: [*cells[:-1], "15.99 pts"], -1),
        (lambda cells: ["31.07.2026", *cells[1:]], -1),
        (lambda cells: ["", *cells[1:]], -1),
        (lambda cells: [*cells[:-1], "LAST"], 0),
    ],
    ids=["quoted decimal comma", "bare decimal comma", "unit", "other form of date", "no date", "other heading"],
)
@pytest.mark.parametrize("name", VIX_FILES)
def test_a_damaged_newest_day_of_cboes_file_is_refused(
    name: str, damage: Callable[[list[str]], list[str]], place: int
) -> None:
    lines = answer(name).text().splitlines()
    lines[place] = ",".join(damage(lines[place].split(",")))
    with pytest.raises(SourceError):
        read_index(HttpResponse(200, ("\n".join(lines) + "\n").encode(), "VIX"), "VIX")


@pytest.mark.parametrize(
    ("name", "count", "last"),
    [
        ("made/cboe/totalpc.csv", 4, (date(2019, 10, 4), 0.9)),
        ("made/cboe/equitypc.csv", 3, (date(2006, 11, 3), 0.62)),
        *where_present(
            ("cboe_archive/totalpc.2020-02.csv", 3253, (date(2019, 10, 4), 1.05)),
            ("cboe_archive/totalpc.2023-06.csv", 3240, (date(2019, 9, 17), 0.83)),
            ("cboe_archive/equitypc.head.csv", 3, (date(2006, 11, 3), 0.64)),
            ("cboe_archive/indexpc.head.csv", 4, (date(2006, 12, 27), 1.0)),
        ),
    ],
)
def test_cboes_archives_are_read_with_and_without_their_legal_text(
    name: str, count: int, last: tuple[date, float]
) -> None:
    rows = read_archive(answer(name))
    assert len(rows) == count
    assert newest(rows) == last


@pytest.mark.parametrize(
    ("name", "lines", "empty", "last"),
    [
        ("made/fred/VIXCLS.csv", 7, 2, (date(2026, 4, 6), 18.05)),
        *where_present(("fred/VIXCLS.2026-05.csv", 9473, 302, (date(2026, 4, 23), 19.31))),
    ],
)
def test_freds_file_has_holidays_as_empty_cells(name: str, lines: int, empty: int, last: tuple[date, float]) -> None:
    rows = read_series(answer(name), date(1990, 1, 1), date(2026, 12, 31))["VIXCLS"]
    assert len(rows) == lines - empty
    assert newest(rows) == last


def test_the_treasurys_file_is_read_with_and_without_its_last_line_end() -> None:
    whole = recorded.body("treasury/nominal-yields.csv")
    for content in (whole, whole.rstrip()):
        table = read_csv(HttpResponse(200, content, "treasury"))
        assert table["10Y"][date(2026, 10, 2)] == 5.28
        assert table["1.5M"][date(2026, 9, 24)] == 4.10
        assert {len(column) for column in table.values()} == {7}
    with pytest.raises(SourceError, match="breaks off"):
        read_csv(HttpResponse(200, whole[:-3], "treasury"))


def test_the_feds_calendar_is_read_among_minutes_odd_rows_and_an_announcement() -> None:
    response = HttpResponse(200, recorded.body("fed/calendar-with-announcement.json"), "calendar")
    assert read_meetings(response) == {date(2026, 9, 16), date(2026, 10, 28), date(2026, 12, 9)}


@pytest.mark.parametrize(
    ("name", "said", "count"),
    [
        ("made/spy.xlsx", "2026-03-06", 58),
        *where_present(
            ("ssga_holdings/holdings-daily-us-en-spy.2025-05.xlsx", "2025-02-07", 504),
            ("ssga_holdings/holdings-daily-us-en-spy.2025-10.xlsx", "2025-09-30", 503),
        ),
    ],
)
def test_state_streets_holdings_are_read_whole_while_they_are_new(name: str, said: str, count: int) -> None:
    day = date.fromisoformat(said)
    members = parse_lists.ssga_holdings(answer(name, day))
    assert len(members) == count
    assert {"BRK-B", "BF-B", "NVDA"} <= {member.ticker for member in members}
    by_ticker = {security.symbol: security.cusip for security in cusips.read_spy(answer(name))}
    assert (by_ticker["AAPL"], by_ticker["NVDA"]) == ("037833100", "67066G104")
    with pytest.raises(OldDocumentError, match=f"is of {said}, 11 days old; 10 are accepted"):
        parse_lists.ssga_holdings(answer(name, date.fromordinal(day.toordinal() + 11)))


@pytest.mark.parametrize(
    ("name", "day", "seven", "top_ten"),
    [
        # Summed up by hand in the workbooks: the eight lines of the seven, and the ten largest.
        ("made/spy.xlsx", "2026-03-06", 34.0, 38.5),
        *where_present(
            ("ssga_holdings/holdings-daily-us-en-spy.2025-05.xlsx", "2025-02-07", 32.011929, 35.763999),
            ("ssga_holdings/holdings-daily-us-en-spy.2025-10.xlsx", "2025-09-30", 34.536916, 38.872431),
            ("ssga_holdings/holdings-daily-us-en-spy.2026-08.xlsx", "2026-04-10", 32.82575, 37.348526),
        ),
    ],
)
def test_the_weights_in_state_streets_holdings_are_summed_up(name: str, day: str, seven: float, top_ten: float) -> None:
    said, weights = holdings.read_weights(answer(name))
    assert said == date.fromisoformat(day)
    assert (weights.seven, weights.top_ten) == (pytest.approx(seven, abs=1e-9), pytest.approx(top_ten, abs=1e-9))


BIOTECHS = ["made/biotech.xlsx", *where_present("ssga_holdings/holdings-daily-us-en-xbi.2025-02.xlsx")]


@pytest.mark.parametrize("name", BIOTECHS)
def test_the_holdings_of_another_fund_are_refused_for_their_weights(name: str) -> None:
    with pytest.raises(SourceError, match="has no line of AAPL, AMZN, GOOG, GOOGL, META, MSFT, NVDA, TSLA"):
        holdings.read_weights(answer(name))


@pytest.mark.parametrize("name", BIOTECHS)
def test_contra_rights_and_escrows_of_a_fund_are_no_members(name: str) -> None:
    members = parse_lists.ssga_holdings(answer(name))
    assert "NBIX" in {member.ticker for member in members}
    assert not any(member.name.startswith(("CONTRA", "US DOLLAR", "SSI US")) for member in members)


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [("made/spy.xlsx", 58, 58), *where_present(("ssga_holdings/holdings-daily-us-en-spy.2026-08.xlsx", 500, 510))],
)
def test_the_lines_below_the_holdings_are_no_members(name: str, least: int, most: int) -> None:
    response = answer(name)
    assert least <= len(parse_lists.ssga_holdings(response)) <= most
    assert len(first_sheet(response, max_rows=5_000)) > most


@pytest.mark.parametrize(
    ("name", "day", "nav", "shares"),
    [
        ("made/ishares/IWM_fund.xls", date(2026, 3, 6), 251.5, 280_350_000.0),
        # A cell that is left out, an empty one, and a count with thousands commas.
        ("made/ishares/IWM_fund.xls", date(2026, 3, 5), 249.25, 280_100_000.0),
        ("made/ishares/IWM_fund.xls", date(2026, 3, 4), 252.125, None),
        ("made/ishares/IWM_fund.xls", date(2026, 3, 2), 253.0, 1_279_900_000.0),
        *where_present(
            ("ishares/iShares-Core-SP-500-ETF_fund.2022-07.xls", date(2022, 5, 11), 394.279541, 707_900_000.0),
            ("ishares/small_historical.xml", date(2022, 5, 11), 394.279541, 707_900_000.0),
        ),
    ],
)
def test_ishares_workbooks_are_read_with_their_two_byte_order_marks(
    name: str, day: date, nav: float, shares: float | None
) -> None:
    response = answer(name)
    assert unusable(response.content, Expect.XML) is None
    days = {found.day: found for found in read_ishares(response, "IVV")}
    assert (days[day].nav, days[day].shares) == (nav, shares)


def test_a_day_of_ishares_without_both_figures_is_left_out() -> None:
    days = [found.day for found in read_ishares(answer("made/ishares/IWM_fund.xls"), "IWM")]
    assert days == [date(2026, 3, 2), date(2026, 3, 4), date(2026, 3, 5), date(2026, 3, 6)]


@pytest.mark.parametrize(
    ("name", "day", "nav", "shares"),
    [
        ("made/invesco/rsp_prices.json", date(2026, 3, 6), 190.125, 400_000_000.0),
        *where_present(("invesco/rsp_prices.2026-10-01.json", date(2026, 10, 1), 208.981986, 456_612_663.0)),
    ],
)
def test_invescos_price_says_its_own_date(name: str, day: date, nav: float, shares: float) -> None:
    response = answer(name, date.fromordinal(day.toordinal() + 1))
    assert read_invesco(response, "RSP") == [FundDay(day, nav, shares)]
    as_list = json.dumps([response.json()]).encode()
    with pytest.raises(SourceError, match="has no price of RSP"):
        read_invesco(HttpResponse(200, as_list, name), "RSP")


@pytest.mark.parametrize(
    ("name", "own_date", "rows", "total"),
    [
        ("made/invesco/qqq_holdings.json", "2026-03-06", 3, 103),
        *where_present(("invesco/qqq_holdings.2026-05-21.json", "2026-05-21", 2, 105)),
    ],
)
def test_invescos_holdings_are_read_whole_while_they_are_new(name: str, own_date: str, rows: int, total: int) -> None:
    day = date.fromisoformat(own_date).toordinal()
    part = answer(name, date.fromordinal(day + 1))
    with pytest.raises(SourceError, match=f"sent {rows} of {total} holdings"):
        parse_lists.invesco_holdings(part)
    whole = json.dumps(json.loads(part.content) | {"totalNumberOfHoldings": rows}).encode()
    members = parse_lists.invesco_holdings(HttpResponse(200, whole, "qqq", date.fromordinal(day + 1)))
    assert [member.ticker for member in members] == ["NVDA", "GOOGL"]
    with pytest.raises(OldDocumentError, match=f"is of {own_date}, 12 days old"):
        parse_lists.invesco_holdings(HttpResponse(200, whole, "qqq", date.fromordinal(day + 12)))


@pytest.mark.parametrize(
    ("name", "count"),
    [("made/members/constituents.csv", 4), *where_present(("wikipedia/constituents.2026-08-08.csv", 503))],
)
def test_the_data_set_of_members_is_read_whole(name: str, count: int) -> None:
    members = parse_lists.constituents_csv(answer(name))
    assert len(members) == count
    by_ticker = {member.ticker: member for member in members}
    assert by_ticker["AKAM"].sector == "Information Technology"
    assert by_ticker["GOOGL"].name == "Alphabet Inc. (Class A)"
    assert "BRK-B" in by_ticker


@pytest.mark.parametrize(
    ("name", "ticker", "company"),
    [
        ("made/members/sp500_row.html", "XXXX-B", "Made Up"),
        *where_present(("wikipedia/sp500_row.2026-05-05.html", "AME", "Ametek")),
    ],
)
def test_a_row_of_wikipedias_list_is_read(name: str, ticker: str, company: str) -> None:
    head = "".join(f"<th>{name}</th>" for name in ("Symbol", "Security", "GICS Sector", "GICS Sub-Industry", *"abcd"))
    page = f"<html><body><table id='constituents'><tr>{head}</tr>{answer(name).text()}</table></body></html>"
    assert parse_lists.wikipedia_sp500(HttpResponse(200, page.encode(), "x")) == [
        parse_lists.ListedMember(ticker, company, "Industrials", "Electrical Components & Equipment"),
    ]
