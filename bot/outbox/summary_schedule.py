"""When a channel's daily summary is due. Decides by table and rule, never by a timer having fired.

A session's summary is due in a channel when its clock shows the chosen time for the first time once the session's prices
are final (close + 20 minutes). So a channel at 08:00 Berlin reads about Monday on Tuesday morning and about Friday on
Saturday, one at 22:30 Berlin reads about the day itself, and every session gets one summary in each channel.

A time that the spring change leaves out is the instant of the change; one that the autumn change gives twice is the first
of the two. A short day can put two sessions at one instant (in a channel at 14:00 New York the day before it and the short
day itself); both are told, in one message.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot import outbox
from bot.calendar.clock import Calendar
from bot.database import Database, summary_channels
from bot.database.codec import ordinal, rows
from bot.database.summary_channels import SummaryChannel
from bot.domain.model import ItemKind, ItemState, OutboxItem

CATCH_UP = timedelta(hours=6)
"""How late a summary may still be of use; older ones are recorded as skipped."""

PRICES_TIMEOUT = timedelta(minutes=90)
"""So long after a session is final its summary waits for prices that have not come."""

LOOK_BACK = timedelta(days=14)
"""How far back missed summaries are recorded: beyond that nobody asks why one did not come."""


@dataclass(frozen=True, slots=True)
class DueSummary:
    """The summary of `session` in a channel, due at the instant `at`; `skipped` when it came too late to be told."""

    channel: SummaryChannel
    session: date
    at: datetime
    skipped: bool

    @property
    def key(self) -> str:
        """What makes it unique in the outbox."""
        return f"summary:{self.channel.channel_id}:{self.session.isoformat()}"


def newest_complete(
    session: date, *, made_at: datetime, prices_at: datetime | None, calendar: Calendar, now: datetime
) -> date:
    """The newest session that a summary can describe: all its prices are in, or have not come for long enough.

    `session`: the newest with final values, computed at `made_at`. `prices_at`: when prices were last fetched completely.
    """
    final = calendar.final_at(session)
    complete = now >= final + PRICES_TIMEOUT or (prices_at is not None and made_at >= prices_at >= final)
    return session if complete else calendar.before(session)


def due_at(final_at: datetime, zone: ZoneInfo, at: time) -> datetime:
    """The first instant not before `final_at` at which a clock in `zone` shows `at`; UTC."""
    day = final_at.astimezone(zone).date()
    while (instant := first_showing(day, zone, at)) < final_at:
        day += timedelta(days=1)
    return instant


def first_showing(day: date, zone: ZoneInfo, at: time) -> datetime:
    """The instant at which a clock in `zone` shows `at` on `day`: the first of two, the change itself when it is left out."""
    wall = datetime.combine(day, at)
    instant = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    # Before the change a clock is behind: read with the later offset, the missing time lies before the change itself.
    after = wall.replace(tzinfo=zone, fold=1)
    offset, instant = after.utcoffset(), after.astimezone(UTC).replace(second=0)
    while instant.astimezone(zone).utcoffset() != offset:
        instant += timedelta(minutes=1)
    return instant


def due(
    channels: Iterable[SummaryChannel],
    calendar: Calendar,
    *,
    now: datetime,
    known: date | None = None,
    done: Mapping[int, date] | None = None,
) -> list[DueSummary]:
    """What is due at `now` and not done yet, by channel and then by session.

    `known`: the newest session whose final readings are there; later ones wait for them (None: do not wait). `done`: by
    destination, the newest session that has been dealt with. What was due before a channel asked is none of its own.
    """
    newest = calendar.last_final(now)
    sessions = calendar.between((now - LOOK_BACK).date(), min(newest, known) if known else newest)
    finals = {session: calendar.final_at(session) for session in sessions}
    instants: dict[tuple[str, time, date], datetime] = {}
    found = []
    for channel in channels:
        behind = (done or {}).get(channel.destination_id, date.min)
        for session in (each for each in sessions if each > behind):
            key = (channel.zone, channel.at, session)
            if key not in instants:
                instants[key] = due_at(finals[session], ZoneInfo(channel.zone), channel.at)
            if channel.created_at <= instants[key] <= now:
                found.append(DueSummary(channel, session, instants[key], skipped=now - instants[key] > CATCH_UP))
    return found


def enqueue_due(db: Database, calendar: Calendar, *, now: datetime, known: date | None = None) -> list[DueSummary]:
    """Put every summary due at `now` into the outbox, once; those too late as skipped. Returns what was put.

    Call it at every tick.
    """
    put = []
    for each in due(summary_channels.active(db), calendar, now=now, known=known, done=_done(db)):
        if outbox.put(db, _item(each, now), state=ItemState.SKIPPED if each.skipped else ItemState.DUE):
            put.append(each)
        db.execute(
            "UPDATE summary_channel SET done_session = max(done_session, ?) WHERE destination_id = ?",
            (ordinal(each.session), each.channel.destination_id),
        )
    return put


def _done(db: Database) -> dict[int, date]:
    found = rows(db, "SELECT destination_id, done_session FROM summary_channel WHERE done_session > 0")
    return {each["destination_id"]: date.fromordinal(each["done_session"]) for each in found}


def _item(each: DueSummary, now: datetime) -> OutboxItem:
    return OutboxItem(
        id=0,
        key=each.key,
        kind=ItemKind.SUMMARY,
        destination_id=each.channel.destination_id,
        session=each.session,
        created_at=now,
    )
