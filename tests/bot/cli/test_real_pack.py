"""`readings`, `study` and `summary` over the market pack of 21 years: figures that are known from elsewhere."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import main
from tests.bot.cli.conftest import Cli
from tests.conftest import Imported

pytestmark = pytest.mark.slow


def test_readings_a_study_and_a_year_end_summary_have_the_figures_that_are_known(
    us_home: Imported, tmp_path: Path, thorough: bool
) -> None:
    """Each command reads all 21 years; what only `make verify` asks once more is asked of smaller markets every day."""

    def real(*words: str | Path) -> Result:
        done = CliRunner().invoke(main, [*map(str, words), "--home", str(us_home.home)], prog_name="rotation-bot")
        assert done.exit_code == 0, done.output
        return done

    assert_readings(real)
    assert_study(real, thorough=thorough)
    assert_summary(real, tmp_path)
    if thorough:
        assert real("summary", "--as-of", "2008-05-30").stdout.count("Russell streak: ") == 1


def assert_readings(real: Cli) -> None:
    names = ("--signal", "size.russell_sp500.streak", "--signal", "megacap.count_beating_ytd")
    days = ("--as-of", "2008-06-06", "--as-of", "2025-12-31")
    found = [json.loads(line) for line in real("readings", "--json", *names, *days).stdout.splitlines()]
    values = {(each["session"], each["signal"]): each["value"] for each in found}
    assert values["2008-06-06", "size.russell_sp500.streak"] == 13
    assert values["2025-12-31", "megacap.count_beating_ytd"] == 2


def assert_study(real: Cli, *, thorough: bool) -> None:
    """Counted apart from the program in tests/signals/test_real_pack.py: 42 of 79 days, and 55% of all."""
    condition = ("--above", "0.947", "--until", "2025-12-31", "--horizon", "1,5,21", "--json")

    def told(*words: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(
            real("study", "weighting.rsp_spy.spread_1d", *condition, *words).stdout
        )
        return found

    one, *longer = told("--days")
    assert [one[key] for key in ("n_days", "n_episodes", "n", "hits")] == [79, 72, 79, 42]
    assert (one["low"], one["high"]) == (pytest.approx(0.4227, abs=1e-4), pytest.approx(0.6376, abs=1e-4))
    assert (one["base_rate"], one["base_n"]) == (pytest.approx(0.5539, abs=1e-4), 5281)
    assert [each["n"] for each in longer] == [79, 79]
    if thorough:
        assert all(later < earlier for earlier, later in pairwise(each["n_episodes"] for each in told()))


def assert_summary(real: Cli, folder: Path) -> None:
    drawn = real("summary", "--as-of", "2025-12-31", "--png", folder / "day.png")
    lines = drawn.stdout.splitlines()
    assert lines[0] == "Market summary, Wed, Dec 31, 2025"
    assert lines[2].startswith("The S&P 500 fell 0.7% on the last day of 2025 and ended the year 16.4% higher")
    assert lines[3].startswith("S&P 500 -0.7% · Nasdaq -0.8% · Russell 2000 -0.7%")
    due = lines[lines.index("Coming up") + 1 :]
    assert due[:4] == [
        "Thu, Jan 1: no trading, New Year's Day",
        "Expected Fri, Jan 9: payrolls",
        "Expected Jan 10–15: consumer prices (CPI)",
        "Wed, Jan 28, 2:00 p.m. ET: Fed decision, in 18 sessions",
    ]
    content = (folder / "day.png").read_bytes()
    assert content.startswith(b"\x89PNG\r\n")
    assert len(content) <= 400_000
    assert "Rotating out of big tech, Wed, Dec 31, 2025: 4 of 6 yardsticks" in lines[-1]
