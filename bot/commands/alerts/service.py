"""`/alert`: a user's own alerts.

They are confirmed before they are saved; only their owner may change them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.alerts import rules
from bot.commands.alerts.alert_lookup import permitted_alert
from bot.commands.alerts.draft import AlertDraft, AlertPlace
from bot.commands.alerts.snooze_button import snooze_menu
from bot.commands.alerts.texts.describe import (
    already_words,
    current_words,
    describe_alert,
    manner_words,
    terms,
)
from bot.commands.alerts.texts.place_words import dm_words, sentence, times_of_dm
from bot.commands.context import Caller, Core
from bot.commands.market import study
from bot.commands.market.signal_history import newest_value, with_band
from bot.commands.quotas import Quotas, check_alerts
from bot.commands.reply import Button, Reply, Tone, Weight
from bot.database import Database, own_signals
from bot.database.alerts import alert_manner
from bot.database.alerts import alerts as stored
from bot.database.places import destinations, subscriptions
from bot.domain.model import Alert, AlertSpec, Destination, Manner, NewTrigger
from bot.errors import UserError
from bot.formatting import formats
from signals.expressions import PREFIX

NOT_REACHABLE = (
    "Discord does not let me write to you. Allow direct messages from this server, or type /alert mention where I "
    "may mention you instead. Then try again."
)


async def save(core: Core, caller: Caller, draft: AlertDraft, manner: Manner | None = None) -> Reply:
    """Store a confirmed draft, to notify in this manner.

    An equal alert is stored only once, so that a button may be pressed twice. Raises UserError
    above the quotas, and where there is no way to reach the user.
    """
    core = core.seen_by(caller)
    guild_id = caller.need_manager() if draft.channel_id is not None else None
    spec = with_band(core, draft.spec)
    value, session = newest_value(core, spec)
    triggers = rules.new_triggers(spec, value, session)
    alert, destination = await core.store.run(
        _add, caller, draft, spec, triggers, guild_id=guild_id, quotas=core.quotas, now=core.now(), manner=manner
    )
    current = [already_words(core, spec)] if rules.already_there(spec, value) else []
    place = AlertPlace(draft.channel_id, draft.role_id)
    return await active_reply(core, caller, alert, destination, place, event="is set", current=current)


async def active_reply(
    core: Core,
    caller: Caller,
    alert: Alert,
    dm: Destination,
    place: AlertPlace,
    *,
    event: str,
    current: Sequence[str] = (),
) -> Reply:
    """The answer about an alert that was set or put back: where it posts, what it waits for, how it notifies.

    Args:
        core: What the caller sees.
        caller: Its owner.
        alert: As it is stored now.
        dm: The caller's DM, where it does not post to a channel.
        place: Where it posts.
        event: What has happened to it, behind its number in the title.
        current: Of an alert with a condition, how things stand; below its terms.
    """
    times = await times_of_dm(core, caller)
    lines = [
        dm_words(caller, dm, times) if place.channel_id is None else sentence(place.channel_id, place.role_id, times)
    ]
    if alert.combination is None:
        lines += [f"{terms(core, alert.spec)}.", *current]
    if words := manner_words(core, alert):
        lines.append(f"{formats.capitalised(words)}.")
    return reply_on(core, alert, event, lines, footer="/alert list shows all of yours")


def reply_on(core: Core, alert: Alert, event: str, lines: Sequence[str], *, footer: str = "") -> Reply:
    """The answer to a change of an alert: `event` is what has happened, behind its number in the title."""
    return Reply(
        title=f"Alert {alert.number} {event}: {describe_alert(core, alert)}",
        lines=tuple(lines),
        buttons=changes(alert),
        footer=core.footer(footer),
        tone=Tone.BROADENING,
        private=True,
    )


def _add(
    db: Database,
    caller: Caller,
    draft: AlertDraft,
    spec: AlertSpec,
    triggers: Sequence[NewTrigger],
    *,
    guild_id: int | None,
    quotas: Quotas,
    now: datetime,
    manner: Manner | None = None,
) -> tuple[Alert, Destination]:
    """Find or store the alert.

    The lookup and the check of the quotas are in the transaction that stores it, so that two equal
    requests at the same time give one alert and no quota is passed.
    """
    destination = _destination(db, caller, draft, guild_id, now=now)
    for alert in stored.list_for(db, caller.user_id):
        subscription = subscriptions.get(db, alert.id, destination.id)
        same_place = subscription is not None and subscription.role_id == draft.role_id
        if alert.ended_at is None and alert.spec == spec and same_place:
            if manner is not None:
                alert_manner.set_manner(db, alert.id, manner, now=now)
            return stored.get(db, alert.id) or alert, destination
    check_alerts(db, quotas, caller.user_id, guild_id)
    check_own(db, spec, (caller.user_id,), caller.guild_id)
    alert = stored.add(
        db,
        spec,
        triggers,
        owner_id=caller.user_id,
        guild_id=guild_id,
        destination_id=destination.id,
        now=now,
        role_id=draft.role_id,
        manner=manner,
    )
    return alert, destination


def check_own(db: Database, spec: AlertSpec, people: Sequence[int | None], guild_id: int | None) -> None:
    """Raise UserError for an own signal that neither one of these people nor the server has."""
    if spec.signal.startswith(PREFIX) and not own_signals.may_use(db, spec.signal, people, guild_id):
        expression = spec.signal.removeprefix(PREFIX)
        raise UserError(f"{expression} is not one of your signals. Add it with /watch add.")


def _destination(
    db: Database, caller: Caller, draft: AlertDraft, guild_id: int | None, *, now: datetime
) -> Destination:
    if draft.channel_id is not None and guild_id is not None:
        return destinations.channel_destination(db, draft.channel_id, guild_id, now=now)
    return reachable_dm(db, caller, now=now)


def own_dm(db: Database, caller: Caller, *, now: datetime) -> Destination:
    """The caller's DM, stored when missing."""
    return destinations.dm_destination(db, caller.user_id, channel_id=caller.dm_channel_id, now=now)


