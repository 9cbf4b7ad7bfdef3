"""Reads and writes the price tables: one ticker at a time, inside the caller's transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from itertools import repeat

import numpy as np
import pandas as pd

from bot.archive.bar_history import EMPTY, BarHistory
from bot.archive.date_encoding import ordinals
from bot.archive.price_merge import MergePlan

_CLOSE = (
    "coalesce((SELECT r.close FROM bar_revision r WHERE r.ticker_id = b.ticker_id AND r.day = b.day "
    "ORDER BY r.known_at DESC LIMIT 1), b.close)"
)
_NEWEST = f"SELECT b.day, {_CLOSE}, b.adj FROM bar b WHERE b.ticker_id = :ticker ORDER BY b.day"  # noqa: S608 - a constant
_TAIL = f"""
SELECT day, close, adj FROM (
    SELECT b.day, {_CLOSE} AS close, b.adj FROM bar b
    WHERE b.ticker_id = (SELECT id FROM ticker WHERE symbol = :symbol) ORDER BY b.day DESC LIMIT :rows
) ORDER BY day
"""  # noqa: S608 - a constant
_OF_DAY = f"SELECT symbol, {_CLOSE} FROM ticker JOIN bar b ON b.ticker_id = ticker.id WHERE b.day = :day"  # noqa: S608


def ticker_id(db: sqlite3.Connection, symbol: str) -> int:
    """The id of a ticker, inserted if it is new."""
    db.execute("INSERT INTO ticker (symbol) VALUES (:symbol) ON CONFLICT DO NOTHING", {"symbol": symbol})
    return int(db.execute("SELECT id FROM ticker WHERE symbol = :symbol", {"symbol": symbol}).fetchone()[0])


def history(db: sqlite3.Connection, ticker: int) -> BarHistory:
    """The newest known rows of a ticker, oldest first; empty for one without bars."""
    return _history(db.execute(_NEWEST, {"ticker": ticker}).fetchall())


def tail(db: sqlite3.Connection, symbol: str, rows: int) -> BarHistory:
    """The newest `rows` known rows of a ticker, oldest first; empty for one without bars."""
    return _history(db.execute(_TAIL, {"symbol": symbol, "rows": rows}).fetchall())


def closes_on(db: sqlite3.Connection, day: int) -> dict[str, float]:
    """The newest known close of every ticker on a day (ordinal)."""
    return dict(db.execute(_OF_DAY, {"day": day}))


def _history(rows: list[tuple[int, float, float | None]]) -> BarHistory:
    if not rows:
        return EMPTY
    table = np.array(rows, dtype=float)
    return BarHistory(table[:, 0].astype(np.int64), table[:, 1].copy(), table[:, 2].copy())


def from_frame(frame: pd.DataFrame) -> BarHistory:
    """The columns `close` and, if there, `adj_close` of a source's frame.

    Rows without a close are left out.
    """
    closes = frame["close"].to_numpy(dtype=float)
    adj = frame["adj_close"].to_numpy(dtype=float) if "adj_close" in frame else np.full(len(frame), np.nan)
    bars = BarHistory(ordinals(pd.DatetimeIndex(frame.index)), closes, adj)
    return bars.where(np.isfinite(closes))


def insert(db: sqlite3.Connection, ticker: int, rows: BarHistory, batch: int) -> None:
    """Insert bars that are not there yet."""
    db.executemany(
        "INSERT INTO bar (ticker_id, day, close, adj, batch) VALUES (?, ?, ?, ?, ?)",
        zip(repeat(ticker), rows.days.tolist(), rows.closes.tolist(), nulls(rows.adj), repeat(batch)),
    )


def nulls(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Iterable[float | None]:
    """Floats for SQLite, None for NaN. Arrays without NaN take a faster path."""
    if not np.isnan(values).any():
        return values.tolist()
    return [None if value != value else value for value in values.tolist()]


def apply(db: sqlite3.Connection, ticker: int, plan: MergePlan, *, batch: int, known_at: int) -> None:
    """Write a plan; `known_at` is the instant from which its corrections and late bars count as known."""
    if plan.factor != 1.0:
        _rescale(db, ticker, plan)
    if plan.adj_factor != 1.0:
        db.execute(
            "UPDATE bar SET adj = adj * :factor WHERE ticker_id = :ticker AND day < :day",
            {"factor": plan.adj_factor, "ticker": ticker, "day": plan.adj_before},
        )
    insert(db, ticker, plan.new, batch)
    late = plan.new.where(plan.late)
    _revise(db, ticker, late, batch=batch, known_at=known_at)
    _carry_adj(db, ticker, plan.revised)
    _revise(db, ticker, plan.revised, batch=batch, known_at=known_at)
    db.executemany(
        "UPDATE bar SET adj = ? WHERE ticker_id = ? AND day = ?",
        zip(plan.adj.adj.tolist(), repeat(ticker), plan.adj.days.tolist()),
    )


def _rescale(db: sqlite3.Connection, ticker: int, plan: MergePlan) -> None:
    keys = {"factor": plan.factor, "ticker": ticker, "until": plan.scaled_until}
    where = "WHERE ticker_id = :ticker AND day <= :until"
    db.execute(f"UPDATE bar SET close = close * :factor, adj = adj * :factor {where}", keys)  # noqa: S608
    db.execute(f"UPDATE bar_revision SET close = close * :factor {where}", keys)  # noqa: S608
    db.executemany(
        "UPDATE bar SET close = ? WHERE ticker_id = ? AND day = ? AND NOT EXISTS "
        "(SELECT 1 FROM bar_revision r WHERE r.ticker_id = bar.ticker_id AND r.day = bar.day)",
        zip(plan.exact.closes.tolist(), repeat(ticker), plan.exact.days.tolist()),
    )


def _revise(db: sqlite3.Connection, ticker: int, rows: BarHistory, *, batch: int, known_at: int) -> None:
    """Insert revisions; a second one that counts from the same instant is dated one second after
    the first.
    """
    for day, close in zip(rows.days.tolist(), rows.closes.tolist(), strict=True):
        db.execute(
            "INSERT INTO bar_revision (ticker_id, day, known_at, close, batch) VALUES (:ticker, :day, max(:known_at, coalesce("
            "(SELECT max(known_at) + 1 FROM bar_revision WHERE ticker_id = :ticker AND day = :day), 0)), :close, :batch)",
            {"ticker": ticker, "day": day, "known_at": known_at, "close": close, "batch": batch},
        )


def _carry_adj(db: sqlite3.Connection, ticker: int, revised: BarHistory) -> None:
    """A corrected close without an adjusted one keeps the ratio of both."""
    bare = revised.where(np.isnan(revised.adj))
    if not len(bare.days):
        return
    stored = history(db, ticker)
    old = stored.closes[np.searchsorted(stored.days, bare.days)]
    for day, close, before in zip(bare.days.tolist(), bare.closes.tolist(), old.tolist(), strict=True):
        if before:
            db.execute(
                "UPDATE bar SET adj = adj * :ratio WHERE ticker_id = :ticker AND day = :day",
                {"ratio": close / before, "ticker": ticker, "day": day},
            )
