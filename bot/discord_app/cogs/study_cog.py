"""`/study`: counted and drawn in the worker process, so the answer is deferred."""

from __future__ import annotations

from collections.abc import Awaitable

from discord import app_commands
from discord.ext import commands

from bot.commands.alerts.parse import AlertRequest
from bot.commands.context import Core
from bot.commands.market import signals, study
from bot.commands.reply import Reply
from bot.discord_app import interactions
from bot.discord_app.bot_base import Interaction
from bot.discord_app.cogs.autocomplete import MEASURE_CHOICES, choices, condition_choices
from bot.discord_app.interactions import caller_of
from bot.event_study.model import LONGEST


class StudyCog(commands.Cog):
    """Event studies on request."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @app_commands.command(
        name="study", description="What followed such days in the past: how often, how sure, vs all days"
    )
    @app_commands.describe(
        signal="Type a few letters of the signal and choose",
        condition="What is counted, such as above 90, outside 20 and 80, new high 252, turns to bull",
        measure="What the level is compared with (default: value)",
        outcome="A ticker, or one minus another such as RSP-SPY (default: ^IXIC, the Nasdaq)",
        horizon="Sessions ahead in the first sentence (default: 1); the table shows 1, 5, 21 and 63 as well",
    )
    @app_commands.choices(measure=MEASURE_CHOICES)
    async def study(
        self,
        interaction: Interaction,
        signal: str,
        condition: str,
        measure: str | None = None,
        outcome: str | None = None,
        horizon: app_commands.Range[int, 1, LONGEST] | None = None,
    ) -> None:
        """Count what followed the condition."""

        def work() -> Awaitable[Reply]:
            request = AlertRequest(signal=signal, condition=condition, measure=measure)
            question = study.question(self._core, request, outcome, horizon, caller_of(interaction))
            return study.study(self._core, caller_of(interaction), question)

        await interactions.respond_with_picture(interaction, work)

    @study.autocomplete("signal")
    async def _signals(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return choices(signals.complete(self._core, typed, caller_of(interaction)))

    @study.autocomplete("condition")
    async def _conditions(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return condition_choices(self._core, interaction, typed)

    @study.autocomplete("outcome")
    async def _outcomes(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return choices(study.complete_outcome(typed))
