"""A web firewall answers with 202 and a page of its own instead of the file (koala73/worldmonitor#7723)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.errors import SourceError
from bot.sources.http.http_client import Http
from bot.sources.http.responses import Expect
from tests.support import Reply, Waits, http_stub

CHALLENGE = b"<!DOCTYPE html><html><body>challenge</body></html>"


@pytest.mark.parametrize(("status", "body"), [(202, CHALLENGE), (202, b""), (204, b"")])
async def test_neither_a_page_nor_an_empty_body_is_taken_for_the_file(status: int, body: bytes) -> None:
    async with http_stub() as stub:
        stub.on("cdn.cboe.com/x.csv", Reply(body, status, {"Content-Type": "text/html"}))
        http = Http(contact="ada@example.org", base_urls=stub.base_urls, sleep=Waits(), monotonic=lambda: 0.0)
        with pytest.raises(SourceError, match=r"cdn\.cboe\.com/x\.csv"):
            await http.get("https://cdn.cboe.com/x.csv", now=datetime(2026, 9, 3, tzinfo=UTC), expect=Expect.CSV)
        await http.close()
