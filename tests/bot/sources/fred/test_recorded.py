"""FRED's API as it was recorded in 2024: one series, all its releases, and a calendar."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pandas as pd

from bot.domain.fetched import FetchRequest
from bot.sources.fred.api import URL
from bot.sources.fred.releases import read
from bot.sources.fred.source import Fred
from bot.sources.http.http_client import Http
from bot.sources.http.responses import HttpResponse
from signals.calendar_events import Event
from tests import recorded
from tests.support.http_stub import HttpStub, as_json

NOW = datetime(2026, 10, 6, 21, tzinfo=UTC)
API = URL.removeprefix("https://")
KEY = "0123456789abcdef0123456789abcdef"


async def test_recorded_answers_of_the_api_are_read(http: Http, stub: HttpStub) -> None:
    """The quarter from January 2014 was released on 30 April as 17,149.6, then 17,101.3 on 29 May, 17,016.0 on 25 June. For 2023
    the calendar has the twelve days that the Bureau of Labor Statistics announced, and 10 February beside them."""
    releases = json.loads(recorded.body("fred/gdp-releases.json"))
    stub.on(API, as_json(json.loads(recorded.body("fred/gdp.json"))), as_json(releases))
    fred = Fred(http, key=KEY)

    one = await fred.fetch(FetchRequest(date(1946, 1, 1), date(2024, 7, 1), series=("DGS10",)), NOW)
    table = one.observations["DGS10"]
    assert (table.index[0], table["value"].iloc[0]) == (pd.Timestamp("1947-01-01"), 243.164)

    every = await fred.fetch(FetchRequest(date(1946, 1, 1), date(2024, 12, 31), series=("PAYEMS",)), NOW)
    table = every.observations["PAYEMS"]
    # Rows with "." say that FRED took a value back, which is no value.
    assert len(table) == sum(row["value"] != "." for row in releases["observations"])
    dated = table[table["known_at"].notna()].reset_index()
    assert dated.groupby("observed")["known_at"].apply(lambda known: known.is_monotonic_increasing).all()
    quarter = table.loc[table.index == pd.Timestamp(2014, 1, 1)]
    told = [(f"{row.known_at:%m-%d}", row.value) for row in quarter.itertuples()]
    assert told[:3] == [("04-30", 17149.6), ("05-29", 17101.3), ("06-25", 17016.0)]

    body = recorded.body("fred/cpi-release-dates.json")
    calendar = HttpResponse(200, body, "api.stlouisfed.org/fred/release/dates")
    found = dict(read(Event.CPI, calendar, date(2023, 1, 1)))
    announced = "01-12 02-14 03-14 04-12 05-10 06-13 07-12 08-10 09-13 10-12 11-14 12-12"
    days = [day for month, day in found.items() if month.year == 2023]
    assert " ".join("" if day is None else f"{day:%m-%d}" for day in days) == announced
    assert max(found) == date(2024, 10, 1)
