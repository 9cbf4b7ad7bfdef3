"""Stores fetched data in the archive: no row twice; only adjusted closes are overwritten."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from bot.archive import request_log, tables_datasets, tables_members, tables_prices, tables_series
from bot.archive.dataset_merge import DatasetRow
from bot.archive.date_encoding import knowable_at, ordinals
from bot.archive.outlier_detection import Days
from bot.archive.price_merge import BarHistory, MergePlan, Rules, UnconfirmedBar, plan
from bot.calendar.clock import Calendar
from bot.domain.fetched import Fetched

FINAL_AFTER_SECONDS = 20 * 60


@dataclass(slots=True)
class StoredCounts:
    """What storing changed; all zero and empty when everything was stored already.

    Attributes:
        bars: New bars.
        late: New bars that came later than they should have.
        revisions: Corrected closes.
        observations: New or newly dated observations of series.
        observation_revisions: Corrected observations.
        records: New rows of datasets.
        record_revisions: Those of them that correct a row.
        universe: Whether a new list of members was stored.
        rescaled: Tickers whose stored history was rescaled after a split or re-basing of the source.
        readjusted: Tickers whose adjusted closes were replaced.
        unjoined: Tickers whose new bars do not overlap the stored ones: their whole history must be
            fetched again.
        suspicious: Ticker -> sentence, bars held back until a second fetch confirms them.
    """

    bars: int = 0
    late: int = 0
    revisions: int = 0
    observations: int = 0
    observation_revisions: int = 0
    records: int = 0
    record_revisions: int = 0
    universe: bool = False
    rescaled: list[str] = field(default_factory=list)
    readjusted: list[str] = field(default_factory=list)
    unjoined: list[str] = field(default_factory=list)
    suspicious: dict[str, str] = field(default_factory=dict)


Batch = Callable[[], int]
"""Gives the id of the batch being stored.

