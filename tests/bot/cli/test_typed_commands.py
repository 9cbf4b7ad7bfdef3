"""What the program says to type works as it stands, also for a home with blanks and signs of the shell in its path."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import main
from bot.database.connection import connect, transaction
from bot.database.recovery import integrity, lost_file
from bot.settings.paths import Home
from tests.bot.database.recovery.test_restore import add_alert


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home as macOS has it by default, and worse, with two copies of its database."""
    folder = tmp_path / "Application Support" / "bot #1 & 'mine'"
    (folder / "backups").mkdir(parents=True)
    with contextlib.closing(connect(folder / "bot.db")) as db, transaction(db):
        add_alert(db, 1, 90.0)
    shutil.copy(folder / "bot.db", folder / "backups" / "bot-2026-01-13.db")
    return folder


def typed(said: str, program: str) -> list[str]:
    """The words that a shell makes of the command that was said."""
    [command] = [found for found in re.findall(r"`([^`]*)`", said) if found.startswith(program)][:1]
    return shlex.split(command)


def run(words: list[str]) -> Result:
    assert words[0] == "rotation-bot"
    return CliRunner().invoke(main, words[1:])


def test_a_copy_is_restored_as_backup_says(home: Path) -> None:
    said = run(["rotation-bot", "--home", str(home), "backup", str(home / "my copy.db")]).output
    done = run(typed(said, "rotation-bot"))
    assert done.exit_code == 0, done.output
    assert (home / "replaced").is_dir()


@pytest.mark.parametrize("gone", [True, False])
def test_a_lost_or_damaged_database_is_restored_as_is_said(home: Path, gone: bool) -> None:
    path = home / "bot.db"
    said = integrity.restore_instructions(path)
    if gone:
        path.unlink()
        said = lost_file.refusal(path, new=False) or ""
    done = run(typed(said, "rotation-bot"))
    assert done.exit_code == 0, done.output
    assert path.is_file()


def test_a_home_that_others_may_read_is_closed_as_doctor_says(home: Path) -> None:
    home.chmod(0o755)
    said = CliRunner().invoke(main, ["--home", str(home), "doctor"], env={"DISCORD_TOKEN": ""}).output
    subprocess.run(typed(said, "chmod"), check=True)
    assert not home.stat().st_mode & 0o077
    assert not (home / "bot.db").stat().st_mode & 0o077


def test_the_home_that_is_found_without_an_option_needs_none(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shlex.split(Home(home).option) == ["--home", str(home)]
    monkeypatch.setitem(os.environ, "ROTATION_BOT_HOME", str(home))
    assert Home(home).option == ""
