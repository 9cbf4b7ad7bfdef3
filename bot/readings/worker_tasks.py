"""Tasks of the worker process for checks: readings from the archive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from bot.archive.location import ArchiveLocation
from bot.archive.tables.observed_closures import is_future
from bot.domain.fetched import Fetched
from bot.event_study.track_record import TrackRecordHistory, of_few_prices, topic_conditions
from bot.readings import released, superlatives
from bot.readings.compute import SHOWN_SESSIONS, Computed, compute, large, with_track_records
from bot.sources.simulated import market_cache
from signals import catalogue, expressions


def _newest_session(newest: Mapping[str, date]) -> date | None:
    """The newest session that most indices and funds have a close of.

    Futures do not count: they trade on days on which the exchange is closed. A few early or mistaken
    bars make no session whose readings would all be withheld.
    """
    days = sorted(day for ticker, day in newest.items() if not is_future(ticker))
    return days[len(days) // 2] if days else max(newest.values(), default=None)


def compute_archive(
    location: ArchiveLocation,
    *,
    as_of: date,
    since: Mapping[str, date] | None,
    quotes: Fetched | None,
    now: datetime,
    own: Sequence[str] = (),
    signals: Sequence[str] = tuple(catalogue.SIGNALS),
) -> Computed | None:
    """Readings from the archive up to the session `as_of`, with `quotes` of the running one.

    While the newest bars are older than `as_of`, the readings are of the newest session that most
    have. The track
    records of topics are counted over all years where that needs no members, else over the years
    that are loaded. The values that headlines compare are those of all years (`superlatives`). None
    while the archive has no prices. `own`: ids of own signals, which are computed beside the built-in `signals`.
    """
    # The market that is read takes as much memory as the one that is simulated.
    market_cache.of_this_process().forget()
    conditions = [key for key in topic_conditions() if key.signal in signals]
    light, tickers = of_few_prices(conditions)
    with location.open() as archive:
        newest = _newest_session(archive.newest(catalogue.tickers()))
        if newest is None:
            return None
        described = as_of if quotes is not None else min(as_of, newest)
        market = archive.market(
            location.calendar,
            as_of=described,
            tail=SHOWN_SESSIONS + catalogue.TAIL,
            quotes=quotes,
            whole_past=frozenset(ticker for id in own for ticker in expressions.whole_past(id)),
        )
        final = min(described, newest)
        long = archive.market(location.calendar, as_of=final, only=tickers | superlatives.tickers())
        histories = catalogue.compute(market, (*signals, *own))
        years = superlatives.all_years(
            market, histories, long, everything=lambda: archive.market(location.calendar, as_of=final)
        )
        published = released.today(archive, location.calendar, now)
    track_records = (TrackRecordHistory.of(market, histories, conditions), TrackRecordHistory.over(long, light))
    computed = with_track_records(compute(market, histories, since=since, now=now), track_records)
    snapshot = replace(computed.snapshot, closes=large(long), all_years=years, published=published)
    return replace(computed, snapshot=snapshot)
