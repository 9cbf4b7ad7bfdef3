"""Requests an address after every good check, so that a service elsewhere notices when there is none any more."""

from __future__ import annotations

import asyncio
import logging
from urllib.parse import urlsplit

import aiohttp

log = logging.getLogger(__name__)

SECONDS = 10.0


class DeadManSwitch:
    """Holds the switch of one address; without an address it does nothing.

    The address is a secret of its service: logs name its host alone.
    """

    def __init__(self, url: str | None) -> None:
        self._url = url
        self._failed = False
        self._tasks: set[asyncio.Task[None]] = set()

    def held(self) -> None:
        """There was a good check: request the address, without waiting for the answer."""
        if self._url is None or self._tasks:
            return
        task = asyncio.create_task(self._request(self._url), name="ping")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Give up a request under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _request(self, url: str) -> None:
        try:
            timeout = aiohttp.ClientTimeout(total=SECONDS)
            async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as answer:
                problem = None if answer.status < 400 else f"it answered {answer.status}"
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            problem = type(error).__name__
        if problem is not None and not self._failed:
            log.warning("%s was not told of a good check (%s)", urlsplit(url).hostname, problem)
        self._failed = problem is not None
