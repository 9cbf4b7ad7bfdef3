"""`/alert edit | pause | resume | duplicate`: everything about a stored alert can be changed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.alerts import composites, rules
from bot.commands.alerts import alert_lookup, parse, service
from bot.commands.alerts.draft import AlertDraft, AlertPlace, validated_spec
from bot.commands.alerts.history import firing_words
from bot.commands.alerts.manner_text import MannerChange, still_ahead, with_after, with_fires, with_manner
from bot.commands.alerts.parse import AlertChange
from bot.commands.alerts.snooze_button import AT_THE_END
from bot.commands.alerts.texts.describe import current_words, describe_alert, manner_words, snoozed_words, terms
from bot.commands.alerts.texts.place_words import sentence, times_of_dm
from bot.commands.context import Caller, Core
from bot.commands.market.signal_history import newest_value, with_band
from bot.commands.quotas import Quotas, check_alerts
from bot.commands.reply import Button, Reply
from bot.database import Database
from bot.database.alerts import alert_manner, firings
from bot.database.alerts import alerts as stored
from bot.database.places import delivery_times, destinations, subscriptions
from bot.domain.model import Alert, AlertSpec
from bot.errors import UserError
from bot.formatting import formats

_MOST_MISSED = 10
_ENDED = "It has ended. To restart it, type its condition or a new last day with /alert edit."


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Everything that an edit may change; what was not given stays."""

    spec: AlertChange = field(default_factory=AlertChange)
    manner: MannerChange = field(default_factory=MannerChange)
    place: AlertPlace | None = None


async def edit(core: Core, caller: Caller, typed: str, change: Change) -> Reply:
    """Change one of the caller's alerts; only another condition lets it start anew.

    Raises UserError where nothing was given, for what cannot be read or makes no sense, where the caller may not change
    it, and above the quotas.
    """
    alert = await alert_lookup.find(core, caller, typed)
    if change == Change():
        raise UserError("Nothing to change was given. Choose at least one option, such as condition or note.")
    return await edit_found(core, caller, alert, change)


async def edit_found(core: Core, caller: Caller, alert: Alert, change: Change) -> Reply:
    """`edit` of an alert that was looked up just now; one with a new condition or last day is active again."""
    core = core.seen_by(caller)
    last = alert.manner.expires
    spec = await _store(core, caller, alert, change)
    alert = await alert_lookup.find_by_id(core, caller, alert.id)
    lines = [terms(core, spec)] if alert.combination is None else []
    if alert.ended_at is not None:
        lines.append(_ENDED)
    elif last is not None and alert.manner.expires is None and change.manner.expires is None:
        lines.append(f"Its last day, {formats.day(last, today=core.today())}, is over: it has none now.")
    if manner := manner_words(core, alert):
        lines.append(formats.capitalised(manner))
    if alert.combination is None:
        lines += current_words(core, spec, *newest_value(core, spec))
    if change.place is not None:
        times = await times_of_dm(core, caller)
        lines.append(sentence(change.place.channel_id, change.place.role_id, times))
    return service.reply_on(core, alert, "is now", lines)


async def _store(core: Core, caller: Caller, alert: Alert, change: Change) -> AlertSpec:
    """Write what has changed, in one transaction; the spec as it is then.

    Raises UserError where somebody else has changed the alert since it was looked up.
    """
    spec = with_fires(with_after(alert.spec, change.manner.after), change.manner.fires)
    if change.spec != AlertChange():
        if alert.combination is not None:
            raise UserError(
                f"Alert {alert.number} is a combination. Change it with /alert combine alert:{alert.number}."
            )
        spec = parse.changed(core.signals, spec, _with_id(core, caller, change.spec)).spec
    manner = with_manner(alert.manner, change.manner, core.today())
    asked = spec != alert.spec or change.spec != AlertChange() or manner.expires != alert.manner.expires
    restarts = alert.ended_at is not None and asked
    if alert.combination is None and (restarts or spec != alert.spec):
        spec = with_band(core, validated_spec(core.signals, spec).spec)
    elif spec != alert.spec:
        raise UserError("A combination has no follow-up: it alerts when enough of its members hold.")
    value, session = (None, core.calendar.last_final(core.now())) if alert.combination else newest_value(core, spec)
    place, quotas = change.place, core.quotas
    guild_id = caller.need_manager() if place is not None and place.channel_id is not None else None
    now = core.now()
    if restarts or spec != alert.spec:
        manner = still_ahead(manner, today=core.today(), judged=core.calendar.last_final(now))

    def work(db: Database) -> None:
        before = alert_lookup.permitted_alert(db, caller, alert.id)
        if before != alert:
            raise UserError(f"Alert {alert.number} was changed at this very moment. Try again.")
        if place is None:
            alert_lookup.check_place(caller, alert)
        if restarts:
            check_alerts(db, quotas, before.owner_id, before.guild_id)
            alert_manner.restart(db, alert.id)
        if alert.combination is None and (restarts or spec != before.spec):
            service.check_own(db, spec, (caller.user_id, before.owner_id), before.guild_id or caller.guild_id)
            stored.edit(db, alert.id, spec, rules.new_triggers(spec, value, session))
        if restarts or spec != before.spec:
            composites.settle(db, alert.id)
        if manner != before.manner:
            alert_manner.set_manner(db, alert.id, manner, now=now)
        if place is not None:
            _move(db, caller, before, place, guild_id, quotas=quotas, now=now)

    await core.store.run(work)
    return spec


