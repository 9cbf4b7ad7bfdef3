"""The bot as commands and buttons see it: discord.py's client with the core beside it."""

from __future__ import annotations

import discord
from discord.ext import commands

from bot.commands.context import Core


class CoreBot(commands.AutoShardedBot):
    """A client whose interactions find the core that answers them at `interaction.client.core`."""

    core: Core


Interaction = discord.Interaction[CoreBot]
"""Something that a person did, with the bot that received it."""
