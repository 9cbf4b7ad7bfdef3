"""From a market to the readings of the newest sessions and five years of history.

Pure functions: a market in, a `Computed` out. They run in the worker process or in the demo's
replay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd

from bot.alerts.engine import RECENT_SESSIONS
from bot.event_study.track_record import TrackRecordHistory
from bot.readings.state import RotationAnswer, Snapshot
from signals import catalogue
from signals.calendar_events import upcoming_events
from signals.core.market import Market
from signals.core.model import Axis, History, Reading
from signals.core.panel import Panel
from signals.core.rolling import YEAR
from signals.families import earnings_guidance
from signals.families.index import INDICES

SHOWN_SESSIONS = 1260
"""Five years of history: for percentiles, charts and "how often would it have fired"."""

MAX_MISSED = 60
"""After a longer absence only this many sessions are evaluated. Older ones would not notify
anyway."""


AGENDA_SESSIONS = 10
"""For how many sessions the events that were due after them are kept; a summary is late by less."""


@dataclass(frozen=True, slots=True)
class Computed:
    """The result of one computation.

    `snapshot`: what commands show. `finals`: final sessions that may still have to be evaluated,
    with their readings, oldest first. `provisional`: readings of the running session, or None
    outside of it.
    """

    snapshot: Snapshot
    finals: Sequence[tuple[date, Mapping[str, Reading]]]
    provisional: Mapping[str, Reading] | None = None


def compute(
    market: Market, histories: Mapping[str, History], *, since: Mapping[str, date] | None, now: datetime
) -> Computed:
    """Readings of the sessions to be evaluated, always of the last five, and the newest snapshot.

    A signal that had no value for weeks makes its sessions be evaluated again, so that what it
    crossed meanwhile moves its triggers before it can fire again. A provisional last session is
    never among the finals.

    Args:
        market: The market.
        histories: Those of `catalogue.compute(market)`.
        since: The newest evaluated session of each signal; with none yet there is no alert that could
            have missed a session.
        now: The present.
    """
    days = market.days[:-1] if market.provisional else market.days
    evaluated = len(days)
    if since:
        evaluated = int(days.searchsorted(pd.Timestamp(_evaluated_until(histories, since)), side="right"))
    start = min(evaluated, len(days) - RECENT_SESSIONS)
    missed = days[max(start, len(days) - MAX_MISSED, 0) :]
    finals = list(catalogue.readings_of(market, histories, [day.date() for day in missed]).items())
    newest = market.last.date()
    current = (
        dict(finals[-1][1]) if finals and finals[-1][0] == newest else catalogue.readings(market, histories, newest)
    )
    values = {name: history.values for name, history in histories.items()}
    loaded = pd.DataFrame(values).reindex(days)
    panel, first = Panel(market), max(len(days) - AGENDA_SESSIONS, 0)
    snapshot = Snapshot(
        session=newest,
        readings=current,
        history=loaded.iloc[-SHOWN_SESSIONS:],
        earlier=loaded.iloc[:-SHOWN_SESSIONS].iloc[-YEAR:],
        made_at=now,
        guidance=earnings_guidance.evidence(market, newest),
        closes=large(market).reindex(days),
        agenda={days[position].date(): upcoming_events(panel, position) for position in range(first, len(days))},
        explanations={axis: catalogue.explain(values, axis, newest) for axis in Axis if _voted(values, axis)},
        tickers=_tickers(market),
        finals=dict(finals[-RECENT_SESSIONS:]),
        rotation=RotationAnswer.of(panel, [session for session, _ in finals[-RECENT_SESSIONS:]]),
    )
    return Computed(snapshot, finals, current if market.provisional else None)


def with_track_records(computed: Computed, histories: Sequence[TrackRecordHistory]) -> Computed:
    """The same with the track records of each of its final sessions.

    Where two histories have a condition, the later one counts.
    """
    track_records = {
        session: {condition: record for history in histories for condition, record in history.at(session).items()}
        for session, _ in computed.finals
    }
    return replace(computed, snapshot=replace(computed.snapshot, track_records=track_records))


def _tickers(market: Market) -> dict[str, str]:
    """Tickers with a close in the years shown -> the company's name, empty where there is none."""
    names = dict(zip(market.universe["ticker"], market.universe["name"], strict=True))
    shown = market.close.iloc[-SHOWN_SESSIONS:]
    return {ticker: str(names.get(ticker) or "") for ticker in shown.columns[shown.notna().any()]}


def large(market: Market) -> pd.DataFrame:
    """Closes of the large indices, sessions x tickers, all NaN for an index that is missing."""
    return market.close.reindex(columns=list(INDICES))


def _voted(values: Mapping[str, pd.Series], axis: Axis) -> bool:
    """Whether all signals were computed that vote on an axis."""
    return all(name in values for name in catalogue.voters(axis))


def _evaluated_until(histories: Mapping[str, History], since: Mapping[str, date]) -> date:
    """The day before the first value that has not been evaluated.

    The newest evaluated day when there is none.
    """
    days: list[date] = []
    for name in since.keys() & histories.keys():
        values = histories[name].values
        later = values.to_numpy()[values.index.searchsorted(pd.Timestamp(since[name]), side="right") :]
        positions = np.flatnonzero(~np.isnan(later))
        if len(positions):
            days.append(values.index[len(values) - len(later) + int(positions[0])].date() - timedelta(days=1))
    return min([*days, max(since.values())])
