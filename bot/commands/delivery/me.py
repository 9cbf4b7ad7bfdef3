"""`/me`: a person's time zone, quiet hours and digest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.calendar.delivery_times import DeliveryTimes
from bot.commands.alerts.service import own_dm
from bot.commands.context import Caller, Core
from bot.commands.delivery import parse
from bot.commands.reply import Menu, Option, Reply, Tone
from bot.commands.server.setup import parse_zone, zones
from bot.database import Database, delivery_times, destinations
from bot.errors import UserError
from bot.formatting import formats

OFF = "off"
WAITS = "What crosses meanwhile comes in one message at the end: each crossing, and what is still beyond its level."
_COMMON_ZONES = 7


@dataclass(frozen=True, slots=True)
class MeRequest:
    """The options of `/me` as they were typed; None is not given."""

    zone: str | None = None
    quiet: str | None = None
    days: str | None = None
    delivery: str | None = None


async def me(core: Core, caller: Caller, request: MeRequest) -> Reply:
    """Change what is given, then show everything. Raises UserError for what makes no sense."""
    if request == MeRequest():
        times = await core.store.read(_stored, caller.user_id)
    else:
        now = core.now()

        def work(db: Database) -> DeliveryTimes:
            place = own_dm(db, caller, now=now)
            return delivery_times.change(
                db, place.id, lambda before: changed(before, request), created_by=caller.user_id, now=now
            )

        times = await core.store.run(work)
    return _reply(core, times, saved=request != MeRequest())


def changed(times: DeliveryTimes, request: MeRequest) -> DeliveryTimes:
    """The settings with what a person has typed. Raises UserError for what makes no sense, or lacks a zone."""
    if request.zone is not None:
        times = replace(times, zone=parse_zone(request.zone))
    if request.quiet is not None:
        off = request.quiet.strip().casefold() == OFF
        times = replace(times, quiet=None if off else parse.parse_quiet(request.quiet, request.days))
    elif request.days is not None:
        if times.quiet is None:
            raise UserError("Days belong to quiet hours. Add the hours, such as 22:00-07:00.")
        times = replace(times, quiet=parse.ends(replace(times.quiet, days=parse.parse_days(request.days))))
    if request.delivery is not None:
        times = replace(times, digest=parse.parse_digest(request.delivery))
    if times.zone is None and (times.quiet is not None or times.digest is not None):
        raise UserError(parse.NO_ZONE)
    if times.digest is not None and times.quiet is not None and times.quiet.always_cover(times.digest):
        raise UserError(f"A digest at {times.digest:%H:%M} would always fall into your quiet hours.")
    return times


def _stored(db: Database, user_id: int) -> DeliveryTimes:
    place = destinations.find_dm(db, user_id)
    return DeliveryTimes() if place is None else delivery_times.get(db, place.id)


def _reply(core: Core, times: DeliveryTimes, *, saved: bool) -> Reply:
    return Reply(
        title="Saved" if saved else "Your settings",
        lines=tuple(_lines(core, times)),
        menu=None if times.zone is not None else Menu("zone", "Your time zone", _zone_options()),
        tone=Tone.BROADENING if saved else Tone.NEUTRAL,
        private=True,
        footer=core.footer("/me changes any of these", "/alert snooze holds alerts back for a while"),
    )


def _lines(core: Core, times: DeliveryTimes) -> Sequence[str]:
    alerts = "each at once" if times.digest is None else f"one digest a day, at {times.digest:%H:%M}"
    lines = [
        f"**Time zone:** {times.zone or 'not set; choose one below or type /me with zone'}",
        f"**Quiet hours:** {'none' if times.quiet is None else parse.quiet_words(times.quiet)}",
        f"**Alerts:** {alerts}",
    ]
    snoozed = times.snoozed_until is not None and times.snoozed_until > core.now()
    if times.snoozed_until is not None and snoozed:
        lines.append(f"**All alerts snoozed** until {formats.stamp(times.snoozed_until.timestamp())}")
    if snoozed or times.quiet is not None or times.digest is not None:
        lines.append(WAITS)
    return lines


def _zone_options() -> tuple[Option, ...]:
    return tuple(Option(name, name.replace("_", " ")) for name in zones()[:_COMMON_ZONES])
