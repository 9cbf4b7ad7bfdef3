"""How an error ends a command: a sentence for what a person can mend, a traceback for what nobody expected."""

from __future__ import annotations

import sqlite3

import click
import pytest
from click.testing import CliRunner

from bot.cli.common import FAILED, TOKEN_REFUSED, explained
from bot.errors import TokenRefusedError


def ended_by(error: BaseException) -> click.testing.Result:
    @click.command()
    @explained
    def command() -> None:
        raise error

    return CliRunner().invoke(command)


def test_a_file_that_cannot_be_opened_is_named() -> None:
    ended = ended_by(FileNotFoundError(2, "No such file or directory", "config.toml"))
    assert (ended.exit_code, ended.output) == (FAILED, "config.toml: No such file or directory\n")


def test_a_file_on_a_disk_that_does_not_answer_is_named() -> None:
    ended = ended_by(TimeoutError(110, "Connection timed out", "/mnt/far/config.toml"))
    assert (ended.exit_code, ended.output) == (FAILED, "/mnt/far/config.toml: Connection timed out\n")


@pytest.mark.parametrize("error", [TimeoutError(), TimeoutError("bot did not settle (timeout=5s)")])
def test_something_that_took_too_long_is_not_told_as_trouble_with_a_file(error: TimeoutError) -> None:
    ended = ended_by(error)
    assert ended.exception is error
    assert "file" not in ended.output


def test_a_refused_token_ends_with_what_to_do_about_it() -> None:
    ended = ended_by(TokenRefusedError("Discord refused the token: Improper token has been passed."))
    assert ended.exit_code == TOKEN_REFUSED
    assert ended.output == (
        "Discord refused the token: Improper token has been passed. Reset it in the developer portal, page Bot, then give "
        "the new one to `rotation-bot init` or where you keep it.\n"
    )


@pytest.mark.parametrize(
    "error",
    [OSError(28, "No space left on device"), sqlite3.OperationalError("database or disk is full")],
    ids=["file", "database"],
)
def test_a_full_disk_is_told_as_such_whatever_meets_it(error: Exception) -> None:
    ended = ended_by(error)
    assert (ended.exit_code, ended.output) == (
        FAILED,
        "There is no room on the disk; what was there before is unchanged.\n",
    )
