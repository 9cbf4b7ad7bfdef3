"""Discord's time, as every answer to a request of discord.py says it in its `Date` header."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from types import SimpleNamespace

import aiohttp

from bot.calendar.discord_clock import DiscordClock


def date_trace(clock: DiscordClock) -> aiohttp.TraceConfig:
    """What tells the clock of each answer; for the `http_trace` of a client."""

    async def read_date(
        session: aiohttp.ClientSession, context: SimpleNamespace, parameters: aiohttp.TraceRequestEndParams
    ) -> None:
        try:
            date = parsedate_to_datetime(parameters.response.headers.get("Date", ""))
        except ValueError:
            return
        if date.tzinfo is not None:
            clock.learn(date)

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(read_date)
    return trace
