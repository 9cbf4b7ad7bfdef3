"""A fresh bot.db in memory for every test of alerts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlite_utils import Database

from bot.database.connection import connect
from tests.bot.alerts.watching import Watch


@pytest.fixture
def db() -> Iterator[Database]:
    database = connect(Path(":memory:"))
    yield database
    database.close()


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 1, 13, 21, 20, tzinfo=UTC)


@pytest.fixture
def watch(db: Database, now: datetime) -> Watch:
    return Watch(db, now)
