"""`/alert snooze`: hold back an alert, a topic, or everything that comes by DM, for a while or until a time."""

from __future__ import annotations

from datetime import datetime

from bot.alerts.topics import TOPICS
from bot.calendar.delivery_times import held_until
from bot.commands.alerts import alert_lookup, service
from bot.commands.alerts import snooze_button as one
from bot.commands.alerts.topic_choice import chosen_topics
from bot.commands.context import Caller, Core
from bot.commands.delivery import delivery_input
from bot.commands.reply import MOST_CHOICES, Choice, Reply
from bot.database import Database
from bot.database.alerts import alerts
from bot.database.places import delivery_times, destinations, subscriptions
from bot.errors import UserError
from bot.formatting import formats

ALL, OFF = "all", "off"


async def snooze(core: Core, caller: Caller, what: str, until: str) -> Reply:
    """Snooze what is named, or end its snooze where `until` is `off`.

    Raises UserError for what the caller does not get, and for an end that makes no sense.
    """
    now = core.now()
    ended = until.strip().casefold() == OFF
    zone = await core.store.read(_zone, caller.user_id)
    end = None if ended else delivery_input.parse_until(until, zone, now)
    if what.strip().casefold() == ALL:
        return await _everything(core, caller, end)
    alert_id = await _named(core, caller, what)
    return (
        await one.end_snooze(core, caller, alert_id)
        if end is None
        else await one.hold_back(core, caller, alert_id, end)
    )


async def _everything(core: Core, caller: Caller, end: datetime | None) -> Reply:
    now = core.now()

    def work(db: Database) -> datetime | None:
        place = service.own_dm(db, caller, now=now)
        delivery_times.snooze_all(db, place.id, end, created_by=caller.user_id, now=now)
        return held_until(delivery_times.get(db, place.id), now, now)

    waits = await core.store.run(work)
    if end is None:
        line = f"Your alerts come again; what crossed in the meantime comes {one.when_words(waits)}."
        return Reply(title="Snooze ended", lines=(line,), private=True)
    return Reply(
        title="All your alerts are snoozed",
        lines=(f"No alert comes by DM until {formats.stamp((waits or end).timestamp())}.", one.AT_THE_END),
        private=True,
        footer=core.footer("/alert snooze with all and off ends it"),
    )


async def _named(core: Core, caller: Caller, what: str) -> int:
    """The id of an alert of the caller's, by its number, or of the first part of a topic."""
    text = what.strip().removeprefix("#")
    if text.isascii() and text.isdecimal():
        return (await alert_lookup.find(core, caller, text)).id
    keys = await chosen_topics(core, what)
    if len(keys) != 1:
        raise UserError("Choose one topic or one of your alerts, or all for everything by DM.")
    parts = await core.store.read(alerts.by_topic, keys[0])
    if not parts:
        raise UserError("You are not subscribed to that topic here.")
    return parts[0].id


async def complete(core: Core, caller: Caller, typed: str) -> list[Choice]:
    """What the caller may snooze: everything, the topics that they follow, their own alerts."""
    text = typed.strip().casefold()
    keys = await core.store.read(_followed, caller)
    topics = [Choice(f"{topic.title} · topic", topic.key) for topic in TOPICS if topic.key in keys]
    offered = [Choice("All alerts by DM", ALL), *topics]
    own = await alert_lookup.complete_own(core, caller, typed)
    return [*(choice for choice in offered if text in choice.label.casefold()), *own][:MOST_CHOICES]


def _followed(db: Database, caller: Caller) -> set[str]:
    """The keys of the topics that the caller follows by DM, or a manager in the channel of the command."""
    channel = destinations.find_channel(db, caller.channel_id) if caller.channel_id and caller.may_manage else None
    places = [place for place in (destinations.find_dm(db, caller.user_id), channel) if place is not None]
    pairs = [pair for place in places for pair in subscriptions.of_destination(db, place.id)]
    return {alert.topic for alert, _ in pairs if alert.topic is not None}


def _zone(db: Database, user_id: int) -> str | None:
    place = destinations.find_dm(db, user_id)
    return None if place is None else delivery_times.get(db, place.id).zone
