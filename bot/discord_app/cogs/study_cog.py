"""`/study`: counted and drawn in the worker process, so the answer is deferred."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Literal

from discord import app_commands
from discord.ext import commands

from bot.commands.alerts.parse import AlertRequest
from bot.commands.context import Core
from bot.commands.market import signals, study
from bot.commands.reply import Reply
from bot.discord_app import interactions
from bot.discord_app.bot_base import Interaction
from bot.discord_app.cogs.autocomplete import MEASURE_CHOICES, choices
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
        condition="On which side of the level",
        level="The level, such as 0.8 (of outside: the lower one)",
        upper="Only for outside: the upper level",
        measure="What the level is compared with (default: value)",
        outcome="A ticker, or one minus another such as RSP-SPY (default: ^IXIC, the Nasdaq)",
        horizon="Sessions ahead in the first sentence (default: 1); the table shows 1, 5, 21 and 63 as well",
        versus="Ticker whose return is subtracted from the outcome's",
    )
    @app_commands.choices(measure=MEASURE_CHOICES)
    async def study(
        self,
        interaction: Interaction,
        signal: str,
        condition: Literal["above", "below", "crosses", "outside"],
        level: str,
        upper: str | None = None,
        measure: str | None = None,
        outcome: str | None = None,
        horizon: app_commands.Range[int, 1, LONGEST] | None = None,
        versus: str | None = None,
    ) -> None:
        """Count what followed the condition."""

        def work() -> Awaitable[Reply]:
            request = AlertRequest(signal=signal, condition=condition, level=level, upper=upper, measure=measure)
            question = study.question(self._core, request, outcome, horizon, versus, caller_of(interaction))
            return study.study(self._core, caller_of(interaction), question)

        await interactions.respond_with_picture(interaction, work)

    @study.autocomplete("signal")
    async def _signals(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return choices(signals.complete(self._core, typed, caller_of(interaction)))

    @study.autocomplete("outcome")
    @study.autocomplete("versus")
    async def _outcomes(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return choices(study.complete_outcome(typed))
