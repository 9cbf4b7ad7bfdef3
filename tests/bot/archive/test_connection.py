"""How market.db is opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.archive import Archive


@pytest.mark.parametrize("read_only", [False, True])
def test_a_schema_from_elsewhere_is_not_trusted(tmp_path: Path, read_only: bool) -> None:
    with Archive.open(tmp_path / "market.db"):
        pass
    with Archive.open(tmp_path / "market.db", read_only=read_only) as archive:
        assert archive.db.execute("PRAGMA trusted_schema").fetchone() == (0,)
