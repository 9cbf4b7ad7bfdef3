"""Reads a market pack: the whole pack is checked before any of it is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pandas as pd

from bot.archive.dataset_merge import DatasetRow
from bot.calendar.clock import Calendar
from bot.errors import PackError
from bot.market_pack import files
from bot.market_pack.csv_datasets import read_records
from bot.market_pack.csv_long import MemberRow, Revision, read_revisions, read_universe, read_universe_history
from bot.market_pack.csv_wide import read_wide
from bot.market_pack.files import Findings, locate, read_text
from signals.core.datasets import DATASETS


@dataclass(frozen=True, slots=True)
class Pack:
    """The content of a pack.

    Attributes:
        name: Name of the folder.
        close: Sessions x tickers, NaN = none.
        adj_close: The same index and columns; NaN where there is no close.
        series: Dates x series ids.
        universes: Lists of members as (known_at in epoch seconds, 0 = undated, rows), oldest first.
        revisions: Corrections and instants, which the wide files cannot contain.
        warnings: Remarks that do not prevent an import.
        records: Dataset -> rows in the order of its file, for the files in the folder.
    """

    name: str
    close: pd.DataFrame
    adj_close: pd.DataFrame
    series: pd.DataFrame
    universes: tuple[tuple[int, list[MemberRow]], ...]
    revisions: tuple[Revision, ...]
    warnings: tuple[str, ...]
    records: Mapping[str, list[DatasetRow]] = field(default_factory=dict)


def read_pack(directory: Path | str, calendar: Calendar | None = None) -> Pack:
    """Read and check a pack. Raises PackError with every problem (beyond 200 they are counted).

    `calendar` has the sessions and must cover the pack's prices; with None one is built for its
    dates.
    """
    directory = Path(directory)
    findings = Findings()
    paths = locate(directory, findings)
    if paths.get(files.CLOSE) is None and directory.is_dir():
        findings.problem(str(directory), "there is no close.csv or close.csv.gz", "a pack needs its closes")
    close = _wide(paths, files.CLOSE, findings, prices=True)
    adj = _wide(paths, files.ADJ_CLOSE, findings, prices=True)
    for name in files.CHECKED_ONLY:
        if name in paths:
            _wide(paths, name, findings, prices=name != "volume")
            findings.warn(f"{paths[name].name} was checked but is not kept: no signal reads it")
    series = _wide(paths, files.SERIES, findings, prices=False)
    universes = _universes(paths, findings)
    revisions = _revisions(paths, close, series, findings)
    records = _records(paths, findings)
    if findings.problems:
        raise PackError(findings.all_problems())
    if close is None:
        raise AssertionError("a pack without closes has a problem")
    close = _sessions_only(close, calendar or _calendar_for(close), findings)
    if close.empty:
        where = paths[files.CLOSE].name
        findings.problem(where, "no row is on a New York session", "at least one session is needed")
        raise PackError(findings.all_problems())
    _compare_members(close, universes, findings)
    adj = _aligned(close, adj, findings)
    revisions = _on_sessions(revisions, close, calendar or _calendar_for(close), findings)
    empty = pd.DataFrame(index=pd.DatetimeIndex([], name="date"), dtype=float)
    series_frame = empty if series is None else series
    name = directory.resolve().name
    return Pack(name, close, adj, series_frame, tuple(universes), tuple(revisions), tuple(findings.warnings), records)


def _wide(paths: dict[str, Path], name: str, findings: Findings, *, prices: bool) -> pd.DataFrame | None:
    path = paths.get(name)
    if path is None:
        if name in (files.ADJ_CLOSE, files.SERIES):
            findings.warn(f"there is no {name}.csv: signals that read it will have no value")
        return None
    raw = read_text(path, findings)
    return None if raw is None else read_wide(path.name, raw, findings, prices=prices)


def _universes(paths: dict[str, Path], findings: Findings) -> list[tuple[int, list[MemberRow]]]:
    universes: list[tuple[int, list[MemberRow]]] = []
    if files.UNIVERSE in paths:
        raw = read_text(paths[files.UNIVERSE], findings)
        if raw is not None:
            universes = [(0, read_universe(paths[files.UNIVERSE].name, raw, findings))]
    else:
        findings.warn("there is no universe.csv: signals of members will have no value")
    if files.UNIVERSE_HISTORY in paths:
        raw = read_text(paths[files.UNIVERSE_HISTORY], findings)
        if raw is not None:
            universes = read_universe_history(paths[files.UNIVERSE_HISTORY].name, raw, findings)
    return universes


def _revisions(
    paths: dict[str, Path], close: pd.DataFrame | None, series: pd.DataFrame | None, findings: Findings
) -> list[Revision]:
    path = paths.get(files.REVISIONS)
    raw = read_text(path, findings) if path else None
    if path is None or raw is None:
        return []
    columns = {
        "close": set() if close is None else set(close.columns),
        "series": set() if series is None else set(series.columns),
    }
    return read_revisions(path.name, raw, columns, findings)


def _records(paths: dict[str, Path], findings: Findings) -> dict[str, list[DatasetRow]]:
    rows_by_dataset: dict[str, list[DatasetRow]] = {}
    for name in (name for name in DATASETS if name in paths):
        raw = read_text(paths[name], findings)
        if raw is not None:
            rows_by_dataset[name] = read_records(DATASETS[name], paths[name].name, raw, findings)
    return rows_by_dataset


def _calendar_for(close: pd.DataFrame) -> Calendar:
    first, last = close.index[0].date(), close.index[-1].date()
    return Calendar(first - timedelta(days=7), last + timedelta(days=14))


def _sessions_only(close: pd.DataFrame, calendar: Calendar, findings: Findings) -> pd.DataFrame:
    inside = close.index.isin(calendar.sessions)
    if not inside.all():
        findings.warn(f"close: rows on days without a New York session are left out: {_some(close[~inside])}")
    return close if inside.all() else close[inside]


def _some(rows: pd.DataFrame) -> str:
    days = [str(day.date()) for day in pd.DatetimeIndex(rows.index)[:5]]
    return ", ".join(days) + (f" and {len(rows) - 5} more" if len(rows) > 5 else "")


def _aligned(close: pd.DataFrame, adj: pd.DataFrame | None, findings: Findings) -> pd.DataFrame:
    """Adjusted closes on the closes' rows and columns.

    Those without a close are left out with a warning.
    """
    if adj is None:
        return pd.DataFrame(float("nan"), index=close.index, columns=close.columns)
    if without_close := [ticker for ticker in adj.columns if ticker not in close]:
        findings.warn(f"adj_close: tickers without a column in close are left out: {', '.join(without_close)}")
    if without_adj := [ticker for ticker in close.columns if ticker not in adj]:
        findings.warn(f"close: tickers without adjusted closes: {', '.join(without_adj)}")
    aligned = adj.reindex(index=close.index, columns=close.columns)
    unmatched = aligned.notna() & close.isna()
    if unmatched.to_numpy().any():
        findings.warn(f"adj_close: {int(unmatched.to_numpy().sum())} values beside an empty close are left out")
        aligned = aligned.mask(unmatched)
    return aligned


def _compare_members(close: pd.DataFrame, universes: Sequence[tuple[int, list[MemberRow]]], findings: Findings) -> None:
    listed = dict.fromkeys(row[0] for _, rows in universes for row in rows)
    if missing := [ticker for ticker in listed if ticker not in close]:
        findings.warn(f"universe: members without a column in close: {', '.join(missing)}")


def _on_sessions(
    revisions: Sequence[Revision], close: pd.DataFrame, calendar: Calendar, findings: Findings
) -> list[Revision]:
    sessions = set(calendar.sessions.date)
    usable = [row for row in revisions if row.kind != "close" or row.day in sessions]
    if len(usable) < len(revisions):
        left_out = len(revisions) - len(usable)
        findings.warn(f"revisions: {left_out} rows of closes on days without a New York session are left out")
    return usable
