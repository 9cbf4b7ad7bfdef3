"""`rotation-bot signals` and `calendar`."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
from click.testing import CliRunner

from bot.__main__ import main
from bot.archive import Archive
from bot.calendar.clock import Calendar
from bot.domain.fetched import Fetched
from signals.catalogue import SIGNALS
from tests.bot.cli.conftest import Cli


def test_every_signal_is_a_line_and_a_family_can_be_chosen() -> None:
    lines = CliRunner().invoke(main, ["signals"]).stdout.splitlines()
    assert [line.split()[0] for line in lines[1:]] == list(SIGNALS)
    havens = CliRunner().invoke(main, ["signals", "--family", "havens", "--json"]).stdout.splitlines()
    rows = [json.loads(line) for line in havens]
    assert [row["id"] for row in rows] == [name for name in SIGNALS if name.startswith("havens.")]
    assert rows[0]["meaning"] == SIGNALS[rows[0]["id"]].meaning
    assert CliRunner().invoke(main, ["signals", "--family", "havns"]).exit_code == 2


def test_the_calendar_names_what_follows_the_newest_session(cli: Cli, home: Path) -> None:
    """The archive ends on Tuesday, Jan 13, 2026: Martin Luther King Day follows on Jan 19."""
    home.mkdir()
    calendar = Calendar(date(2025, 12, 1), date(2026, 3, 31))
    days = pd.DatetimeIndex([day for day in calendar.sessions if day <= pd.Timestamp(2026, 1, 13)])
    bars = pd.DataFrame({"close": 100.0, "adj_close": 100.0}, index=days)
    answer = Fetched("yahoo", datetime(2026, 1, 13, 22, tzinfo=UTC), bars={"SPY": bars, "QQQ": bars})
    with Archive.open(home / "market.db") as archive:
        archive.store(answer, calendar, live=False)
    shown = cli("calendar")
    assert shown.exit_code == 0, shown.output
    lines = shown.stdout.splitlines()
    assert lines[0] == "After Tue, Jan 13, 2026:"
    assert "  Mon, Jan 19: no trading, Martin Luther King Day" in lines


def test_without_an_archive_the_calendar_says_how_to_get_one(cli: Cli) -> None:
    refused = cli("calendar")
    assert refused.exit_code == 1
    assert "`rotation-bot market update` fetches them" in refused.stderr
