"""From a market to what the rest of the program knows of it: readings of the newest sessions and five years of history.

Pure: a market in, a `Computed` out. Who calls it, in which process, is `worker`'s or the demo's business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd

from bot.alerts.engine import RECENT_SESSIONS
from bot.event_study.track_record import TrackRecordHistory
from bot.readings.state import Snapshot
from signals import catalogue
from signals.calendar_events import upcoming_events
from signals.core.market import Market
from signals.core.model import Axis, History, Reading
from signals.core.panel import Panel
from signals.families import earnings_guidance
from signals.families.index import INDICES

SHOWN_SESSIONS = 1260
"""Five years: what percentiles, charts and "how often would it have fired" look back on."""

MOST_MISSED = 60
"""After a longer absence only this many sessions are looked at again; older ones could not fire anyway."""


AGENDA_SESSIONS = 10
"""Of how many sessions one can still say what was due after them; a summary is late by less."""


@dataclass(frozen=True, slots=True)
class Computed:
    """What one computation gave.

    `finals`: final sessions that may still have to be evaluated with their readings, oldest first. `provisional`: readings of the
    running session, or None outside of it. `snapshot`: what commands show.
    """

    snapshot: Snapshot
    finals: Sequence[tuple[date, Mapping[str, Reading]]]
    provisional: Mapping[str, Reading] | None = None


def compute(
    market: Market, histories: Mapping[str, History], *, since: Mapping[str, date] | None, now: datetime
) -> Computed:
    """Readings of the sessions that have not been judged and of the last five anyway, and the snapshot of the newest.

    `since`: the newest session judged of each signal; nothing yet means the last 60 sessions. One signal that was silent
    for weeks brings its sessions back, so that what it crossed meanwhile is known before it speaks again.

    `histories` are those of `catalogue.compute(market)`. A provisional last session is never among the finals.
    """
    days = market.days[:-1] if market.provisional else market.days
    behind = int(days.searchsorted(pd.Timestamp(_judged_until(histories, since)), side="right")) if since else 0
    start = min(behind, len(days) - RECENT_SESSIONS)
    wanted = days[max(start, len(days) - MOST_MISSED, 0) :]
    finals = list(catalogue.readings_of(market, histories, [day.date() for day in wanted]).items())
    newest = market.last.date()
    current = (
        dict(finals[-1][1]) if finals and finals[-1][0] == newest else catalogue.readings(market, histories, newest)
    )
    values = {name: history.values for name, history in histories.items()}
    panel, first = Panel(market), max(len(days) - AGENDA_SESSIONS, 0)
    snapshot = Snapshot(
        session=newest,
        readings=current,
        history=pd.DataFrame(values).reindex(days).iloc[-SHOWN_SESSIONS:],
        made_at=now,
        guidance=earnings_guidance.evidence(market, newest),
        closes=large(market).reindex(days),
        agenda={days[position].date(): upcoming_events(panel, position) for position in range(first, len(days))},
        explanations={axis: catalogue.explain(values, axis, newest) for axis in Axis if _voted(values, axis)},
        tickers=_tickers(market),
    )
    return Computed(snapshot, finals, current if market.provisional else None)


def with_track_records(computed: Computed, ledgers: Sequence[TrackRecordHistory]) -> Computed:
    """The same with what was known after each of its final sessions; where two ledgers know a condition, the later one counts."""
    noted = {
        session: {watched: found for ledger in ledgers for watched, found in ledger.at(session).items()}
        for session, _ in computed.finals
    }
    return replace(computed, snapshot=replace(computed.snapshot, evidence=noted))


def _tickers(market: Market) -> dict[str, str]:
    """What has a close in the years shown, with the names of the companies among them."""
    names = dict(zip(market.universe["ticker"], market.universe["name"], strict=True))
    shown = market.close.iloc[-SHOWN_SESSIONS:]
    return {ticker: str(names.get(ticker) or "") for ticker in shown.columns[shown.notna().any()]}


def large(market: Market) -> pd.DataFrame:
    """Closes of the large indices, sessions x tickers, all NaN for one that the market does not have."""
    return market.close.reindex(columns=list(INDICES))


def _voted(values: Mapping[str, pd.Series], axis: Axis) -> bool:
    """Whether everything was computed that votes on an axis."""
    return all(name in values for name in catalogue.voters(axis))


def _judged_until(histories: Mapping[str, History], since: Mapping[str, date]) -> date:
    """The day before the first value that nobody has judged; the newest day judged when there is none."""
    gaps: list[date] = []
    for name in since.keys() & histories.keys():
        values = histories[name].values
        later = values.to_numpy()[values.index.searchsorted(pd.Timestamp(since[name]), side="right") :]
        known = np.flatnonzero(~np.isnan(later))
        if len(known):
            gaps.append(values.index[len(values) - len(later) + int(known[0])].date() - timedelta(days=1))
    return min([*gaps, max(since.values())])
