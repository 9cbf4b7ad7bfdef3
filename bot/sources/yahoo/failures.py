"""Failures of requests to Yahoo, one class for each way of handling them.

They cross from Yahoo's process to ours, so that each can be made of its sentence alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bot.errors import SourceError


class YahooError(SourceError):
    """Base of the classes below; the text is a sentence without an address."""


class AnsweredError(YahooError):
    """Yahoo answered, so that the host is well; what it sent is of no use."""


class UnknownTickerError(AnsweredError):
    """Yahoo does not know the ticker, for now or any more."""


class NoBarsError(AnsweredError):
    """The ticker exists and has nothing in the window."""


class RateLimitedError(YahooError):
    """Too many requests, also at the second attempt.

    `retry_after`: seconds from the header, or None.
    """

    def __init__(self, sentence: str, retry_after: float | None = None) -> None:
        super().__init__(sentence, retry_after=retry_after, rate_limited=True)


class BrokenResponseError(YahooError):
    """No usable response. `again`: another try may help.

    `counts`: it counts as a failure of the host.
    """

    def __init__(self, sentence: str, *, again: bool = False, counts: bool = True) -> None:
        super().__init__(sentence)
        self.again = again
        self.counts = counts


class CredentialsRefusedError(OSError):
    """No cookie or crumb for now.

    An OSError, because yfinance then continues without them, as charts can.
    """


@contextmanager
def only_this_answer() -> Iterator[None]:
    """What cannot be read in the block concerns this answer alone and not the host, which gives prices as well."""
    try:
        yield
    except AnsweredError:
        raise
    except SourceError as error:
        raise AnsweredError(str(error)) from None