def reachable_dm(db: Database, caller: Caller, *, now: datetime) -> Destination:
    """The caller's DM.

    Raises UserError where Discord refuses it and the caller has not asked to be mentioned instead.
    """
    destination = own_dm(db, caller, now=now)
    if caller.dm_channel_id is None and destination.fallback_channel_id is None:
        raise UserError(NOT_REACHABLE)
    return destination


async def card(core: Core, caller: Caller, alert_id: int) -> Reply:
    """One alert with its buttons. Raises UserError where the caller may not change it."""
    core = core.seen_by(caller)
    alert = await core.store.read(permitted_alert, caller, alert_id)
    lines = [terms(core, alert.spec)] if alert.combination is None else []
    if alert.combination is None:
        lines += current_words(core, alert.spec, *newest_value(core, alert.spec))
    if words := manner_words(core, alert):
        lines.append(formats.capitalised(words))
    return Reply(
        title=f"Alert {alert.number}: {describe_alert(core, alert)}",
        lines=tuple(lines),
        buttons=buttons(alert),
        menu=snooze_menu(alert.id),
        private=True,
        footer=core.footer(),
    )


def buttons(alert: Alert) -> tuple[Button, ...]:
    """The buttons under an alert: study where it has a condition of its own, edit, how it notifies, and remove."""
    return (*([] if alert.combination is not None else [study.button(alert.spec)]), *changes(alert))


def changes(alert: Alert) -> tuple[Button, ...]:
    """The buttons to change an alert: its level, how it notifies, and to remove it."""
    return (*([] if alert.combination is not None else [_change(alert)]), _more(alert), _remove(alert))


def _change(alert: Alert) -> Button:
    return Button("edit", "Edit", (str(alert.id),))


def _more(alert: Alert) -> Button:
    return Button("more", "More", (str(alert.id),))


def _remove(alert: Alert) -> Button:
    return Button("remove", "Remove", (str(alert.id),), Weight.DANGER)
