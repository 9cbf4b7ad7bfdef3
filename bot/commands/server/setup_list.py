"""`/setup show`: everything that is set up for a server's channels, and a way to its alerts, whoever has set them."""

from __future__ import annotations

from dataclasses import dataclass

from bot.commands.alerts.texts.describe import describe_alert
from bot.commands.alerts.texts.first_line import topic_name
from bot.commands.context import Caller, Core
from bot.commands.reply import Field, Menu, Option, Pages, Reply, page_of
from bot.database import Database
from bot.database.places import boards, delivery_times, destinations, reminders, subscriptions, summary_channels
from bot.domain.foreign_text import ForeignText
from bot.domain.model import Alert, DestinationState, SummaryCadence
from bot.formatting import formats
from bot.formatting.quiet_hours import quiet_words

ALERTS_PER_PAGE = 25
"""As many as a menu of Discord has."""


@dataclass(frozen=True, slots=True)
class _Channel:
    """One channel: its id, what it gets in words, people's alerts that post to it, and why it gets nothing now."""

    id: int
    lines: tuple[str, ...]
    alerts: tuple[Alert, ...]
    stopped: str


async def show(core: Core, caller: Caller, page: int = 1) -> Reply:
    """Everything that is set up in the server; a menu of its alerts, 25 on a page. Raises UserError without Manage Server."""
    guild_id = caller.need_manager()
    channels = await core.store.read(_channels, guild_id)
    alerts, number, count = page_of([alert for channel in channels for alert in channel.alerts], page, ALERTS_PER_PAGE)
    role_id = core.managers.of(guild_id)
    lines = () if role_id is None else (f"Managers: members of <@&{role_id}>, and everybody with Manage Server.",)
    if not channels:
        lines = (*lines, "Nothing is set up in this server. Try /setup summary or /setup alerts.")
    return Reply(
        title="Set up in this server",
        lines=lines,
        fields=tuple(_field(channel) for channel in channels),
        menu=Menu("manage", "Snooze, edit or remove an alert", tuple(_option(core, alert) for alert in alerts)),
        pages=Pages("setup", (), number, count),
        private=True,
        footer=core.footer(),
    )


def _field(channel: _Channel) -> Field:
    lines = [f"<#{channel.id}>", *channel.lines, *([channel.stopped] if channel.stopped else [])]
    return Field("Channel", "\n".join(lines))


def _option(core: Core, alert: Alert) -> Option:
    return Option(f"a{alert.id}", describe_alert(core.seen_at(alert.owner_id, alert.guild_id), alert))


def _channels(db: Database, guild_id: int) -> list[_Channel]:
    channels = []
    for place in destinations.in_guild(db, guild_id):
        lines = []
        summary = summary_channels.get(db, place.id)
        if summary is not None:
            name = "Weekly letter" if summary.cadence is SummaryCadence.WEEKLY else "Daily summary"
            lines.append(f"{name} at {formats.clock(summary.at, summary.zone)}")
        if boards.running(db, place.id):
            lines.append("Live board")
        if reminders.has(db, place.id):
            lines.append("Reminders of the calendar, and a line after each release")
        subscribed = subscriptions.of_destination(db, place.id)
        if keys := dict.fromkeys(alert.topic for alert, _ in subscribed if alert.topic):
            lines.append(f"Topics: {', '.join(topic_name(key) for key in keys)}")
        if own := [alert for alert, _ in subscribed if alert.topic is None]:
            lines.append(formats.counted(len(own), "alert"))
        times = delivery_times.get(db, place.id)
        if times.quiet is not None:
            lines.append(f"Quiet hours {quiet_words(times.quiet, times.zone)}")
        if roles := {subscription.role_id for _, subscription in subscribed if subscription.role_id is not None}:
            lines.append(f"Mentions {', '.join(f'<@&{role}>' for role in sorted(roles))}")
        if not lines or place.channel_id is None:
            continue
        stopped = place.state is not DestinationState.ACTIVE
        why = f"**Stopped:** {ForeignText(place.reason or place.state.value)}" if stopped else ""
        channels.append(_Channel(place.channel_id, tuple(lines), tuple(own), why))
    return channels
