"""Forms: a new alert on a signal, another level for a drafted or stored one, and how it notifies."""

from __future__ import annotations

from dataclasses import replace

from bot.alerts.validation import NOTE_MOST, ValidatedSpec
from bot.commands.alerts import alert_lookup, manage, manner_text, parse, service
from bot.commands.alerts.condition_text import ANY_TURN, states_typed
from bot.commands.alerts.draft import AlertDraft, validated_spec
from bot.commands.alerts.parse import AlertChange
from bot.commands.alerts.preview import with_track_record
from bot.commands.alerts.texts import level_hint
from bot.commands.alerts.texts.describe import describe_alert
from bot.commands.context import Core
from bot.discord_app import interactions, limits
from bot.discord_app.bot_base import Interaction
from bot.discord_app.delivery import message_minus
from bot.discord_app.forms.forms import Form, TextInput, text_field
from bot.discord_app.interactions import caller_of, caller_with_dm, core_of
from bot.discord_app.permissions import check_again
from bot.domain.model import After, Alert, AlertSpec, Manner
from bot.errors import UserError
from bot.formatting import formats
from signals.core.model import Measure, Signal


def _level_label(name: str, signal: Signal | None, measure: Measure) -> str:
    unit = "" if signal is None else level_hint.unit_words(signal, measure)
    return f"{name}, in {unit}" if unit else name


def _turn_label(signal: Signal) -> str:
    """How a turn is typed, with the names of the states where they fit into Discord's label."""
    label = f"{ANY_TURN}, or turns to {formats.listed(list(signal.names.values()), 'or')}"
    return label if len(label) <= limits.INPUT_LABEL else f"{ANY_TURN}, or turns to and the name of a state"


class NewAlertModal(Form):
    """A new alert on a signal: the condition with its level."""

    def __init__(self, core: Core, signal: Signal) -> None:
        super().__init__(title=limits.cut(message_minus.typeset(f"Alert on {signal.label}"), limits.MODAL_TITLE))
        self._signal = signal
        if signal.named:
            self._condition = text_field(_turn_label(signal), ANY_TURN, hint=f"{ANY_TURN}, {states_typed(signal)}")
        else:
            self._condition = text_field("When: above, below, crosses, new high 252", "above")
        self.add_item(self._condition)
        self._level: TextInput | None = None
        if not signal.named:
            hint = level_hint.hint(core, signal)
            self._level = text_field(_level_label("Level", signal, Measure.VALUE), None, hint=hint, required=False)
            self.add_item(self._level)

    async def submitted(self, interaction: Interaction) -> None:
        """Show the draft, privately, as `/alert add` does."""
        core = core_of(interaction)
        level = self._level.value if self._level is not None else None
        request = parse.AlertRequest(signal=self._signal.id, condition=self._condition.value, level=level)
        draft = parse.draft(core, request, caller=caller_of(interaction))
        level_hint.refuse_todays(core, draft.validated)
        await interactions.send(interaction, await with_track_record(core, caller_of(interaction), draft))


class _LevelForm(Form):
    """One level, or two of `outside`, filled in with those of a spec."""

    def __init__(self, core: Core, title: str, spec: AlertSpec) -> None:
        super().__init__(title=title)
        self._spec = spec
        two = spec.level_high is not None
        signal = core.signals.get(spec.signal)
        hint = "" if signal is None else level_hint.hint(core, signal, spec.measure)
        lower = _level_label("Lower level" if two else "Level", signal, spec.measure)
        self._level = text_field(lower, formats.bare_level(spec.level), hint=hint)
        self.add_item(self._level)
        upper = _level_label("Upper level", signal, spec.measure)
        self._high = text_field(upper, formats.bare_level(spec.level_high or 0.0), hint=hint) if two else None
        if self._high is not None:
            self.add_item(self._high)

    def _on(self, core: Core, spec: AlertSpec) -> tuple[AlertChange, ValidatedSpec]:
        """The levels that were typed, and a spec with them, which may have got others since the form was opened.

        Raises UserError for what is no level or is not possible, and for the value of today.
        """
        moved = (spec.level, spec.level_high) != (self._spec.level, self._spec.level_high)
        level, upper = (
            None if field is None or (moved and self.changed(field) is None) else field.value
            for field in (self._level, self._high)
        )
        typed = AlertChange(level=level, upper=upper)
        changed = parse.changed(core.signals, spec, typed)
        level_hint.refuse_todays(core, changed)
        return typed, changed


