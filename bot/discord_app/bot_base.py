"""The type of bot that commands and buttons use: discord.py's client with the core."""

from __future__ import annotations

import discord
from discord.ext import commands

from bot.commands.context import Core
from bot.courier import Courier
from bot.discord_app.forms.refused_forms import RefusedForms


class CoreBot(commands.AutoShardedBot):
    """A client with the command core, reachable from interactions as `interaction.client.core`.

    `courier`: what delivers through this client, once the connection has one. `refused_forms`: what people typed into
    forms that were refused.
    """

    core: Core
    refused_forms: RefusedForms
    courier: Courier | None = None

    def wake_courier(self) -> None:
        """Let the courier look into the outbox, because there may be something to deliver."""
        if self.courier is not None:
            self.courier.wake()


Interaction = discord.Interaction[CoreBot]
"""A command, button press, menu choice or form of a person, with the bot that received it."""
