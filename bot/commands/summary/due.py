"""Enqueuing of due summaries, together with the readings that they show."""

from __future__ import annotations

from datetime import date, datetime

from bot.commands.context import Core
from bot.commands.summary.summary import digest_of
from bot.outbox import summary_schedule
from signals.core.model import Reading


async def enqueue_due(core: Core, *, now: datetime, known: date | None = None) -> None:
    """Enqueue every summary that is due at `now` and store what it shows. May be called at every tick.

    Args:
        core: The core.
        now: The present.
        known: The newest session that a summary can describe; None: do not wait.
    """
    due = await core.store.read(summary_schedule.due_now, core.calendar, now=now, known=known)
    if due:
        shown = {summary.session: shown_readings(core, summary.session) for summary in due if not summary.skipped}
        await core.store.run(summary_schedule.enqueue_due, core.calendar, now=now, known=known, shown=shown)


def shown_readings(core: Core, session: date) -> tuple[Reading, ...]:
    """The readings that the summary of a session shows or is made of.

    Empty for a session whose readings are no longer in memory.
    """
    snapshot = core.readings.snapshot
    readings = {} if snapshot is None else snapshot.finals.get(session, {})
    return tuple(readings[name] for name in sorted(digest_of(core, session).shown & readings.keys()))
