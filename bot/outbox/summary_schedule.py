"""When a channel's daily summary is due.

That follows from table and rule, never from a timer that fired.

A session's summary is due in a channel when its clock shows the chosen time for the first time once
the session's prices are final (close + 20 minutes). So a channel at 08:00 Berlin gets Monday's
summary on Tuesday morning and Friday's on Saturday, one at 22:30 Berlin gets that of the day
itself, and every session has one summary in each channel.

A time that the spring change leaves out is the instant of the change; one that the autumn change
gives twice is the first of the two. A short day can put two sessions at one instant (in a channel
at 14:00 New York the day before it and the short day itself); both are summarized, in one message.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot import outbox
from bot.calendar.clock import Calendar
from bot.database import Database, readings, summary_channels
from bot.database.codec import ordinal, rows
from bot.database.summary_channels import SummaryChannel
from bot.domain.model import ItemKind, ItemState, OutboxItem
from signals.core.model import Reading

CATCH_UP = timedelta(hours=6)
"""How late a summary may still be sent; older ones are recorded as skipped."""

PRICES_TIMEOUT = timedelta(minutes=90)
"""How long after a session is final its summary waits for prices that have not come."""

LOOK_BACK = timedelta(days=14)
"""How far back missed summaries are recorded as skipped."""


@dataclass(frozen=True, slots=True)
class DueSummary:
    """The summary of `session` in a channel, due at `at`; `skipped` when that is too long ago."""

    channel: SummaryChannel
    session: date
    at: datetime
    skipped: bool

    @property
    def key(self) -> str:
        """The key that makes it unique in the outbox."""
        return f"summary:{self.channel.channel_id}:{self.session.isoformat()}"


def newest_complete(
    session: date, *, made_at: datetime, prices_at: datetime | None, calendar: Calendar, now: datetime
) -> date:
    """The newest session that a summary can describe.

    All prices of that session have come, or have not come for `PRICES_TIMEOUT`.

    `session`: the newest with final values, computed at `made_at`. `prices_at`: when prices were
    last fetched completely.
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
    """The instant at which a clock in `zone` shows `at` on `day`.

    The first of two where the clock shows it twice, the instant of the change where it is left out.
    """
    wall = datetime.combine(day, at)
    instant = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    # Before the change a clock is behind: read with the later offset, the missing time lies before
    # the change itself.
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
    """The summaries that are due at `now` and not done yet, by channel and then by session.

    What was due before a channel asked for summaries is left out.

    Args:
        channels: The channels with a summary.
        calendar: The calendar of sessions.
        now: The present.
        known: The newest session whose final readings are known; later ones wait for them. None: do
            not wait.
        done: By destination, the newest session whose summary has been enqueued or skipped.
    """
    newest = calendar.last_final(now)
    sessions = calendar.between((now - LOOK_BACK).date(), min(newest, known) if known else newest)
    finals = {session: calendar.final_at(session) for session in sessions}
    instants: dict[tuple[str, time, date], datetime] = {}
    summaries = []
    for channel in channels:
        newest_done = (done or {}).get(channel.destination_id, date.min)
        for session in (session for session in sessions if session > newest_done):
            key = (channel.zone, channel.at, session)
            if key not in instants:
                instants[key] = due_at(finals[session], ZoneInfo(channel.zone), channel.at)
            if channel.created_at <= instants[key] <= now:
                summaries.append(DueSummary(channel, session, instants[key], skipped=now - instants[key] > CATCH_UP))
    return summaries


def due_now(db: Database, calendar: Calendar, *, now: datetime, known: date | None = None) -> list[DueSummary]:
    """The summaries of all channels that are due at `now` and not done yet. `known` as for `due`."""
    return due(summary_channels.active(db), calendar, now=now, known=known, done=_done(db))


def enqueue_due(
    db: Database,
    calendar: Calendar,
    *,
    now: datetime,
    known: date | None = None,
    shown: Mapping[date, Sequence[Reading]] | None = None,
) -> list[DueSummary]:
    """Enqueue every summary due at `now`, once; those too late as skipped. Returns the new ones.

    May be called at every tick.

    Args:
        db: The database, inside a transaction.
        calendar: The calendar of sessions.
        now: The present.
        known: As for `due`.
        shown: The readings that the summary of each session shows, which are stored with it: the
            past may be computed differently later.
    """
    enqueued = []
    for summary in due_now(db, calendar, now=now, known=known):
        if outbox.put(db, _item(summary, now), state=ItemState.SKIPPED if summary.skipped else ItemState.DUE):
            enqueued.append(summary)
            readings.keep_shown(db, () if summary.skipped else (shown or {}).get(summary.session, ()), now=now)
        db.execute(
            "UPDATE summary_channel SET done_session = max(done_session, ?) WHERE destination_id = ?",
            (ordinal(summary.session), summary.channel.destination_id),
        )
    return enqueued


def _done(db: Database) -> dict[int, date]:
    records = rows(db, "SELECT destination_id, done_session FROM summary_channel WHERE done_session > 0")
    return {record["destination_id"]: date.fromordinal(record["done_session"]) for record in records}


def _item(summary: DueSummary, now: datetime) -> OutboxItem:
    return OutboxItem(
        id=0,
        key=summary.key,
        kind=ItemKind.SUMMARY,
        destination_id=summary.channel.destination_id,
        session=summary.session,
        created_at=now,
    )
