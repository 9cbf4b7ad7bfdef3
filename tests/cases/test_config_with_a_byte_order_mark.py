"""A Windows editor saves config.toml with a byte order mark (python/cpython#157201, Nayjest/lm-proxy#79)."""

from __future__ import annotations

from pathlib import Path

from bot.settings.config import load
from bot.sources import factory


def test_the_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[sources]\nbackfill_years = 2\n", "utf-8-sig")
    assert load(path, factory.names()).sources.backfill_years == 2
