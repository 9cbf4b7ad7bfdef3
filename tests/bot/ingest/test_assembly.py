"""What is put together from the config is what the config says."""

from __future__ import annotations

from pathlib import Path

from bot.database.connection import Store
from bot.ingest.assembly import build_ingest
from bot.settings.config import parse
from bot.settings.paths import Home
from bot.sources import factory
from bot.worker.process import Worker
from tests.helpers import utc
from tests.support import ManualClock


def test_rules_that_the_config_switches_off_are_off_in_every_job(tmp_path: Path) -> None:
    config = parse('[plausibility]\noff = ["band", "unchanged"]\n', factory.names())
    ingest = build_ingest(
        Home(tmp_path),
        config,
        Store.open(tmp_path / "bot.db"),
        Worker(),
        ManualClock(utc("2026-01-13 17:00")),
        fred_key=None,
    )
    assert ingest.runner.rules_off == ("band", "unchanged")
