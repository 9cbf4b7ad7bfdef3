"""Tasks of the worker process for checks: readings from the archive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from bot.archive.location import ArchiveLocation
from bot.domain.fetched import Fetched
from bot.event_study.track_record import TrackRecordHistory, of_few_prices, topic_conditions
from bot.readings import superlatives
from bot.readings.compute import SHOWN_SESSIONS, Computed, compute, large, with_track_records
from signals import catalogue


def compute_archive(
    location: ArchiveLocation, *, as_of: date, since: Mapping[str, date] | None, quotes: Fetched | None, now: datetime
) -> Computed | None:
    """Readings from the archive up to the session `as_of`, with `quotes` of the running one.

    While the newest bars are older than `as_of`, the readings are of their session. The track
    records of topics are counted over all years where that needs no members, else over the years
    that are loaded. The values that headlines compare are those of all years (`superlatives`). None
    while the archive has no prices.
    """
    conditions = topic_conditions()
    light, tickers = of_few_prices(conditions)
    with location.open() as archive:
        newest = max(archive.newest(catalogue.tickers()).values(), default=None)
        if newest is None:
            return None
        described = as_of if quotes is not None else min(as_of, newest)
        market = archive.market(location.calendar, as_of=described, tail=SHOWN_SESSIONS + catalogue.TAIL, quotes=quotes)
        final = min(described, newest)
        long = archive.market(location.calendar, as_of=final, only=tickers | superlatives.tickers())
        histories = catalogue.compute(market)
        years = superlatives.all_years(
            market, histories, long, everything=lambda: archive.market(location.calendar, as_of=final)
        )
    track_records = (TrackRecordHistory.of(market, histories, conditions), TrackRecordHistory.over(long, light))
    computed = with_track_records(compute(market, histories, since=since, now=now), track_records)
    return replace(computed, snapshot=replace(computed.snapshot, closes=large(long), all_years=years))