Its row is inserted at the first change, so that no change leaves no row.
"""


def batch_maker(db: sqlite3.Connection, source: str, fetched_at: datetime) -> Batch:
    """A batch whose row is inserted when its id is first needed."""

    @cache
    def batch() -> int:
        values = {"source": source, "at": int(fetched_at.timestamp())}
        cursor = db.execute("INSERT INTO batch (source, fetched_at) VALUES (:source, :at)", values)
        return int(cursor.lastrowid or 0)

    return batch


def store(db: sqlite3.Connection, fetched: Fetched, calendar: Calendar, *, live: bool) -> StoredCounts:
    """Store fetched data inside the caller's transaction.

    Bars of the running session and of no session are left out.
    """
    counts = StoredCounts()
    batch = batch_maker(db, fetched.source, fetched.fetched_at)
    batches = {fetched.source: batch}

    def batch_of(source: str) -> int:
        source = source or fetched.source
        return batches.setdefault(source, batch_maker(db, source, fetched.fetched_at))()

    known_at = knowable_at(fetched.fetched_at, calendar)
    writer = BarWriter(
        db, batch, known_at=known_at, fetched_at=fetched.fetched_at, live=live, counts=counts, calendar=calendar
    )
    for symbol, frame in fetched.bars.items():
        rows = tables_prices.from_frame(_final(frame, fetched, calendar))
        writer.write(symbol, rows, _splits(fetched.splits.get(symbol)))
    for name, frame in fetched.observations.items():
        observations = tables_series.from_frame(frame)
        overdue = request_log.overdue(db, name, calendar, known_at)
        write_observations(db, name, observations, batch, known_at=known_at, live=live, counts=counts, overdue=overdue)
    for name, frame in fetched.records.items():
        records = tables_datasets.from_frame(name, frame)
        write_records(db, name, records, batch_of, fetched_at=fetched.fetched_at, counts=counts)
    if live:
        request_log.record(db, (*fetched.bars, *fetched.observations, *fetched.missing), fetched.fetched_at, calendar)
    if fetched.universe is not None and len(fetched.universe):
        write_members(db, tables_members.rows_of(fetched.universe), batch, known_at=known_at, counts=counts)
    return counts


def _final(frame: pd.DataFrame, fetched: Fetched, calendar: Calendar) -> pd.DataFrame:
    index = pd.DatetimeIndex(frame.index)
    keep = index.isin(calendar.sessions)
    if fetched.partial_day is not None:
        keep &= index != pd.Timestamp(fetched.partial_day)
    return frame[keep]


def _splits(splits: pd.Series | None) -> tuple[tuple[int, float], ...]:
    if splits is None or not len(splits):
        return ()
    days = ordinals(pd.DatetimeIndex(splits.index)).tolist()
    return tuple(
        (day, float(factor)) for day, factor in zip(days, splits.tolist(), strict=True) if factor and factor > 0
    )


@dataclass(frozen=True, slots=True)
class BarWriter:
    """Writes the bars of one batch."""

    db: sqlite3.Connection
    batch: Batch
    known_at: int
    fetched_at: datetime
    live: bool
    counts: StoredCounts
    calendar: Calendar | None = None

    def write(self, symbol: str, rows: BarHistory, splits: tuple[tuple[int, float], ...] = ()) -> None:
        """Merge one ticker's fetched rows into the archive."""
        if not len(rows.days):
            return
        ticker = tables_prices.ticker_id(self.db, symbol)
        stored = tables_prices.history(self.db, ticker)
        suspect = self._suspect(symbol)
        rules = Rules(self.live, splits, self._last_request(ticker), self._confirmed_until(suspect, rows))
        change = plan(stored, rows, rules)
        self._update_suspect(symbol, suspect, change.unconfirmed)
        if not change.changes:
            return
        change = replace(change, late=change.late & self._was_due(change.new.days))
        tables_prices.apply(self.db, ticker, change, batch=self.batch(), known_at=self.known_at)
        self._count(symbol, change)

    def _last_request(self, ticker: int) -> int:
        return int(self.db.execute("SELECT looked FROM ticker WHERE id = :id", {"id": ticker}).fetchone()[0])

    def _suspect(self, symbol: str) -> tuple[int, float, int] | None:
        sql = "SELECT day, close, fetched_at FROM suspect WHERE symbol = :symbol"
        row = self.db.execute(sql, {"symbol": symbol}).fetchone() if self.live else None
        return (int(row[0]), float(row[1]), int(row[2])) if row else None

    def _confirmed_until(self, suspect: tuple[int, float, int] | None, rows: BarHistory) -> int:
        """The suspicious bar's day if this later fetch gives the same close again, else 0."""
        if suspect is None or int(self.fetched_at.timestamp()) <= suspect[2]:
            return 0
        again = rows.closes[rows.days == suspect[0]]
        return suspect[0] if len(again) and abs(float(again[0]) / suspect[1] - 1) <= 1e-4 else 0

    def _update_suspect(self, symbol: str, suspect: tuple[int, float, int] | None, held: UnconfirmedBar | None) -> None:
        if not self.live:
            return
        if held is None:
            self.db.execute("DELETE FROM suspect WHERE symbol = :symbol", {"symbol": symbol})
            return
        self.counts.suspicious[symbol] = held.sentence
        if suspect is not None and suspect[:2] == (held.day, held.close):
            return
        self.db.execute(
            "INSERT INTO suspect (symbol, day, close, sentence, fetched_at) VALUES (:symbol, :day, :close, :sentence, :at) "
            "ON CONFLICT (symbol) DO UPDATE SET day = :day, close = :close, sentence = :sentence, fetched_at = :at",
            {
                "symbol": symbol,
                "day": held.day,
                "close": held.close,
                "sentence": held.sentence,
                "at": int(self.fetched_at.timestamp()),
            },
        )

    def _was_due(self, days: Days) -> npt.NDArray[np.bool_]:
        """Which days' bars were final before the instant from which this batch counts as known."""
        if self.calendar is None:
            return np.zeros(len(days), dtype=bool)
        positions = ordinals(self.calendar.sessions).searchsorted(days)
        due: npt.NDArray[np.bool_] = (
            self.calendar.closes[positions].as_unit("s").asi8 + FINAL_AFTER_SECONDS < self.known_at
        )
        return due

    def _count(self, symbol: str, change: MergePlan) -> None:
        self.counts.bars += len(change.new.days)
        self.counts.late += int(change.late.sum())
        self.counts.revisions += len(change.revised.days)
        if change.factor != 1.0:
            self.counts.rescaled.append(symbol)
        if len(change.adj.days) or change.adj_factor != 1.0:
            self.counts.readjusted.append(symbol)
        if change.unjoined:
            self.counts.unjoined.append(symbol)


def write_observations(
    db: sqlite3.Connection,
    name: str,
    rows: list[tables_series.ObservationRow],
    batch: Batch,
    *,
    known_at: int,
    live: bool,
    counts: StoredCounts,
    overdue: Callable[[int], bool] = lambda day: False,
) -> None:
    """Merge one series' fetched observations into the archive."""
    if not rows:
        return
    series = tables_series.series_id(db, name)
    changes = tables_series.changes(
        tables_series.rows_of(db, series), rows, known_at=known_at, live=live, overdue=overdue
    )
    if changes.insert or changes.redate:
        tables_series.apply(db, series, changes, batch())
    counts.observations += len(changes.insert) + len(changes.redate)
    counts.observation_revisions += changes.revised


def write_members(
    db: sqlite3.Connection, rows: list[tuple[str, ...]], batch: Batch, *, known_at: int, counts: StoredCounts
) -> None:
    """Store a list of members if it differs from the newest one."""
    counts.universe |= tables_members.add(db, rows, known_at=known_at, batch=batch)


def write_records(
    db: sqlite3.Connection,
    name: str,
    rows: list[DatasetRow],
    batch_of: Callable[[str], int],
    *,
    fetched_at: datetime,
    counts: StoredCounts,
) -> None:
    """Merge rows of one dataset into the archive."""
    added = tables_datasets.write(db, name, rows, batch_of, fetched_at=int(fetched_at.timestamp()))
    counts.records += len(added.rows)
    counts.record_revisions += added.revised
