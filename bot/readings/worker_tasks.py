"""What the worker process does, as functions that can be sent to it. Each opens market.db, works and closes it again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

import pandas as pd

from bot.archive import Archive
from bot.archive.dataset_status import newest_records
from bot.calendar.clock import Calendar
from bot.charts.inputs import Materials
from bot.domain.chart import Picture, Sketch
from bot.errors import UserError
from bot.event_study.model import Noted, Watched
from bot.event_study.study import Answer, Question, outcome_of, work_out
from bot.event_study.track_record import GROUP, Ledger, house, of_few_prices, with_evidence
from bot.readings.compute import SHOWN_SESSIONS, Computed, compute, large
from bot.sources.base import Fetched
from bot.sources.simulated.market import SOURCE
from signals import catalogue
from signals.core.market import Market
from signals.event_study import Outcome


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the worker works: the archive's file and the dates of its calendar."""

    path: Path
    first: date
    last: date

    @property
    def calendar(self) -> Calendar:
        """The calendar over those dates."""
        return Calendar(self.first, self.last)


def keep(desk: Desk, fetched: Fetched) -> Sequence[str]:
    """Store what a source gave; returns the tickers that have to be asked for again.

    Those whose new bars do not join the stored ones need their whole history, those with a suspicious bar a second answer.
    """
    with Archive.open(desk.path) as archive:
        counts = archive.store(fetched, desk.calendar, live=fetched.source != SOURCE)
    return sorted({*counts.unjoined, *counts.suspicious})


@dataclass(frozen=True, slots=True)
class Known:
    """The newest day of each ticker and series that the archive has, and the members of its newest universe.

    `records`: dataset -> source -> the newest day of its rows, or on which they became known.
    """

    tickers: Mapping[str, date]
    series: Mapping[str, date]
    members: Sequence[str]
    records: Mapping[str, Mapping[str, date]] = field(default_factory=dict)


def known(desk: Desk) -> Known:
    """What the archive has, to know what is still to be fetched."""
    with Archive.open(desk.path) as archive:
        return Known(archive.newest(), archive.newest_series(), archive.members(), newest_records(archive))


def compute_archive(
    desk: Desk, *, as_of: date, since: Mapping[str, date] | None, quotes: Fetched | None, now: datetime
) -> Computed | None:
    """Readings from the archive up to the session `as_of`, with `quotes` of the running session on top when there are any.

    While the newest bars are older than `as_of` they are what is described. What followed the conditions of the house is counted
    over all years where that needs no members, else over what is loaded. None while the archive holds no price.
    """
    watched = house()
    light, tickers = of_few_prices(watched)
    with Archive.open(desk.path) as archive:
        newest = max(archive.newest(catalogue.tickers()).values(), default=None)
        if newest is None:
            return None
        described = as_of if quotes is not None else min(as_of, newest)
        market = archive.market(desk.calendar, as_of=described, tail=SHOWN_SESSIONS + catalogue.TAIL, quotes=quotes)
        long = archive.market(desk.calendar, as_of=min(described, newest), only=tickers)
    histories = catalogue.compute(market)
    ledgers = (Ledger.of(market, histories, watched), _of_all_years(long, light))
    computed = with_evidence(compute(market, histories, since=since, now=now), ledgers)
    return replace(computed, snapshot=replace(computed.snapshot, closes=large(long)))


def _of_all_years(market: Market, watched: Collection[Watched]) -> Ledger:
    return Ledger.of(market, catalogue.compute(market, {each.signal for each in watched}), watched)


def count(desk: Desk, watched: Collection[Watched], sessions: Collection[date]) -> Noted:
    """What was known after each of the sessions of what followed these conditions, over all years of the archive."""
    light, tickers = of_few_prices(watched)
    with Archive.open(desk.path) as archive:
        heavy = len(light) < len(set(watched))
        market = archive.market(desk.calendar, as_of=max(sessions), only=None if heavy else tickers)
    ledger = _of_all_years(market, watched)
    return {session: ledger.at(session) for session in sessions}


def study(desk: Desk, question: Question, as_of: date) -> Answer:
    """What followed a condition, over all years up to the session `as_of`, with its picture.

    Raises UserError while the archive is empty and for an outcome that it has no prices of.
    """
    name = question.spec.signal
    with Archive.open(desk.path) as archive:
        newest = archive.newest()
        if not newest:
            raise UserError("There are no prices yet. The first download takes some minutes.")
        outcome = outcome_of(question, newest.keys())
        market, values = studied(archive, desk.calendar, name, outcome, as_of=min(as_of, max(newest.values())))
    answer, sketch, materials = work_out(question, outcome, market, values)
    return replace(answer, picture=draw(sketch, materials))


def studied(
    archive: Archive, calendar: Calendar, name: str, outcome: Outcome, *, as_of: date | None = None
) -> tuple[Market, pd.Series]:
    """All years of what a study of a signal takes, up to the session `as_of` or the newest one, and the signal's final values
    (index = the market's days). Everything is loaded only for a signal that is made of an index's members."""
    inputs = catalogue.signal(name).inputs
    few = None if any(each.startswith(GROUP) for each in inputs) else {*inputs, *outcome.tickers}
    market = archive.market(calendar, as_of=as_of, only=few)
    return market, catalogue.compute(market, [name])[name].values


def closes(desk: Desk, tickers: Collection[str], days: pd.DatetimeIndex, known_at: datetime) -> pd.DataFrame:
    """Closes adjusted for splits and dividends as known at an instant: `days` x those of the tickers that the archive has."""
    with Archive.open(desk.path) as archive:
        return archive.closes(tickers, days, known_at)


def draw(sketch: Sketch, materials: Materials) -> Picture | None:
    """The picture of a sketch, or None where too little is known."""
    # Here and not above: only the process that draws carries matplotlib.
    from bot.charts import render

    return render.draw(sketch, materials)
