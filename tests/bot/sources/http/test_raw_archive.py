"""Answers are kept as they came, without secrets, for a month, and never at a fetch's expense."""

from __future__ import annotations

import gzip
import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.fetched import FetchRequest
from bot.errors import SourceError
from bot.sources.fred.source import Fred
from bot.sources.http.http_client import Http
from bot.sources.http.raw_archive import INDEX, RawArchive
from bot.sources.http.responses import Expect
from bot.sources.yahoo.source import Yahoo
from tests.support.http_stub import PAGE, HttpStub, Reply, Waits, as_json, as_text, too_many
from tests.support.yahoo_replies import QUOTES, chart, credentials, quote, quotes

NOW = datetime(2026, 10, 6, 21, 30, 5, tzinfo=UTC)
TODAY = date(2026, 10, 6)
KEY = "0123456789abcdef0123456789abcdef"
CONTACT = "ada@example.org"
CSV = "https://cdn.cboe.com/api/global/us_indices/daily_prices/VIX_History.csv"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "payloads"


@pytest.fixture
def keeping(stub: HttpStub, waits: Waits, folder: Path) -> Http:
    return Http(
        contact=CONTACT,
        base_urls=stub.base_urls,
        raw_archive=RawArchive(folder, secrets=(CONTACT, None)),
        sleep=waits,
        jitter=lambda: 0.5,
    )


def index(folder: Path, day: str = "2026-10-06") -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / day / INDEX).read_text().splitlines()]


def body(folder: Path, line: dict[str, Any], day: str = "2026-10-06") -> bytes:
    return gzip.decompress((folder / day / line["file"]).read_bytes())


