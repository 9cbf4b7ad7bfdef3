"""Files as Windows and Unix editors save them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.settings.secrets import discord_token
from bot.settings.text_files import read_text

TOKEN = "an.ordinary.secret"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_a_byte_order_mark_is_no_part_of_a_token(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "token"
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    file.write_bytes(f"{mark}{TOKEN}\r\n".encode(encoding))
    assert discord_token({"DISCORD_TOKEN_FILE": str(file)}) == TOKEN


def test_what_is_no_text_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_bytes(b"\x89PNG\r\n")
    with pytest.raises(UnicodeDecodeError):
        read_text(file)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no device that never ends")
def test_a_file_that_never_ends_is_refused() -> None:
    with pytest.raises(
        ConfigError, match=r'DISCORD_TOKEN_FILE: "/dev/zero" cannot be read \(it has more than 1,048,576 bytes\)'
    ):
        discord_token({"DISCORD_TOKEN_FILE": "/dev/zero"})


@pytest.mark.parametrize("marks", ['""', "''", "\u201c\u201d", "``"])
def test_quotation_marks_around_a_token_are_named(marks: str) -> None:
    with pytest.raises(ConfigError) as refused:
        discord_token({"DISCORD_TOKEN": f"{marks[0]}{TOKEN}{marks[1]}"})
    assert str(refused.value) == (
        "DISCORD_TOKEN: there are quotation marks around it; put the secret there without them"
    )
    assert TOKEN not in str(refused.value)
