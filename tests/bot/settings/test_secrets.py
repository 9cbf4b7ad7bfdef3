"""Where the token may come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.settings.secrets import discord_token, fred_key


def test_the_environment_comes_first_then_the_file_then_the_credential(tmp_path: Path) -> None:
    (tmp_path / "discord_token").write_text("from-credential\n")
    named = tmp_path / "file"
    named.write_text("from-file\n")
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert discord_token(environ) == "from-credential"
    environ["DISCORD_TOKEN_FILE"] = str(named)
    assert discord_token(environ) == "from-file"
    environ["DISCORD_TOKEN"] = " from-environment "
    assert discord_token(environ) == "from-environment"


def test_no_token_says_what_to_set() -> None:
    with pytest.raises(ConfigError, match="set DISCORD_TOKEN, or DISCORD_TOKEN_FILE"):
        discord_token({})


@pytest.mark.parametrize("text", ["", " \n", "two words", "a\nb"])
def test_an_empty_or_broken_secret_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"DISCORD_TOKEN: .*put the secret there, and nothing else"):
        discord_token({"DISCORD_TOKEN": text})


def test_a_token_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r'DISCORD_TOKEN_FILE: ".*gone" cannot be read'):
        discord_token({"DISCORD_TOKEN_FILE": str(tmp_path / "gone")})


def test_the_fred_key_is_optional() -> None:
    assert fred_key({}) is None
    assert fred_key({"FRED_API_KEY": "0123456789abcdef0123456789abcdef"}) == "0123456789abcdef0123456789abcdef"
