"""The two forms: a new alert on a signal, and another level for one that is drafted or stored."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Any

import discord

from bot.alerts.validation import parse_level
from bot.commands.alerts import parse, service
from bot.commands.alerts.draft import Draft
from bot.commands.alerts.preview import with_evidence
from bot.commands.context import Core
from bot.discord_app import interactions, limits
from bot.discord_app.bot_base import Interaction
from bot.discord_app.interactions import caller_of, core_of
from bot.domain.model import Condition
from bot.formatting import formats
from signals.core.model import Signal


class _Form(discord.ui.Modal):
    """A form whose errors reach the person like those of commands."""

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Work on what was typed."""
        await interactions.guarded(interaction, lambda: self.submitted(interaction))

    @abstractmethod
    async def submitted(self, interaction: Interaction) -> None:
        """What the form does."""


def _field(label: str, value: str, *, required: bool = True) -> discord.ui.TextInput[Any]:
    return discord.ui.TextInput(label=label[: limits.INPUT_LABEL], default=value, required=required, max_length=40)


class NewAlertModal(_Form):
    """Set an alert here: condition and level, the level filled in with today's value."""

    def __init__(self, core: Core, signal: Signal) -> None:
        super().__init__(title=limits.cut(f"Alert on {signal.label}", limits.MODAL_TITLE))
        reading = core.readings.reading(signal.id)
        value = reading.value if reading is not None else None
        now = "" if value is None or not math.isfinite(value) else formats.bare_level(round(value, signal.decimals))
        self._signal = signal
        self._condition = _field("above, below or crosses", Condition.ABOVE.value)
        self._level = _field("Level", now)
        self.add_item(self._condition)
        self.add_item(self._level)

    async def submitted(self, interaction: Interaction) -> None:
        """Show the draft, privately, as `/alert add` does."""
        core = core_of(interaction)
        wish = parse.Wish(self._signal.id, self._condition.value, self._level.value)
        await interactions.send(interaction, await with_evidence(core, caller_of(interaction), parse.draft(core, wish)))


class LevelModal(_Form):
    """Another level, for a draft (shown again before it is saved) or for the caller's stored alert."""

    def __init__(self, draft: Draft, *, alert_id: int | None = None) -> None:
        super().__init__(title="Change level" if alert_id is None else f"Change alert {alert_id}")
        self._draft, self._alert_id = draft, alert_id
        two = draft.spec.level_high is not None
        self._level = _field("Lower level" if two else "Level", formats.bare_level(draft.spec.level))
        self.add_item(self._level)
        self._high = _field("Upper level", formats.bare_level(draft.spec.level_high or 0.0)) if two else None
        if self._high is not None:
            self.add_item(self._high)

    async def submitted(self, interaction: Interaction) -> None:
        """Show or store what has changed."""
        high = parse_level(self._high.value) if self._high is not None else None
        draft = self._draft.at(parse_level(self._level.value), high)
        core, caller = core_of(interaction), caller_of(interaction)
        if self._alert_id is None:
            await interactions.replace(interaction, await with_evidence(core, caller, draft))
        else:
            await interactions.defer(interaction)
            await interactions.send(interaction, await service.edit(core, caller, self._alert_id, draft))
