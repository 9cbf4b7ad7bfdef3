"""`rotation-bot init` with its answers piped in, against local servers for Discord, the SEC and FRED."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import main
from bot.cli.setting_up import trials
from bot.cli.setting_up.init_command import program_words, with_contact
from bot.settings.config import load
from bot.settings.text_files import write_private
from bot.sources import factory
from tests.discord_server.server import DiscordServer
from tests.discord_server.world import BOT_ID, TOKEN
from tests.support.http_stub import HttpStub, Reply, as_json, http_stub

CONTACT = "Ada Lovelace ada@lovelace.test"
KEY, WRONG_KEY = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
WRONG_TOKEN = "MTE3NjQ1NTc2MjM0NTY3ODkw.GabcDE.abcdefghijklmnopqrstuvwxyz0123456789AB"
SEC = "data.sec.gov/api/xbrl/companyconcept/CIK0000789019/us-gaap/PaymentsToAcquirePropertyPlantAndEquipment.json"
FRED = "api.stlouisfed.org/fred/series/observations"
YIELD = {"realtime_start": "2026-01-12", "realtime_end": "2026-01-12", "date": "2026-01-09", "value": "4.18"}
TAKEN = as_json({"count": 1, "observations": [YIELD]})
REFUSED = as_json(
    {"error_code": 400, "error_message": "Bad Request. The value for variable api_key is not registered."}, 400
)


@pytest.fixture
async def hosts(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HttpStub]:
    """Discord and the hosts of sources, named by the environment as in a container."""
    async with DiscordServer() as discord, http_stub() as stub:
        monkeypatch.setenv("ROTATION_BOT_DISCORD_API_BASE", discord.api_base)
        monkeypatch.setenv("ROTATION_BOT_SOURCES_BASE_URLS", f'{{"*" = "{stub.url}"}}')
        stub.on(SEC, as_json({"units": {}}))
        stub.on(FRED, TAKEN)
        yield stub


async def init(home: Path, *answers: str) -> Result:
    words = ["init", "--home", str(home)]
    return await asyncio.to_thread(CliRunner().invoke, main, words, input="".join(f"{answer}\n" for answer in answers))


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_three_answers_make_a_home_that_runs(hosts: HttpStub, home: Path) -> None:
    shown = await init(home, TOKEN, CONTACT, KEY)
    assert shown.exit_code == 0, shown.output
    assert (home / "secrets" / "discord_token").read_text() == f"{TOKEN}\n"
    assert (home / "secrets" / "fred_api_key").read_text() == f"{KEY}\n"
    assert {mode(home / name) for name in ("config.toml", "secrets/discord_token", "secrets/fred_api_key")} == {0o600}
    assert {mode(home), mode(home / "secrets")} == {0o700}
    assert load(home / "config.toml", factory.names()).sources.contact == CONTACT
    assert f"client_id={BOT_ID}&scope=bot+applications.commands&permissions=309237763072" in shown.output
    assert shown.output.splitlines()[-1] == f"Next: rotation-bot run --home {home}"
    assert any(CONTACT in seen.headers["User-Agent"] for seen in hosts.seen if seen.place == SEC)


async def test_what_is_lost_without_contact_and_key_is_said_before_they_are_asked_for(
    hosts: HttpStub, home: Path
) -> None:
    shown = (await init(home, TOKEN, "", "")).output
    without_contact, _, without_key = shown.partition("3 of 3: the FRED API key")
    assert "Without it there are no filings and no Nasdaq-100 breadth" in without_contact
    assert "Without it yields and macro figures come from files that are slow and often blocked" in without_key


async def test_what_is_refused_is_told_in_a_sentence_and_asked_again(hosts: HttpStub, home: Path) -> None:
    hosts.on(SEC, Reply(b"Undeclared automated tool", 403), as_json({"units": {}}))
    hosts.on(FRED, REFUSED, TAKEN)
    answers = ("", "no token", WRONG_TOKEN, TOKEN, "Ada", "Ada ada@example.com", CONTACT, WRONG_KEY, KEY)
    shown = await init(home, *answers)
    assert shown.exit_code == 0, shown.output
    told = [line.strip() for line in shown.output.splitlines()]
    assert "A token is needed; without one the bot cannot connect to Discord." in told
    assert "That cannot be it: there is white space inside it; put the secret there, and nothing else." in told
    assert any(
        line.startswith("Discord refuses this token. It was reset, or belongs to a bot that is gone.") for line in told
    )
    assert '“Ada” is no contact. Type a name and an e-mail address, such as "Ada Lovelace ada@example.org".' in told
    assert any(line.startswith("The SEC refuses requests with this contact.") for line in told)
    assert any(line.startswith("FRED refuses this key. A key is 32 small letters and digits") for line in told)
    assert "FRED accepts the key; its newest 10-year yield is of 2026-01-09." in told
    assert (home / "secrets" / "discord_token").read_text() == f"{TOKEN}\n"


async def test_no_secret_is_ever_shown(hosts: HttpStub, home: Path) -> None:
    hosts.on(FRED, REFUSED, TAKEN)
    shown = await init(home, WRONG_TOKEN, TOKEN, CONTACT, WRONG_KEY, KEY)
    assert shown.exit_code == 0
    assert not [secret for secret in (TOKEN, WRONG_TOKEN, KEY, WRONG_KEY) if secret in shown.output]


async def test_a_token_may_be_named_by_its_file_and_the_others_be_skipped(
    hosts: HttpStub, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    shown = await init(home, str(tmp_path / "token"), "", "")
    assert shown.exit_code == 0, shown.output
    assert (home / "secrets" / "discord_token").read_text() == f"{TOKEN}\n"
    assert load(home / "config.toml", factory.names()).sources.contact is None
    assert not (home / "secrets" / "fred_api_key").exists()


async def test_nothing_that_is_there_is_replaced_without_asking(hosts: HttpStub, home: Path) -> None:
    assert (await init(home, TOKEN, CONTACT, KEY)).exit_code == 0
    before = contents(home)
    shown = await init(home, "", "n", "no")
    assert shown.exit_code == 0, shown.output
    assert contents(home) == before
    assert f"It is “{CONTACT}”. Replace it? [y/N]:" in shown.output
    changed = await init(home, "n", "y", "Grace Hopper grace@hopper.test", "y", "n")
    assert changed.exit_code == 0, changed.output
    assert load(home / "config.toml", factory.names()).sources.contact == "Grace Hopper grace@hopper.test"


async def test_a_host_that_is_down_hinders_nothing_and_is_said(hosts: HttpStub, home: Path) -> None:
    hosts.on(SEC, Reply(b"", 404))
    shown = await init(home, TOKEN, CONTACT, "")
    assert shown.exit_code == 0, shown.output
    assert "The SEC did not answer, so the contact could not be checked" in shown.output
    assert load(home / "config.toml", factory.names()).sources.contact == CONTACT


async def test_a_host_that_has_to_be_asked_again_and_again_is_not_waited_for(
    hosts: HttpStub, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "SECONDS", 0.3)
    for host in (SEC, FRED):
        hosts.on(host, *[Reply(b"", 503)] * 10)
    shown = await init(home, TOKEN, CONTACT, KEY)
    assert shown.exit_code == 0, shown.output
    assert "The SEC did not answer within 0.3 s, so the contact could not be checked." in shown.output
    assert "FRED did not answer within 0.3 s, so the key could not be checked." in shown.output
    assert (home / "secrets" / "fred_api_key").read_text() == f"{KEY}\n"


async def test_answers_that_end_too_soon_end_with_1_and_say_at_which_question(hosts: HttpStub, home: Path) -> None:
    shown = await init(home, WRONG_TOKEN)
    assert shown.exit_code == 1
    assert "The answers ended before this question: Token" in shown.output


async def test_a_path_that_leads_to_no_text_is_asked_again_and_sent_to_nobody(
    hosts: HttpStub, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "picture").write_bytes(b"\x89PNG\r\n")
    shown = await init(home, "/no/such/file", str(tmp_path), str(tmp_path / "picture"), TOKEN, "", "")
    assert shown.exit_code == 0, shown.output
    told = [line.strip() for line in shown.output.splitlines()]
    assert "That file cannot be read (No such file or directory). Type the path of a text file." in told
    assert "That file cannot be read (Is a directory). Type the path of a text file." in told
    assert "That file cannot be read (it is not text). Type the path of a text file." in told
    assert told.count("Trying it ...") == 1


@pytest.mark.parametrize("key", ["zzz", KEY.upper(), KEY[:-1], "🔑" * 32, "f" * 6000])
async def test_what_has_not_the_form_of_a_key_is_neither_sent_nor_stored(hosts: HttpStub, home: Path, key: str) -> None:
    shown = await init(home, TOKEN, "", key, "")
    assert shown.exit_code == 0, shown.output
    assert "This is no FRED key. A key is 32 small letters and digits" in shown.output
    assert not [seen for seen in hosts.seen if seen.place == FRED]
    assert not (home / "secrets" / "fred_api_key").exists()


async def test_a_token_of_the_environment_wins_so_none_is_asked_for(
    hosts: HttpStub, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    monkeypatch.setenv("ROTATION_BOT_SOURCES_CONTACT", CONTACT)
    shown = await init(home, KEY)
    assert shown.exit_code == 0, shown.output
    assert "It comes from DISCORD_TOKEN, which wins over what is stored here." in shown.output
    assert "It comes from ROTATION_BOT_SOURCES_CONTACT, which wins over config.toml." in shown.output
    assert [path.name for path in (home / "secrets").iterdir()] == ["fred_api_key"]


async def test_a_refused_token_of_the_environment_is_named_and_none_is_stored_beside_it(
    hosts: HttpStub, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", WRONG_TOKEN)
    shown = await init(home, TOKEN, "", "")
    assert shown.exit_code == 1
    assert "Put a right one into DISCORD_TOKEN, or remove that so that `init` can store one." in shown.output
    assert not (home / "secrets").exists()


async def test_a_token_that_nobody_could_try_is_stored_with_a_word_about_its_form(
    hosts: HttpStub, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROTATION_BOT_DISCORD_API_BASE", "http://127.0.0.1:1")
    shown = await init(home, "hunter2", "", "")
    assert "so the token could not be checked. It does not look like one: a bot token is three parts" in shown.output


def test_a_config_that_cannot_be_written_whole_stays_as_it_was(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[log]\n")
    with pytest.raises(UnicodeEncodeError):
        write_private(config, "half of it \ud800")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("config.toml", "[log]\n")]


def test_a_closed_input_ends_with_a_sentence(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(SystemExit) as ended:
        main(["init", "--home", str(home)], standalone_mode=False)
    assert ended.value.code == 1
    assert not (home / "secrets").exists()


def test_the_next_step_is_what_the_shell_finds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.argv", [".venv/bin/rotation-bot", "init"])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert program_words() == ".venv/bin/rotation-bot"
    (tmp_path / "rotation-bot").touch(mode=0o755)
    assert program_words() == "rotation-bot"


def test_a_machine_whose_clock_is_wrong_is_told_so() -> None:
    found = trials.Trial(True, "", ahead=trials.APART * 2)
    assert not found.clock_is_right
    assert trials.Trial(True, "", ahead=-trials.APART).clock_is_right


def test_a_contact_goes_into_its_section_and_changes_nothing_else() -> None:
    line = f'contact = "{CONTACT}"\n'
    assert with_contact("# mine\n", CONTACT) == f"# mine\n\n[sources]\n{line}"
    before = '[log]\nlevel = "debug"\n[sources]\nlive_minutes = 5\ncontact = "Ada a@b.c"\n[health]\nport = 9090\n'
    after = f'[log]\nlevel = "debug"\n[sources]\n{line}live_minutes = 5\n[health]\nport = 9090\n'
    assert with_contact(before, CONTACT) == after
