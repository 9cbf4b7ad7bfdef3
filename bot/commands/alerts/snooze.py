"""Snooze, wake and leave: what a subscriber can do to an alert or a topic, for the place where its messages go."""

from __future__ import annotations

from datetime import timedelta

from bot.commands.alerts.describe import current_words, describe
from bot.commands.alerts.first_line import topic_name
from bot.commands.alerts.service import GONE, SNOOZE_DAYS, mine, snoozes
from bot.commands.context import Caller, Core
from bot.commands.market.signal_history import newest_value
from bot.commands.reply import Button, Reply, Weight
from bot.database import Database, destinations, subscriptions
from bot.database import alerts as stored
from bot.domain.model import Alert
from bot.errors import UserError
from bot.formatting import formats


async def topic_card(core: Core, caller: Caller, alert_id: int) -> Reply:
    """A topic with what can be done to its subscription here. Raises UserError where the caller may not."""
    alert, _ = await core.store.read(_subscribed_here, caller, alert_id)
    value, session = newest_value(core, alert.spec)
    return Reply(
        title=describe(core, alert.spec),
        lines=tuple(current_words(core, alert.spec, value, session)),
        buttons=(*snoozes(alert.id), Button("leave", "Remove", (str(alert.id),), Weight.DANGER)),
        private=True,
        footer=core.footer(),
    )


async def snooze(core: Core, caller: Caller, alert_id: int, days: int) -> Reply:
    """Suppress messages for some days, where the button was pressed. Raises UserError for alerts and places not the caller's."""
    if days not in SNOOZE_DAYS:
        raise UserError(f"An alert can be snoozed for 1 or 7 days, not {days}.")
    until = core.now() + timedelta(days=days)

    def work(db: Database) -> Alert:
        alert, place = _subscribed_here(db, caller, alert_id)
        snoozed = [subscriptions.snooze(db, part.id, place, until) for part in _parts(db, alert)]
        if not any(snoozed):
            raise UserError(GONE)
        return alert

    alert = await core.store.run(work)
    return Reply(
        title=f"Quiet until {formats.day(until.date(), today=core.today())}",
        lines=(f"{_called(core, alert)} speaks again {formats.stamp(until.timestamp(), 'R')}.",),
        buttons=(Button("wake", "Speak again now", (str(alert.id),)),),
        private=True,
        footer=core.footer(),
    )


async def wake(core: Core, caller: Caller, alert_id: int) -> Reply:
    """End a snooze."""

    def work(db: Database) -> Alert:
        alert, place = _subscribed_here(db, caller, alert_id)
        for part in _parts(db, alert):
            subscriptions.snooze(db, part.id, place, None)
        return alert

    alert = await core.store.run(work)
    return Reply(title="Awake again", lines=(f"{_called(core, alert)} speaks at its next crossing.",), private=True)


async def leave(core: Core, caller: Caller, alert_id: int) -> Reply:
    """The button Remove under a topic's message: end the subscription of the place where it was posted."""

    def work(db: Database) -> Alert:
        alert, place = _subscribed_here(db, caller, alert_id)
        for part in _parts(db, alert):
            subscriptions.unsubscribe(db, part.id, place)
        return alert

    alert = await core.store.run(work)
    return Reply(
        title="Unsubscribed",
        lines=(f"No more news of {_called(core, alert)} here. /topics brings it back.",),
        private=True,
    )


def _called(core: Core, alert: Alert) -> str:
    """A topic by its name, a person's alert by its condition."""
    return topic_name(alert.topic) if alert.topic is not None else describe(core, alert.spec)


def _parts(db: Database, alert: Alert) -> list[Alert]:
    """What is snoozed together with an alert: all parts of its topic, or a person's alert alone."""
    return stored.by_topic(db, alert.topic) if alert.topic is not None else [alert]


def _subscribed_here(db: Database, caller: Caller, alert_id: int) -> tuple[Alert, int]:
    """The alert and the destination that the caller may snooze: the own DM, or a channel with Manage Server."""
    alert = stored.get(db, alert_id)
    if alert is None:
        raise UserError(GONE)
    if alert.topic is None:
        mine(db, caller, alert_id)
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
