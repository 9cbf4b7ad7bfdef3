"""A fresh bot.db in memory for every test of the outbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlite_utils import Database

from bot.database.connection import connect


@pytest.fixture
def db() -> Iterator[Database]:
    database = connect(Path(":memory:"))
    yield database
    database.close()
