"""The exchange closes on a day that the installed calendar holds for a session (gerrymanoim/exchange_calendars#439)."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from bot.__main__ import main
from bot.calendar.clock import Calendar

CLOSED = date(2025, 10, 15)
SIGNALS = (
    "breadth.sp500.above_50dma",
    "breadth.sp500.above_200dma",
    "breadth.sp500.new_highs",
    "breadth.sp500.advance_decline",
    "weighting.rsp_spy.spread_1d",
    "size.russell_sp500.streak",
)


def run(home: Path, *words: str | Path) -> str:
    done = CliRunner().invoke(main, [*map(str, words), "--home", str(home)])
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose archive has prices of 60 members and four indices, none of the closed day."""
    days = Calendar(date(2024, 1, 2), date(2026, 12, 31)).between(date(2024, 6, 3), date(2025, 12, 12))
    members = [f"Q{chr(65 + index // 26)}{chr(65 + index % 26)}" for index in range(60)]
    names = [*members, "RSP", "SPY", "^RUT", "^GSPC"]
    steps = np.random.default_rng(4).normal(0, 0.01, (len(days), len(names)))
    prices = pd.DataFrame(100 * np.cumprod(1 + steps, axis=0), index=pd.Index(days, name="date"), columns=names)
    pack = tmp_path / "pack"
    pack.mkdir()
    for name in ("close.csv", "adj_close.csv"):
        prices.drop(CLOSED).to_csv(pack / name, float_format="%.4f")
    lines = [f"{member},{member} Inc.,Information Technology,Software,sp500" for member in members]
    (pack / "universe.csv").write_text("\n".join(["ticker,name,sector,industry,groups", *lines, ""]))
    run(tmp_path / "home", "market", "import", pack)
    return tmp_path / "home"


@pytest.mark.slow
def test_a_day_on_which_nothing_has_a_price_is_no_session(home: Path) -> None:
    withheld = {}
    for session in ("2025-10-16", "2025-11-12", "2025-12-12"):
        lines = run(home, "readings", "--as-of", session, "--json", *(f"--signal={id}" for id in SIGNALS))
        readings = [json.loads(line) for line in lines.splitlines()]
        assert len(readings) == len(SIGNALS)
        withheld[session] = [reading["signal"] for reading in readings if reading["value"] is None]
    assert not any(withheld.values()), withheld


@pytest.mark.slow
def test_a_closure_named_in_the_configuration_is_no_session_whatever_has_a_price(home: Path) -> None:
    (home / "config.toml").write_text("[calendar]\nclosures = [2025-11-12]\n")
    (line,) = run(home, "readings", "--as-of", "2025-11-12", "--json", f"--signal={SIGNALS[0]}").splitlines()
    assert json.loads(line)["session"] == "2025-11-11"
