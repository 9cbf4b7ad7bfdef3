"""When a registration of commands is tried again."""

from __future__ import annotations

import sqlite3
from unittest.mock import Mock

import aiohttp
import discord
import pytest

from bot.discord_app.command_registration import Failure, pause_after


def refused(status: int) -> discord.HTTPException:
    return discord.HTTPException(Mock(status=status, reason="no"), {"code": 0, "message": "no"})


@pytest.mark.parametrize(
    ("error", "failures", "seconds"),
    [
        (discord.RateLimited(900.0), 1, 900.0),
        (discord.RateLimited(31.0), 1, 60.0),
        (discord.RateLimited(900.0), 20, 3600.0),
        (refused(403), 1, 60.0),
        (refused(503), 2, 120.0),
        (sqlite3.OperationalError("database or disk is full"), 3, 240.0),
        (aiohttp.ClientConnectionError(), 1, 60.0),
        (refused(400), 1, None),
        (refused(401), 1, None),
    ],
)
def test_the_wait_is_discords_or_our_own_whichever_is_longer(
    error: Failure, failures: int, seconds: float | None
) -> None:
    assert pause_after(error, failures) == seconds
