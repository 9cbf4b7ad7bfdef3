"""What a ticker is, by the source that gives prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.job import Job
from bot.domain.own_signal import Listing
from bot.domain.ports import Clock
from bot.errors import SourceError
from bot.ingest.gaps.inventory import PRICES
from bot.sources.base import ListingSource, Source


@dataclass(frozen=True)
class SourceLookup:
    """The `TickerLookup` of the real bot."""

    sources: Mapping[str, Source]
    plan: Sequence[Job]
    clock: Clock

    async def look_up(self, symbol: str) -> Listing | None:
        """See `bot.domain.ports.TickerLookup`."""
        name = next((job.source for job in self.plan if job.name == PRICES), "")
        source = self.sources.get(name)
        if not isinstance(source, ListingSource):
            raise SourceError("the source of prices is off")
        return await source.look_up(symbol, self.clock.now())
