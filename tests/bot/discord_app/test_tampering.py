"""Buttons with another custom_id than they were sent with: they do nothing that a typed command would not do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.commands.alerts.draft import pack_draft
from bot.database.alerts import alerts
from bot.discord_app import components
from bot.domain.model import AlertSpec, Condition
from signals.core.model import Measure
from tests.support import SimulatedDiscord, answer_text, sample_readings

SILVER = AlertSpec(sample_readings.SILVER, Measure.VALUE, Condition.ABOVE, 90.0)


async def pressed(chat: SimulatedDiscord, custom_id: str) -> str:
    """What the manager is told who presses a button with that id."""
    part = {"type": 2, "style": 2, "label": "Confirm", "custom_id": custom_id, "disabled": False}
    place = chat.bot.get_partial_messageable(chat.channel.id)
    sent = await place.send("A message of mine", view=components.view_of([components.action_row([part])]))
    await chat.env.settle()
    return answer_text(await chat.manager.click(await sent.fetch(), custom_id=custom_id))


@pytest.mark.parametrize(
    ("channel", "role", "sentence"),
    [(1, None, "That channel is not in this server."), (None, 1, "That role is not in this server any more.")],
)
async def test_a_draft_for_a_place_elsewhere_is_not_saved(
    chat: SimulatedDiscord, channel: int | None, role: int | None, sentence: str
) -> None:
    words = pack_draft(SILVER, channel or chat.channel.id, role)
    assert sentence in await pressed(chat, "rb:ok~" + "~".join(words))
    assert await chat.core.store.read(alerts.count) == 0


@pytest.mark.parametrize("action", ["ok", "us", "pv", "st", "lv"])
@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        (replace(SILVER, level_high=95.0), "Above takes one level. Try outside for two."),
        (replace(SILVER, signal="havens.tin"), "No signal “havens.tin”."),
    ],
)
async def test_a_draft_that_makes_no_sense_is_refused_under_every_button(
    chat: SimulatedDiscord, action: str, spec: AlertSpec, sentence: str
) -> None:
    assert sentence in await pressed(chat, f"rb:{action}~" + "~".join(pack_draft(spec)))
    assert await chat.core.store.read(alerts.count) == 0


async def test_a_number_too_large_for_the_store_is_answered_with_a_sentence(chat: SimulatedDiscord) -> None:
    assert "older version" in await pressed(chat, "rb:remove~99999999999999999999")


async def test_a_button_with_a_line_end_in_its_id_is_answered(chat: SimulatedDiscord) -> None:
    assert "older version" in await pressed(chat, "rb:edition~1\n2")


async def test_the_same_alert_in_two_channels_is_two_alerts(chat: SimulatedDiscord) -> None:
    other = chat.guild.create_text_channel("other")
    for place in (chat.channel, other, other):
        shown = await chat.manager.slash(
            chat.channel, "alert add", signal=sample_readings.SILVER, condition="above 90", channel=place
        )
        await chat.manager.click(shown.response, label="Confirm")
    assert await chat.core.store.read(alerts.count) == 2
