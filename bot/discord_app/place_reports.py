"""After a command: what waits for its person is tried at once, and they are told where Discord refuses."""

from __future__ import annotations

import logging

from bot.commands.server import refused_places
from bot.database import DatabaseError
from bot.discord_app.bot_base import Interaction
from bot.discord_app.error_responses import send_text

log = logging.getLogger(__name__)


async def report(interaction: Interaction) -> None:
    """Tell a person once of each place that Discord refuses since their last command, and try it now."""
    core, person = interaction.client.core, interaction.user.id
    try:
        if not await refused_places.concern(core, person):
            return
        sentences = await refused_places.take(core, person)
    except DatabaseError as error:
        log.warning("places that refuse are reported at the next command: %s", error)
        return
    interaction.client.wake_courier()
    if sentences:
        await send_text(interaction, "\n".join(sentences))
