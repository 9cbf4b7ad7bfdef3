"""The session behind the other sources: manners, limits, and what it says when something goes wrong."""

from __future__ import annotations

import gzip
import logging
import tempfile
import traceback
from datetime import UTC, datetime, timedelta

import pytest

from bot.sources.http.attempt import routed
from bot.sources.http.host_policy import HostPolicy
from bot.sources.http.http_client import Http, user_agent
from bot.sources.http.responses import Expect, HttpError
from tests.support.http_stub import PAGE, HttpStub, Reply, Waits, as_json, as_text, too_many

NOW = datetime(2024, 3, 8, 17, tzinfo=UTC)
URL = "https://data.example.org/table.csv"
PLACE = "data.example.org/table.csv"
KEY = "0123456789abcdef0123456789abcdef"


async def test_the_body_comes_back_and_the_user_agent_names_the_contact(http: Http, stub: HttpStub) -> None:
    stub.on(PLACE, as_text("a,b\n1,2\n"))

    answer = await http.get(URL, now=NOW, expect=Expect.CSV, params={"id": "A,B"})

    assert answer.text() == "a,b\n1,2\n"
    assert answer.place == PLACE
    assert stub.seen[0].query == {"id": "A,B"}
    assert "Ada Lovelace ada@example.org" in stub.seen[0].headers["User-Agent"]


def test_without_a_contact_the_user_agent_is_the_program_alone() -> None:
    assert user_agent(None).startswith("rotation-bot/")
    assert "(" not in user_agent(None)


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (too_many(), "answered 429, too many requests"),
        (Reply(b"<html>", 500), "answered 500"),
        (Reply(how="reset"), "could not be reached"),
        (Reply(b"abc", how="truncated"), "broke off in the middle"),
    ],
)
async def test_passing_trouble_is_tried_again_and_then_told(
    http: Http, stub: HttpStub, waits: Waits, reply: Reply, says: str
) -> None:
    stub.on(PLACE, reply, as_text("a\n1\n"))
    assert (await http.get(URL, now=NOW, expect=Expect.CSV)).status == 200

    stub.on(PLACE, reply)
    with pytest.raises(HttpError, match=says):
        await http.get(URL, now=NOW, expect=Expect.CSV)


async def test_pauses_between_tries_double_and_never_undercut_what_was_asked(stub: HttpStub, waits: Waits) -> None:
    polite = Http(
        base_urls=stub.base_urls,
        policies={"data.example.org": HostPolicy(per_second=1e6, burst=100, tries=5)},
        sleep=waits,
        monotonic=lambda: 0.0,
        jitter=lambda: 0.5,
    )
    stub.on(PLACE, Reply(b"", 503), Reply(b"", 503), too_many("30"), Reply(b"", 503), as_text("a\n"))

    await polite.get(URL, now=NOW, expect=Expect.CSV)
    await polite.close()

    assert waits.seconds == [2.0, 4.0, 30.0, 16.0]


async def test_a_slow_body_is_given_up(stub: HttpStub, waits: Waits) -> None:
    hasty = Http(
        base_urls=stub.base_urls,
        policies={"data.example.org": HostPolicy(timeout_seconds=0.2, tries=2)},
        sleep=waits,
        monotonic=lambda: 0.0,
    )
    stub.on(PLACE, Reply(b"a,b", how="slow"))

    with pytest.raises(HttpError, match=r"did not answer within 0\.2 s"):
        await hasty.get(URL, now=NOW, expect=Expect.CSV)
    await hasty.close()


async def test_a_refusing_host_rests_for_a_quarter_of_an_hour_then_twice_as_long(http: Http, stub: HttpStub) -> None:
    stub.on(PLACE, too_many())
    with pytest.raises(HttpError) as caught:
        await http.get(URL, now=NOW, expect=Expect.CSV)
    assert caught.value.rate_limited
    assert caught.value.retry_after == 900
    asked = len(stub.seen)

    with pytest.raises(HttpError, match="left alone until 17:15 UTC after too many requests"):
        await http.get(URL, now=NOW + timedelta(minutes=14), expect=Expect.CSV)
    assert len(stub.seen) == asked

    with pytest.raises(HttpError) as again:
        await http.get(URL, now=NOW + timedelta(minutes=15), expect=Expect.CSV)
    assert again.value.retry_after == 1800

    stub.on(PLACE, as_text("a\n"))
    assert (await http.get(URL, now=NOW + timedelta(minutes=45), expect=Expect.CSV)).status == 200
    assert (await http.get(URL, now=NOW + timedelta(minutes=45), expect=Expect.CSV)).status == 200


async def test_a_long_retry_after_is_not_waited_for_but_kept(http: Http, stub: HttpStub, waits: Waits) -> None:
    stub.on(PLACE, too_many("7200"))

    with pytest.raises(HttpError) as caught:
        await http.get(URL, now=NOW, expect=Expect.CSV)

    assert caught.value.retry_after == 7200
    assert len(stub.seen) == 1
    assert waits.seconds == []


