"""With a key revised series come with every revision; what was known on a day stays what it was."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from bot.archive import Archive
from bot.calendar.clock import Calendar
from bot.domain.fetched import Fetched, FetchRequest, HealthState
from bot.errors import SourceError
from bot.sources.fred.api import URL
from bot.sources.fred.source import Fred
from bot.sources.http.http_client import Http
from bot.sources.parsing.series_frame import frame
from tests.support.http_stub import HttpStub, Reply, as_json

NOW = datetime(2026, 10, 6, 21, tzinfo=UTC)
API = URL.removeprefix("https://")
KEY = "0123456789abcdef0123456789abcdef"
REQUEST = FetchRequest(date(2026, 7, 1), date(2026, 10, 6), series=("PAYEMS",))


def page(count: int, *rows: tuple[str, str, str]) -> Reply:
    items = [{"date": day, "value": value, "realtime_start": loaded} for day, value, loaded in rows]
    return as_json({"count": count, "observations": items})


async def test_more_rows_than_one_answer_holds_are_asked_for_page_by_page(http: Http, stub: HttpStub) -> None:
    stub.on(
        API,
        page(3, ("2026-07-01", "160000", "2026-08-07"), ("2026-07-01", "159900", "2026-09-04")),
        page(3, ("2026-08-01", "160100", "2026-09-04")),
    )

    table = (await Fred(http, key=KEY).fetch(REQUEST, NOW)).observations["PAYEMS"]

    assert list(table["value"]) == [160000, 159900, 160100]
    assert [seen.query.get("offset") for seen in stub.seen] == [None, "2"]


async def test_pages_that_do_not_add_up_are_no_series(http: Http, stub: HttpStub) -> None:
    stub.on(API, page(3, ("2026-07-01", "160000", "2026-08-07")), page(3))
    fred = Fred(http, key=KEY)

    with pytest.raises(SourceError, match="sent 1 of 3 rows of PAYEMS"):
        await fred.fetch(REQUEST, NOW)
    assert fred.health.state is HealthState.FAILING


async def test_that_every_series_is_refused_is_a_failure_that_says_why(http: Http, stub: HttpStub) -> None:
    message = (
        "Bad Request.  There are 2004 vintage dates. This exceeds the maximum number of vintage dates allowed (2000)."
    )
    stub.on(API, as_json({"error_code": 400, "error_message": message}, 400))
    fred = Fred(http, key=KEY)

    with pytest.raises(SourceError, match=r"FRED knows none of PAYEMS: .*maximum number of vintage dates"):
        await fred.fetch(REQUEST, NOW)
    assert fred.health.state is HealthState.FAILING


async def test_each_day_sees_the_release_of_its_time(http: Http, stub: HttpStub, tmp_path: Path) -> None:
    """An invented quarter from January 2014: 500.5 on 30 April, then 498.25 on 29 May, 490.0 on 25 June."""
    releases = ("500.5", "2014-04-30"), ("498.25", "2014-05-29"), ("490.0", "2014-06-25")
    stub.on(API, page(3, *(("2014-01-01", value, loaded) for value, loaded in releases)))
    request = FetchRequest(date(2014, 1, 1), date(2014, 12, 31), series=("PAYEMS",))
    calendar = Calendar(date(2013, 1, 1), date(2015, 1, 31))
    days = calendar.between(date(2014, 4, 1), date(2014, 7, 1))
    closes = pd.DataFrame({"close": 1.0, "adj_close": 1.0}, index=pd.DatetimeIndex(days, name="day"))

    fetched = await Fred(http, key=KEY).fetch(request, NOW)

    with Archive.open(tmp_path / "market.db") as archive:
        archive.store(Fetched("yahoo", NOW, bars={"SPY": closes}), calendar)
        assert archive.store(fetched, calendar).observation_revisions == 2

        def seen(day: date) -> list[float]:
            table = archive.market(calendar, as_of=day).series["PAYEMS"]
            return list(table.loc[table.index == pd.Timestamp(2014, 1, 1), "value"])

        assert seen(date(2014, 4, 29)) == []
        # Half past eight in New York is before the close of the same day.
        assert seen(date(2014, 4, 30)) == [500.5]
        assert seen(date(2014, 5, 28)) == [500.5]
        assert seen(date(2014, 5, 29)) == [500.5, 498.25]
        assert seen(date(2014, 6, 25))[-1] == 490.0
        again = archive.store(fetched, calendar)
        assert (again.observations, again.observation_revisions) == (0, 0)


def observed(*rows: tuple[str, float, str | None]) -> Fetched:
    """One series: (date, value, day on which it was public or None)."""
    made = [
        (date.fromisoformat(day), value, None if at is None else datetime.fromisoformat(f"{at}T12:30:00+00:00"))
        for day, value, at in rows
    ]
    return Fetched("fred", NOW, observations={"PAYEMS": frame(made)})


def stored(archive: Archive, calendar: Calendar) -> list[tuple[float, str]]:
    table = archive.market(calendar).series["PAYEMS"]
    return [(value, "" if pd.isna(at) else f"{at:%Y-%m-%d}") for value, at in table.itertuples(index=False)]


def test_a_key_that_comes_later_dates_what_was_stored_without_one(calendar: Calendar, tmp_path: Path) -> None:
    bar = pd.DataFrame({"close": [1.0], "adj_close": [1.0]}, index=pd.DatetimeIndex(["2026-10-06"], name="day"))
    vintages = observed(("2026-07-01", 7.0, "2026-08-07"), ("2026-07-01", 8.0, "2026-09-04"))
    with Archive.open(tmp_path / "market.db") as archive:
        archive.store(Fetched("yahoo", NOW, bars={"SPY": bar}), calendar)
        archive.store(observed(("2026-07-01", 8.0, None)), calendar)

        archive.store(vintages, calendar)

        assert stored(archive, calendar) == [(7.0, "2026-08-07"), (8.0, "2026-09-04")]
        assert archive.store(vintages, calendar).observations == 0


def test_a_value_from_before_the_first_vintage_is_not_taken_for_the_newest(calendar: Calendar, tmp_path: Path) -> None:
    bar = pd.DataFrame({"close": [1.0], "adj_close": [1.0]}, index=pd.DatetimeIndex(["2021-04-05"], name="day"))
    vintages = observed(("2020-06-01", 5.0, None), ("2020-06-01", 6.0, "2021-03-05"))
    with Archive.open(tmp_path / "market.db") as archive:
        archive.store(Fetched("yahoo", NOW, bars={"SPY": bar}), calendar)
        for _ in range(2):
            archive.store(vintages, calendar)

        assert stored(archive, calendar) == [(5.0, ""), (6.0, "2021-03-05")]


async def test_a_value_that_was_taken_back_is_none_and_revisions_are_in_the_order_in_which_they_were_loaded(
    http: Http, stub: HttpStub
) -> None:
    """FRED writes "." where it took a value back."""
    stub.on(
        API,
        page(
            5,
            ("2026-07-01", "10", "2026-08-07"),
            ("2026-07-01", ".", "2026-08-08"),
            ("2026-07-01", "11", "2026-09-04"),
            ("2026-08-01", "12", "2026-09-04"),
            ("2026-08-01", "13", "2026-10-02"),
        ),
    )

    table = (await Fred(http, key=KEY).fetch(REQUEST, NOW)).observations["PAYEMS"]

    assert [(f"{day:%m}", value) for day, value in table["value"].items()] == [
        *(("07", 10), ("07", 11)),
        *(("08", 12), ("08", 13)),
    ]
    assert [f"{known:%m-%d}" for known in table["known_at"]] == ["08-07", "09-04", "09-04", "10-02"]
