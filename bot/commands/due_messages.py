"""Everything that is posted because its time has come: summaries and letters, the calendar, live boards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType

from bot.commands.context import Core
from bot.commands.market import occasions_due
from bot.commands.server import board
from bot.commands.summary import due
from bot.domain.arrival import Arrival


async def enqueue(
    core: Core, *, now: datetime, complete: date, arrivals: Mapping[date, Arrival] = MappingProxyType({})
) -> None:
    """Enqueue what is due at `now`, each once. May be called at every tick.

    `complete`: the newest session that a summary can describe. `arrivals`: when the prices of each session were
    requested and came.
    """
    await due.enqueue_due(core, now=now, known=complete, arrivals=arrivals)
    await occasions_due.enqueue_due(core, complete=complete)
    await board.enqueue(core)
