"""`/me`: a person's time zone, quiet hours, digest, and summary by DM."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.calendar.delivery_times import AT_ONCE, DeliveryTimes
from bot.commands.alerts.service import own_dm, reachable_dm
from bot.commands.context import Caller, Core
from bot.commands.delivery import delivery_input
from bot.commands.reply import Menu, Option, Reply, Tone
from bot.commands.server.setup import parse_time, parse_zone, zones
from bot.database import Database
from bot.database.places import delivery_times, destinations, summary_channels
from bot.database.places.summary_channels import SummaryChannel
from bot.domain.model import SummaryCadence
from bot.errors import UserError
from bot.formatting import formats
from bot.formatting.quiet_hours import quiet_words
from bot.formatting.quoting import quoted

OFF = "off"
WAITS = "What crosses in the meantime comes in one message at the end: each crossing, and what is still past its level."
_COMMON_ZONES = 7


@dataclass(frozen=True, slots=True)
class MeRequest:
    """The options of `/me` as they were typed; None is not given."""

    zone: str | None = None
    quiet: str | None = None
    days: str | None = None
    delivery: str | None = None
    summary: str | None = None


@dataclass(frozen=True, slots=True)
class _Settings:
    times: DeliveryTimes = AT_ONCE
    summary: SummaryChannel | None = None


async def me(core: Core, caller: Caller, request: MeRequest) -> Reply:
    """Change what is given, then show everything. Raises UserError for what makes no sense."""
    if request == MeRequest():
        return _reply(core, await core.store.read(_stored, caller.user_id), saved=False)
    now, at, zone = core.now(), parse_time(core.summary_time), core.summary_zone
    cadence = None if request.summary in (None, OFF) else _cadence(request.summary or "")

    def work(db: Database) -> _Settings:
        place = own_dm(db, caller, now=now) if cadence is None else reachable_dm(db, caller, now=now)
        delivery_times.change(db, place.id, lambda before: changed(before, request), created_by=caller.user_id, now=now)
        if cadence is not None:
            summary_channels.put(db, place.id, zone=zone, at=at, created_by=caller.user_id, now=now, cadence=cadence)
        elif request.summary == OFF:
            summary_channels.remove(db, place.id)
        return _stored(db, caller.user_id)

    return _reply(core, await core.store.run(work), saved=True)


def _cadence(typed: str) -> SummaryCadence:
    try:
        return SummaryCadence(typed.strip().casefold())
    except ValueError:
        raise UserError(f"{quoted(typed)} is not a choice here. Type daily, weekly or off.") from None


def changed(times: DeliveryTimes, request: MeRequest) -> DeliveryTimes:
    """The settings with what a person has typed. Raises UserError for what makes no sense, or lacks a zone."""
    if request.zone is not None:
        times = replace(times, zone=parse_zone(request.zone))
    if request.quiet is not None:
        off = request.quiet.strip().casefold() == OFF
        times = replace(times, quiet=None if off else delivery_input.parse_quiet(request.quiet, request.days))
    elif request.days is not None:
        if times.quiet is None:
            raise UserError("Days belong to quiet hours. Add the hours, such as 22:00-07:00.")
        times = replace(
            times, quiet=delivery_input.ends(replace(times.quiet, days=delivery_input.parse_days(request.days)))
        )
    if request.delivery is not None:
        times = replace(times, digest=delivery_input.parse_digest(request.delivery))
    if times.zone is None and (times.quiet is not None or times.digest is not None):
        raise UserError(delivery_input.NO_ZONE)
    if times.digest is not None and times.quiet is not None and times.quiet.always_cover(times.digest):
        raise UserError(f"A digest at {formats.hour(times.digest)} would always fall into your quiet hours.")
    return times


def _stored(db: Database, user_id: int) -> _Settings:
    place = destinations.find_dm(db, user_id)
    if place is None:
        return _Settings()
    return _Settings(delivery_times.get(db, place.id), summary_channels.get(db, place.id))


def _reply(core: Core, settings: _Settings, *, saved: bool) -> Reply:
    return Reply(
        title="Saved" if saved else "Your settings",
        lines=tuple(_lines(core, settings)),
        menu=None if settings.times.zone is not None else Menu("zone", "Your time zone", _zone_options()),
        tone=Tone.BROADENING if saved else Tone.NEUTRAL,
        private=True,
        footer=core.footer("/me changes any of these", "/alert snooze holds alerts back for a while"),
    )


def _lines(core: Core, settings: _Settings) -> Sequence[str]:
    times = settings.times
    alerts = "each at once" if times.digest is None else f"one digest a day, at {formats.hour(times.digest)}"
    lines = [
        f"**Time zone:** {times.zone or 'not set; choose one below or type /me with zone'}",
        f"**Quiet hours:** {'none' if times.quiet is None else quiet_words(times.quiet)}",
        f"**Alerts:** {alerts}",
        f"**Summary by DM:** {_summary_words(settings)}",
    ]
    snoozed = times.snoozed_until is not None and times.snoozed_until > core.now()
    if times.snoozed_until is not None and snoozed:
        lines.append(f"**All alerts snoozed** until {formats.stamp(times.snoozed_until.timestamp())}")
    if snoozed or times.quiet is not None or times.digest is not None:
        lines.append(WAITS)
    return lines


def _summary_words(settings: _Settings) -> str:
    """`every session, at 5:00 p.m. ET`; quiet hours that it would fall into move it to their end."""
    summary = settings.summary
    if summary is None:
        return "off"
    often = (
        "every session" if summary.cadence is SummaryCadence.DAILY else "a letter after the last session of the week"
    )
    after = ", or when your quiet hours end" if settings.times.quiet is not None else ""
    return f"{often}, at {formats.clock(summary.at, summary.zone)}{after}"


def _zone_options() -> tuple[Option, ...]:
    return tuple(Option(name, name.replace("_", " ")) for name in zones()[:_COMMON_ZONES])
