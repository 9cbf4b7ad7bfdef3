"""What goes wrong with a source: no answer, an error, late figures; by a seed, so that a soak can be repeated."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.domain.fetched import Fetched, FetchRequest
from bot.errors import SourceError
from bot.sources.simulated import SimulatedSource

KINDS = ("500", "time-out", "late")
"""Wrong figures are no part of it: the simulated market is believed, what real sources send is judged (`plausibility`)."""
SHARE = 0.12
"""Of the chunks of an update, which meet one of them."""
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
BACKFILL_DAYS = 60
"""A request that reaches further back is the first download."""

FEWEST_LATE = 60
"""Tickers of a chunk that may be late. Without fewer than a tenth of the members a share of them is still a reading, and the
simulated source has no list of gaps that says that they are to come."""

CATCHING_UP = timedelta(days=5)
"""How long no prices fail after some were late: over a weekend with a holiday, until the next session brings them. Were they
missing once more, the older session would be judged without them: that is right (decision 6), and the oracle does not reckon
with it. Nor does it with an evening without any prices: those that lack two sessions are requested first, and a first chunk
that is late ends the run of a simulated source, which has no list of gaps."""

Fetch = Callable[[SimulatedSource, FetchRequest, datetime], Awaitable[Fetched]]


def make_bad(log: Path, good: Path, seed: int) -> None:
    """Have the simulated source fail now and then, until there is a file `good`; `log` gets a line for each time."""
    real, chance = SimulatedSource.fetch, random.Random(seed)
    calm_until = _last_late(log) + CATCHING_UP

    async def fetch(source: SimulatedSource, request: FetchRequest, now: datetime) -> Fetched:
        nonlocal calm_until
        first = (request.end - request.start).days > BACKFILL_DAYS
        calm = now < calm_until and bool(request.tickers)
        if first or calm or chance.random() > SHARE or _are(good):
            return await real(source, request, now)
        kind = chance.choice(KINDS)
        if kind == "late" and 0 < len(request.tickers) < FEWEST_LATE:
            kind = "time-out"
        _note(log, f"{now.isoformat()} {kind}")
        if kind == "late":
            calm_until = now + CATCHING_UP
        return await _bad(kind, real, source, request, now)

    replaced: Any = SimulatedSource
    replaced.fetch = fetch


def _are(good: Path) -> bool:
    return good.exists()


def _last_late(log: Path) -> datetime:
    """When figures were last late, in any life of the program."""
    lines = log.read_text().splitlines() if log.exists() else []
    return max((datetime.fromisoformat(line.split()[0]) for line in lines if line.endswith(" late")), default=LONG_AGO)


def _note(log: Path, line: str) -> None:
    with log.open("a") as file:
        file.write(f"{line}\n")


async def _bad(kind: str, real: Fetch, source: SimulatedSource, request: FetchRequest, now: datetime) -> Fetched:
    if kind == "500":
        raise SourceError("it answered 500")
    if kind == "time-out":
        raise SourceError("it did not answer within 30 s")
    answer = await real(source, request, now)
    return replace(answer, bars={ticker: bars.iloc[:-1] for ticker, bars in answer.bars.items()})
