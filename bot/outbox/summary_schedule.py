"""When a place's daily summary or weekly letter is due.

That follows from table and rule, never from a timer that fired.

A session's summary is due in a channel when its clock shows the chosen time for the first time once
the session's prices are final (close + 20 minutes). So a channel at 08:00 Berlin gets Monday's
summary on Tuesday morning and Friday's on Saturday, one at 22:30 Berlin gets that of the day
itself, and every session has one summary in each channel.

A time that the spring change leaves out is the instant of the change; one that the autumn change
gives twice is the first of the two at which the prices are final. A short day can put two sessions at one instant (in a channel
at 14:00 New York the day before it and the short day itself); both are summarized, in one message.

A weekly letter is due as the summary of the week's last session would be. What would be due in the quiet hours of a place is
due at their end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from bot import outbox
from bot.calendar.clock import Calendar
from bot.calendar.delivery_times import DeliveryTimes, open_from
from bot.calendar.local_time import first_showing, second_showing
from bot.database import Database, readings
from bot.database.alerts import firings
from bot.database.codec import ordinal, rows
from bot.database.places import summary_channels
from bot.database.places.summary_channels import SummaryChannel
from bot.domain.arrival import Arrival
from bot.domain.model import ItemKind, ItemState, OutboxItem, SummaryCadence
from signals.core.model import Reading

CATCH_UP = timedelta(hours=6)
"""How late a summary may still be sent; older ones are recorded as skipped."""

PRICES_TIMEOUT = timedelta(minutes=90)
"""How long after a session is final its summary waits for prices that have not come."""

LOOK_BACK = timedelta(days=14)
"""How far back missed summaries are recorded as skipped."""


@dataclass(frozen=True, slots=True)
class DueSummary:
    """The summary or letter of `session` in a place, due at `at`; `skipped` when it can only come too late."""

    channel: SummaryChannel
    session: date
    at: datetime
    skipped: bool

    @property
    def key(self) -> str:
        """The key that makes it unique in the outbox: of place and session, or place and week."""
        place = f"dm{self.channel.destination_id}" if self.channel.direct else str(self.channel.channel_id)
        if self.kind is ItemKind.LETTER:
            year, week, _ = self.session.isocalendar()
            return f"letter:{place}:{year}-W{week:02}"
        return f"summary:{place}:{self.session.isoformat()}"

    @property
    def kind(self) -> ItemKind:
        """A summary of a session or a letter of a week."""
        return ItemKind.LETTER if self.channel.cadence is SummaryCadence.WEEKLY else ItemKind.SUMMARY


def newest_complete(
    session: date,
    *,
    made_at: datetime,
    prices_at: datetime | None,
    calendar: Calendar,
    now: datetime,
    arrivals: Mapping[date, Arrival] = MappingProxyType({}),
) -> date:
    """The newest session that a summary can describe.

    All prices of that session have come, or have not come for `PRICES_TIMEOUT`. Of an earlier one
    they have come: a day whose prices are still awaited after it may have been no session at all.

    `session`: the newest with final values, computed at `made_at`. `prices_at`: when prices were
    last fetched completely. `arrivals`: when those of the newest sessions came.
    """
    # A closure may have been learned since the readings were computed.
    session = calendar.at_or_before(session)
    final = calendar.final_at(session)
    if now >= final + PRICES_TIMEOUT or (prices_at is not None and made_at >= prices_at >= final):
        return session
    session = calendar.before(session)
    while _awaited(arrivals.get(session)):
        session = calendar.before(session)
    return session


def due_at(final_at: datetime, zone: ZoneInfo, at: time) -> datetime:
    """The first instant not before `final_at` at which a clock in `zone` shows `at`; UTC."""
    day = final_at.astimezone(zone).date()
    while True:
        # An autumn change may let the clock show the time before and after the prices are final.
        for instant in (first_showing(day, zone, at), second_showing(day, zone, at)):
            if instant >= final_at:
                return instant
        day += timedelta(days=1)


def due(
    channels: Iterable[SummaryChannel],
    calendar: Calendar,
    *,
    now: datetime,
    known: date | None = None,
    done: Mapping[int, date],
    arrivals: Mapping[date, Arrival] = MappingProxyType({}),
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
        arrivals: When the prices of the newest sessions came. A summary that has waited for them is
            late from then on only. While those of a session before `known` are awaited, its summary
            and later ones wait, for six hours.
    """
    newest = calendar.last_final(now)
    sessions = calendar.between((now - LOOK_BACK).date(), min(newest, known) if known else newest)
    finals = {session: calendar.final_at(session) for session in sessions}
    ends = [session for session in sessions if ends_week(session, calendar)]
    instants: dict[tuple[str, time, DeliveryTimes, date], datetime] = {}
    summaries = []
    for channel in channels:
        newest_done = done.get(channel.destination_id, date.min)
        own = ends if channel.cadence is SummaryCadence.WEEKLY else sessions
        for session in (session for session in own if session > newest_done):
            awaited = session != known and _awaited(arrivals.get(session))
            if awaited and now - finals[sessions[-1]] <= CATCH_UP:
                break  # what is owed of it, if it was a session, goes before the later ones
            key = (channel.zone, channel.at, channel.times, session)
            if key not in instants:
                at = due_at(finals[session], ZoneInfo(channel.zone), channel.at)
                instants[key] = open_from(channel.times, at)
            if channel.created_at <= instants[key] <= now:
                late = now - _since(instants[key], arrivals.get(session), now)
                summaries.append(DueSummary(channel, session, instants[key], skipped=awaited or late > CATCH_UP))
    return summaries


