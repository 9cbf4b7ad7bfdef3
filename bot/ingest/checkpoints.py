"""Book of what was fetched when: when each job last succeeded, and the chunks that a job which was cut off has left.

Prices need no chunks, because the archive tells where each ticker stands. Histories that are read from the newest day back
do: after the first chunk they look complete. All of it counts for the one archive that was filled.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from bot.database import Database, key_value
from bot.database.connection import Store
from bot.domain.fetched import FetchRequest
from bot.domain.job import Job


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A job that was planned at `begun` and has `chunks` still to be kept."""

    begun: datetime
    chunks: tuple[FetchRequest, ...] = ()


class Checkpoints:
    """Reads and writes the pages of one archive in bot.db."""

    def __init__(self, store: Store, archive: Path) -> None:
        self._store, self._archive = store, archive

    async def open(self, plan: Sequence[Job]) -> dict[str, datetime]:
        """When each job last succeeded. Where the archive has been deleted every page of it is torn out: nothing was fetched."""
        if not self._archive.exists():
            await self._store.run(_tear_out, [self._key(kind, job) for job in plan for kind in ("run", "left")])
            return {}
        found = {job.name: await self._store.read(key_value.get, self._key("run", job)) for job in plan}
        return {name: datetime.fromisoformat(text) for name, text in found.items() if text is not None}

    async def succeeded(self, job: Job, at: datetime) -> None:
        """The job has kept everything it asked for."""
        await self._store.run(_close_page, self._key("run", job), at.isoformat(), self._key("left", job))

    async def unfinished(self, job: Job) -> Unfinished | None:
        """What a run that was cut off or had failures has left, or None when the last one succeeded."""
        text = await self._store.read(key_value.get, self._key("left", job))
        return None if text is None else _read(text)

    async def leave(self, job: Job, unfinished: Unfinished) -> None:
        """Remember what is left, in place of what was."""
        await self._store.run(key_value.put, self._key("left", job), _written(unfinished))

    def _key(self, kind: str, job: Job) -> str:
        return f"{kind}:{self._archive.stem}:{job.name}"


def lasting(chunks: Iterable[FetchRequest]) -> tuple[FetchRequest, ...]:
    """The chunks that have to be remembered: all but those of prices and of lists of members."""
    return tuple(chunk for chunk in chunks if chunk.series or chunk.records)


def merged(left: Iterable[FetchRequest], fresh: Iterable[FetchRequest]) -> list[FetchRequest]:
    """What is left of an earlier day and what is wanted today, as chunks that are each asked for once.

    Two chunks about the same things whose days overlap become one over the days of both.
    """
    chunks = list(left)
    for chunk in fresh:
        at = next((at for at, other in enumerate(chunks) if _overlaps(other, chunk)), None)
        if at is None:
            chunks.append(chunk)
        else:
            other = chunks[at]
            chunks[at] = replace(chunk, start=min(chunk.start, other.start), end=max(chunk.end, other.end))
    return chunks


def _overlaps(one: FetchRequest, other: FetchRequest) -> bool:
    same = (one.tickers, one.series, one.records) == (other.tickers, other.series, other.records)
    return same and not one.universe and not other.universe and one.start <= other.end and other.start <= one.end


def _tear_out(db: Database, keys: Sequence[str]) -> None:
    for key in keys:
        key_value.forget(db, key)


def _close_page(db: Database, key: str, at: str, left: str) -> None:
    key_value.put(db, key, at)
    key_value.forget(db, left)


def _written(unfinished: Unfinished) -> str:
    chunks = [
        [chunk.start.isoformat(), chunk.end.isoformat(), chunk.tickers, chunk.series, chunk.records]
        for chunk in unfinished.chunks
    ]
    return json.dumps([unfinished.begun.isoformat(), chunks])


def _read(text: str) -> Unfinished:
    begun, chunks = json.loads(text)
    return Unfinished(
        datetime.fromisoformat(begun),
        tuple(
            FetchRequest(
                date.fromisoformat(start),
                date.fromisoformat(end),
                tuple(tickers),
                tuple(series),
                records=tuple(records),
            )
            for start, end, tickers, series, records in chunks
        ),
    )
