"""`rotation-bot doctor`: who may read what the home folder holds."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from importlib import metadata
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.__main__ import main
from bot.cli.setting_up.doctor_command import verdict
from bot.cli.setting_up.doctor_program import mismatch
from bot.database import privacy
from bot.database.connection import connect, transaction
from bot.database.recovery.copies import copy
from bot.settings import process_lock
from bot.settings.secrets import store
from tests.bot.cli.conftest import Cli
from tests.bot.cli.setting_up.test_init_command import CONTACT, FRED, KEY, SEC, TAKEN
from tests.bot.database.recovery.test_restore import add_alert
from tests.discord_server.server import DiscordServer
from tests.discord_server.world import TOKEN
from tests.support.http_stub import Reply, http_stub


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


def test_the_doctor_tells_the_age_of_backups_and_which_hold_more(cli: Cli, home: Path) -> None:
    (home / "backups").mkdir(mode=0o700, parents=True)
    with contextlib.closing(connect(home / "bot.db")) as db:
        with transaction(db):
            add_alert(db, 1, 90.0)
        copy(db.conn, home / "backups" / "bot-2026-01-12.db")
        with transaction(db):
            privacy.delete(db, 1)
        copy(db.conn, home / "backups" / "bot-2026-01-13.db")
    shown = cli("doctor").stdout
    assert "note  2 daily copies of bot.db, the newest of 2026-01-13 with 0 alerts and 0 subscriptions; it is " in shown
    assert "note  more than twice as much is in bot-2026-01-12.db: kept until you restore or delete it" in shown


def test_the_doctor_says_that_a_database_is_gone_and_ends_with_a_verdict(cli: Cli, home: Path) -> None:
    (home / "backups").mkdir(mode=0o700, parents=True)
    (home / "backups" / "bot-2026-01-13.db").write_bytes(b"x" * 5000)
    lines = cli("doctor").stdout.splitlines()
    assert any(line.startswith(f"WRONG {home / 'bot.db'} is gone, and this home had one: ") for line in lines)
    assert any("the newest copy," in line and "cannot be read" in line for line in lines)
    wrong = sum(line.startswith("WRONG") for line in lines)
    assert lines[-1] == f"Verdict: {wrong} things to put right before `rotation-bot run`."


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        (0, "Verdict: nothing stands in the way of `rotation-bot run`."),
        (1, "Verdict: 1 thing to put right before `rotation-bot run`."),
    ],
)
def test_the_verdict_counts_what_is_wrong(wrong: int, line: str) -> None:
    assert verdict(wrong) == line


async def test_the_doctor_tries_token_contact_and_key_and_compares_the_clocks(
    cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with DiscordServer() as discord, http_stub() as stub:
        monkeypatch.setenv("ROTATION_BOT_DISCORD_API_BASE", discord.api_base)
        monkeypatch.setenv("ROTATION_BOT_SOURCES_BASE_URLS", f'{{"*" = "{stub.url}"}}')
        monkeypatch.setenv("ROTATION_BOT_SOURCES_CONTACT", CONTACT)
        monkeypatch.setenv("FRED_API_KEY", KEY)
        monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
        stub.on(SEC, Reply(b"", 403))
        stub.on(FRED, TAKEN)
        lines = (await asyncio.to_thread(cli, "doctor")).stdout.splitlines()
    assert "ok    Discord accepts the token of rotation-bot" in lines
    assert any(line.startswith("ok    the clock agrees with Discord's (") for line in lines)
    assert any(line.startswith("WRONG The SEC refuses requests with this contact.") for line in lines)
    assert "ok    FRED accepts the key; its newest 10-year yield is of 2026-01-09" in lines
    assert lines[-1] == "Verdict: 1 thing to put right before `rotation-bot run`."


def test_a_library_of_another_version_is_named_with_what_is_wanted() -> None:
    installed = metadata.version("click")
    assert mismatch("click>=1") is None
    assert mismatch("click>=999") == (
        f"click {installed} is installed, wanted: >=999; `make venv-run` installs what the lock names"
    )
    assert mismatch("no-such-library>=1") == "the library no-such-library is not installed; `make venv-run` installs it"
    assert mismatch('click>=999; extra == "demo"') is None


def test_secrets_that_others_may_read_are_named(tmp_path: Path) -> None:
    home = tmp_path / "home"
    path = store(home / "secrets", "discord_token", "x")
    home.chmod(0o700)
    assert "readable by their owner alone" in said(home)
    path.chmod(0o644)
    assert "WRONG others on this machine may read discord_token;" in said(home)


def test_a_running_bot_and_a_taken_port_are_named(cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.mkdir(mode=0o700)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("ROTATION_BOT_HEALTH_PORT", str(port))
        assert f"WRONG Port {port} of this machine is in use by another program." in cli("doctor").stdout
        with process_lock.held(home / "bot.db"):
            beside = cli("doctor").stdout
    assert f"note  a rotation-bot runs on this home (process {os.getpid()}); a second `run` is refused" in beside
    # The port is then that of the running bot.
    assert "Port" not in beside
    alone = cli("doctor").stdout
    assert "a rotation-bot runs" not in alone
    assert "Port" not in alone


def test_an_address_that_the_machine_has_not_is_named(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROTATION_BOT_HEALTH_HOST", "192.0.2.1")
    monkeypatch.setenv("ROTATION_BOT_HEALTH_PORT", "9090")
    line = (
        "WRONG The health pages cannot listen on 192.0.2.1, port 9090 (Cannot assign requested address). Mend [health]"
    )
    assert line in cli("doctor").stdout


def test_an_emptied_database_of_a_home_that_has_copies_is_not_taken_for_a_new_one(cli: Cli, home: Path) -> None:
    (home / "backups").mkdir(mode=0o700, parents=True)
    (home / "bot.db").touch(mode=0o600)
    assert f"{home / 'bot.db'} is empty, and this home had one" not in cli("doctor").stdout
    (home / "backups" / "bot-2026-01-13.db").touch(mode=0o600)
    assert f"WRONG {home / 'bot.db'} is empty, and this home had one: " in cli("doctor").stdout


def test_on_the_simulated_market_its_own_archive_is_looked_at_and_no_key_is_missed(
    cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.mkdir(mode=0o700)
    assert "no market.db yet" in cli("doctor").stdout
    monkeypatch.setenv("ROTATION_BOT_SOURCES_SIMULATED", "true")
    shown = cli("doctor").stdout
    assert "no market-simulated.db yet" in shown
    assert "FRED" not in shown
    assert "sources.contact" not in shown
