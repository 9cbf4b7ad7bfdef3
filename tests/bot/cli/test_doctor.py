"""`rotation-bot doctor`: who may read what the home folder holds."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from bot.__main__ import main


def said(home: Path) -> str:
    return CliRunner().invoke(main, ["--home", str(home), "doctor"]).output


def test_files_that_others_may_read_are_named_with_the_remedy(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "bot.db").touch(mode=0o600)
    assert "readable by their owner alone" in said(home)
    (home / "bot.db").chmod(0o644)
    (home / "backups").mkdir()
    (home / "backups").chmod(0o755)
    assert f"WRONG others on this machine may read backups, bot.db; `chmod -R go= {home}` mends it" in said(home)


def test_what_a_command_writes_is_for_its_owner_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    CliRunner().invoke(main, ["--home", str(home), "market", "import", str(tmp_path)])
    CliRunner().invoke(main, ["--home", str(home), "doctor"])
    (tmp_path / "written").touch()
    assert (tmp_path / "written").stat().st_mode & 0o077 == 0
