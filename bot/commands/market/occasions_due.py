"""Enqueuing of what is due of the calendar: reminders, and the line after a release."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bot.calendar.occasions import occasions
from bot.commands.context import Core
from bot.commands.market import agenda, release_line
from bot.domain.model import ItemKind
from bot.domain.occasion import OccasionKind
from bot.outbox.occasion_messages import Message, due_reminders, enqueue, lacking
from bot.outbox.summary_schedule import CATCH_UP
from bot.readings.released import session_ahead

AFTER_DECISION = timedelta(minutes=30)
"""When the market has taken a decision of the Fed in: the press conference has begun."""


async def enqueue_due(core: Core, *, complete: date) -> int:
    """Enqueue every reminder and line that is due, once a place; returns how many. May be called at every tick.

    `complete`: the newest session whose prices have all come. Everything else is reckoned by Discord's time.
    """
    now = core.now()
    messages = [
        *due_reminders(agenda.coming(core, now=now), now=now),
        *_releases_of_today(core, now),
        *_releases(core, complete, now),
    ]
    if not messages or not await core.store.read(lacking, messages, now=now):
        return 0
    return await core.store.run(enqueue, messages, now=now)


def _releases_of_today(core: Core, now: datetime) -> list[Message]:
    """The lines of what was published today, from when all its figures have come; of a decision half an hour after it."""
    snapshot = core.readings.snapshot
    before = snapshot.newest_final if snapshot is not None else None
    session = session_ahead(core.calendar, now)
    if snapshot is None or before is None or session is None or core.calendar.before(session) != before:
        return []
    messages = []
    for occasion in occasions(snapshot.agenda.get(before, ()), core.calendar, session, session):
        if occasion.kind not in release_line.FIGURES or occasion.day != session or occasion.at is None:
            continue
        if occasion.kind is OccasionKind.FED:
            ready = snapshot.session == session and snapshot.made_at >= occasion.at + AFTER_DECISION
        else:
            ready = now >= occasion.at and release_line.has_come(snapshot, occasion, before)
        if ready and (line := release_line.line_of_today(snapshot, occasion, before)):
            messages.append(Message(ItemKind.RELEASE, occasion, session, line))
    return messages


def _releases(core: Core, session: date, now: datetime) -> list[Message]:
    """The lines of what was published since the session before, until six hours after the close."""
    snapshot = core.readings.snapshot
    if snapshot is None or not timedelta() <= now - core.calendar.final_at(session) <= CATCH_UP:
        return []
    before = core.calendar.before(session)
    published = occasions(snapshot.agenda.get(before, ()), core.calendar, before + timedelta(days=1), session)
    return [
        Message(ItemKind.RELEASE, occasion, session, release_line.line(snapshot, occasion, session))
        for occasion in published
        if occasion.kind in release_line.FIGURES and occasion.day <= session
    ]
