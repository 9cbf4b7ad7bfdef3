"""Exports the archive as a pack that imports to the same content; the same archive gives the same bytes."""

from __future__ import annotations

import csv
import gzip
import io
import os
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np

from bot.archive import Archive, Connection, EmptyArchiveError
from bot.archive.date_encoding import Days, Floats
from bot.archive.tables import dataset_tables, member_tables
from bot.market_pack import files
from bot.market_pack.csv_datasets import header, lines
from bot.market_pack.csv_long import REVISION_COLUMNS
from signals.core.datasets import DATASETS
from signals.core.market import MEMBER_COLUMNS

COMPRESSION = 6


def export_pack(archive: Archive, directory: Path | str) -> list[str]:
    """Write a pack into a folder and return the names of its files.

    Files of an earlier pack are replaced, other files are not touched. The wide files have the
    first value known of each day, the revisions the values known later. Each file is replaced
    atomically. Doubts with the bars that they withhold and the dates of fetching are not part of a
    pack. Raises EmptyArchiveError without prices.
    """
    directory = Path(directory)
    with archive.reading() as db:
        contents = _contents(db)
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in contents.items():
        _write(directory / name, text)
    for name in files.KNOWN:
        for stale in (f"{name}.csv", f"{name}.csv.gz"):
            if stale not in contents:
                (directory / stale).unlink(missing_ok=True)
    return list(contents)


def _contents(db: Connection) -> dict[str, str]:
    symbols, days, close, adj = _bars(db)
    contents = {"close.csv.gz": _wide(days, symbols, close)}
    adjusted = np.flatnonzero((~np.isnan(adj)).any(axis=0))
    if len(adjusted):
        contents["adj_close.csv.gz"] = _wide(days, [symbols[at] for at in adjusted], adj[:, adjusted])
    ids, dates, values = _first_observations(db)
    if ids:
        contents["series.csv.gz"] = _wide(dates, ids, values)
    lists = dict(member_tables.listings(db))
    if lists:
        contents["universe.csv"] = _long(MEMBER_COLUMNS, lists[max(lists)])
    if set(lists) - {0}:
        history = [(_stamp(at), *row) for at, rows in lists.items() for row in rows]
        contents["universe_history.csv.gz"] = _long(("known_at", *MEMBER_COLUMNS), history)
    revisions = list(_revisions(db))
    if revisions:
        contents["revisions.csv.gz"] = _long(REVISION_COLUMNS, revisions)
    for name, dataset in DATASETS.items():
        if rows := dataset_tables.all_rows(db, name):
            contents[f"{name}.csv.gz"] = _long(header(dataset), lines(dataset, rows))
    return contents


def _bars(db: Connection) -> tuple[list[str], Days, Floats, Floats]:
    tickers = db.execute(
        "SELECT id, symbol FROM ticker WHERE EXISTS (SELECT 1 FROM bar WHERE ticker_id = ticker.id) ORDER BY id"
    ).fetchall()
    if not tickers:
        raise EmptyArchiveError("there are no prices in the archive yet; there is nothing to export")
    tables = [_table(db, "SELECT day, close, adj FROM bar WHERE ticker_id = ?", number) for number, _ in tickers]
    days = np.unique(np.concatenate([table[:, 0] for table in tables]))
    close = np.full((len(days), len(tables)), np.nan)
    adj = np.full((len(days), len(tables)), np.nan)
    for column, table in enumerate(tables):
        rows = np.searchsorted(days, table[:, 0])
        close[rows, column], adj[rows, column] = table[:, 1], table[:, 2]
    return [symbol for _, symbol in tickers], days.astype(np.int64), close, adj


def _first_observations(db: Connection) -> tuple[list[str], Days, Floats]:
    """For each series and date the value that was known first."""
    series = db.execute("SELECT id, name FROM series ORDER BY id").fetchall()
    sql = "SELECT day, value, min(known_at) FROM observation WHERE series_id = ? GROUP BY day ORDER BY day"
    tables = {name: table for number, name in series if len(table := _table(db, sql, number))}
    if not tables:
        return [], np.array([], dtype=np.int64), np.empty((0, 0))
    days = np.unique(np.concatenate([table[:, 0] for table in tables.values()]))
    values = np.full((len(days), len(tables)), np.nan)
    for column, table in enumerate(tables.values()):
        values[np.searchsorted(days, table[:, 0]), column] = table[:, 1]
    return list(tables), days.astype(np.int64), values


def _table(db: Connection, sql: str, number: int) -> Floats:
    return np.array(db.execute(sql, (number,)).fetchall(), dtype=float).reshape(-1, 3)


def _revisions(db: Connection) -> Iterable[tuple[str, ...]]:
    bars = (
        "SELECT 'close', symbol, day, known_at, close, source FROM bar_revision r JOIN ticker ON ticker.id = ticker_id "
        "JOIN batch ON batch.id = r.batch ORDER BY ticker.id, day, known_at"
    )
    series = (
        "SELECT 'series', name, day, known_at, value, source FROM observation o JOIN series ON series.id = series_id "
        "JOIN batch ON batch.id = o.batch WHERE known_at > 0 ORDER BY series.id, day, known_at"
    )
    for sql in (bars, series):
        for kind, name, day, known_at, value, source in db.execute(sql):
            yield kind, name, date.fromordinal(day).isoformat(), _stamp(known_at), repr(value), source


def _stamp(known_at: int) -> str:
    return datetime.fromtimestamp(known_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if known_at else ""


def _wide(days: Days, columns: Sequence[str], values: Floats) -> str:
    """CSV with the shortest text of each number that parses to the same number."""
    lines = [_long(("date", *columns), []).rstrip("\n")]
    for day, row in zip(days.tolist(), values.tolist(), strict=True):
        cells = ",".join("" if value != value else repr(value) for value in row)
        lines.append(f"{date.fromordinal(day).isoformat()},{cells}")
    return "\n".join(lines) + "\n"


def _long(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def _write(path: Path, text: str) -> None:
    """Write to a temporary file and move it into place, so that a failed export never leaves a
    partial file.
    """
    data = text.encode()
    if path.suffix == ".gz":
        data = gzip.compress(data, COMPRESSION, mtime=0)
    temporary = path.with_name(path.name + ".part")
    temporary.write_bytes(data)
    os.replace(temporary, path)
