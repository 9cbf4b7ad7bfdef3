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

from bot.archive import meeting_plan
from bot.archive.bar_history import BarHistory
from bot.archive.dataset_merge import DatasetRow
from bot.archive.date_encoding import Days, knowable_at, ordinals
from bot.archive.price_merge import MergePlan, Rules, plan
from bot.archive.splits import Split
from bot.archive.tables import dataset_tables, member_tables, price_tables, request_log, series_tables
from bot.calendar.clock import Calendar
from bot.domain.fetched import Fetched
from signals.core.market import FINAL_AFTER


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
    writer = BarWriter(db, batch, known_at=known_at, live=live, counts=counts, calendar=calendar)
    for symbol, frame in fetched.bars.items():
        rows = price_tables.from_frame(final_rows(frame, fetched, calendar))
        writer.write(symbol, rows, split_events(fetched.splits.get(symbol)))
    for name, frame in fetched.observations.items():
        observations = series_tables.from_frame(frame)
        overdue = request_log.overdue(db, name, calendar, known_at)
        write_observations(db, name, observations, batch, known_at=known_at, live=live, counts=counts, overdue=overdue)
    for name, frame in fetched.records.items():
        records = dataset_tables.from_frame(name, frame)
        if live and name == request_log.FUNDS:
            seconds = int(fetched.fetched_at.timestamp())
            records = request_log.dated_when_seen(db, records, seconds)
            request_log.record_funds(db, records, seconds)
        if live and name == meeting_plan.MEETINGS:
            records = meeting_plan.with_cancelled(db, records, fetched.fetched_at)
        write_records(db, name, records, batch_of, fetched_at=fetched.fetched_at, counts=counts)
    if live:
        request_log.record(db, (*fetched.bars, *fetched.observations, *fetched.missing), fetched.fetched_at, calendar)
    if fetched.universe is not None and len(fetched.universe):
        write_members(db, member_tables.rows_of(fetched.universe), batch, known_at=known_at, counts=counts)
    return counts


def final_rows(frame: pd.DataFrame, fetched: Fetched, calendar: Calendar) -> pd.DataFrame:
    """The rows of a frame that are final bars: not of the running session, and of sessions alone."""
    index = pd.DatetimeIndex(frame.index)
    keep = index.isin(calendar.sessions)
    if fetched.partial_day is not None:
        keep &= index != pd.Timestamp(fetched.partial_day)
    return frame[keep]


def split_events(splits: pd.Series | None) -> tuple[Split, ...]:
    """The splits of a source's Series of factors by date, without factors that are none."""
    return tuple((day, factor) for day, factor in events(splits) if factor > 0)


def events(values: pd.Series | None) -> tuple[tuple[int, float], ...]:
    """(ordinal day, value) of a source's Series by date."""
    if values is None or not len(values):
        return ()
    days = ordinals(pd.DatetimeIndex(values.index)).tolist()
    return tuple(zip(days, values.to_numpy(dtype=float).tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class BarWriter:
    """Writes the bars of one batch."""

    db: sqlite3.Connection
    batch: Batch
    known_at: int
    live: bool
    counts: StoredCounts
    calendar: Calendar | None = None

    def write(self, symbol: str, rows: BarHistory, splits: tuple[Split, ...] = ()) -> None:
        """Merge one ticker's fetched rows into the archive."""
        if not len(rows.days):
            return
        ticker = price_tables.ticker_id(self.db, symbol)
        stored = price_tables.history(self.db, ticker)
        change = plan(stored, rows, Rules(self.live, splits, self._last_request(ticker)))
        if not change.changes:
            return
        change = replace(change, late=change.late & self._was_due(change.new.days))
        price_tables.apply(self.db, ticker, change, batch=self.batch(), known_at=self.known_at)
        self._count(symbol, change)

    def _last_request(self, ticker: int) -> int:
        return int(self.db.execute("SELECT looked FROM ticker WHERE id = :id", {"id": ticker}).fetchone()[0])

    def _was_due(self, days: Days) -> npt.NDArray[np.bool_]:
        """Which days' bars were final before the instant from which this batch counts as known."""
        if self.calendar is None:
            return np.zeros(len(days), dtype=bool)
        positions = ordinals(self.calendar.sessions).searchsorted(days)
        final = (self.calendar.closes[positions] + FINAL_AFTER).as_unit("s")
        due: npt.NDArray[np.bool_] = final.asi8 < self.known_at
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
    rows: list[series_tables.ObservationRow],
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
    series = series_tables.series_id(db, name)
    changes = series_tables.changes(
        series_tables.rows_of(db, series), rows, known_at=known_at, live=live, overdue=overdue
    )
    if changes.insert or changes.redate:
        series_tables.apply(db, series, changes, batch())
    counts.observations += len(changes.insert) + len(changes.redate)
    counts.observation_revisions += changes.revised


def write_members(
    db: sqlite3.Connection, rows: list[tuple[str, ...]], batch: Batch, *, known_at: int, counts: StoredCounts
) -> None:
    """Store a list of members if it differs from the newest one."""
    counts.universe |= member_tables.add(db, rows, known_at=known_at, batch=batch)


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
    added = dataset_tables.write(db, name, rows, batch_of, fetched_at=int(fetched_at.timestamp()))
    counts.records += len(added.rows)
    counts.record_revisions += added.revised
