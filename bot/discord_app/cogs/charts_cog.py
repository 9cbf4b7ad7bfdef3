"""`/chart`, `/compare`: pictures with a few lines of text.

Drawing takes a moment, so both are deferred.
"""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from bot.commands.context import Core
from bot.commands.market import chart, comparables, compare, signals
from bot.discord_app import interactions
from bot.discord_app.bot_base import Interaction
from bot.discord_app.cogs.autocomplete import MEASURE_CHOICES, choices
from bot.discord_app.interactions import caller_of

_SPANS = [app_commands.Choice(name=name, value=name) for name in chart.SPANS]


class ChartsCog(commands.Cog):
    """Charts on request."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @app_commands.command(name="chart", description="A signal as a picture")
    @app_commands.describe(
        id="Type a few letters of the signal and choose",
        measure="The value (default), its change, its percentile or z-score",
        span="How far back (default: 6 months)",
    )
    @app_commands.choices(measure=MEASURE_CHOICES, span=_SPANS)
    async def chart(
        self, interaction: Interaction, id: str, measure: str | None = None, span: str | None = None
    ) -> None:
        """A signal as a picture."""
        await interactions.respond_with_picture(
            interaction, lambda: chart.chart(self._core, id, measure, span, caller_of(interaction))
        )

    @app_commands.command(
        name="compare", description="Two signals or tickers: both lines, their ratio, their correlation"
    )
    @app_commands.describe(
        a="A signal or ticker: type a few letters and choose",
        b="Another one",
        span="How far back (default: 6 months)",
    )
    @app_commands.choices(span=_SPANS)
    async def compare(self, interaction: Interaction, a: str, b: str, span: str | None = None) -> None:
        """Two signals or tickers beside each other."""
        await interactions.respond_with_picture(
            interaction, lambda: compare.compare(self._core, a, b, span, caller_of(interaction))
        )

    @chart.autocomplete("id")
    async def _signals(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return choices(signals.complete(self._core, typed, caller_of(interaction)))

    @compare.autocomplete("a")
    @compare.autocomplete("b")
    async def _comparables(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return choices(comparables.complete(self._core, typed, caller_of(interaction)))
