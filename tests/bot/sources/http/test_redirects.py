"""Redirects: followed to the same host or to one that its policy names, over https, and nowhere else."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from bot.sources.http.attempt import redirect_target
from bot.sources.http.host_policy import HostPolicy
from bot.sources.http.http_client import Http
from bot.sources.http.public_addresses import is_public, public_resolver
from bot.sources.http.responses import Exchange, Expect, HttpError
from tests.support.http_stub import HttpStub, Reply, Waits, as_text

NOW = datetime(2026, 10, 6, 17, tzinfo=UTC)
OLD, NEW = "cdn.example.org/a.csv", "cdn-api.example.org/b.csv"
POLICY = HostPolicy(redirects=("cdn-api.example.org",))


def moved(to: str, status: int = 307) -> Reply:
    return Reply(b"", status, {"Location": to})


@pytest.fixture
def exchanges() -> list[Exchange]:
    return []


@pytest_asyncio.fixture
async def http(stub: HttpStub, exchanges: list[Exchange]) -> AsyncIterator[Http]:
    client = Http(
        base_urls=stub.base_urls,
        policies={"cdn.example.org": POLICY},
        observe=exchanges.append,
        sleep=Waits(),
        monotonic=lambda: 0.0,
    )
    yield client
    await client.close()


async def ask(http: Http) -> bytes:
    return (await http.get(f"https://{OLD}", now=NOW, expect=Expect.CSV, params={"key": "secret"})).content


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_to_a_host_of_the_policy_is_followed_without_the_parameters(
    http: Http, stub: HttpStub, exchanges: list[Exchange], caplog: pytest.LogCaptureFixture, status: int
) -> None:
    stub.on(OLD, moved(f"https://{NEW}?x=1", status))
    stub.on(NEW, as_text("a\n1\n"))

    with caplog.at_level(logging.INFO):
        assert await ask(http) == b"a\n1\n"
        assert await ask(http) == b"a\n1\n"

    assert [seen.query for seen in stub.seen if seen.place == NEW] == [{"x": "1"}] * 2
    assert exchanges[0] == Exchange(f"https://{OLD}", 200, 0.0, None, f"https://{NEW}?x=1")
    assert caplog.text.count(f"{OLD} has moved to {NEW}") == 1
    assert "secret" not in caplog.text


async def test_a_redirect_within_the_host_is_followed(http: Http, stub: HttpStub) -> None:
    stub.on(OLD, moved("/c.csv"))
    stub.on("cdn.example.org/c.csv", as_text("a\n2\n"))
    assert await ask(http) == b"a\n2\n"


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.example.com/b.csv",
        "https://cdn-api.example.org.evil.example.com/b.csv",
        "http://cdn-api.example.org/b.csv",
        "https://cdn-api.example.org:8443/b.csv",
        "https://user:word@cdn-api.example.org/b.csv",
        "https://169.254.169.254/latest/meta-data",
        "https://127.0.0.1/b.csv",
        "https://[::1]/b.csv",
        "file:///etc/passwd",
        "//evil.example.com/b.csv",
        "https://[broken",
    ],
)
async def test_a_redirect_elsewhere_is_an_error_that_names_the_host(
    http: Http, stub: HttpStub, exchanges: list[Exchange], location: str
) -> None:
    stub.on(OLD, moved(location))

    with pytest.raises(HttpError, match=r"cdn\.example\.org/a\.csv (answered 307 and sends to|could not be asked)"):
        await ask(http)

    assert [seen.place for seen in stub.seen] == [OLD]
    assert exchanges[-1].failure is not None


async def test_a_circle_of_redirects_ends(http: Http, stub: HttpStub) -> None:
    stub.on(OLD, moved(f"https://{OLD}"))
    with pytest.raises(HttpError, match="more than 5 times"):
        await ask(http)
    assert stub.count(OLD) == 6


def test_a_host_without_a_list_sends_to_itself_alone() -> None:
    assert redirect_target("https://a.org/x", "/y", HostPolicy()) == "https://a.org/y"
    assert redirect_target("https://a.org/x", "https://b.org/y", HostPolicy()) is None


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("192.168.0.1", False),
        ("169.254.169.254", False),
        ("::1", False),
        ("fd00::1", False),
        ("fe80::1%eth0", False),
        ("localhost", False),
    ],
)
def test_addresses_of_private_networks_are_known(address: str, public: bool) -> None:
    assert is_public(address) is public


async def test_a_name_that_leads_to_this_machine_is_not_asked_unless_the_operator_named_it() -> None:
    with pytest.raises(OSError, match="localhost has no public address"):
        await public_resolver({}).resolve("localhost", 80)
    assert await public_resolver({"*": "http://localhost:1"}).resolve("localhost", 80)


async def test_the_client_asks_through_that_resolver(stub: HttpStub) -> None:
    """`localhost` stands for a source's host whose name leads into a private network; the stub would answer there."""
    stub.on("x.csv", as_text("a\n1\n"))
    client = Http(sleep=Waits(), monotonic=lambda: 0.0)
    with pytest.raises(HttpError, match="could not be reached"):
        await client.get(f"{stub.url.replace('127.0.0.1', 'localhost')}/x.csv", now=NOW, expect=Expect.CSV)
    await client.close()
    assert not stub.seen
