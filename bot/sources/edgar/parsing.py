"""Parses the SEC's data: required fields, days, instants, and rows as a dataset's frame."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

import pandas as pd

from bot.calendar.clock import NEW_YORK
from bot.sources.parsing.cells import day
from signals.core.datasets import DATASETS, ColumnKind

SOURCE = "edgar"
LAST_ACCEPTED = time(17, 30)
"""In New York: what is submitted later has the next day's date."""
FIRST_SHOWN = time(6, 0)
"""In New York: what was submitted late is published on the morning of its filing day."""


def iso_day(cell: object) -> date:
    """`2026-08-26` as a date. Raises BadCellError."""
    return day(cell, "%Y-%m-%d")


def after_close(filed: date) -> datetime:
    """The latest instant at which a filing of a day became public."""
    return datetime.combine(filed, LAST_ACCEPTED, NEW_YORK).astimezone(UTC)


def public_at(accepted: datetime | None, filed: date) -> datetime:
    """When a filing became public, from its acceptance in New York's wall clock.

    Without one, after the close. Acceptance times in lists have a Z and are Universal Time for some
    filers and New York's for others. Read as New York's they are right or some hours late, never
    early.
    """
    if accepted is None:
        return after_close(filed)
    shown = datetime.combine(filed, FIRST_SHOWN, NEW_YORK)
    return max(accepted.replace(tzinfo=NEW_YORK), shown).astimezone(UTC)


def frame(name: str, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows with the columns of a dataset and `known_at` as its frame, oldest `known_at` first."""
    table = pd.DataFrame(list(rows), columns=[*(column.name for column in DATASETS[name].columns), "known_at"])
    for column in DATASETS[name].columns:
        if column.kind is ColumnKind.DATE:
            table[column.name] = pd.to_datetime(table[column.name]).astype("datetime64[ns]")
        elif column.kind is ColumnKind.NUMBER:
            table[column.name] = table[column.name].astype("float64")
        else:
            table[column.name] = table[column.name].astype("object")
    table["known_at"] = pd.to_datetime(table["known_at"], utc=True).astype("datetime64[ns, UTC]")
    table["source"] = pd.Series([SOURCE] * len(table), dtype="object")
    return table.sort_values("known_at", kind="stable", ignore_index=True)


def same_name(printed: str, expected: str) -> bool:
    """Whether a printed name contains the expected name's first word of more than two letters,
    ignoring case.
    """
    word = next((word for word in expected.casefold().split() if len(word) > 2), expected.casefold())
    return word in printed.casefold()
