"""Snooze an alert or a topic, end a snooze, unsubscribe: for the destination of the button."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.calendar.delivery_times import held_until
from bot.commands.alerts.alert_lookup import GONE, permitted_alert
from bot.commands.alerts.texts.describe import current_words, describe, describe_alert
from bot.commands.alerts.texts.first_line import topic_name
from bot.commands.context import Caller, Core
from bot.commands.market import study
from bot.commands.market.signal_history import newest_value
from bot.commands.reply import Button, Menu, Option, Reply, Weight
from bot.database import Database
from bot.database.alerts import alerts as stored
from bot.database.places import delivery_times, destinations, subscriptions
from bot.domain.model import Alert
from bot.errors import UserError
from bot.formatting import formats

SNOOZES = {"1h": "1 hour", "next": "Until the next session", "7": "1 week"}
"""What a menu offers, by the key in its value."""

_WHILES = {"1h": timedelta(hours=1), "1": timedelta(days=1), "7": timedelta(days=7)}
"""Spans by their key; a day is that of buttons under older messages."""

AT_THE_END = "What crosses until then comes in one message at the end."


async def topic_card(core: Core, caller: Caller, alert_id: int) -> Reply:
    """A topic with the buttons of its subscription here.

    Raises UserError where the caller may not use them.
    """
    alert, _ = await core.store.read(_subscribed_here, caller, alert_id)
    value, session = newest_value(core, alert.spec)
    return Reply(
        title=describe(core, alert.spec),
        lines=tuple(current_words(core, alert.spec, value, session)),
        buttons=(study.button(alert.spec), Button("leave", "Remove", (str(alert.id),), Weight.DANGER)),
        menu=snooze_menu(alert.id),
        private=True,
        footer=core.footer(),
    )


def snooze_menu(alert_id: int) -> Menu:
    """The menu from which an alert is snoozed for a while."""
    return Menu("snooze", "Snooze", tuple(Option(f"{alert_id}:{key}", words) for key, words in SNOOZES.items()))


def _end(core: Core, span: str) -> datetime:
    """When a snooze ends that begins now. Raises UserError for a span that there is not."""
    if span == "next":
        yesterday = core.now().astimezone(ZoneInfo(formats.NEW_YORK)).date() - timedelta(days=1)
        opening = core.calendar.open_at(core.calendar.after(yesterday))
        return opening if opening > core.now() else core.calendar.open_at(core.calendar.after(opening.date()))
    if span not in _WHILES:
        raise UserError("An alert can be snoozed for 1 hour, until the next session or for 1 week.")
    return core.now() + _WHILES[span]


async def snooze(core: Core, caller: Caller, alert_id: int, span: str) -> Reply:
    """Hold the messages back for a while, where it was chosen: `1h`, `next` (session) or `7` (days).

    Raises UserError where the caller may not change the alert or the destination.
    """
    return await hold_back(core, caller, alert_id, _end(core, span))


async def hold_back(core: Core, caller: Caller, alert_id: int, until: datetime) -> Reply:
    """Hold the messages of an alert back until an instant.

    Raises UserError where the caller may not change the alert or the destination, and of a paused alert, of which
    nothing comes at the end of a snooze.
    """
    core = core.seen_by(caller)

    def work(db: Database) -> tuple[Alert, datetime]:
        alert, place = _subscribed_here(db, caller, alert_id)
        if alert.paused_at is not None:
            raise UserError(f"Alert {alert.number} is paused and sends nothing until you type /alert resume.")
        snoozed = [subscriptions.snooze(db, part.id, place, until) for part in _parts(db, alert)]
        if not any(snoozed):
            raise UserError(GONE)
        return alert, held_until(delivery_times.get(db, place), until, until) or until

    alert, again = await core.store.run(work)
    return Reply(
        title=f"{formats.capitalised(_alert_name(core, alert))} is snoozed",
        lines=(
            f"Until {formats.stamp(again.timestamp(), 'f')}. A crossing before then is not lost: one message at the "
            "end lists all of them and says what is still past its level.",
        ),
        buttons=(Button("wake", "End the snooze", (str(alert.id),)),),
        private=True,
        footer=core.footer(),
    )


async def end_snooze(core: Core, caller: Caller, alert_id: int) -> Reply:
    """End a snooze. Raises UserError as `snooze` does."""
    core = core.seen_by(caller)
    now = core.now()

    def work(db: Database) -> tuple[Alert, datetime | None]:
        alert, place = _subscribed_here(db, caller, alert_id)
        for part in _parts(db, alert):
            subscriptions.snooze(db, part.id, place, None)
        return alert, held_until(delivery_times.get(db, place), now, now)

    alert, waits = await core.store.run(work)
    name = formats.capitalised(_alert_name(core, alert))
    line = f"{name} alerts again. What crossed in the meantime comes {when_words(waits)}, in one message."
    return Reply(title="Snooze ended", lines=(line,), private=True)


def when_words(waits: datetime | None) -> str:
    """When what is due comes to a place: `now`, or on the end of its quiet hours, its digest or its snooze."""
    return "now" if waits is None else f"on {formats.stamp(waits.timestamp())}"


async def unsubscribe_here(core: Core, caller: Caller, alert_id: int) -> Reply:
    """The button Remove under a topic's message: end the subscription of its destination."""

    def work(db: Database) -> Alert:
        alert, place = _subscribed_here(db, caller, alert_id)
        for part in _parts(db, alert):
            subscriptions.unsubscribe(db, part.id, place)
        return alert

    alert = await core.store.run(work)
    return Reply(
        title="Unsubscribed",
        lines=(f"No more alerts on {_alert_name(core, alert)} here. Subscribe again with /topics.",),
        private=True,
    )


def _alert_name(core: Core, alert: Alert) -> str:
    """The name of a topic, or the condition of a user's alert."""
    return topic_name(alert.topic) if alert.topic is not None else describe_alert(core, alert)


def _parts(db: Database, alert: Alert) -> list[Alert]:
    """The alerts that are snoozed together: all parts of a topic, or a user's alert alone."""
    return stored.by_topic(db, alert.topic) if alert.topic is not None else [alert]


def _subscribed_here(db: Database, caller: Caller, alert_id: int) -> tuple[Alert, int]:
    """The alert and the id of the destination that the caller may change.

    For an alert of a user that is its own destination. For a topic it is the channel of the
    command, which needs Manage Server, or else the caller's DM. Raises UserError where there is
    none.
    """
    alert = stored.get(db, alert_id)
    if alert is None:
        raise UserError(GONE)
    if alert.topic is None:
        permitted_alert(db, caller, alert_id)
        places = subscriptions.of_alert(db, alert_id)
        if not places:
            raise UserError(GONE)
        return alert, places[0].destination_id
    channel = destinations.find_channel(db, caller.channel_id) if caller.channel_id and caller.guild_id else None
    if channel is not None and subscriptions.get(db, alert_id, channel.id) is not None:
        caller.need_manager()
        return alert, channel.id
    own = destinations.find_dm(db, caller.user_id)
    if own is not None and subscriptions.get(db, alert_id, own.id) is not None:
        return alert, own.id
    raise UserError("You are not subscribed to that topic here.")
