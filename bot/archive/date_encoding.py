"""Dates and instants as the integers that market.db stores: proleptic ordinals and epoch seconds."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from bot.calendar.clock import Calendar

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.int64]

EPOCH_ORDINAL = 719163
"""date(1970, 1, 1).toordinal()"""


def ordinals(index: pd.DatetimeIndex) -> Days:
    """Naive dates as ordinals."""
    return index.to_numpy().astype("datetime64[D]").astype(np.int64) + EPOCH_ORDINAL


def dates(days: Days) -> pd.DatetimeIndex:
    """Ordinals as naive midnights."""
    return pd.DatetimeIndex((days - EPOCH_ORDINAL).astype("datetime64[D]").astype("datetime64[ns]"))


def seconds(stamps: pd.Series) -> Days:
    """Aware instants as epoch seconds; 0 (known by rule) where missing."""
    aware = pd.to_datetime(stamps, utc=True)
    result: Days = aware.dt.as_unit("s").to_numpy(dtype="datetime64[s]").astype(np.int64)
    return np.where(aware.isna().to_numpy(), 0, result)


def instants(known_at: Days) -> pd.DatetimeIndex:
    """Epoch seconds as aware UTC instants with nanosecond resolution, NaT for 0."""
    stamps = known_at.astype("datetime64[s]").astype("datetime64[ns]")
    stamps[known_at == 0] = np.datetime64("NaT")
    return pd.DatetimeIndex(stamps).tz_localize("UTC")


def knowable_at(fetched_at: datetime, calendar: Calendar) -> int:
    """The instant from which data fetched at `fetched_at` counts as known, epoch seconds.

    Between a session's final instant and the next opening it is that final instant, because the
    readings of the evening use the data; during a session it is `fetched_at` itself. A past session
    computed later therefore uses the data that was used then.
    """
    fetched_at = fetched_at.astimezone(UTC)
    if calendar.running(fetched_at) is not None:
        return int(fetched_at.timestamp())
    try:
        return int(calendar.final_at(calendar.last_final(fetched_at)).timestamp())
    except ValueError:
        return int(fetched_at.timestamp())
