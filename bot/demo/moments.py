"""The instants at which something is due, which the clock of the demo passes one after the other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime, time, timedelta

from bot import outbox
from bot.calendar.clock import NEW_YORK
from bot.commands.context import Core
from bot.commands.market import agenda
from bot.outbox import summary_schedule
from bot.outbox.occasion_messages import AHEAD


async def moments(core: Core, session: date) -> AsyncIterator[datetime]:
    """Each instant after the present at which something is due, until the day of a session is over in New York.

    Those are the session's check, what the calendar announces and an hour before it, summaries, letters, and the ends of
    all waits of messages: digests, quiet hours, snoozes and retries. Each is looked for when the clock has reached the
    one before, so what a person sets in between counts.
    """
    end = datetime.combine(session + timedelta(days=1), time(), NEW_YORK)
    while (moment := await _next(core, session, end)) is not None:
        yield moment


async def _next(core: Core, session: date, end: datetime) -> datetime | None:
    now, calendar = core.now(), core.calendar
    announced = [occasion.at for occasion in agenda.coming(core, now=now) if occasion.at is not None]
    summaries = await core.store.read(summary_schedule.due_now, calendar, now=end, known=session)
    waiting = await core.store.read(outbox.next_attempt, now=now)
    due = [
        calendar.final_at(session),
        *announced,
        *(at - AHEAD for at in announced),
        *(summary.at for summary in summaries),
        *([waiting] if waiting is not None else []),
    ]
    return min((moment for moment in due if now < moment < end), default=None)
