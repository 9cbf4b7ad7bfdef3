"""`/signals`, `/signal`, `/scenario`, `/summary`, `/calendar`: answered from memory."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from bot.commands.context import Core
from bot.commands.market import agenda, scenario, signal_list, signals
from bot.commands.reply import Reply
from bot.commands.summary import summary
from bot.discord_app import interactions
from bot.discord_app.bot_base import Interaction
from bot.discord_app.cogs.autocomplete import choices
from bot.discord_app.interactions import caller_of, caller_with_dm


class MarketCog(commands.Cog):
    """Signals, scenarios and the summary."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @app_commands.command(name="signals", description="The most unusual signals of each family, or every signal of one")
    @app_commands.describe(family="breadth, weighting, size ...; without one, the most unusual of each")
    async def signals(self, interaction: Interaction, family: str | None = None) -> None:
        """A table of a family, or of the most unusual."""
        await interactions.respond(
            interaction, lambda: signal_list.overview(self._core, family, caller=caller_of(interaction))
        )

    @signals.autocomplete("family")
    async def _families(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return choices(signal_list.complete_family(self._core, typed))

    @app_commands.command(name="signal", description="One signal in full: value, change, normal range, what it means")
    @app_commands.describe(id="Type a few letters of the signal and choose")
    async def signal(self, interaction: Interaction, id: str) -> None:
        """One signal in full."""
        await interactions.respond(interaction, lambda: signals.detail(self._core, id, caller_of(interaction)))

    @signal.autocomplete("id")
    async def _signals(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return choices(signals.complete(self._core, typed, caller_of(interaction)))

    @app_commands.command(name="scenario", description="Recovery and rotation: state, score, and what each family says")
    async def scenario(self, interaction: Interaction) -> None:
        """Both scenarios with their families."""
        await interactions.respond(interaction, lambda: scenario.show(self._core))

    @app_commands.command(name="summary", description="The newest session in short: what moved, what was crossed")
    async def summary(self, interaction: Interaction) -> None:
        """The newest session in short."""
        await interactions.respond(interaction, lambda: summary.newest(self._core))

    @app_commands.command(name="calendar", description="What is coming up: the Fed, CPI, payrolls, reports, expiries")
    @app_commands.describe(reminders="A DM an hour before, and a line after each release")
    @app_commands.choices(
        reminders=[app_commands.Choice(name="on", value="on"), app_commands.Choice(name="off", value="off")]
    )
    async def calendar(self, interaction: Interaction, reminders: str | None = None) -> None:
        """What is announced, or reminders of it."""
        if reminders is None:
            await interactions.respond(interaction, lambda: agenda.show(self._core))
            return

        async def work() -> Reply:
            enabled = reminders == "on"
            caller = await caller_with_dm(interaction) if enabled else caller_of(interaction)
            return await agenda.set_reminders(self._core, caller, enabled=enabled)

        await interactions.respond_later(interaction, work)
