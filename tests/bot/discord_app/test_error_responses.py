"""Errors as sentences that only their person sees, and answers that came too late."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import discord
import pytest

from bot.commands.server import status
from bot.discord_app import error_responses
from tests.helpers import CrampedStore
from tests.support import SimulatedDiscord, answer_text

LATE = (10062, 40060, 10015, 50027)


class _Response:
    status, reason = 404, "Not Found"


def refusal(code: int) -> discord.HTTPException:
    """What discord.py raises for an answer that Discord refuses with this code."""
    return discord.NotFound(_Response(), {"code": code, "message": "refused"})  # type: ignore[arg-type]


def shown_messages(result: Any) -> list[Any]:
    """The messages of an answer that are still there."""
    return [message for message in (result.response, *result.followups) if message is not None]


async def test_an_error_after_an_announcement_that_everybody_saw_stays_private(chat: SimulatedDiscord) -> None:
    result = await chat.person.slash(chat.channel, "compare", a="AAPL", b="NEW")
    assert "have 0 sessions in common" in answer_text(result)
    assert all(message.ephemeral for message in shown_messages(result))


async def test_an_error_of_ours_after_an_announcement_stays_private(
    chat: SimulatedDiscord, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(core: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(status, "status", broken)
    with caplog.at_level(logging.CRITICAL, "bot.discord_app.error_responses"):
        result = await chat.person.slash(chat.channel, "status")
    assert "went wrong on our side" in answer_text(result)
    assert all(message.ephemeral for message in shown_messages(result))
    assert [str(error) for error in chat.env.errors] == ["Command 'status' raised an exception: RuntimeError: boom"]


async def test_a_disk_that_is_full_is_said_and_is_no_error_with_a_number(
    chat: SimulatedDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat.core.store, "run", CrampedStore(chat.core.store, range(100)).run)
    result = await chat.person.slash(chat.channel, "subscribe", topic="stress")
    assert answer_text(result) == "The disk is full: nothing can be saved until it has room. Please try again later."
    assert all(message.ephemeral for message in shown_messages(result))
    assert ["database or disk is full" in str(error) for error in chat.env.errors] == [True]


@pytest.mark.parametrize("code", LATE)
async def test_a_late_answer_is_one_line_and_no_fault_of_ours(
    chat: SimulatedDiscord, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, code: int
) -> None:
    async def late(core: object) -> None:
        raise refusal(code)

    monkeypatch.setattr(status, "status", late)
    with caplog.at_level(logging.INFO):
        result = await chat.person.slash(chat.channel, "status")
    assert "our side" not in answer_text(result)
    lines = [record for record in caplog.records if "too late" in record.getMessage()]
    assert [(record.levelname, record.exc_info) for record in lines] == [("INFO", None)]
    assert not [record for record in caplog.records if record.levelno > logging.INFO]
    assert len(chat.env.errors) == 1


async def test_a_command_that_is_under_way_while_the_program_stops_is_one_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    interaction: Any = SimpleNamespace(client=SimpleNamespace(is_closed=lambda: True), user=SimpleNamespace(id=7))
    with caplog.at_level(logging.INFO):
        await error_responses.send_error(interaction, RuntimeError("Session is closed"))
    assert [(record.levelname, record.exc_info) for record in caplog.records] == [("INFO", None)]


@pytest.mark.parametrize("code", LATE)
def test_late_suggestions_are_one_line(caplog: pytest.LogCaptureFixture, code: int) -> None:
    error_responses.quiet_late_autocompletes()
    error_responses.quiet_late_autocompletes()
    tree = logging.getLogger("discord.app_commands.tree")
    with caplog.at_level(logging.INFO):
        _log_exception(tree, refusal(code))
        _log_exception(tree, ValueError("a fault"))
    assert [(record.levelname, bool(record.exc_info)) for record in caplog.records] == [
        ("INFO", False),
        ("ERROR", True),
    ]


def _log_exception(tree: logging.Logger, error: Exception) -> None:
    try:
        raise error
    except Exception:
        tree.exception("Ignoring exception in autocomplete for %r", "signal")


@pytest.mark.parametrize("error", [refusal(10003), ValueError("x"), None])
def test_other_refusals_are_not_late(error: Any) -> None:
    assert not error_responses.is_late(error)