def ends_week(session: date, calendar: Calendar) -> bool:
    """Whether a session is the last of its week, as far as the calendar knows."""
    sunday = session + timedelta(days=6 - session.weekday())
    return not calendar.between(session + timedelta(days=1), sunday)


def _awaited(arrival: Arrival | None) -> bool:
    return arrival is not None and arrival.came_at is None


def _since(at: datetime, arrival: Arrival | None, now: datetime) -> datetime:
    """Since when a summary that was due at `at` could have been sent.

    While prices were requested in time and did not come, nothing could.
    """
    if arrival is None or arrival.asked_at > at + CATCH_UP:
        return at
    return max(at, arrival.came_at or now)


def due_now(
    db: Database,
    calendar: Calendar,
    *,
    now: datetime,
    known: date | None = None,
    arrivals: Mapping[date, Arrival] = MappingProxyType({}),
) -> list[DueSummary]:
    """The summaries of all channels that are due at `now` and not done yet. `known` and `arrivals` as for `due`."""
    return due(summary_channels.active(db), calendar, now=now, known=known, done=_done(db), arrivals=arrivals)


def enqueue_due(
    db: Database,
    calendar: Calendar,
    *,
    now: datetime,
    known: date | None = None,
    arrivals: Mapping[date, Arrival] = MappingProxyType({}),
    shown: Mapping[date, Sequence[Reading]] | None = None,
) -> list[DueSummary]:
    """Enqueue every summary due at `now`, once; those too late as skipped. Returns the new ones.

    May be called at every tick.

    Args:
        db: The database, inside a transaction.
        calendar: The calendar of sessions.
        now: The present.
        known: As for `due`.
        arrivals: As for `due`.
        shown: The readings that the summary of each session shows, which are stored with it: the
            past may be computed differently later.
    """
    enqueued = []
    for summary in due_now(db, calendar, now=now, known=known, arrivals=arrivals):
        if outbox.put(db, _item(db, summary, now), state=ItemState.SKIPPED if summary.skipped else ItemState.DUE):
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


def _item(db: Database, summary: DueSummary, now: datetime) -> OutboxItem:
    """The row of a summary; that of a letter with what the place's alerts did in its week and in the one before."""
    place, monday = summary.channel.destination_id, summary.session - timedelta(days=summary.session.weekday())
    is_letter = summary.kind is ItemKind.LETTER
    return OutboxItem(
        id=0,
        key=summary.key,
        kind=summary.kind,
        destination_id=place,
        session=summary.session,
        created_at=now,
        fired=firings.of_place(db, place, monday - timedelta(days=7), summary.session) if is_letter else None,
    )
