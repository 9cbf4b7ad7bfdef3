"""Yahoo's instants: seconds since 1970, which may be any number that somebody wrote there."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.sources.parsing.cells import BadCellError

_MOST_SECONDS = 4_102_444_800
"""The beginning of 2100."""


def instant(seconds: float) -> datetime:
    """The instant, in Universal Time. Raises BadCellError when it lies before 1970 or after 2099."""
    if not 0 <= seconds < _MOST_SECONDS:
        raise BadCellError(f"{seconds!s:.40} is no instant")
    return datetime.fromtimestamp(seconds, UTC)
