"""Judging what was sent once its horizon has passed: the outcome, and what the evidence line said on the session."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np
import pandas as pd

from bot.archive.location import ArchiveLocation
from bot.database.records import DueRecord, JudgedRecord
from bot.domain.ports import TaskRunner
from bot.event_study.model import NEXT_DAY, NEXT_MONTH
from bot.event_study.track_record import TrackRecordHistory, inputs_of
from signals import catalogue
from signals.core.market import Market
from signals.core.model import History
from signals.core.panel import Panel
from signals.event_study import returns

_OUTCOMES = {horizon: outcome for outcome, horizon in (NEXT_DAY, NEXT_MONTH)}


class RecordJudge(Protocol):
    """Judges records whose horizon has passed."""

    async def judge_records(self, due: Sequence[DueRecord], newest: date) -> list[JudgedRecord]:
        """What followed, as known after the session `newest`.

        Records whose horizon has not passed or whose prices are missing are left out.
        """


def judged(market: Market, histories: Mapping[str, History], due: Collection[DueRecord]) -> list[JudgedRecord]:
    """What followed each record whose outcome is known in `market`; `histories`: of the records' signals."""
    panel = Panel(market)
    histories_of_records = TrackRecordHistory.of(market, histories, {record.key for record in due})
    outcomes = {horizon: returns(outcome.prices(panel), horizon) for horizon, outcome in _OUTCOMES.items()}
    judged = []
    for record in due:
        place = int(market.days.searchsorted(pd.Timestamp(record.session)))
        in_market = place < panel.count and market.days[place] == pd.Timestamp(record.session)
        if not in_market or np.isnan(outcomes[record.horizon][place]):
            continue
        track = histories_of_records.at(record.session).get(record.key)
        line = None if track is None else (track.next_day if record.horizon == NEXT_DAY[1] else track.next_month)
        counts = None if line is None or not line.n else (line.n, line.hits, line.base_n, line.base_hits)
        undone = _undone(histories, record, place)
        judged.append(JudgedRecord(record.id, float(outcomes[record.horizon][place]), counts, undone))
    return judged


def _undone(histories: Mapping[str, History], record: DueRecord, place: int) -> bool | None:
    """Whether a named state left again within the horizon; None for a signal without named states."""
    name = record.key.signal
    if name not in histories or name not in catalogue.SIGNALS or not catalogue.signal(name).named:
        return None
    values = histories[name].values.to_numpy(dtype=float)
    state, after = values[place], values[place + 1 : place + 1 + record.horizon]
    if np.isnan(state):
        return None
    return bool((after[~np.isnan(after)] != state).any())


def judge_due(location: ArchiveLocation, due: tuple[DueRecord, ...], newest: date) -> list[JudgedRecord]:
    """The task of the worker process; see `RecordJudge`."""
    keys = {record.key for record in due if record.key.signal in catalogue.SIGNALS}
    with location.open() as archive:
        market = archive.market(location.calendar, as_of=newest, only=inputs_of(keys))
    return judged(market, catalogue.compute(market, {key.signal for key in keys}), due)


@dataclass(frozen=True)
class ArchiveRecordJudge:
    """The `RecordJudge` over the archive, in the worker process for people, so that it holds up no check."""

    worker: TaskRunner
    location: ArchiveLocation

    async def judge_records(self, due: Sequence[DueRecord], newest: date) -> list[JudgedRecord]:
        """See `RecordJudge`."""
        return await self.worker.run(judge_due, self.location, tuple(due), newest)
