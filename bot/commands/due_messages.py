"""Everything that is posted because its time has come: summaries and letters, the calendar, live boards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime
from types import MappingProxyType

from bot.commands.context import Core
from bot.commands.market import occasions_due
from bot.commands.server import board
from bot.commands.summary import due
from bot.domain.arrival import Arrival
from bot.outbox import summary_schedule


def newest_complete(
    core: Core, *, now: datetime, prices_at: datetime | None, arrivals: Mapping[date, Arrival]
) -> date | None:
    """The newest session that a summary can describe, None before any final reading is known.

    `prices_at` and `arrivals` as for `summary_schedule.newest_complete`.
    """
    snapshot = core.readings.snapshot
    if snapshot is None or snapshot.newest_final is None:
        return None
    return summary_schedule.newest_complete(
        snapshot.newest_final,
        made_at=snapshot.made_at,
        prices_at=prices_at,
        calendar=core.calendar,
        now=now,
        arrivals=arrivals,
    )


def duties(
    core: Core, *, now: datetime, complete: date, arrivals: Mapping[date, Arrival] = MappingProxyType({})
) -> Mapping[str, Callable[[], Awaitable[object]]]:
    """What enqueues that which is due at `now`, each once, by what it does. May be called at every tick.

    `complete`: the newest session that a summary can describe. `arrivals`: when the prices of each session were
    requested and came.
    """
    return {
        "enqueue summaries": lambda: due.enqueue_due(core, now=now, known=complete, arrivals=arrivals),
        "enqueue messages of the calendar": lambda: occasions_due.enqueue_due(core, complete=complete),
        "update live boards": lambda: board.enqueue(core),
    }


async def enqueue(core: Core, *, now: datetime, complete: date) -> None:
    """Enqueue everything that is due at `now`; what one kind raises ends it."""
    for work in duties(core, now=now, complete=complete).values():
        await work()