def everything(folder: Path) -> bytes:
    """All that was written, names and unpacked bodies."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    bodies = [gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes() for path in files]
    return b"\n".join([*bodies, *(str(path).encode() for path in files)])


async def test_an_answer_is_kept_as_it_came_and_the_index_says_when_and_from_where(
    keeping: Http, stub: HttpStub, folder: Path
) -> None:
    sent = b"DATE,CLOSE\r\n10/05/2026,16.31\r\n"
    stub.on("cdn.cboe.com/api/global/us_indices/daily_prices/VIX_History.csv", Reply(sent))

    answer = await keeping.get(CSV, now=NOW, expect=Expect.CSV, params={"a": "1"})
    await keeping.close()

    (line,) = index(folder)
    assert body(folder, line) == sent == answer.content
    assert line["at"] == "2026-10-06T21:30:05Z"
    assert (line["status"], line["bytes"]) == (200, len(sent))
    assert line["url"] == "cdn.cboe.com/api/global/us_indices/daily_prices/VIX_History.csv?a=1"
    assert line["file"].startswith("cdn.cboe.com/213005-VIX_History.csv-200-")
    assert (folder / "2026-10-06" / "cdn.cboe.com").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("reply", [PAGE, Reply(b"gone", 404), Reply(b"down", 503), too_many(), Reply(b"")])
async def test_what_is_no_good_is_kept_as_well(keeping: Http, stub: HttpStub, folder: Path, reply: Reply) -> None:
    stub.on("cdn.cboe.com/api/global/us_indices/daily_prices/VIX_History.csv", reply)

    with pytest.raises(SourceError):
        await keeping.get(CSV, now=NOW, expect=Expect.CSV)
    await keeping.close()

    assert {(line["status"], body(folder, line)) for line in index(folder)} == {(reply.status, reply.body)}
    # Every try has its line, however often the same was sent.
    assert len(index(folder)) == len(stub.seen)
    assert len({line["file"] for line in index(folder)}) == 1


async def test_keys_and_the_contact_are_neither_in_addresses_nor_in_bodies_nor_in_names(
    keeping: Http, stub: HttpStub, folder: Path
) -> None:
    message = f"api_key {KEY} of {CONTACT} is not registered"
    stub.on("api.stlouisfed.org/fred/series/observations", as_json({"error_code": 400, "error_message": message}, 400))

    with pytest.raises(SourceError, match="does not accept the API key"):
        await Fred(keeping, key=KEY).fetch(FetchRequest(TODAY, TODAY, series=("DGS10",)), NOW)
    await keeping.close()

    (line,) = index(folder)
    assert "series_id=DGS10" in line["url"]
    assert "api_key=hidden" in line["url"]
    assert b"is not registered" in body(folder, line)
    written = everything(folder)
    assert KEY.encode() not in written
    assert CONTACT.encode() not in written


async def test_yahoos_data_are_kept_and_its_cookies_and_crumbs_are_not(
    make_yahoo: Callable[..., Yahoo], stub: HttpStub, folder: Path
) -> None:
    credentials(stub)
    # Wednesday 6 March 2024, noon in New York.
    now = datetime(2024, 3, 6, 17, tzinfo=UTC)
    stub.on("query2.finance.yahoo.com/v8/finance/chart/SPY", chart("SPY", [date(2024, 3, 5)], [512.0]))
    stub.on(QUOTES, quotes(quote("^GSPC", 510.0, now)))
    yahoo = make_yahoo(raw_archive=RawArchive(folder))

    await yahoo.fetch(FetchRequest(date(2024, 3, 5), date(2024, 3, 5), tickers=("SPY",)), now)
    await yahoo.quotes(("^GSPC",), now)

    lines = index(folder, "2024-03-06")
    assert [line["url"].partition("?")[0] for line in lines] == [
        "query2.finance.yahoo.com/v8/finance/chart/SPY",
        "query1.finance.yahoo.com/v7/finance/quote",
    ]
    assert b'"regularMarketPrice": 510.0' in body(folder, lines[1], "2024-03-06")
    assert "symbols=^GSPC" in lines[1]["url"]
    assert stub.seen[-1].query["crumb"] == "a.crumb"
    written = everything(folder)
    assert b"a.crumb" not in written
    assert b"A3=cookie" not in written


async def test_a_folder_that_cannot_be_written_to_costs_only_the_copy_and_is_said_once(
    stub: HttpStub, waits: Waits, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "payloads").write_text("a file where a folder should be")
    client = Http(base_urls=stub.base_urls, raw_archive=RawArchive(tmp_path / "payloads"), sleep=waits)
    stub.on("cdn.cboe.com/api/global/us_indices/daily_prices/VIX_History.csv", as_text("DATE,CLOSE\n"))

    for _ in range(3):
        assert (await client.get(CSV, now=NOW, expect=Expect.CSV)).status == 200
    await client.close()

    assert caplog.text.count("answers are not kept") == 1


def test_days_older_than_a_month_are_deleted_and_nothing_else(folder: Path) -> None:
    for days in (400, 31, 30, 1, 0):
        (folder / f"{TODAY - timedelta(days=days)}" / "example.org").mkdir(parents=True)
    (folder / "notes").mkdir()

    RawArchive(folder).purge(TODAY)

    assert sorted(path.name for path in folder.iterdir()) == ["2026-09-06", "2026-10-05", "2026-10-06", "notes"]


def test_the_first_answer_of_a_day_deletes_what_is_too_old(folder: Path) -> None:
    raw_archive = RawArchive(folder)
    for days in (0, 29, 31):
        raw_archive.keep(CSV, None, 200, b"x", NOW + timedelta(days=days))

    assert sorted(path.name for path in folder.iterdir()) == ["2026-11-04", "2026-11-06"]


def test_when_all_are_too_large_the_oldest_days_go(folder: Path) -> None:
    # Each answer takes one block of 4,096 bytes, and so does the index of its day, which counts from the next look at the disk.
    raw_archive = RawArchive(folder, most_bytes=4 * 4096)
    for days in (4, 3, 2, 1, 0):
        raw_archive.keep(CSV, None, 200, f"{days}".encode(), NOW - timedelta(days=days))

    assert sorted(path.name for path in folder.iterdir()) == ["2026-10-05", "2026-10-06"]


def test_a_day_that_takes_all_the_room_is_not_kept_any_further_and_the_next_is(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    raw_archive = RawArchive(folder, most_bytes=3 * 4096)
    for number in range(6):
        raw_archive.keep(CSV, None, 200, f"{number}".encode(), NOW)
    assert len(index(folder)) == 3
    assert caplog.text.count("not kept any more today") == 1

    raw_archive.keep(CSV, None, 200, b"tomorrow", NOW + timedelta(days=1))

    assert [body(folder, line, "2026-10-07") for line in index(folder, "2026-10-07")] == [b"tomorrow"]


def test_after_a_restart_what_is_there_still_counts(folder: Path) -> None:
    RawArchive(folder).keep(CSV, None, 200, b"before", NOW - timedelta(days=1))
    RawArchive(folder, most_bytes=2 * 4096).keep(CSV, None, 200, b"after", NOW)

    assert [path.name for path in folder.iterdir()] == ["2026-10-06"]


def test_threads_do_not_tear_each_others_lines(folder: Path) -> None:
    raw_archive = RawArchive(folder)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda each: raw_archive.keep(CSV, {"n": each}, 200, f"{each}".encode(), NOW), range(60)))

    lines = index(folder)
    assert sorted(int(body(folder, line)) for line in lines) == list(range(60))
    assert all(line["url"].endswith(f"n={int(body(folder, line))}") for line in lines)
    assert not list(folder.rglob("*.new"))


def test_a_name_made_of_an_address_stays_inside_the_folder(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    RawArchive(folder).keep("https://example.org/a/..%2F..%2F;$(x) " + "y" * 300, None, 200, b"x", NOW)

    (stored,) = folder.rglob("*.gz")
    assert stored.parent == folder / "2026-10-06" / "example.org"
    assert len(stored.name) < 100
    assert not caplog.text
