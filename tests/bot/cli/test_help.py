"""Help pages, `check-config` and `doctor`: what a newcomer reads first."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.__main__ import COMMANDS, main
from bot.calendar.clock import SystemClock
from tests.bot.cli.conftest import ROOT, Cli
from tests.discord_server.server import DiscordServer
from tests.discord_server.world import TOKEN

MARKET = ("update", "import", "export", "status")
EVERY = [(), *((name,) for name in COMMANDS), *(("market", name) for name in MARKET), ("sources", "check")]


@pytest.mark.parametrize("command", EVERY, ids=lambda words: " ".join(words) or "rotation-bot")
def test_every_command_explains_itself_on_a_narrow_terminal(command: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(main, [*command, "--help"], prog_name="rotation-bot", terminal_width=80)
    assert shown.exit_code == 0
    lines = shown.stdout.splitlines()
    assert lines[0].startswith(" ".join(("Usage: rotation-bot", *command)))
    assert max(map(len, lines)) <= 80
    assert not any(line.endswith("...") for line in lines[1:])
    assert "%Y" not in shown.stdout


@pytest.mark.parametrize("words", [["nonsense"], ["demo", "--json"], ["market"], ["market", "fetch"]])
def test_wrong_usage_ends_with_2(words: list[str]) -> None:
    assert CliRunner().invoke(main, words).exit_code == 2


def test_the_example_config_is_good(cli: Cli) -> None:
    shown = cli("check-config", ROOT / "config.example.toml")
    assert (shown.exit_code, shown.stdout) == (0, f"{ROOT / 'config.example.toml'} is good.\n")


def test_a_home_without_a_config_is_good(cli: Cli, home: Path) -> None:
    shown = cli("check-config")
    assert shown.exit_code == 0
    assert f"{home / 'config.toml'} does not exist, so the defaults hold." in shown.stdout


def test_all_problems_of_a_config_are_told_at_once(cli: Cli, home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text('[log]\nlevel = "loud"\n[summary]\nzoen = "x"\n[discord]\ntoken = "abc"\n')
    refused = cli("check-config")
    assert (refused.exit_code, refused.stdout) == (2, "")
    told = refused.stderr
    assert "discord.token: a token does not belong here" in told
    assert 'log.level: "loud" is not right' in told
    assert "summary.zoen: there is no such key; did you mean summary.zone?" in told


def test_a_config_that_is_named_and_absent_is_wrong_usage(cli: Cli, tmp_path: Path) -> None:
    refused = cli("check-config", tmp_path / "none.toml")
    assert refused.exit_code == 2
    assert "cannot be read (No such file or directory)" in refused.stderr


def test_the_doctor_says_what_is_missing_and_changes_nothing(cli: Cli, home: Path) -> None:
    shown = cli("doctor")
    assert shown.exit_code == 1
    assert "WRONG token: no Discord token; `rotation-bot init` asks for it; or set DISCORD_TOKEN" in shown.stdout
    assert f"home folder {home} does not exist yet" in shown.stdout
    assert not home.exists()


async def test_the_doctor_is_content_with_a_token_and_an_archive(filled: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    async with DiscordServer() as discord:
        monkeypatch.setenv("ROTATION_BOT_DISCORD_API_BASE", discord.api_base)
        monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
        shown = await asyncio.to_thread(filled, "doctor")
    assert "WRONG" not in shown.stdout
    assert shown.exit_code == 0
    assert "ok    market.db is sound" in shown.stdout
    assert "prices from 2026-01-02 to 2026-01-07" in shown.stdout


def test_the_doctor_says_how_long_ago_the_newest_prices_are(filled: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    for day, words in ((8, "1 day ago"), (9, "2 days ago")):
        monkeypatch.setattr(SystemClock, "now", lambda _, day=day: datetime(2026, 1, day, tzinfo=UTC))
        assert f"ok    prices from 2026-01-02 to 2026-01-07, {words}\n" in filled("doctor").stdout


def test_the_doctor_tells_each_damaged_database_and_its_cure(filled: Cli, home: Path) -> None:
    shutil.copy(home / "market.db", home / "bot.db")
    for name in ("market.db", "bot.db"):
        (home / name).write_bytes(b"x" * 5000)
    lines = [line for line in filled("doctor").stdout.splitlines() if "is damaged" in line]
    assert [line.split()[:2] for line in lines] == [["WRONG", "bot.db"], ["WRONG", "market.db"]]
    assert "There is no sound copy in" in lines[0]
    assert f"move bot.db, bot.db-wal and bot.db-shm out of {home}" in lines[0]
    assert "`market import` brings it in" in lines[1]


def test_the_doctor_finds_a_copy_beside_a_journal_that_is_not_its_own(filled: Cli, home: Path) -> None:
    (home / "backups").mkdir()
    kept = home / "backups" / "bot-2026-01-13.db"
    with sqlite3.connect(kept) as db:
        db.execute("CREATE TABLE t (a)")
    db.close()
    shutil.copyfile(kept, home / "bot.db")
    (home / "bot.db-wal").write_bytes(b"x" * 4096)
    lines = [line for line in filled("doctor").stdout.splitlines() if "is damaged" in line]
    assert lines == [
        "WRONG bot.db is damaged (bot.db-wal beside it was left by another database). "
        f"`rotation-bot --home {home} restore {kept}` goes back to the newest sound copy; "
        "what was set after it is lost."
    ]


@pytest.mark.parametrize("command", [("run",), ("market", "update")])
def test_a_damaged_database_is_told_in_a_line_with_the_exit_code_of_what_a_person_can_mend(
    cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "A" * 24 + ".Abcdef." + "b" * 38)
    home.mkdir()
    (home / "bot.db").write_bytes(b"x" * 5000)
    (home / "config.toml").write_text("[sources]\nsimulated = true\n")
    refused = cli(*command)
    assert refused.exit_code == 1
    assert refused.stderr == (
        f"{home / 'bot.db'} is damaged (file is not a database). There is no sound copy in {home / 'backups'}: "
        f"move bot.db, bot.db-wal and bot.db-shm out of {home}, then `rotation-bot --home {home} run --new` "
        "begins with an empty database.\n"
    )


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        (("/alert add",), "`rotation-bot demo`, which shows it in your browser"),
        (("/summary",), "`rotation-bot summary`"),
        (("/signals", "family:breadth"), "`rotation-bot readings`"),
    ],
)
def test_a_command_in_discords_form_is_told_the_form_that_works(cli: Cli, typed: tuple[str, ...], form: str) -> None:
    refused = cli(*typed)
    assert refused.exit_code == 2
    name = typed[0].split()[0]
    assert f"{name} is a command for Discord. On the command line type {form}." in " ".join(refused.stderr.split())