async def test_one_host_that_rests_does_not_stop_another(http: Http, stub: HttpStub) -> None:
    stub.on(PLACE, too_many())
    stub.on("other.example.org/x", as_text("a\n"))
    with pytest.raises(HttpError):
        await http.get(URL, now=NOW, expect=Expect.CSV)

    assert (await http.get("https://other.example.org/x", now=NOW, expect=Expect.CSV)).status == 200


async def test_requests_to_one_host_keep_their_distance(stub: HttpStub, waits: Waits) -> None:
    paced = Http(
        base_urls=stub.base_urls,
        policies={"data.example.org": HostPolicy(per_second=2.0, burst=1)},
        sleep=waits,
        monotonic=lambda: 100.0,
    )
    stub.on(PLACE, as_text("a\n"))

    for _ in range(3):
        await paced.get(URL, now=NOW, expect=Expect.CSV)
    await paced.close()

    assert waits.seconds == [0.5, 1.0]


@pytest.mark.parametrize(
    ("reply", "expect", "says"),
    [
        (PAGE, Expect.CSV, "a web page instead of CSV"),
        (PAGE, Expect.JSON, "a web page instead of JSON"),
        (Reply(b"  "), Expect.CSV, "200 with nothing in it"),
        (as_text("a,b"), Expect.JSON, "something else than JSON"),
        (as_text("a,b"), Expect.XML, "something else than XML"),
        (as_text("a,b"), Expect.XLSX, "something else than a workbook"),
        (as_text("nope", 404), Expect.CSV, "answered 404"),
        (as_text("nope", 403), Expect.CSV, "answered 403"),
    ],
)
async def test_what_was_not_asked_for_is_refused_at_once(
    http: Http, stub: HttpStub, reply: Reply, expect: Expect, says: str
) -> None:
    stub.on(PLACE, reply)

    with pytest.raises(HttpError, match=says):
        await http.get(URL, now=NOW, expect=expect)
    assert len(stub.seen) == 1


async def test_a_status_that_means_something_is_an_answer(http: Http, stub: HttpStub) -> None:
    stub.on(PLACE, as_text("nope", 404))

    assert (await http.get(URL, now=NOW, expect=Expect.CSV, accept=(404,))).status == 404


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"x" * 3_000_000),
        Reply(gzip.compress(b"x" * 30_000_000), headers={"Content-Encoding": "gzip"}),
    ],
)
async def test_a_body_that_is_or_unpacks_too_large_is_refused(stub: HttpStub, waits: Waits, reply: Reply) -> None:
    small = Http(base_urls=stub.base_urls, policies={"data.example.org": HostPolicy(max_bytes=2_000_000)}, sleep=waits)
    stub.on(PLACE, reply)

    with pytest.raises(HttpError, match="more than 2 MB"):
        await small.get(URL, now=NOW, expect=Expect.CSV)
    await small.close()


@pytest.mark.parametrize(
    "reply",
    [
        too_many(),
        Reply(b"", 500),
        PAGE,
        Reply(how="reset"),
        Reply(b"x", how="truncated"),
        Reply(b"", 302, {"Location": "/data.example.org/table.csv?api_key=" + KEY}),
        Reply(b"", 302, {"Location": "gopher://x/" + KEY}),
        as_json({}),
    ],
)
async def test_a_key_in_the_query_is_in_no_log_and_no_error(
    http: Http, stub: HttpStub, caplog: pytest.LogCaptureFixture, reply: Reply
) -> None:
    caplog.set_level(logging.DEBUG)
    stub.on(PLACE, reply)

    said = ""
    try:
        await http.get(URL, now=NOW, expect=Expect.JSON, params={"api_key": KEY})
    except HttpError as error:
        said = "".join(traceback.format_exception(error)) + str(error.__context__)

    assert KEY not in said
    assert all(KEY not in record.getMessage() for record in caplog.records)


def test_a_host_is_replaced_by_name_or_all_of_them_by_a_folder() -> None:
    url = "https://data.example.org/a/b%26c?x=1&y"
    assert routed(url, {}) == url
    assert routed(url, {"data.example.org": "http://mirror/d/"}) == "http://mirror/d/a/b%26c?x=1&y"
    assert routed(url, {"*": "http://127.0.0.1:1"}) == "http://127.0.0.1:1/data.example.org/a/b%26c?x=1&y"


async def test_a_large_body_goes_into_a_file_and_begins_anew_with_every_try(http: Http, stub: HttpStub) -> None:
    body = b"PK" + b"x" * 200_000
    stub.on(PLACE, Reply(b"a much longer beginning of something that broke off" * 500, how="truncated"), Reply(body))
    with tempfile.TemporaryFile() as file:
        answer = await http.get(URL, now=NOW, expect=Expect.ZIP, into=file)
        file.seek(0)
        assert file.read() == body
    assert body.startswith(answer.content)
    assert len(answer.content) <= 1 << 16


async def test_a_file_has_a_limit_too(http: Http, stub: HttpStub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.sources.http.attempt.DOWNLOADED_BYTES", 1000)
    stub.on(PLACE, Reply(b"PK" + b"x" * 5000))
    with tempfile.TemporaryFile() as file, pytest.raises(HttpError, match=r"sent more than 0\.001 MB"):
        await http.get(URL, now=NOW, expect=Expect.ZIP, into=file)
