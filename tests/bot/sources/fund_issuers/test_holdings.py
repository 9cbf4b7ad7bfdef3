"""The weights in State Street's list of SPY's holdings: what they add up to, and lists that are refused."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from bot.archive import Archive
from bot.archive.dataset_status import newest_records, status
from bot.calendar.clock import Calendar
from bot.domain.fetched import FetchRequest
from bot.errors import SourceError
from bot.sources import fund_issuers
from bot.sources.fund_issuers.holdings import read_weights
from bot.sources.http.http_client import Http
from bot.sources.http.responses import HttpResponse
from signals.core.datasets import empty
from tests.bot.sources.fund_issuers.test_source import NOW
from tests.support.http_stub import HttpStub, Reply

PLACE = "www.ssga.com/library-content/products/fund-data/etfs/us/holdings-daily-us-en-spy.xlsx"
SEVEN = {"AAPL": 7, "MSFT": 6, "GOOGL": 2, "GOOG": 1.5, "AMZN": 4, "META": 3, "NVDA": 8, "TSLA": "1.75"}
OTHERS = {"AVGO": 2.5, "BRK.B": 1.25, "JPM": 1, "XOM": 1}
# The seven: 33.25. The ten largest: 7 + 6 + 2 + 1.5 + 4 + 3 + 8 + 1.75 + 2.5 + 1.25 = 37. In all with cash 100.
REST: dict[str, object] = {f"R{letter}": 5 for letter in "ABCDEFGHIJKL"}
LINES: dict[str, object] = {**SEVEN, **OTHERS, **dict.fromkeys(REST, 0.75), "-": 52.0}


def workbook(
    lines: Mapping[str, object] = LINES,
    *,
    said: str = "As of 18-Sep-2026",
    header: tuple[str, ...] = ("Name", "Ticker", "Identifier", "Weight"),
) -> Reply:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for row in (("Fund Name:", "SPDR S&P 500 ETF Trust"), ("Ticker Symbol:", "SPY"), ("Holdings:", said), (), header):
        sheet.append(row)
    for ticker, weight in lines.items():
        sheet.append((f"{ticker} Inc", ticker, "123456789", weight))
    sheet.append(())
    sheet.append(("Past performance is not a reliable indicator of future performance.",))
    body = io.BytesIO()
    book.save(body)
    return Reply(body.getvalue())


def answer(reply: Reply) -> HttpResponse:
    return HttpResponse(200, reply.body, PLACE, date(2026, 9, 21))


def test_the_seven_with_both_classes_of_alphabet_and_the_ten_largest_shares_without_cash() -> None:
    day, weights = read_weights(answer(workbook()))
    assert day == date(2026, 9, 18)
    assert (weights.seven, weights.top_ten) == (33.25, 37.0)


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (workbook({**LINES, "-": 40.0}), "add up to 88.0 %, 99 to 101 are believed"),
        (workbook({ticker: float(str(weight)) / 100 for ticker, weight in LINES.items()}), "add up to 1.0 %"),
        (workbook({**LINES, "TSLA": None}), "'TSLA' has no weight"),
        (workbook({**LINES, "TSLA": "1,75"}), "1,75"),
        (workbook({("META1" if name == "META" else name): weight for name, weight in LINES.items()}), "META"),
        (workbook({("FB" if name == "META" else name): weight for name, weight in LINES.items()}), "no line of META"),
        (workbook(said="As of 10-Sep-2026"), "11 days old; 10 are accepted"),
        (workbook(said="18-Sep-2026"), "does not say its date"),
        (workbook(header=("Name", "Ticker", "Identifier", "Share")), "no column Weight"),
    ],
    ids=["a part of it", "fractions", "no weight", "comma", "no ticker", "renamed", "old", "no date", "changed"],
)
def test_a_list_whose_share_of_the_seven_would_be_wrong_is_refused(reply: Reply, why: str) -> None:
    with pytest.raises(SourceError, match=why):
        read_weights(answer(reply))


async def test_the_day_of_the_list_is_stored_and_known_since_it_was_fetched(
    http: Http, stub: HttpStub, calendar: Calendar, tmp_path: Path
) -> None:
    stub.on(PLACE, workbook())
    source = fund_issuers.state_street(http, calendar=calendar)
    (chunk,) = source.split(FetchRequest(NOW.date(), NOW.date(), records=("weights",)))

    fetched = await source.fetch(chunk, NOW)

    rows = fetched.records["weights"]
    assert rows.dtypes.to_dict() == empty("weights").dtypes.to_dict()
    assert rows.iloc[0].to_dict() == {
        "date": pd.Timestamp("2026-09-18"),
        "fund": "SPY",
        "seven": 33.25,
        "top_ten": 37.0,
        "known_at": pd.Timestamp(NOW),
        "source": "statestreet",
    }
    with Archive.open(tmp_path / "market.db") as archive:
        archive.store(fetched, calendar)
        assert newest_records(archive)["weights"] == {"statestreet": date(2026, 9, 18)}
        (line,) = [each for each in status(archive) if each.name == "weights"]
        assert line.since == NOW.date()


async def test_flows_and_weights_are_fetched_each_for_itself(http: Http, stub: HttpStub, calendar: Calendar) -> None:
    source = fund_issuers.state_street(http, calendar=calendar)
    both = source.split(FetchRequest(NOW.date(), NOW.date(), tickers=("XLK",), records=("funds", "weights")))
    assert [(chunk.tickers, chunk.records) for chunk in both] == [(("XLK",), ("funds",)), (("SPY",), ("weights",))]
    assert source.split(FetchRequest(NOW.date(), NOW.date(), tickers=("XLK",))) == []


async def test_a_refusal_of_the_list_leaves_the_issuer_alone(http: Http, stub: HttpStub, calendar: Calendar) -> None:
    stub.on(PLACE, Reply(b"", 403))
    source = fund_issuers.state_street(http, calendar=calendar)
    request = FetchRequest(NOW.date(), NOW.date(), tickers=("SPY",), records=("weights",))
    for expected in ("answered 403", "left alone until 2026-09-22 13:30 UTC"):
        with pytest.raises(SourceError, match=expected):
            await source.fetch(request, NOW)
    assert stub.count(PLACE) == 1


async def test_a_refusal_to_a_clock_a_week_ahead_ends_when_it_is_right(
    http: Http, stub: HttpStub, calendar: Calendar
) -> None:
    stub.on(PLACE, Reply(b"", 403))
    source = fund_issuers.state_street(http, calendar=calendar)
    request = FetchRequest(NOW.date(), NOW.date(), tickers=("SPY",), records=("weights",))
    for now in (NOW + timedelta(days=7), NOW):
        with pytest.raises(SourceError, match="answered 403"):
            await source.fetch(request, now)
    assert stub.count(PLACE) == 2
