"""Which source gives the prices of the running session."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

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
