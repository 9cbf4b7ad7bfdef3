"""Imports a pack into the archive in one transaction: all of it or nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

from bot.archive import Archive, Connection, StoredCounts, read_market
from bot.archive.bar_history import BarHistory
from bot.archive.date_encoding import ordinals
from bot.archive.tables import observed_closures, price_tables
from bot.archive.tables.series_tables import ObservationRow, rows_of, same, series_id
from bot.archive.write_batch import BarWriter, batch_maker, write_members, write_observations, write_records
from bot.calendar.clock import Calendar
from bot.market_pack.csv_long import Revision
from bot.market_pack.reader import Pack, read_pack

SourceBatch = Callable[[str], int]
"""The batch of a source named in revisions.csv, inserted when first needed."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Result of an import: values in the pack, counts of the new ones, remarks, and the duration."""

    rows: int
    counts: StoredCounts
    warnings: tuple[str, ...] = field(default=())
    seconds: float = 0.0


def import_pack(
    archive: Archive, directory: Path | str, *, now: datetime, calendar: Calendar | None = None
) -> ImportReport:
    """Check a pack and import it. Raises PackError before anything is written.

    Any other error rolls back. Values that the archive does not have count as known by the rule of
    `signals.asof.series`, others as corrections known from `now`. Importing the same pack again
    changes nothing.
    """
    begun = perf_counter()
    pack = read_pack(directory, calendar)
    counts = StoredCounts()
    with archive.writing() as db:
        _write(db, pack, now, counts)
        first, last = read_market.span(db)
        if first is not None and last is not None:
            whole = Calendar(date.fromordinal(first), date.fromordinal(last) + timedelta(days=14))
            observed_closures.learn(db, whole, now=now)
    revised = len(pack.revisions)
    records = sum(map(len, pack.records.values()))
    rows = int(pack.close.count().sum() + pack.adj_close.count().sum() + pack.series.count().sum()) + revised + records
    return ImportReport(rows, counts, pack.warnings, perf_counter() - begun)


def _write(db: Connection, pack: Pack, now: datetime, counts: StoredCounts) -> None:
    batch = batch_maker(db, pack.name, now)
    known_at = int(now.timestamp())

    @cache
    def batch_of(source: str) -> int:
        return batch_maker(db, source, now)() if source else batch()

    revisions = _by_subject(pack.revisions)
    writer = BarWriter(db, batch, known_at=known_at, live=False, counts=counts)
    days = ordinals(pd.DatetimeIndex(pack.close.index))
    for symbol in pack.close.columns:
        rows = BarHistory(days, pack.close[symbol].to_numpy(dtype=float), pack.adj_close[symbol].to_numpy(dtype=float))
        dated = revisions.get(("close", symbol), {})
        plain = np.isfinite(rows.closes) & ~np.isin(days, list(dated))
        writer.write(symbol, rows.where(plain))
        if dated:
            _write_dated(db, symbol, rows, dated, batch_of, counts)
    series_days = ordinals(pd.DatetimeIndex(pack.series.index)).tolist()
    for name in pack.series.columns:
        dated = revisions.get(("series", name), {})
        wide = {
            day: value for day, value in zip(series_days, pack.series[name].tolist(), strict=True) if value == value
        }
        observations = _observations(db, name, wide, dated)
        write_observations(db, name, observations, batch, known_at=known_at, live=False, counts=counts)
        _name_sources(db, name, dated, batch_of)
    for at, members in pack.universes:
        write_members(db, members, batch, known_at=at, counts=counts)
    for name, records in pack.records.items():
        write_records(db, name, records, batch_of, fetched_at=now, counts=counts)


def _by_subject(revisions: Sequence[Revision]) -> dict[tuple[str, str], dict[int, list[Revision]]]:
    by_subject: dict[tuple[str, str], dict[int, list[Revision]]] = defaultdict(lambda: defaultdict(list))
    for row in revisions:
        by_subject[row.kind, row.id][row.day.toordinal()].append(row)
    return by_subject


def _write_dated(
    db: Connection,
    symbol: str,
    rows: BarHistory,
    dated: dict[int, list[Revision]],
    batch_of: SourceBatch,
    counts: StoredCounts,
) -> None:
    """Bars whose history is in the revisions: the wide value first, then each later one at its own
    instant.
    """
    ticker = price_tables.ticker_id(db, symbol)
    places = {day: place for place, day in enumerate(rows.days.tolist())}
    for day, revisions in dated.items():
        place = places.get(day)
        close = float("nan") if place is None else float(rows.closes[place])
        adj = float("nan") if place is None else float(rows.adj[place])
        first = revisions[0].value if np.isnan(close) else close
        key = {"ticker": ticker, "day": day, "close": first, "adj": None if np.isnan(adj) else adj}
        key["batch"] = batch_of(revisions[0].source)
        added = db.execute(
            "INSERT INTO bar (ticker_id, day, close, adj, batch) VALUES (:ticker, :day, :close, :adj, :batch) "
            "ON CONFLICT DO NOTHING",
            key,
        ).rowcount
        counts.bars += max(added, 0)
        if not added and key["adj"] is not None:
            db.execute("UPDATE bar SET adj = :adj WHERE ticker_id = :ticker AND day = :day AND adj IS NOT :adj", key)
        for row in revisions:
            counts.revisions += max(_add_revision(db, ticker, day, row, batch_of), 0)


def _add_revision(db: Connection, ticker: int, day: int, row: Revision, batch_of: SourceBatch) -> int:
    key = {"ticker": ticker, "day": day, "at": row.known_at, "close": row.value, "batch": 0}
    existing = "SELECT 1 FROM bar_revision WHERE ticker_id = :ticker AND day = :day AND known_at = :at"
    if db.execute(existing, key).fetchone():
        return 0
    key["batch"] = batch_of(row.source)
    return db.execute(
        "INSERT INTO bar_revision (ticker_id, day, known_at, close, batch) VALUES (:ticker, :day, :at, :close, :batch)",
        key,
    ).rowcount


def _observations(
    db: Connection, name: str, wide: dict[int, float], dated: dict[int, list[Revision]]
) -> list[ObservationRow]:
    """Rows of one series: undated from the wide file, unless the revisions have the instant of that value."""
    stored = {row[0] for row in rows_of(db, series_id(db, name))} if dated else set()
    replaced = {
        day
        for day, revisions in dated.items()
        if day in stored or (day in wide and same(wide[day], revisions[0].value))
    }
    undated = [(day, 0, value) for day, value in wide.items() if day not in replaced]
    return [*undated, *((day, row.known_at, row.value) for day, rows in dated.items() for row in rows)]


def _name_sources(db: Connection, name: str, dated: dict[int, list[Revision]], batch_of: SourceBatch) -> None:
    """Assign to dated rows the batch of the source in the revisions."""
    for day, revisions in dated.items():
        for row in revisions:
            key = {"series": series_id(db, name), "day": day, "at": row.known_at, "source": row.source}
            other = (
                "SELECT 1 FROM observation JOIN batch ON batch.id = batch WHERE series_id = :series AND day = :day "
                "AND known_at = :at AND source <> :source"
            )
            if row.source and db.execute(other, key).fetchone():
                key["batch"] = batch_of(row.source)
                db.execute(
                    "UPDATE observation SET batch = :batch WHERE series_id = :series AND day = :day AND known_at = :at",
                    key,
                )
