"""Enqueuing of due summaries and letters, together with the readings that they show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType

from bot.commands.context import Core
from bot.commands.summary.letter import week_of
from bot.commands.summary.summary import contents_of
from bot.domain.arrival import Arrival
from bot.domain.model import ItemKind
from bot.outbox import summary_schedule
from signals.core.model import Reading


async def enqueue_due(
    core: Core,
    *,
    now: datetime,
    known: date | None = None,
    arrivals: Mapping[date, Arrival] = MappingProxyType({}),
) -> None:
    """Enqueue every summary that is due at `now` and store what it shows. May be called at every tick.

    Args:
        core: The core.
        now: The present.
        known: The newest session that a summary can describe; None: do not wait.
        arrivals: When the prices of each session were requested and came.
    """
    due = await core.store.read(summary_schedule.due_now, core.calendar, now=now, known=known, arrivals=arrivals)
    if due:
        letters = {summary.session for summary in due if summary.kind is ItemKind.LETTER}
        shown = {
            summary.session: shown_readings(core, summary.session, letter=summary.session in letters)
            for summary in due
            if not summary.skipped
        }
        await core.store.run(
            summary_schedule.enqueue_due, core.calendar, now=now, known=known, arrivals=arrivals, shown=shown
        )


def shown_readings(core: Core, session: date, *, letter: bool = False) -> tuple[Reading, ...]:
    """The readings that the summary of a session, or also the letter of its week, shows or is made of.

    Empty for a session whose readings are no longer in memory.
    """
    snapshot = core.readings.snapshot
    readings = {} if snapshot is None else snapshot.finals.get(session, {})
    names = contents_of(core, session).shown | (week_of(core, session).shown if letter else frozenset())
    return tuple(readings[name] for name in sorted(names & readings.keys()))
