"""Every form of the bot in the simulated Discord, opened as a person opens it."""

from __future__ import annotations

from typing import Any

from tests.support import sample_readings
from tests.support.simulated_discord import SimulatedDiscord


async def opened_forms(chat: SimulatedDiscord) -> dict[str, Any]:
    """Every form of the bot by its class, each opened as a person opens it."""
    shown = await chat.person.slash(chat.channel, "signal", id=sample_readings.SILVER)
    preview = await chat.person.slash(chat.channel, "alert add", signal=sample_readings.SILVER, condition="above 90")
    changed = await chat.person.click(preview.response, label="Change level")
    more = await chat.person.click(preview.response, label="More")
    saved = await chat.person.click(preview.response, label="Confirm")
    listed = await chat.person.slash(chat.channel, "claims")
    return {
        "NewClaimModal": await chat.person.click(listed.response, label="Add your own"),
        "NewAlertModal": await chat.person.click(shown.response, label="Set an alert here"),
        "DraftLevelModal": changed,
        "DraftMoreModal": more,
        "AlertMoreModal": await chat.person.click(saved.response or preview.response, label="More"),
        "AlertLevelModal": await chat.person.click(saved.response or preview.response, label="Edit"),
    }
