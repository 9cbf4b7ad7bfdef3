"""What was corrected after a session: the market as it was known then, with today's figures in place.

A figure keeps the instant since which its first version was known, so nothing that came out later is let in; only what is said
of the same day, period or filing is the newest that anybody knows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from bot.archive import tables_datasets
from bot.archive.date_encoding import dates, ordinals
from bot.archive.tables_series import same
from signals.core.datasets import DATASETS
from signals.core.market import FINAL_AFTER, Market

CORRECTED = ("funds", "options", "estimates", "surprises", "holdings")
"""Datasets in which a later row of the same key corrects the earlier one. In the others it is news (a new projection, a moved
meeting), or the first one stands for good (a filing)."""


def corrected(db: sqlite3.Connection, known: Market) -> Market | None:
    """A market as known after its last session with what has been corrected since; None when nothing has."""
    days = known.days
    if not len(days):
        return None
    instant = int((known.ends[len(days) - 1] + FINAL_AFTER).timestamp())
    first, last = ordinals(days[[0, -1]]).tolist()
    close, adj_close = _prices(db, known, instant, first, last)
    series = dict(_series(db, known, instant, last))
    told = dict(_records(db, known, instant, last))
    if close is known.close and not series and not told:
        return None
    return replace(
        known, close=close, adj_close=adj_close, series={**known.series, **series}, records={**known.records, **told}
    )


def _prices(
    db: sqlite3.Connection, known: Market, instant: int, first: int, last: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    sql = (
        "SELECT symbol, r.day, r.close, bar.adj, max(r.known_at) FROM bar_revision r JOIN ticker ON ticker.id = r.ticker_id "
        "JOIN bar ON bar.ticker_id = r.ticker_id AND bar.day = r.day "
        "WHERE r.known_at > :instant AND r.day BETWEEN :first AND :last GROUP BY r.ticker_id, r.day"
    )
    found = db.execute(sql, {"instant": instant, "first": first, "last": last}).fetchall()
    found = [row for row in found if row[0] in known.close.columns]
    if not found:
        return known.close, known.adj_close
    close, adj_close = known.close.copy(), known.adj_close.copy()
    for symbol, day, value, adjusted, _ in found:
        at = dates(np.array([day]))[0]
        close.loc[at, symbol], adj_close.loc[at, symbol] = value, np.nan if adjusted is None else adjusted
    return close, adj_close


def _series(db: sqlite3.Connection, known: Market, instant: int, last: int) -> Iterator[tuple[str, pd.DataFrame]]:
    """Series of which a figure that was known has another value by now: one row a date, with its newest value."""
    sql = (
        "SELECT name, day, value, max(known_at) FROM observation JOIN series ON series.id = series_id "
        "WHERE known_at > :instant AND day <= :last GROUP BY series_id, day"
    )
    later: dict[str, dict[pd.Timestamp, float]] = {}
    for name, day, value, _ in db.execute(sql, {"instant": instant, "last": last}):
        later.setdefault(name, {})[dates(np.array([day]))[0]] = value
    for name, newest in later.items():
        frame = known.series.get(name)
        if frame is None:
            continue
        told = frame.groupby(level=0)["value"].last()
        changed = {day: value for day, value in newest.items() if day in told.index and not same(told[day], value)}
        if changed:
            single = frame[~frame.index.duplicated()].copy()
            single["value"] = pd.Series({**told, **changed}).reindex(single.index)
            yield name, single


def _records(db: sqlite3.Connection, known: Market, instant: int, last: int) -> Iterator[tuple[str, pd.DataFrame]]:
    """Datasets of which a row that was known has been corrected: one row a key, with its newest content."""
    for name in CORRECTED:
        if name not in known.records:
            continue
        frame = known.records[name]
        key = list(DATASETS[name].key)
        later = tables_datasets.to_frame(name, tables_datasets.after(db, name, instant, until=last)).drop_duplicates(
            key, keep="last"
        )
        if later.empty:
            continue
        newest = frame.drop_duplicates(key, keep="last")
        again = later.merge(newest[key], on=key)
        if again.empty:
            continue
        since = frame.drop_duplicates(key)[[*key, "known_at"]]
        whole = pd.concat([newest, again]).drop_duplicates(key, keep="last")
        whole = whole.drop(columns="known_at").merge(since, on=key)[frame.columns]
        yield name, whole.sort_values("known_at", kind="stable", ignore_index=True)
