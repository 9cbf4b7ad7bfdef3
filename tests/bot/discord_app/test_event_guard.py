"""What discord.py cannot read of Discord's side costs one event, over the real wire of discord.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.commands.alerts.draft import pack_draft
from bot.database.alerts import alerts
from bot.database.codec import rows
from bot.discord_app import event_guard
from bot.domain.model import AlertSpec, Condition
from signals.core.model import Measure
from tests.bot.fuzz.test_wire import full
from tests.discord_server.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, component_data, interaction
from tests.discord_server.world import CHANNEL_ID, GUILD_ID
from tests.support import core_with_readings, online_bot, sample_readings

CONFIRM = "rb:ok~" + "~".join(pack_draft(AlertSpec(sample_readings.SILVER, Measure.VALUE, Condition.ABOVE, 90.0)))


def test_what_a_parser_cannot_read_is_left_out_and_what_a_connection_needs_is_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    read: list[object] = []
    parsers: dict[str, event_guard.Parse] = {
        "INTERACTION_CREATE": lambda data: read.append(data["custom_id"]),
        "READY": lambda data: read.append(data["v"]),
    }
    event_guard.guard(parsers)
    person = {"user": {"id": "7"}}
    parsers["INTERACTION_CREATE"](person)
    parsers["INTERACTION_CREATE"]({**person, "custom_id": "a"})
    parsers["INTERACTION_CREATE"]({"custom_id": "b"})
    parsers["INTERACTION_CREATE"]({**person, "custom_id": "c", "guild_id": "8"})
    with pytest.raises(KeyError):
        parsers["READY"]({})
    assert read == ["a"]
    assert caplog.messages == [
        f"an event INTERACTION_CREATE of Discord could not be read and is left out: {error}"
        for error in ("KeyError('custom_id')", "ValueError('it has no user')", "ValueError('it has no member')")
    ]


async def test_malformed_events_end_no_connection_and_a_repeated_click_sets_one_alert(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with core_with_readings(tmp_path) as core, online_bot(core) as bot:
        world, gateway = bot.discord.world, bot.discord.gateway
        world.add_guild()
        world.add_channel(CHANNEL_ID)
        task = bot.begin()
        await bot.until(lambda: bot.online.ready and world.commands)

        def click() -> dict[str, Any]:
            event = interaction(world, COMPONENT, component_data(CONFIRM), channel_id=CHANNEL_ID, person_id=2**63 - 1)
            message = {"id": "1", "channel_id": str(CHANNEL_ID), "content": "", "embeds": [], "attachments": []}
            return {**event, "message": full(message, CONFIRM, 2)}

        for part in ({"data": {"component_type": 2}}, {"data": {}}, {"type": 99}, {"member": None}, {"id": "x"}):
            await gateway.dispatch("INTERACTION_CREATE", {**click(), **part})
        for kind in (COMMAND, AUTOCOMPLETE, COMPONENT):
            of_nobody = {key: value for key, value in click().items() if key != "member"}
            await gateway.dispatch("INTERACTION_CREATE", {**of_nobody, "type": kind})
        await gateway.dispatch("GUILD_CREATE", {"id": "77"})
        await gateway.dispatch("GUILD_CREATE", {**world.guild_json(GUILD_ID), "id": "78", "name": None})
        first, second = click(), click()
        for event in (first, first, second):
            await gateway.dispatch("INTERACTION_CREATE", event)
        await bot.discord.answered(first["token"], at_least=2)
        await bot.discord.answered(second["token"], at_least=2)
        assert await core.store.read(alerts.count) == 1
        assert gateway.identified == 1
        assert 78 in [row["id"] for row in await core.store.read(rows, "SELECT id FROM guild")]
        assert not [each for each in caplog.records if each.exc_info]
        await bot.end(task)
