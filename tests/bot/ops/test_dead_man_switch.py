"""The dead-man's switch: held by a good check, silent without an address, and its failures said once."""

from __future__ import annotations

import asyncio

import pytest

from bot.ops.dead_man_switch import DeadManSwitch
from tests.support.http_stub import Reply, http_stub


async def pressed(switch: DeadManSwitch) -> None:
    switch.held()
    await asyncio.gather(*switch._tasks)


async def test_each_good_check_requests_the_address_and_a_failure_is_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with http_stub() as stub:
        stub.on("secret-uuid", Reply(b"OK"), Reply(b"", 500), Reply(b"", 500), Reply(b"OK"), Reply(b"", 404))
        switch = DeadManSwitch(f"{stub.url}/secret-uuid")
        for _ in range(5):
            await pressed(switch)
        assert stub.count("secret-uuid") == 5
    assert caplog.messages == [
        "127.0.0.1 was not told of a good check (it answered 500)",
        "127.0.0.1 was not told of a good check (it answered 404)",
    ]
    assert "secret-uuid" not in caplog.text


async def test_without_an_address_nothing_is_requested() -> None:
    switch = DeadManSwitch(None)
    switch.held()
    assert not switch._tasks
    await switch.close()
