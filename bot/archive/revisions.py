"""Revisions: the market as it was known after a session, with later corrections of its figures.

A figure keeps the instant since which its first version was known, so that no later figure is
included; only the content for the same day, period or filing is the newest known.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from bot.archive.date_encoding import dates, ordinals
from bot.archive.tables import dataset_tables
from bot.archive.tables.series_tables import same
from signals.core.datasets import DATASETS
from signals.core.market import FINAL_AFTER, Market

CORRECTED = ("funds", "options", "estimates", "surprises", "holdings")
"""Datasets in which a later row of the same key corrects the earlier one.

In the others it is new information (a new projection, a moved meeting), or the first row is final
(a filing).
"""


def corrected(db: sqlite3.Connection, market: Market) -> Market | None:
    """A market as known after its last session with what has been corrected since.

    None when nothing has.
    """
    days = market.days
    if not len(days):
        return None
    instant = int((market.ends[len(days) - 1] + FINAL_AFTER).timestamp())
    first, last = ordinals(days[[0, -1]]).tolist()
    close, adj_close = _prices(db, market, instant, first, last)
    series = dict(_series(db, market, instant, last))
    records = dict(_records(db, market, instant, last))
    if close is market.close and not series and not records:
        return None
    return replace(
        market,
        close=close,
        adj_close=adj_close,
        series={**market.series, **series},
        records={**market.records, **records},
    )


def _prices(
    db: sqlite3.Connection, market: Market, instant: int, first: int, last: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    sql = (
        "SELECT symbol, r.day, r.close, bar.adj, max(r.known_at) FROM bar_revision r JOIN ticker ON ticker.id = r.ticker_id "
        "JOIN bar ON bar.ticker_id = r.ticker_id AND bar.day = r.day "
        "WHERE r.known_at > :instant AND r.day BETWEEN :first AND :last GROUP BY r.ticker_id, r.day"
    )
    corrections = db.execute(sql, {"instant": instant, "first": first, "last": last}).fetchall()
    corrections = [row for row in corrections if row[0] in market.close.columns]
    if not corrections:
        return market.close, market.adj_close
    close, adj_close = market.close.copy(), market.adj_close.copy()
    for symbol, day, value, adjusted, _ in corrections:
        at = dates(np.array([day]))[0]
        close.loc[at, symbol], adj_close.loc[at, symbol] = value, np.nan if adjusted is None else adjusted
    return close, adj_close


def _series(db: sqlite3.Connection, market: Market, instant: int, last: int) -> Iterator[tuple[str, pd.DataFrame]]:
    """Series with a figure whose value has changed since: one row a date, with its newest value."""
    sql = (
        "SELECT name, day, value, max(known_at) FROM observation JOIN series ON series.id = series_id "
        "WHERE known_at > :instant AND day <= :last GROUP BY series_id, day"
    )
    later: dict[str, dict[pd.Timestamp, float]] = {}
    for name, day, value, _ in db.execute(sql, {"instant": instant, "last": last}):
        later.setdefault(name, {})[dates(np.array([day]))[0]] = value
    for name, newest in later.items():
        frame = market.series.get(name)
        if frame is None:
            continue
        known_values = frame.groupby(level=0)["value"].last()
        changed = {
            day: value
            for day, value in newest.items()
            if day in known_values.index and not same(known_values[day], value)
        }
        if changed:
            single = frame[~frame.index.duplicated()].copy()
            single["value"] = pd.Series({**known_values, **changed}).reindex(single.index)
            yield name, single


def _records(db: sqlite3.Connection, market: Market, instant: int, last: int) -> Iterator[tuple[str, pd.DataFrame]]:
    """Datasets with a row that has been corrected since: one row a key, with its newest content."""
    for name in CORRECTED:
        if name not in market.records:
            continue
        frame = market.records[name]
        key = list(DATASETS[name].key)
        later = dataset_tables.to_frame(name, dataset_tables.after(db, name, instant, until=last)).drop_duplicates(
            key, keep="last"
        )
        if later.empty:
            continue
        newest = frame.drop_duplicates(key, keep="last")
        corrections = later.merge(newest[key], on=key)
        if corrections.empty:
            continue
        since = frame.drop_duplicates(key)[[*key, "known_at"]]
        merged = pd.concat([newest, corrections]).drop_duplicates(key, keep="last")
        merged = merged.drop(columns="known_at").merge(since, on=key)[frame.columns]
        yield name, merged.sort_values("known_at", kind="stable", ignore_index=True)
