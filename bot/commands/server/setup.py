"""`/setup`: the summaries and topics of a server's channels.

All of it needs the permission Manage Server.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from bot.alerts import topics
from bot.commands.alerts.topic_choice import chosen_topics, topics_words
from bot.commands.context import Caller, Core
from bot.commands.quotas import check_channels
from bot.commands.reply import MOST_CHOICES, Choice, Reply, Tone
from bot.commands.signal_search import closest
from bot.database import Database
from bot.database.alerts import alerts
from bot.database.places import (
    destinations,
    subscriptions,
    summary_channels,
    topic_threads,
)
from bot.database.places.summary_channels import SummaryChannel
from bot.domain.model import SummaryCadence
from bot.errors import UserError
from bot.formatting import formats
from bot.formatting.quoting import quoted
from bot.settings.zones import meant

_TIME = re.compile(r"^(\d{1,2})[:.h]?(\d{2})?(?: ?([ap])\.?m\.?)?(?: ET)?$", re.IGNORECASE)
_OFFSET = re.compile(r"[+\-\N{MINUS SIGN}]\d")
_COMMON_ZONES = (
    "America/New_York",
    "Europe/London",
    "Europe/Berlin",
    "Asia/Tokyo",
    "Australia/Sydney",
    "America/Sao_Paulo",
    "UTC",
)
_FOR = {
    SummaryCadence.DAILY: "for every session of the New York Stock Exchange",
    SummaryCadence.WEEKLY: "after the last session of each week",
}


async def set_summary(
    core: Core, caller: Caller, channel_id: int, at: str | None, zone: str | None, *, weekly: bool = False
) -> Reply:
    """Set a daily summary in a channel at its own local time, or a weekly letter.

    Raises UserError for an invalid time or zone, above the quota and without the permission.
    """
    guild_id = caller.need_manager()
    local = parse_time(at or core.summary_time)
    name = parse_zone(zone or core.summary_zone)
    now, quotas = core.now(), core.quotas
    cadence = SummaryCadence.WEEKLY if weekly else SummaryCadence.DAILY

    def work(db: Database) -> SummaryChannel:
        place = destinations.channel_destination(db, channel_id, guild_id, now=now)
        check_channels(db, quotas, guild_id, place.id)
        return summary_channels.put(
            db, place.id, zone=name, at=local, created_by=caller.user_id, now=now, cadence=cadence
        )

    await core.store.run(work)
    return Reply(
        title="Weekly letter is set" if weekly else "Daily summary is set",
        lines=(f"<#{channel_id}> gets it at **{formats.clock(local, name)}** {_FOR[cadence]}.",),
        tone=Tone.BROADENING,
        private=True,
        footer=core.footer("/setup show lists everything; /setup summary with off ends it"),
    )


async def end_summary(core: Core, caller: Caller, channel_id: int) -> Reply:
    """End the daily summary or weekly letter of a channel. Raises UserError where it has none."""
    caller.need_manager()

    def work(db: Database) -> bool:
        place = destinations.find_channel(db, channel_id)
        return place is not None and place.guild_id == caller.guild_id and summary_channels.remove(db, place.id)

    if not await core.store.run(work):
        raise UserError(f"<#{channel_id}> has no summary. /setup show lists what is set up.")
    return Reply(title="Summary ended", lines=(f"<#{channel_id}> no longer gets one.",), private=True)


async def set_topics(core: Core, caller: Caller, channel_id: int, topic: str, role_id: int | None) -> Reply:
    """Subscribe a channel to a topic (or to `all`, or `rare`), with a role to mention if one is given."""
    guild_id = caller.need_manager()
    keys = await chosen_topics(core, topic)
    prepared, session = prepared_topics(core)
    now, quotas = core.now(), core.quotas

    def work(db: Database) -> None:
        place = destinations.channel_destination(db, channel_id, guild_id, now=now)
        check_channels(db, quotas, guild_id, place.id)
        ensure_topics(db, keys, prepared, session=session, now=now)
        for key in keys:
            subscriptions.subscribe(db, key, place.id, created_by=caller.user_id, now=now, role_id=role_id)

    await core.store.run(work)
    role = f" and mentions <@&{role_id}>" if role_id is not None else ""
    return Reply(
        title="Channel alerts are set",
        lines=(f"Posts {topics_words(keys)} to <#{channel_id}>{role}.",),
        tone=Tone.BROADENING,
        private=True,
        footer=core.footer("/setup show lists everything; /setup alerts with off ends it"),
    )


async def end_topics(core: Core, caller: Caller, channel_id: int, topic: str) -> Reply:
    """Unsubscribe a channel, and its threads of these topics, from a topic (or from `all`, or `rare`).

    Raises UserError where it is not subscribed.
    """
    caller.need_manager()
    keys = await chosen_topics(core, topic)

    def work(db: Database) -> int:
        place = destinations.find_channel(db, channel_id)
        mine = [] if place is None or place.guild_id != caller.guild_id else [place.id]
        mine += topic_threads.of_channel(db, channel_id, caller.guild_id, keys)
        return sum(_unsubscribe(db, destination_id, keys) for destination_id in mine)

    if not await core.store.run(work):
        raise UserError(f"<#{channel_id}> does not get {topics_words(keys)}. /setup show lists what it gets.")
    return Reply(
        title="Channel alerts ended", lines=(f"<#{channel_id}> no longer gets {topics_words(keys)}.",), private=True
    )


def _unsubscribe(db: Database, destination_id: int, keys: Collection[str]) -> int:
    alert_ids = [alert.id for alert, _ in subscriptions.of_destination(db, destination_id) if alert.topic in keys]
    return sum(subscriptions.unsubscribe(db, alert_id, destination_id) for alert_id in alert_ids)


def prepared_topics(core: Core) -> tuple[tuple[topics.PreparedTopic, ...], date]:
    """For `ensure_topics`: the topics as of now, and the session of their newest values."""
    snapshot = core.readings.snapshot
    session = snapshot.session if snapshot is not None else core.calendar.last_final(core.now())
    return topics.prepare(core.signals, core.readings.series), session


def ensure_topics(
    db: Database, keys: Iterable[str], prepared: Iterable[topics.PreparedTopic], *, session: date, now: datetime
) -> None:
    """Store the topics where one of `keys` is not stored yet, as before the first check."""
    if not all(alerts.by_topic(db, key) for key in keys):
        topics.ensure(db, prepared, session=session, now=now)


def parse_time(typed: str) -> time:
    """A local time of day from `17:00`, `5:00 p.m.`, `9:30`, `1730` or `17`.

    Raises UserError for anything else.
    """
    text = typed.strip()
    match = _TIME.match(text) if text.isascii() else None
    if match:
        hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").casefold()
        if half and 1 <= hour <= 12:
            hour = hour % 12 + (12 if half == "p" else 0)
        elif half:
            hour = 24
        if hour <= 23 and minute <= 59:
            return time(hour, minute)
    raise UserError(f"{quoted(typed)} is not a time of day. Type a time such as 17:00 or 5:00 p.m.")


def parse_zone(typed: str) -> str:
    """The name of an IANA zone, typed in any case; `EST` means New York. Raises UserError with the nearest one."""
    text = meant(typed)
    if _OFFSET.search(text):
        raise UserError(
            f"{quoted(typed)} is an offset, which changes with the clocks. Type a place, such as Asia/Kolkata."
        )
    folded = text.casefold().replace(" ", "_")
    for name in zones():
        if name.casefold() == folded:
            return ZoneInfo(name).key
    suggestions = find_zones(text, 1) or (
        [nearest_zone] if (nearest_zone := closest(text.casefold(), zones(), 0.6)) else []
    )
    hint = f"Did you mean {suggestions[0]}?" if suggestions else "Try America/New_York or Europe/Berlin."
    raise UserError(f"No time zone {quoted(typed)}. {hint}")


@cache
def zones() -> tuple[str, ...]:
    """The IANA zones to choose from, areas with a city and UTC; the most common first."""
    areas = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
    others = sorted(name for name in available_timezones() if name.split("/")[0] in areas and name not in _COMMON_ZONES)
    return (*_COMMON_ZONES, *others)


def find_zones(typed: str, limit: int = MOST_CHOICES) -> list[str]:
    """Zones that match the typed text.

    First those whose name or city begins with it, then those whose name contains it.
    """
    text = meant(typed).casefold().replace(" ", "_")
    zone_names = [(name, name.casefold()) for name in zones()]
    first = [
        name for name, folded in zone_names if folded.startswith(text) or folded.rpartition("/")[2].startswith(text)
    ]
    inside = [name for name, folded in zone_names if text in folded and name not in first]
    return (first + inside)[:limit]


def complete_zone(typed: str) -> list[Choice]:
    """Zones to choose from while typing."""
    return [Choice(name.replace("_", " "), name) for name in find_zones(typed)]
