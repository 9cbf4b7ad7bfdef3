"""A pack as a Market in memory, equal to the archive's market after importing the pack."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from bot.archive import dataset_merge
from bot.archive.date_encoding import ordinals
from bot.archive.tables import dataset_tables, member_tables, series_tables
from bot.archive.tables.series_tables import same
from bot.calendar.clock import Calendar
from bot.market_pack.reader import Pack
from signals.core.market import FINAL_AFTER, Market


def pack_market(pack: Pack, calendar: Calendar) -> Market:
    """The market on the pack's last session with the whole content of the pack, revisions included.

    `calendar` must cover the pack and one session beyond; else ValueError.
    """
    last = pack.close.index[-1]
    begin = int(calendar.sessions.searchsorted(pack.close.index[0]))
    end = int(calendar.sessions.searchsorted(last, side="right"))
    if end >= len(calendar.sessions):
        raise ValueError(
            f"the calendar ends on {calendar.sessions[-1].date()}; it must reach one session beyond the pack"
        )
    sessions, ends = calendar.sessions[begin : end + 1], calendar.closes[begin : end + 1]
    close, adj = _prices(pack, sessions[:-1])
    newest = max(pack.universes, key=lambda listed: listed[0])[1] if pack.universes else []
    series = dict(_series(pack, last))
    ids = [*close.columns, *series]
    return Market(
        sessions=sessions,
        ends=ends,
        last=sessions[-2],
        close=close,
        adj_close=adj,
        series=series,
        universe=member_tables.to_frame(newest),
        sources=dict.fromkeys(ids, pack.name),
        records=dict(_records(pack, int((ends[-2] + FINAL_AFTER).timestamp()))),
        # A pack says nothing of when its figures were fetched; it was made after its last session.
        fetched_at={
            name: pd.Series(ends[-2] + FINAL_AFTER, index=frame.index.unique()) for name, frame in series.items()
        },
    )


def _records(pack: Pack, public: int) -> Iterator[tuple[str, pd.DataFrame]]:
    """Each dataset's rows that were public at an instant; a row without `known_at` is left out."""
    for name, dataset_rows in pack.records.items():
        dated = [replace(row, source=row.source or pack.name) for row in dataset_rows if row.known_at]
        rows = dataset_merge.changes(name, (), dated, fetched_at=public).rows
        if public_rows := dataset_merge.in_order(name, [row for row in rows if row.known_at <= public]):
            yield name, dataset_tables.to_frame(name, public_rows)


def _prices(pack: Pack, days: pd.DatetimeIndex) -> tuple[pd.DataFrame, pd.DataFrame]:
    close, adj = pack.close.reindex(days), pack.adj_close.reindex(days)
    for row in pack.revisions:
        if row.kind == "close" and days[0].date() <= row.day <= days[-1].date():
            close.loc[pd.Timestamp(row.day), row.id] = row.value
    filled = close.columns[close.notna().any()]
    if len(filled) < close.shape[1]:
        close, adj = close[filled], adj[filled]
    return close, adj


def _series(pack: Pack, last: pd.Timestamp) -> Iterator[tuple[str, pd.DataFrame]]:
    """Each series' frame: the wide values undated, the revisions with their instants, by date and
    then by instant.
    """
    dated: dict[str, dict[int, list[tuple[int, float]]]] = defaultdict(lambda: defaultdict(list))
    for row in pack.revisions:
        if row.kind == "series":
            dated[row.id][row.day.toordinal()].append((row.known_at, row.value))
    days = ordinals(pd.DatetimeIndex(pack.series.index))
    limit = int(ordinals(pd.DatetimeIndex([last]))[0])
    for name in pack.series.columns:
        values = pack.series[name].to_numpy(dtype=float)
        later = dated.get(name, {})
        repeated = [
            day for day, value in zip(days.tolist(), values.tolist(), strict=True) if _repeats(value, later.get(day))
        ]
        plain = np.isfinite(values) & ~np.isin(days, repeated)
        rows = [
            (float(day), 0.0, value) for day, value in zip(days[plain].tolist(), values[plain].tolist(), strict=True)
        ]
        rows += [(float(day), float(at), value) for day, pairs in later.items() for at, value in pairs]
        table = np.array(sorted(row for row in rows if row[0] <= limit), dtype=float).reshape(-1, 3)
        if len(table):
            yield name, series_tables.to_frame(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2])


def _repeats(value: float, later: list[tuple[int, float]] | None) -> bool:
    """Whether the oldest revision repeats the wide value, and so only has the instant at which it
    became known.
    """
    return bool(later) and later is not None and value == value and same(value, later[0][1])
