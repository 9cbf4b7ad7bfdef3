"""Joining records to sessions: what was public after each close, corrections included.

A row counts from the first session whose close + 20 minutes is not before its `known_at`. Of rows with one key the newest one
that counts stands. Everything here goes through `rows`, so that no signal sees a row before its time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from signals.lines import Line
from signals.market import FINAL_AFTER
from signals.panel import Panel, Positions
from signals.records import DATASETS, Dataset, Kind, empty
from signals.rolling import Floats

COUNTS_FROM = "counts_from"
"""Column that `rows` adds: position of the session from which a row counts."""


def rows(panel: Panel, name: str) -> pd.DataFrame:
    """The rows of a dataset that count by the last session, in the order in which they began to, with `counts_from`.

    Rows that begin at one session stand by `known_at`. Empty for a dataset that the market does not have; KeyError for an
    unknown name.
    """
    return panel.once(("records", name), lambda: _rows(panel, name))


def _rows(panel: Panel, name: str) -> pd.DataFrame:
    frame = panel.market.records.get(name)
    if frame is None or not panel.count:
        frame = empty(name)
    known_at = pd.DatetimeIndex(frame["known_at"]).as_unit("ns").asi8
    final = (panel.market.ends[: panel.count] + FINAL_AFTER).as_unit("ns").asi8
    order = np.argsort(known_at, kind="stable")
    counts_from = np.searchsorted(final, known_at[order], side="left").astype(np.int64)
    inside = counts_from < panel.count
    return frame.iloc[order[inside]].assign(**{COUNTS_FROM: counts_from[inside]}).reset_index(drop=True)


def standing(panel: Panel, name: str, position: int) -> pd.DataFrame:
    """The rows that stand at one session: of each key the newest that was known by then, in the order of `rows`."""
    known = rows(panel, name)
    known = known.iloc[: int(known[COUNTS_FROM].searchsorted(position, side="right"))]
    return known.drop_duplicates(list(DATASETS[name].key), keep="last")


def news(panel: Panel, name: str) -> Positions:
    """Positions of the sessions at which some row begins to count, ascending: between them `standing` does not change."""
    return np.unique(rows(panel, name)[COUNTS_FROM].to_numpy(dtype=np.int64))


@dataclass(frozen=True, slots=True)
class Newest:
    """For each session and subject the newest value that was known, sessions x subjects.

    `values`: NaN where none was known yet. `dates`: datetime64[D] of the rows behind them, NaT where there is none.
    """

    values: Floats
    dates: NDArray[np.datetime64]


def newest(panel: Panel, name: str, column: str, subjects: Sequence[str], *, by: str | None = None) -> Newest:
    """The value of `column` in each subject's row with the latest date, as known after each close.

    `subjects`: values of the key's first text column, such as tickers. `by`: the date that decides, the key's first date unless
    given. Rows that do not know the column are passed over. How old a value may be is for the caller (`ages`).
    """
    dataset = DATASETS[name]
    known = rows(panel, name)
    known = known[known[column].notna()]
    groups = known.groupby(_first(dataset, Kind.TEXT), sort=False).indices if len(known) else {}
    values = np.full((panel.count, len(subjects)), np.nan)
    dates = np.full((panel.count, len(subjects)), np.datetime64("NaT"), dtype="datetime64[D]")
    for place, subject in enumerate(subjects):
        if subject in groups:
            own = known.iloc[groups[subject]]
            values[:, place], dates[:, place] = _held(panel, own, column, by or _first(dataset, Kind.DATE))
    return Newest(values, dates)


def _held(panel: Panel, own: pd.DataFrame, column: str, by: str) -> tuple[Floats, NDArray[np.datetime64]]:
    counts_from = own[COUNTS_FROM].to_numpy(dtype=np.int64)
    days = own[by].to_numpy().astype("datetime64[D]")
    order = np.lexsort((np.arange(len(own)), days, counts_from))
    counts_from, days, numbers = counts_from[order], days[order], own[column].to_numpy(dtype=np.float64)[order]
    front = days == np.maximum.accumulate(days)
    place = panel.held(counts_from[front])
    found = place >= 0
    values = np.full(panel.count, np.nan)
    dates = np.full(panel.count, np.datetime64("NaT"), dtype="datetime64[D]")
    values[found], dates[found] = numbers[front][place[found]], days[front][place[found]]
    return values, dates


def _first(dataset: Dataset, kind: Kind) -> str:
    kinds = {column.name: column.kind for column in dataset.columns}
    return next(name for name in dataset.key if kinds[name] is kind)


def ages(panel: Panel, dates: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Sessions since each date, sessions x subjects: 0 for the session itself. Huge where there is no date."""
    positions = np.arange(panel.count).reshape(-1, *[1] * (dates.ndim - 1))
    held = panel.first_after(dates.ravel()).reshape(dates.shape) - 1
    found: NDArray[np.int64] = np.where(np.isnat(dates), np.iinfo(np.int64).max, positions - held)
    return found


def line(panel: Panel, name: str, column: str, subject: str, *, max_age: int) -> Line:
    """One subject's newest value a session, withheld where none was known or it is more than `max_age` sessions old."""
    return panel.once(
        ("newest record", name, column, subject, max_age), lambda: _line(panel, name, column, subject, max_age)
    )


def _line(panel: Panel, name: str, column: str, subject: str, max_age: int) -> Line:
    found = newest(panel, name, column, (subject,))
    values, dates = found.values[:, 0].copy(), found.dates[:, 0]
    age = ages(panel, dates)
    values[age > max_age] = np.nan

    def why(position: int) -> str | None:
        if not np.isnan(values[position]):
            return None
        if np.isnat(dates[position]):
            return nothing_yet(panel, name, position, subject)
        return f"newest {name} of {subject} are of {dates[position]}, {age[position]} sessions old; at most {max_age}"

    return Line(values, why, dates)


def nothing_yet(panel: Panel, name: str, position: int, subject: str | None = None) -> str:
    """A sentence that says that nothing was known at a session, and since when something has been."""
    known = rows(panel, name)
    if subject is not None:
        known = known[known[_first(DATASETS[name], Kind.TEXT)] == subject]
    about = name if subject is None else f"{name} of {subject}"
    if not len(known):
        return f"no {about} have been stored up to {panel.day(panel.count - 1)}"
    first = panel.day(int(known[COUNTS_FROM].iloc[0]))
    return f"no {about} were known on {panel.day(position)}; the first of them count from {first}"
