"""`rotation-bot alerts`: out of one home and into another, with every bad row named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlite_utils import Database

from bot.__main__ import main
from bot.alerts.rules import new_triggers
from bot.database.alerts import alerts
from bot.database.codec import rows
from bot.database.connection import connect, transaction
from bot.database.places import destinations
from bot.domain.model import AlertSpec, Condition, TriggerState
from bot.settings import process_lock
from signals.core.model import Measure
from tests.bot.cli.conftest import Cli
from tests.bot.database.outbox_items import ABOVE_90, DAY, add
from tests.helpers import utc

NOW = utc("2026-01-13 21:30")
ROW: dict[str, Any] = {"owner": "7", "signal": "havens.silver", "condition": "above", "level": 90.0}
STREAK = AlertSpec("size.iwm_spy.streak", Measure.VALUE, Condition.ABOVE, 7.0, confirm=2)


@contextmanager
def opened(home: Path) -> Iterator[Database]:
    home.mkdir(parents=True, exist_ok=True)
    with closing(connect(home / "bot.db")) as db:
        yield db


def told(home: Path, db: Database) -> list[tuple[Any, ...]]:
    return [(alert.owner_id, alert.guild_id, alert.spec) for owner in (7, 8) for alert in alerts.list_for(db, owner)]


def two_alerts(home: Path) -> None:
    with opened(home) as db, transaction(db):
        add(db, NOW)
        place = destinations.channel_destination(db, 810000000000000022, 8, now=NOW)
        triggers = new_triggers(STREAK, 3.0, DAY)
        alerts.add(db, STREAK, triggers, owner_id=8, guild_id=8, destination_id=place.id, now=NOW, role_id=88)


def test_what_is_exported_is_imported_elsewhere_and_a_second_time_changes_nothing(
    cli: Cli, home: Path, tmp_path: Path
) -> None:
    two_alerts(home)
    file, other = tmp_path / "alerts.json", tmp_path / "other"
    assert cli("alerts", "export", file).stdout == f"{file}: 2 alerts.\n"
    assert file.stat().st_mode & 0o077 == 0
    words = ["alerts", "import", str(file), "--home", str(other)]
    assert CliRunner().invoke(main, words).stdout == "2 alerts imported.\n"
    assert CliRunner().invoke(main, words).stdout == "0 alerts imported, 2 already there.\n"
    with opened(home) as db, opened(other) as copy:
        assert told(other, copy) == told(home, db) == [(7, None, ABOVE_90), (8, 8, STREAK)]
        [role] = rows(copy, "SELECT role_id FROM subscription WHERE role_id IS NOT NULL")
        assert role["role_id"] == 88
        states = {record["state"] for record in rows(copy, "SELECT state FROM trigger")}
        assert states == {TriggerState.NEW}
    assert cli("alerts", "export", "-").stdout == file.read_text()
    assert json.loads(file.read_text())["alerts"][1]["channel"] == "810000000000000022"


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"signal": "havens.slver"}, 'alert 2: there is no signal "havens.slver"; `rotation-bot signals` lists all'),
        (
            {"condition": "over"},
            "alert 2, condition: \"over\" is not right; wanted: one of 'above', 'below', 'crosses' or 'outside'",
        ),
        ({"level": "ninety"}, 'alert 2, level: "ninety" is not right; wanted: a number without quotes'),
        ({"owner": 7}, "alert 2, owner: 7 is not right; wanted: a text in quotes"),
        ({"channel": "81"}, "alert 2: channel and server belong together; a DM has neither"),
        ({"levle": 1}, "alert 2, levle: there is no such key; did you mean level?"),
        ({"condition": "outside", "level_high": 80.0}, "alert 2: "),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_imported(
    cli: Cli, home: Path, tmp_path: Path, changed: dict[str, Any], problem: str
) -> None:
    file = tmp_path / "alerts.json"
    file.write_text(json.dumps({"format": 1, "alerts": [ROW, {**ROW, **changed}]}))
    refused = cli("alerts", "import", file)
    assert refused.exit_code == 1
    first, *_, last = refused.stderr.splitlines()
    assert first.startswith(problem)
    assert last == "Nothing was imported."
    assert not (home / "bot.db").exists()


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 2, "alerts": []}', '{"format": 1}'])
def test_another_kind_of_file_is_refused(cli: Cli, tmp_path: Path, text: str) -> None:
    file = tmp_path / "alerts.json"
    file.write_text(text)
    refused = cli("alerts", "import", file)
    assert refused.exit_code == 1
    assert refused.stderr.startswith(("The file is not JSON", "The file is no export of alerts"))


def test_a_home_in_use_takes_no_import(cli: Cli, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "alerts.json"
    file.write_text(json.dumps({"format": 1, "alerts": [ROW]}))
    home.mkdir()
    with process_lock.held(home / "bot.db"):
        refused = cli("alerts", "import", file)
    assert refused.exit_code == 1
    assert "is in use by another rotation-bot" in refused.stderr
