"""`rotation-bot backup` and `restore` as they are typed."""

from __future__ import annotations

import contextlib
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import main
from bot.database import privacy
from bot.database.connection import Store, connect, transaction
from tests.bot.database.recovery.test_restore import add_alert


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with two people's alerts."""
    folder = tmp_path / "home"
    folder.mkdir()
    with contextlib.closing(connect(folder / "bot.db")) as db, transaction(db):
        add_alert(db, 1, 90.0)
        add_alert(db, 2, 90.0)
    return folder


def call(home: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), *words])


async def test_a_copy_is_made_beside_a_running_bot_and_is_the_owners_alone(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "copy.db"
    async with Store.open(home / "bot.db"):
        done = call(home, "backup", str(file))
    assert done.exit_code == 0, done.output
    assert "copy.db: 2 alerts and 2 subscriptions, checked." in done.stdout
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_copy_never_overwrites_something_else_or_much_more(home: Path, tmp_path: Path) -> None:
    file, photo = tmp_path / "copy.db", tmp_path / "photo.jpg"
    photo.write_bytes(b"JFIF" * 100)
    assert call(home, "backup", str(file)).exit_code == 0
    assert "is no copy of bot.db; name another file" in call(home, "backup", str(photo)).stderr
    assert "is the database itself" in call(home, "backup", str(home / "bot.db")).stderr
    with contextlib.closing(connect(home / "bot.db")) as db, transaction(db):
        privacy.delete(db, 1)
        privacy.delete(db, 2)
    refused = call(home, "backup", str(file))
    assert refused.exit_code == 1
    assert "copy.db holds 2 alerts and 2 subscriptions, " in refused.stderr


def test_going_back_says_what_it_did(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "copy.db"
    call(home, "backup", str(file))
    with contextlib.closing(connect(home / "bot.db")) as db, transaction(db):
        privacy.delete(db, 2)
    done = call(home, "restore", str(file))
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0] == f"{home / 'bot.db'} is back as in {file}: 1 alert and 1 subscription."
    assert lines[1].startswith(f"The old files are in {home / 'replaced'}/")
    assert lines[2].startswith("Crossings up to the close of ")
    assert lines[3] == "Everything about 1 person was deleted again: they had asked for it after the copy was made."


async def test_a_running_bot_keeps_its_file(home: Path, tmp_path: Path) -> None:
    call(home, "backup", str(tmp_path / "copy.db"))
    async with Store.open(home / "bot.db"):
        refused = call(home, "restore", str(tmp_path / "copy.db"))
    assert refused.exit_code == 1
    assert "in use by another rotation-bot" in refused.stderr
