"""The type of bot that commands and buttons use: discord.py's client with the core."""

from __future__ import annotations

import discord
from discord.ext import commands

from bot.commands.context import Core


class CoreBot(commands.AutoShardedBot):
    """A client with the command core, reachable from interactions as `interaction.client.core`."""

    core: Core


Interaction = discord.Interaction[CoreBot]
"""A command, button press, menu choice or form of a person, with the bot that received it."""