class _MoreForm(Form):
    """How an alert fires and notifies: what follows, on which readings and how often, until when, a note and how loud."""

    def __init__(self, title: str, spec: AlertSpec, manner: Manner, *, follows: bool = True) -> None:
        super().__init__(title=title)
        after = {After.NOTHING: "nothing", After.BACK: "back", After.REMIND: f"remind {spec.remind_every}"}[spec.after]
        last = "never" if manner.expires is None else manner.expires.isoformat()
        self._after = text_field("After it fires: nothing, back, or remind 5", after) if follows else None
        fires = manner_text.fires_typed(spec)
        self._fires = text_field("Fires on close or live, every or once", fires) if follows else None
        self._expires = text_field("Last day, such as 2027-03-31, or never", last)
        self._note = text_field("Your note in its messages", manner.note, required=False, most=NOTE_MOST)
        self._loudness = text_field("Loudness: ping, normal or silent", manner.loudness.value)
        for item in (self._after, self._fires, self._expires, self._note, self._loudness):
            if item is not None:
                self.add_item(item)

    def _typed(self) -> manner_text.MannerChange:
        return manner_text.MannerChange(
            after=self.changed(self._after),
            fires=self.changed(self._fires),
            expires=self.changed(self._expires),
            note=self.changed(self._note),
            loudness=self.changed(self._loudness),
        )


class DraftMoreModal(_MoreForm):
    """How a drafted alert is to notify; sending the form sets it."""

    def __init__(self, draft: AlertDraft) -> None:
        super().__init__("Set the alert", draft.spec, Manner())
        self._draft = draft

    async def submitted(self, interaction: Interaction) -> None:
        """Store the alert."""
        core, typed = core_of(interaction), self._typed()
        check_again(interaction, self._draft.channel_id, self._draft.role_id)
        spec = manner_text.with_fires(manner_text.with_after(self._draft.spec, typed.after), typed.fires)
        validated = validated_spec(core.signals, spec)
        manner = manner_text.with_manner(Manner(), typed, core.today())
        await interaction.response.defer()
        caller = await caller_with_dm(interaction)
        await interactions.replace(
            interaction, await service.save(core, caller, replace(self._draft, validated=validated), manner)
        )


class AlertMoreModal(_MoreForm):
    """How the caller's stored alert is to notify."""

    def __init__(self, alert: Alert) -> None:
        super().__init__(f"Alert {alert.number}", alert.spec, alert.manner, follows=alert.combination is None)
        self._alert_id = alert.id

    async def submitted(self, interaction: Interaction) -> None:
        """Store what was typed."""
        core, caller = core_of(interaction), caller_of(interaction)
        change = manage.Change(manner=self._typed())
        await interactions.defer(interaction)
        alert = await alert_lookup.find_by_id(core, caller, self._alert_id)
        await interactions.send(interaction, await manage.edit_found(core, caller, alert, change))


class DraftLevelModal(_LevelForm):
    """Another level for a draft, which is shown again before it is saved."""

    def __init__(self, core: Core, draft: AlertDraft) -> None:
        super().__init__(core, "Change level", draft.spec)
        self._draft = draft

    async def submitted(self, interaction: Interaction) -> None:
        """Show the draft with its new level."""
        core = core_of(interaction).seen_by(caller_of(interaction))
        draft = replace(self._draft, validated=self._on(core, self._draft.spec)[1])
        await interactions.replace(interaction, await with_track_record(core, caller_of(interaction), draft))


class AlertLevelModal(_LevelForm):
    """Another level for the caller's stored alert."""

    def __init__(self, core: Core, alert: Alert) -> None:
        super().__init__(core, f"Change alert {alert.number}", alert.spec)
        self._alert_id = alert.id

    async def submitted(self, interaction: Interaction) -> None:
        """Store the alert with its new level. Raises UserError where the level is about another condition by now."""
        caller = caller_of(interaction)
        core = core_of(interaction).seen_by(caller)
        alert = await alert_lookup.find_by_id(core, caller, self._alert_id)
        if _asked(alert.spec) != _asked(self._spec):
            now = describe_alert(core, alert)
            raise UserError(f"Alert {alert.number} has been changed since you opened this form: {now}. Open it again.")
        typed, _ = self._on(core, alert.spec)
        await interactions.defer(interaction)
        await interactions.send(interaction, await manage.edit_found(core, caller, alert, manage.Change(spec=typed)))


def _asked(spec: AlertSpec) -> tuple[object, ...]:
    """What a level of a condition means."""
    return spec.signal, spec.measure, spec.condition
