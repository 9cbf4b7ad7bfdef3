"""Duties that fail keep no other from being done, and are known until they succeed."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import pytest

from bot.ops.duties import Duties, FailingDuty
from tests.helpers import utc

NOW = utc("2026-01-13 21:30")
LATER = NOW + timedelta(seconds=5)


async def nothing() -> None: ...


async def refused(reason: str) -> None:
    raise ValueError(reason)


async def test_a_duty_that_fails_is_known_from_its_first_failure_with_the_reason_of_its_last(
    caplog: pytest.LogCaptureFixture,
) -> None:
    duties = Duties()
    with caplog.at_level(logging.INFO):
        await duties.attempt("copy", lambda: refused("no"), NOW)
        await duties.attempt("copy", lambda: refused("no"), LATER)
        await duties.attempt("fetch", nothing, LATER)
        assert [*duties.failing.values()] == [FailingDuty("copy", NOW, "no")]
        await duties.attempt("copy", lambda: refused(""), LATER)
        assert [*duties.failing.values()] == [FailingDuty("copy", NOW, "ValueError")]
        await duties.attempt("copy", nothing, LATER)
    assert duties.failing == {}
    assert caplog.messages == ["could not copy", "could not copy", "could copy again"]
    assert [record.exc_info is not None for record in caplog.records] == [True, True, False]


async def test_a_cancellation_is_no_failure() -> None:
    async def cancelled() -> None:
        raise asyncio.CancelledError

    duties = Duties()
    with pytest.raises(asyncio.CancelledError):
        await duties.attempt("fetch", cancelled, NOW)
    assert duties.failing == {}
