"""What the tries that discord.py makes of one request by itself leave open.

It repeats a request up to four times, after errors of Discord's servers and rate limits, and shows only how the last try
ended. An earlier one may have posted the message.
"""

from __future__ import annotations

import asyncio

import aiohttp

NOT_CONNECTED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
"""A try that ended with one of these sent nothing."""


class RequestTries:
    """Follows the tries of one request, as its client middleware.

    Attributes:
        left_open: Whether a try before the last one may have done what was asked.
    """

    def __init__(self) -> None:
        self.left_open = False
        self._open = self._given_up = False
        self._under_way: asyncio.Timeout | None = None
        self._response: aiohttp.ClientResponse | None = None

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Make one try."""
        if self._given_up:
            raise TimeoutError("nobody waits for the answer any more")
        self.left_open = self.left_open or self._open
        self._open = True
        async with asyncio.timeout(None) as self._under_way:
            try:
                self._response = await handler(request)
            except NOT_CONNECTED:
                self._open = False
                raise
            finally:
                self._under_way = None
        # Only what was refused was certainly not done.
        self._open = not 400 <= self._response.status < 500
        return self._response

    def give_up(self) -> None:
        """End the try that is under way, and let no further one begin.

        Whatever discord.py waits for between two tries goes on.
        """
        self._given_up = True
        if self._under_way is not None:
            self._under_way.reschedule(asyncio.get_running_loop().time())
        elif self._response is not None:
            self._response.close()
