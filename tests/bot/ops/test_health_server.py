"""Health pages, asked over HTTP."""

from __future__ import annotations

import asyncio
import socket
from datetime import timedelta

import aiohttp
import pandas as pd
import pytest

from bot.domain.fetched import Health, HealthState
from bot.errors import UserError
from bot.ingest.status import IngestStatus, SourceStatus
from bot.ops import health_server
from bot.ops.metrics import HealthSnapshot
from bot.readings.state import ReadingState, Snapshot
from tests.helpers import utc

NOW = utc("2026-01-13 21:30")
PORT = 18417


async def get(path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{PORT}{path}") as answer:
        return answer.status, await answer.text()


@pytest.mark.parametrize(
    ("late", "connected", "computed", "livez", "readyz"),
    [(0, True, True, 200, 200), (121, True, True, 503, 200), (0, False, True, 200, 503), (0, True, False, 200, 503)],
)
async def test_they_say_whether_it_lives_and_is_ready(
    late: int, connected: bool, computed: bool, livez: int, readyz: int
) -> None:
    readings = ReadingState()
    if computed:
        readings.put(Snapshot(NOW.date(), {}, pd.DataFrame(), NOW))

    async def pulse() -> HealthSnapshot:
        return HealthSnapshot(NOW, NOW - timedelta(seconds=late), connected, waiting=2, alerts=7)

    async with health_server.served("127.0.0.1", PORT, readings, IngestStatus(), pulse):
        assert (await get("/livez"))[0] == livez
        assert (await get("/readyz"))[0] == readyz


async def test_metrics_count_alerts_messages_and_failing_sources() -> None:
    readings = ReadingState(last_check=NOW)
    failing = Health(HealthState.FAILING, failures=3)
    ingest = IngestStatus(
        sources=(
            SourceStatus("yahoo", Health(HealthState.OK), None, None),
            SourceStatus("fred", failing, None, None),
        )
    )

    async def pulse() -> HealthSnapshot:
        return HealthSnapshot(NOW, NOW, True, waiting=2, alerts=7)

    async with health_server.served("127.0.0.1", PORT, readings, ingest, pulse):
        status, text = await get("/metrics")
    assert status == 200
    assert "rotation_bot_alerts 7.0" in text
    assert "rotation_bot_messages_waiting 2.0" in text
    assert 'rotation_bot_source_up{source="fred"} 0.0' in text
    assert 'rotation_bot_source_up{source="yahoo"} 1.0' in text


async def test_a_port_that_another_program_has_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            UserError, match=rf"^Port {port} of this machine is in use by another program\. Choose another"
        ):
            async with health_server.served("127.0.0.1", port, ReadingState(), IngestStatus(), _never):
                pass


async def _never() -> HealthSnapshot:
    raise AssertionError("nobody has asked")


async def test_half_a_request_is_not_waited_for_for_ever() -> None:
    async def pulse() -> HealthSnapshot:
        return HealthSnapshot(NOW, NOW, True, waiting=2, alerts=7)

    async with health_server.served("127.0.0.1", PORT, ReadingState(), IngestStatus(), pulse, round_seconds=0.05):
        half = [await asyncio.open_connection("127.0.0.1", PORT) for _ in range(20)]
        for _, writer in half:
            writer.write(b"GET /livez HTTP/1.1\r\nHost: ")
        async with asyncio.timeout(10):
            assert [await reader.read() for reader, _ in half] == [b""] * 20
        assert (await get("/livez"))[0] == 200
