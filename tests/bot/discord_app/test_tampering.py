"""Buttons with another custom_id than they were sent with: they do nothing that a typed command would not do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.commands.alerts.draft import pack_draft
from bot.database import alerts
from bot.discord_app import components
from bot.domain.model import AlertSpec, Condition
from signals.core.model import Measure
from tests.bot.commands import world
from tests.bot.discord_app.conftest import Desk, said

SILVER = AlertSpec(world.SILVER, Measure.VALUE, Condition.ABOVE, 90.0)


async def pressed(desk: Desk, custom_id: str) -> str:
    """What the manager is told who presses a button with that id."""
    part = {"type": 2, "style": 2, "label": "Confirm", "custom_id": custom_id, "disabled": False}
    place = desk.bot.get_partial_messageable(desk.channel.id)
    sent = await place.send("A message of mine", view=components.view_of([components.action_row([part])]))
    await desk.env.settle()
    return said(await desk.boss.click(await sent.fetch(), custom_id=custom_id))


@pytest.mark.parametrize(
    ("channel", "role", "sentence"),
    [(1, None, "That channel is not in this server."), (None, 1, "That role is not in this server any more.")],
)
async def test_a_draft_for_a_place_elsewhere_is_not_saved(
    desk: Desk, channel: int | None, role: int | None, sentence: str
) -> None:
    words = pack_draft(SILVER, channel or desk.channel.id, role)
    assert sentence in await pressed(desk, "rb:ok~" + "~".join(words))
    assert await desk.core.store.read(alerts.count) == 0


@pytest.mark.parametrize("action", ["ok", "us", "pv", "st", "lv"])
@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        (replace(SILVER, level_high=95.0), "Above takes one level. Try outside for two."),
        (replace(SILVER, signal="havens.tin"), 'No signal "havens.tin".'),
    ],
)
async def test_a_draft_that_makes_no_sense_is_refused_under_every_button(
    desk: Desk, action: str, spec: AlertSpec, sentence: str
) -> None:
    assert sentence in await pressed(desk, f"rb:{action}~" + "~".join(pack_draft(spec)))
    assert await desk.core.store.read(alerts.count) == 0


async def test_a_number_too_large_for_the_store_is_answered_with_a_sentence(desk: Desk) -> None:
    assert "older version" in await pressed(desk, "rb:remove~99999999999999999999")


async def test_the_same_alert_in_two_channels_is_two_alerts(desk: Desk) -> None:
    other = desk.guild.create_text_channel("other")
    for place in (desk.channel, other, other):
        shown = await desk.boss.slash(
            desk.channel, "alert add", signal=world.SILVER, condition="above", level="90", channel=place
        )
        await desk.boss.click(shown.response, label="Confirm")
    assert await desk.core.store.read(alerts.count) == 2
