"""From a market to what the rest of the program knows of it: readings of the newest sessions and five years of history.

Pure: a market in, a `Computed` out. Who calls it, in which process, is `worker`'s or the demo's business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from bot.alerts.engine import RECENT_SESSIONS
from bot.board import Snapshot
from signals import catalogue
from signals.market import Market
from signals.reading import History, Reading

SHOWN_SESSIONS = 1260
"""Five years: what percentiles, charts and "how often would it have fired" look back on."""

MOST_MISSED = 60
"""After a longer absence only this many sessions are looked at again; older ones could not fire anyway."""


@dataclass(frozen=True, slots=True)
class Computed:
    """What one computation gave.

    `finals`: final sessions that may still have to be evaluated with their readings, oldest first. `provisional`: readings of the
    running session, or None outside of it. `snapshot`: what commands show.
    """

    snapshot: Snapshot
    finals: Sequence[tuple[date, Mapping[str, Reading]]]
    provisional: Mapping[str, Reading] | None = None


def compute(market: Market, histories: Mapping[str, History], *, since: date | None, now: datetime) -> Computed:
    """Readings of every session after `since` and of the last five anyway (None: the last 60), and the snapshot of the newest.

    The last five because a signal whose source was late has not been judged on them yet.

    `histories` are those of `catalogue.compute(market)`. A provisional last session is never among the finals.
    """
    days = market.days[:-1] if market.provisional else market.days
    behind = 0 if since is None else int(days.searchsorted(pd.Timestamp(since), side="right"))
    start = min(behind, len(days) - RECENT_SESSIONS)
    wanted = days[max(start, len(days) - MOST_MISSED, 0) :]
    finals = [(day.date(), catalogue.readings(market, histories, day.date())) for day in wanted]
    newest = market.last.date()
    current = (
        dict(finals[-1][1]) if finals and finals[-1][0] == newest else catalogue.readings(market, histories, newest)
    )
    frame = pd.DataFrame({name: history.values for name, history in histories.items()}).reindex(days)
    snapshot = Snapshot(session=newest, readings=current, history=frame.iloc[-SHOWN_SESSIONS:], made_at=now)
    return Computed(snapshot, finals, current if market.provisional else None)
