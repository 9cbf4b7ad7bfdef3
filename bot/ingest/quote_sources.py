"""Which source gives the prices of the running session, and for how long they are those of now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from bot.domain.fetched import Fetched
from bot.domain.job import Job
from bot.sources.base import QuoteSource, Source


def quote_sources(plan: Sequence[Job], sources: Mapping[str, Source]) -> Iterator[tuple[str, QuoteSource]]:
    """The source of each job of prices of the running session.

    Raises TypeError for a source that gives none.
    """
    for job in plan:
        source = sources.get(job.source)
        if job.every is None or source is None:
            continue
        if not isinstance(source, QuoteSource):
            raise TypeError(
                f"the job {job.name} asks for prices of the running session, which {job.source} does not give"
            )
        yield job.name, source


SPARE = timedelta(minutes=15)
"""The slowest answer, and a retry or two, beside two planned requests."""


def recent(quotes: Fetched | None, plan: Sequence[Job], now: datetime) -> Fetched | None:
    """The quotes as long as they are prices of now; None once two planned requests and their retries brought no newer ones.

    Shown any longer they would be a price of hours ago under the time of the newest check.
    """
    every = max((job.every for job in plan if job.every is not None), default=timedelta(0))
    return quotes if quotes is not None and abs(now - quotes.fetched_at) <= 2 * every + SPARE else None
