"""`rotation-bot summary` where the terminal knows Latin-1 only (wordfence/wordfence-cli#232)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from bot.__main__ import main
from bot.calendar.clock import Calendar


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with half a year of four tickers."""
    days = Calendar(date(2024, 1, 2), date(2026, 12, 31)).between(date(2025, 6, 2), date(2025, 12, 12))
    steps = np.random.default_rng(1).normal(0, 0.01, (len(days), 4))
    prices = pd.DataFrame(
        100 * np.cumprod(1 + steps, axis=0), index=pd.Index(days, name="date"), columns=["RSP", "SPY", "^RUT", "^GSPC"]
    )
    pack = tmp_path / "pack"
    pack.mkdir()
    for name in ("close.csv", "adj_close.csv"):
        prices.to_csv(pack / name, float_format="%.3f")
    done = CliRunner().invoke(main, ["market", "import", str(pack), "--home", str(tmp_path / "home")])
    assert done.exit_code == 0, done.output
    return tmp_path / "home"


@pytest.mark.slow
def test_signs_that_the_terminal_lacks_are_replaced(home: Path) -> None:
    done = CliRunner(charset="latin-1").invoke(main, ["summary", "--home", str(home)], catch_exceptions=False)
    assert done.exit_code == 0
    assert "2025" in done.stdout or "Dec" in done.stdout
