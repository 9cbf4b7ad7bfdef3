"""What buttons, menus, studies, notices and refusals say, as approved; and that no kind of them lacks an approved text."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from discord import app_commands

from bot.commands.alerts import service, snooze_button
from bot.commands.context import Caller, Core
from bot.commands.server import status
from bot.database.alerts import alerts as stored
from bot.discord_app import components, embeds
from bot.discord_app.delivery.messages import payloads
from bot.domain.model import DestinationState, ItemEvent, ItemKind
from bot.event_study.service import StudyService
from tests.bot.discord_app.test_study import MadeUp
from tests.support import SimulatedDiscord, core_with_readings, core_without_store, sample_readings, simulated_discord
from tests.support.approved import APPROVED, Compare
from tests.support.transcripts import of_message, transcript
from tests.test_approved import DM, item

SILVER = {"signal": sample_readings.SILVER, "condition": "above 90"}
STREAK = {"signal": sample_readings.STREAK, "condition": "above 1"}


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[SimulatedDiscord]:
    """The real bot on the sample readings, with studies of made-up prices."""
    async with core_with_readings(tmp_path) as core:
        studies = StudyService(MadeUp(), lambda: core.readings.known)
        async with simulated_discord(replace(core, studies=studies)) as opened:
            yield opened


def answer(result: Any) -> str:
    """Everything that a person was answered."""
    shown = [message for message in (result.response, *result.followups) if message is not None]
    return "\n".join(of_message(message, private=message.ephemeral) for message in shown)


async def test_commands_with_pictures_and_those_on_a_stored_alert_read_as_approved(
    chat: SimulatedDiscord, compare: Compare
) -> None:
    async def say(name: str, command: str, **options: Any) -> Any:
        shown = await chat.person.slash(chat.channel, command, **options)
        compare(f"commands/{name}", answer(shown))
        return shown

    await say("chart", "chart", id=sample_readings.SILVER, span="1 year")
    await say("compare", "compare", a=sample_readings.SILVER, b=sample_readings.REAL)
    await say("study", "study", **STREAK)
    offered = await chat.person.slash(chat.channel, "alert add", **SILVER)
    await chat.person.click(offered.response, label="Confirm")
    [alert] = await chat.core.store.read(stored.list_for, chat.person.id)
    await say("alert-edit", "alert edit", alert=str(alert.id), level="95")
    await say("alert-test", "alert test", alert=str(alert.id))
    removed = await say("alert-remove", "alert remove", alert=str(alert.id))
    compare(
        "acts/put-back", answer(await chat.person.click(removed.response or removed.followups[0], label="Put it back"))
    )
    shown = await chat.manager.slash(chat.channel, "setup mentions")
    compare("commands/setup-mentions", answer(shown))
    desk = chat.guild.create_role("Desk")
    shown = await chat.manager.slash(chat.channel, "setup managers", role=desk)
    compare("commands/setup-managers", answer(shown).replace(str(desk.id), "ROLE"))
    await say("alert-mention", "alert mention")


async def test_what_follows_a_press_reads_as_approved(chat: SimulatedDiscord, compare: Compare) -> None:
    offered = await chat.person.slash(chat.channel, "alert add", **SILVER)
    compare("acts/study-of-a-draft", answer(await chat.person.click(offered.response, label="Study")))
    await chat.person.click(offered.response, label="Cancel")
    compare("acts/cancelled", of_message(offered.response))
    again = await chat.person.slash(chat.channel, "alert add", **SILVER)
    form = await chat.person.click(again.response, label="Change level")
    level = form.modal["components"][0]["components"][0]["custom_id"]
    compare("acts/form-refused", answer(await chat.person.submit_modal(form, {level: "9o"})))
    await chat.person.click(again.response, label="Confirm")
    [alert] = await chat.core.store.read(stored.list_for, chat.person.id)
    caller = Caller(chat.person.id, chat.guild.id, chat.channel.id)
    replies = {
        "snoozed-for-an-hour": await snooze_button.snooze(chat.core, caller, alert.id, "1h"),
        "snoozed-until-the-next-session": await snooze_button.snooze(chat.core, caller, alert.id, "next"),
        "snooze-ended": await snooze_button.end_snooze(chat.core, caller, alert.id),
        "managed": await service.card(chat.core, caller, alert.id),
    }
    for name, reply in replies.items():
        rows = components.of_reply(reply)
        compare(f"acts/{name}", transcript("", [embeds.embed(reply)], rows, private=reply.private))


async def test_an_error_of_ours_has_a_number_and_reads_as_approved(
    chat: SimulatedDiscord, compare: Compare, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(core: Core) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(status, "status", broken)
    monkeypatch.setattr("bot.discord_app.error_responses.secrets.token_hex", lambda size: "7f3a")
    with caplog.at_level(logging.CRITICAL, "bot.discord_app.error_responses"):
        shown = await chat.person.slash(chat.channel, "status")
    compare("acts/internal-error", answer(shown))
    assert len(chat.env.errors) == 1


def test_notices_and_what_was_held_back_read_as_approved(compare: Compare) -> None:
    render = payloads(core_without_store())
    held = [
        item(sample_readings.SILVER, number, alert_id=7, level=80.0, session=day, held_until=sample_readings.NOW)
        for number, day in enumerate((sample_readings.SESSION - timedelta(days=1), sample_readings.SESSION), 1)
    ]
    messages = {
        "ended-signal": [replace(item(), kind=ItemKind.NOTICE, signal="flows.ai_4w")],
        "ended-topic": [replace(item(), kind=ItemKind.NOTICE, topic="silver-90")],
        "held-back": held,
        "held-back-with-a-return": [*held, replace(held[0], id=3, value=79.2, event=ItemEvent.BACK)],
        "own-spread": [item("sectors.igv_smh.spread_21d", level=1.0)],
        "own-price": [item(sample_readings.SILVER, level=80.0)],
        "held-back-of-many": [
            replace(held[0], id=number, alert_id=number, level=60 + number / 10, note="sell half")
            for number in range(1, 28)
        ],
    }
    for name, items in messages.items():
        shown = render(DM, items)
        compare(f"messages/{name}", transcript(shown.content, shown.embeds, shown.components))
    letters = [item(number=number, kind=ItemKind.LETTER) for number in (1, 2)]
    in_public = {
        "mention-of-an-alert": [item(sample_readings.SILVER, level=80.0, note="sell half")],
        "mention-of-a-summary": [item(kind=ItemKind.SUMMARY)],
        "mention-of-letters": [letters[0], replace(letters[1], session=sample_readings.SESSION - timedelta(days=7))],
    }
    for name, items in in_public.items():
        shown = render(replace(DM, state=DestinationState.PARKED), items)
        compare(f"messages/{name}", transcript(shown.content, shown.embeds, shown.components))


async def test_every_command_has_an_approved_text(chat: SimulatedDiscord) -> None:
    names = [path.stem for path in (APPROVED / "commands").glob("*.txt")]
    for command in chat.bot.tree.walk_commands():
        if isinstance(command, app_commands.Command):
            dashed = command.qualified_name.replace(" ", "-")
            assert any(name == dashed or name.startswith(f"{dashed}-") for name in names), command.qualified_name


def test_every_kind_of_message_has_an_approved_text() -> None:
    texts = {path.stem for path in (APPROVED / "messages").glob("*.txt")}
    examples = {
        ItemKind.ALERT: "own-alert",
        ItemKind.SUMMARY: "summary",
        ItemKind.LETTER: "letter",
        ItemKind.REMINDER: "reminders",
        ItemKind.RELEASE: "release",
        ItemKind.BOARD: "board",
        ItemKind.NOTICE: "ended-signal",
    }
    assert set(examples) == set(ItemKind)
    assert set(examples.values()) <= texts