def _with_id(core: Core, caller: Caller, change: AlertChange) -> AlertChange:
    """The change with the id of the signal that was typed, in any way in which `/alert add` takes one: `mine.semis`."""
    if change.signal is None:
        return change
    return replace(change, signal=core.finder_for(caller).get(change.signal).id)


def _move(
    db: Database,
    caller: Caller,
    alert: Alert,
    place: AlertPlace,
    guild_id: int | None,
    *,
    quotas: Quotas,
    now: datetime,
) -> None:
    if alert.owner_id != caller.user_id:
        raise UserError(alert_lookup.NOT_YOURS)
    if guild_id is not None and place.channel_id is not None:
        destination = destinations.channel_destination(db, place.channel_id, guild_id, now=now)
        if alert.guild_id != guild_id:
            check_alerts(db, quotas, None, guild_id)
    else:
        destination = service.reachable_dm(db, caller, now=now)
    alert_manner.subscribe(db, alert.id, destination.id, place.role_id, created_by=caller.user_id, now=now)
    alert_manner.set_guild(db, alert.id, guild_id)


def _has_ended(alert: Alert) -> UserError:
    return UserError(f"Alert {alert.number} has ended. Restart it with /alert edit.")


async def pause(core: Core, caller: Caller, typed: str) -> Reply:
    """Let an alert move without messages. Raises UserError where it has ended or the caller may not change it."""
    core = core.seen_by(caller)
    now = core.now()
    number = alert_lookup.number(typed)

    def work(db: Database) -> Alert:
        alert = alert_lookup.typed_alert(db, caller, number)
        if alert.ended_at is not None:
            raise _has_ended(alert)
        if alert.paused_at is None:
            alert_manner.pause(db, alert.id, now=now)
        return alert

    alert = await core.store.run(work)
    return Reply(
        title=f"Alert {alert.number} is paused",
        lines=(
            f"{describe_alert(core, alert)} sends nothing until you type /alert resume.",
            "It keeps watching: on resuming you'll see what crossed in the meantime and what is still past its level.",
        ),
        buttons=(Button("resume", "Resume", (str(alert.id),)),),
        private=True,
        footer=core.footer(),
    )


async def resume(core: Core, caller: Caller, typed: str) -> Reply:
    """Let an alert notify again, with what it missed and where it is now. Raises UserError where it is not paused."""
    alert = await alert_lookup.find(core, caller, typed)
    return await resume_found(core, caller, alert)


async def resume_found(core: Core, caller: Caller, alert: Alert) -> Reply:
    """`resume` of an alert that was looked up."""
    core = core.seen_by(caller)
    if alert.paused_at is None:
        raise UserError(f"Alert {alert.number} is not paused.")
    since = alert.paused_at

    def work(db: Database) -> tuple[list[firings.Firing], list[stored.StoredTrigger], list[datetime]]:
        if alert_lookup.permitted_alert(db, caller, alert.id).ended_at is not None:
            raise _has_ended(alert)
        alert_manner.pause(db, alert.id, now=None)
        missed = [one for one in firings.of_alert(db, alert.id, since=since) if one.became == "paused"]
        return missed, stored.triggers_of(db, alert.id), delivery_times.snoozes_of_alert(db, alert.id)

    missed, triggers, snoozes = await core.store.run(work)
    times = "once" if len(missed) == 1 else f"{len(missed):,} times"
    lines = [f"While it was paused it crossed {times}." if missed else "While it was paused nothing crossed."]
    lines += [firing_words(core, one, alert) for one in reversed(missed[:_MOST_MISSED])]
    if alert.combination is None:
        lines += current_words(core, alert.spec, *newest_value(core, alert.spec))
    elif any(trigger.state == "fired" for trigger in triggers):
        lines.append("Enough of its members hold now: you'll be alerted the next time.")
    if snoozed := snoozed_words(core, snoozes):
        lines.append(f"**{formats.capitalised(snoozed)}**: {AT_THE_END[0].lower()}{AT_THE_END[1:]}")
    return service.reply_on(core, alert, "is resumed" if snoozed else "alerts again", lines)


async def duplicate(core: Core, caller: Caller, typed: str, change: AlertChange, place: AlertPlace | None) -> Reply:
    """Set another alert like one of the caller's, with some of it changed.

    Raises UserError where it is a combination, where nothing would differ, and as `service.save` does.
    """
    core = core.seen_by(caller)
    alert = await alert_lookup.find(core, caller, typed)
    if alert.combination is not None:
        raise UserError("A combination cannot be duplicated. Set another one with /alert combine.")
    change = _with_id(core, caller, change)
    spec = alert.spec if change == AlertChange() else parse.changed(core.signals, alert.spec, change).spec
    current = await core.store.read(_place_of, alert)
    place = current if place is None else place
    if place == current and spec == alert.spec:
        raise UserError("The copy would be the same alert. Change the signal, the condition or the channel.")
    draft = AlertDraft(validated_spec(core.signals, spec), place.channel_id, place.role_id)
    manner = still_ahead(alert.manner, today=core.today(), judged=core.calendar.last_final(core.now()))
    return await service.save(core, caller, draft, manner)


def _place_of(db: Database, alert: Alert) -> AlertPlace:
    if alert.guild_id is not None:
        for subscription in subscriptions.of_alert(db, alert.id):
            return AlertPlace(destinations.existing(db, subscription.destination_id).channel_id, subscription.role_id)
    return AlertPlace()
