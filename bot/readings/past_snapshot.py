"""The snapshot that a check would have made on the evening of a past session."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from bot.archive import Archive
from bot.calendar.clock import Calendar
from bot.readings import superlatives
from bot.readings.compute import SHOWN_SESSIONS, compute, large
from bot.readings.state import Snapshot
from signals import catalogue
from signals.core.market import Market
from signals.families.index import INDICES


def snapshot_as_of(archive: Archive, calendar: Calendar, described: date, *, now: datetime) -> tuple[Market, Snapshot]:
    """The market as known 20 minutes after the close of the session at or before `described`, and its snapshot.

    `now`: when it is made. Raises EmptyArchiveError where nothing was known.
    """
    market = archive.market(calendar, as_of=described, tail=SHOWN_SESSIONS + catalogue.TAIL)
    long = archive.market(calendar, as_of=described, only={*INDICES, *superlatives.tickers()})
    histories = catalogue.compute(market)
    computed = compute(market, histories, since=dict.fromkeys(histories, market.last.date()), now=now)
    years = superlatives.all_years(
        market, histories, long, everything=lambda: archive.market(calendar, as_of=described)
    )
    return market, replace(computed.snapshot, closes=large(long), all_years=years)
