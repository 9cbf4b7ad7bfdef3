"""Forms: a new alert on a signal, and another level for a drafted or stored one."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import replace
from typing import Any

import discord

from bot.alerts.validation import ValidatedSpec, parse_level
from bot.commands.alerts import parse, service
from bot.commands.alerts.draft import AlertDraft, validated_spec
from bot.commands.alerts.preview import with_track_record
from bot.commands.context import Core
from bot.discord_app import interactions, limits
from bot.discord_app.bot_base import Interaction
from bot.discord_app.interactions import caller_of, core_of
from bot.domain.model import Alert, AlertSpec, Condition
from bot.formatting import formats
from signals.core.model import Signal


class Form(discord.ui.Modal):
    """A form whose errors are sent to the person like those of commands."""

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Handle the submitted form."""
        await interactions.run_handler(interaction, lambda: self.submitted(interaction))

    @abstractmethod
    async def submitted(self, interaction: Interaction) -> None:
        """Do what the form is for."""


def _field(label: str, value: str) -> discord.ui.TextInput[Any]:
    return discord.ui.TextInput(label=label[: limits.INPUT_LABEL], default=value, required=True, max_length=40)


class NewAlertModal(Form):
    """A new alert: condition and level, the level filled in with the newest value."""

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
        request = parse.AlertRequest(signal=self._signal.id, condition=self._condition.value, level=self._level.value)
        draft = parse.draft(core, request)
        await interactions.send(interaction, await with_track_record(core, caller_of(interaction), draft))


class _LevelForm(Form):
    """One level, or two of `outside`, filled in with those of a spec."""

    def __init__(self, title: str, spec: AlertSpec) -> None:
        super().__init__(title=title)
        self._spec = spec
        two = spec.level_high is not None
        self._level = _field("Lower level" if two else "Level", formats.bare_level(spec.level))
        self.add_item(self._level)
        self._high = _field("Upper level", formats.bare_level(spec.level_high or 0.0)) if two else None
        if self._high is not None:
            self.add_item(self._high)

    def _changed(self, core: Core) -> ValidatedSpec:
        """The spec with the levels that were typed.

        Raises UserError for what is no level or is not possible.
        """
        high = parse_level(self._high.value) if self._high is not None else None
        level = parse_level(self._level.value)
        return validated_spec(core.signals, replace(self._spec, level=level, level_high=high))


class DraftLevelModal(_LevelForm):
    """Another level for a draft, which is shown again before it is saved."""

    def __init__(self, draft: AlertDraft) -> None:
        super().__init__("Change level", draft.spec)
        self._draft = draft

    async def submitted(self, interaction: Interaction) -> None:
        """Show the draft with its new level."""
        core = core_of(interaction)
        draft = replace(self._draft, validated=self._changed(core))
        await interactions.replace(interaction, await with_track_record(core, caller_of(interaction), draft))


class AlertLevelModal(_LevelForm):
    """Another level for the caller's stored alert."""

    def __init__(self, alert: Alert) -> None:
        super().__init__(f"Change alert {alert.id}", alert.spec)
        self._alert_id = alert.id

    async def submitted(self, interaction: Interaction) -> None:
        """Store the alert with its new level."""
        core = core_of(interaction)
        changed = self._changed(core)
        await interactions.defer(interaction)
        await interactions.send(interaction, await service.edit(core, caller_of(interaction), self._alert_id, changed))
