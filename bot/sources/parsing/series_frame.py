"""Rows of a series as a frame of `Fetched.observations`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import pandas as pd

KNOWN_AT = "datetime64[ns, UTC]"
Row = tuple[date, float, datetime | None]
"""Date described, value, and when it became public (None: by the rule of `signals.asof.series`)."""


def frame(rows: Iterable[Row]) -> pd.DataFrame:
    """Columns `value` (float) and `known_at` (datetime64[ns, UTC], NaT for None), index `observed` ascending.

    Of rows with the same date and `known_at` the last one is used. No rows give an empty frame of
    the same types.
    """
    unique = {(observed, known_at): value for observed, value, known_at in rows}
    ordered = sorted(unique.items(), key=lambda item: _order(item[0]))
    instants = pd.Series([pd.NaT if key[1] is None else pd.Timestamp(key[1]) for key, _ in ordered], dtype=KNOWN_AT)
    observed = pd.DatetimeIndex([pd.Timestamp(key[0]) for key, _ in ordered], name="observed").as_unit("ns")
    values = pd.Series([value for _, value in ordered], dtype="float64")
    return pd.DataFrame({"value": values.to_numpy(), "known_at": instants.array}, index=observed)


def _order(key: tuple[date, datetime | None]) -> tuple[date, float]:
    observed, known_at = key
    return observed, float("-inf") if known_at is None else known_at.timestamp()
