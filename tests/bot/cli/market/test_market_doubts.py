"""`rotation-bot market doubts`: what is not believed, and the operator's word on it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from bot.archive.location import ArchiveLocation
from bot.calendar.clock import Calendar
from bot.domain.fetched import Fetched
from bot.ingest import worker_tasks
from bot.settings import process_lock
from tests.bot.cli.conftest import Cli
from tests.bot.ingest.plausibility.conftest import FIRST, LAST, TODAY


@pytest.fixture
def doubted(cli: Cli, home: Path) -> Cli:
    """A home in which Yahoo says that a member closed at 3,000 after 30, ten times over."""
    location = ArchiveLocation(home / "market.db", FIRST, LAST)
    days = Calendar(FIRST, LAST).between(FIRST, TODAY)[-20:]
    closes = pd.Series([30.0] * 19 + [3000.0], index=pd.DatetimeIndex(days))
    for minute, part in enumerate((closes.iloc[:-1], *[closes] * 10)):
        at = location.calendar.final_at(part.index[-1].date()) + timedelta(minutes=5 * minute)
        bars = pd.DataFrame({"close": part, "adj_close": part})
        worker_tasks.store(location, Fetched("yahoo", at, bars={"AAA": bars}))
    return cli


REASON = "its close went from 30 on Dec 15, 2025 to 3,000 on Dec 16, 2025, which looks like a unit error of 100"


def test_nothing_doubted_says_so(filled: Cli) -> None:
    assert filled("market", "doubts").stdout == "Nothing is doubted.\n"
    assert filled("market", "doubts", "--all").stdout == "Nothing was ever doubted.\n"


def test_each_doubt_has_a_line_with_the_reason(doubted: Cli) -> None:
    head, line = doubted("market", "doubts").stdout.splitlines()
    assert head.split() == ["no.", "subject", "day", "rule", "state", "times", "reason"]
    assert line.split(maxsplit=8) == ["1", "AAA", "Dec", "16,", "2025", "unit", "open", "10", REASON]
    [found] = map(json.loads, doubted("market", "doubts", "--json").stdout.splitlines())
    assert (found["value"], found["kind"], found["sentence"]) == (3000.0, "price", REASON)


def test_an_accepted_bar_is_stored(doubted: Cli) -> None:
    assert doubted("market", "doubts", "--accept", 1).stdout == "AAA of Dec 16, 2025: accepted and stored.\n"
    assert doubted("market", "doubts").stdout == "Nothing is doubted.\n"
    [series] = map(json.loads, doubted("market", "status", "--json").stdout.splitlines())
    assert (series["last"], series["rows"]) == ("2025-12-16", 20)
    assert "accepted" in doubted("market", "doubts", "--all").stdout


def test_a_rejected_bar_is_not(doubted: Cli) -> None:
    done = doubted("market", "doubts", "--reject", 1)
    assert done.stdout == "AAA of Dec 16, 2025: rejected; it is not stored whenever it comes again.\n"
    [series] = map(json.loads, doubted("market", "status", "--json").stdout.splitlines())
    assert (series["last"], series["rows"]) == ("2025-12-15", 19)


def test_a_number_that_is_not_open_is_refused_with_those_that_are(doubted: Cli) -> None:
    refused = doubted("market", "doubts", "--accept", 7)
    assert (refused.exit_code, refused.stderr) == (1, "There is no open doubt 7; open are: 1.\n")


def test_both_at_once_are_wrong_usage(doubted: Cli) -> None:
    refused = doubted("market", "doubts", "--accept", 1, "--reject", 1)
    assert refused.exit_code == 2
    assert "exclude each other" in refused.stderr


def test_a_decision_waits_until_the_bot_has_stopped(doubted: Cli, home: Path) -> None:
    with process_lock.held(home / "bot.db"):
        refused = doubted("market", "doubts", "--accept", 1)
    assert refused.exit_code == 1
    assert doubted("market", "doubts").stdout.count("AAA") == 1
