"""`/calendar`: what is announced for the next two weeks, the Fed's next decision, and reminders by DM or in a channel."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType

from bot.calendar.clock import new_york_date
from bot.calendar.occasions import occasions
from bot.commands.alerts.service import reachable_dm
from bot.commands.alerts.texts.place_words import dm_words
from bot.commands.context import ADVICE, Caller, Core, no_data
from bot.commands.quotas import check_channels
from bot.commands.reply import Reply, Tone
from bot.commands.summary import upcoming
from bot.database import Database
from bot.database.places import destinations, reminders
from bot.domain.model import Destination, ItemKind, OutboxItem
from bot.domain.occasion import Occasion, OccasionKind
from bot.errors import UserError
from bot.formatting import formats
from signals.calendar_events import AHEAD, Event

NAMES: Mapping[OccasionKind, str] = MappingProxyType(
    {OccasionKind(event.value): formats.capitalised(name) for event, name in upcoming.NAMES.items()}
)
"""What is published, at the beginning of a line."""

_QUARTERS = (3, 6, 9, 12)
_PUBLISHED = frozenset((Event.CPI, Event.PAYROLLS, Event.PCE))


def coming(core: Core, *, now: datetime) -> list[Occasion]:
    """What is announced and not over at `now`, the nearest first; empty before the first check."""
    snapshot = core.readings.snapshot
    session = snapshot.newest_final if snapshot is not None else None
    if snapshot is None or session is None:
        return []
    today = new_york_date(now)
    coming_up = occasions(snapshot.agenda.get(session, ()), core.calendar, today, today + AHEAD)
    return [occasion for occasion in coming_up if occasion.at is None or occasion.at > now]


def show(core: Core) -> Reply:
    """Everything that is announced. Raises UserError before the first check."""
    if core.readings.snapshot is None or core.readings.snapshot.newest_final is None:
        raise no_data(core)
    due = coming(core, now=core.now())
    lines = [line(occasion) for occasion in due] or ["Nothing is announced for the next two weeks."]
    announced = (event for events in core.readings.snapshot.agenda.values() for event in events if not event.usual)
    if not any(event.event in _PUBLISHED for event in announced):
        lines.append(
            "Release dates of CPI, payrolls and PCE are not known: they come from FRED, which needs a free API key."
        )
    # Of what is further away only the Fed's next decision is listed.
    later = bool(due) and due[-1].day > new_york_date(core.now()) + AHEAD
    return Reply(
        title=f"Calendar: the next two weeks{', and the next Fed decision' if later else ''}",
        lines=tuple(lines),
        footer=core.footer("Announced days only, in your time zone", "/calendar reminders:on reminds you", ADVICE),
    )


def line(occasion: Occasion) -> str:
    """One line of the calendar; its times are shown in each reader's own zone."""
    day = formats.day(occasion.day, today=occasion.day)
    at = "" if occasion.at is None else formats.stamp(occasion.at.timestamp(), "t")
    match occasion.kind:
        case OccasionKind.EARNINGS:
            return f"**{day}**, after the close: {upcoming.reports(occasion.tickers)}"
        case OccasionKind.HOLIDAY:
            return f"**{day}**: no trading, {occasion.name}"
        case OccasionKind.HALF_DAY:
            return f"**{day}**: trading ends early, at {at}"
        case OccasionKind.EXPIRY:
            quarterly = "quarterly options and futures expire" if occasion.day.month in _QUARTERS else ""
            return f"**{day}**: {quarterly or 'monthly options expire'}"
    relative = "" if occasion.at is None else f", {formats.stamp(occasion.at.timestamp(), 'R')}"
    return f"**{day}** {at}: {NAMES[occasion.kind]}{relative}"


async def set_reminders(core: Core, caller: Caller, *, enabled: bool) -> Reply:
    """Remind the caller by DM, or no more. Raises UserError where there is no way to reach them, or nothing to end."""
    now = core.now()
    if not enabled:

        def end(db: Database) -> bool:
            place = destinations.find_dm(db, caller.user_id)
            return place is not None and reminders.remove(db, place.id)

        if not await core.store.run(end):
            raise UserError("You get no reminders. /calendar reminders:on starts them.")
        return Reply(title="Reminders ended", lines=("No more DMs about the calendar.",), private=True)

    def begin(db: Database) -> Destination:
        place = reachable_dm(db, caller, now=now)
        reminders.put(db, place.id, created_by=caller.user_id, now=now)
        return place

    where = dm_words(caller, await core.store.run(begin))
    return _set(core, (where, *_WHAT), "/calendar reminders:off ends them")


async def set_channel_reminders(core: Core, caller: Caller, channel_id: int, *, enabled: bool) -> Reply:
    """Remind a channel, or no more. Raises UserError without the permission, above the quota, or with nothing to end."""
    guild_id = caller.need_manager()
    now, quotas = core.now(), core.quotas
    if not enabled:

        def end(db: Database) -> bool:
            place = destinations.find_channel(db, channel_id)
            return place is not None and place.guild_id == guild_id and reminders.remove(db, place.id)

        if not await core.store.run(end):
            raise UserError(f"<#{channel_id}> gets no reminders. /setup show lists what is set up.")
        return Reply(title="Reminders ended", lines=(f"<#{channel_id}> no longer gets them.",), private=True)

    def begin(db: Database) -> None:
        place = destinations.channel_destination(db, channel_id, guild_id, now=now)
        check_channels(db, quotas, guild_id, place.id)
        reminders.put(db, place.id, created_by=caller.user_id, now=now)

    await core.store.run(begin)
    return _set(core, (f"Posts to <#{channel_id}>.", *_WHAT), "/setup calendar with off ends them")


_WHAT = (
    "An hour before: Fed decisions, CPI, payrolls, PCE and reports of the Magnificent Seven.",
    "Once the figure is out, else after the close: the figure, what futures price, and how the market has moved.",
)


def _set(core: Core, lines: Sequence[str], footer: str) -> Reply:
    return Reply(
        title="Reminders are set", lines=tuple(lines), tone=Tone.BROADENING, private=True, footer=core.footer(footer)
    )


def message_lines(items: Sequence[OutboxItem], *, now: datetime) -> list[str]:
    """A line for each reminder and release; what has come out needs no reminder beside its release."""
    out = {_occasion(item) for item in items if item.kind is ItemKind.RELEASE}
    return [_line(item, now) for item in items if item.kind is ItemKind.RELEASE or _occasion(item) not in out]


def _occasion(item: OutboxItem) -> tuple[str, str]:
    facts = json.loads(item.occasion or "{}")
    return facts["kind"], facts["day"]


def _line(item: OutboxItem, now: datetime) -> str:
    facts = json.loads(item.occasion or "{}")
    if item.kind is ItemKind.RELEASE:
        return str(facts["line"])
    kind, at = OccasionKind(facts["kind"]), datetime.fromtimestamp(facts["at"], UTC)
    exact, relative = (formats.stamp(facts["at"], style) for style in ("t", "R"))
    if kind is OccasionKind.EARNINGS:
        return f"{upcoming.reports(facts['tickers'], past=at <= now)} after the close at {exact} ({relative})"
    return f"{NAMES[kind]}: {'due' if at > now else 'was due'} at {exact} ({relative})"
