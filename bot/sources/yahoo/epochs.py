"""Yahoo's instants: seconds since 1970, which may be any number that somebody wrote there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pandas as pd

from bot.sources.parsing.cells import BadCellError, number

_MOST_SECONDS = 4_102_444_800
"""The beginning of 2100."""


def instant(seconds: float) -> datetime:
    """The instant, in Universal Time. Raises BadCellError when it lies before 1970 or after 2099."""
    if not 0 <= seconds < _MOST_SECONDS:
        raise BadCellError(f"{seconds!s:.40} is no instant")
    return datetime.fromtimestamp(seconds, UTC)


def last_trade(value: Any) -> datetime | None:
    """The instant of the last trade in the head of a chart, which yfinance may have converted; None for none."""
    if isinstance(value, datetime):
        return None if pd.isna(value) or value.tzinfo is None else value
    try:
        seconds = number(value)
        return None if seconds is None else instant(seconds)
    except BadCellError:
        return None
