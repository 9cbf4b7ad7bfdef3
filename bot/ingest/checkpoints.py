"""Checkpoints of ingest: when each job last succeeded, the chunks that it has left, when prices came.

Prices need no chunks, because the archive has the newest day of each ticker. Histories that are
read from the newest day back do: after the first chunk they look complete. All checkpoints are
those of one archive.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from bot.database import Database, key_value
from bot.database.connection import Store
from bot.domain.arrival import Arrival
from bot.domain.fetched import FetchRequest
from bot.domain.job import Job


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A job that was planned at `begun` and has `chunks` that are not stored yet."""

    begun: datetime
    chunks: tuple[FetchRequest, ...] = ()


class Checkpoints:
    """The checkpoints of one archive in bot.db."""

    def __init__(self, store: Store, archive: Path) -> None:
        self._store, self._archive = store, archive

    async def open(self, plan: Sequence[Job]) -> dict[str, datetime]:
        """When each job last succeeded; of prices of the running session nothing, they were in memory alone.

        Where the archive has been deleted its checkpoints are deleted as well.
        """
        if not self._archive.exists():
            await self.forget(plan)
            return {}
        texts = {
            job.name: await self._store.read(key_value.get, self._key("run", job)) for job in plan if job.every is None
        }
        return {name: datetime.fromisoformat(text) for name, text in texts.items() if text is not None}

    def notice(self, error: Exception) -> None:
        """See `Store.notice`: the archive lies on the same disk."""
        self._store.notice(error)

    async def forget(self, plan: Sequence[Job]) -> None:
        """Delete all checkpoints, because the archive that they are of is gone."""
        keys = [self._key(kind, job) for job in plan for kind in ("run", "left")]
        await self._store.run(_delete, [*keys, *map(self._of_archive, ("arrivals", "checked"))])

    async def succeeded(self, job: Job, at: datetime) -> None:
        """Record that the job has stored everything it requested."""
        await self._store.run(_record_success, self._key("run", job), at.isoformat(), self._key("left", job))

    async def unfinished(self, job: Job) -> Unfinished | None:
        """The chunks that a failed run has left, or None when the last run succeeded."""
        text = await self._store.read(key_value.get, self._key("left", job))
        return None if text is None else _from_json(text)

    async def leave(self, job: Job, unfinished: Unfinished) -> None:
        """Store the chunks that are left, in place of older ones."""
        await self._store.run(key_value.put, self._key("left", job), _to_json(unfinished))

    async def arrivals(self) -> dict[date, Arrival]:
        """When the prices of the newest sessions came."""
        text = await self._store.read(key_value.get, self._of_archive("arrivals"))
        return {} if text is None else _arrivals_from_json(text)

    async def put_arrivals(self, arrivals: Mapping[date, Arrival]) -> None:
        """Store when the prices of the newest sessions came, in place of older ones."""
        await self._store.run(key_value.put, self._of_archive("arrivals"), _arrivals_to_json(arrivals))

    async def checked_at(self) -> datetime | None:
        """When the whole inventory was last compared with the archive."""
        text = await self._store.read(key_value.get, self._of_archive("checked"))
        return None if text is None else datetime.fromisoformat(text)

    async def checked(self, at: datetime) -> None:
        """Record that the whole inventory has been compared with the archive."""
        await self._store.run(key_value.put, self._of_archive("checked"), at.isoformat())

    def _of_archive(self, kind: str) -> str:
        return f"{kind}:{self._archive.stem}"

    def _key(self, kind: str, job: Job) -> str:
        return f"{self._of_archive(kind)}:{job.name}"


def lasting(chunks: Iterable[FetchRequest]) -> tuple[FetchRequest, ...]:
    """The chunks to be stored as checkpoints: all but those of prices and lists of members."""
    return tuple(chunk for chunk in chunks if chunk.series or chunk.records)


def merged(left: Iterable[FetchRequest], fresh: Iterable[FetchRequest]) -> list[FetchRequest]:
    """The chunks left by an earlier run and those of today, each requested once.

    Two chunks about the same things whose days overlap become one over the days of both.
    """
    chunks = list(left)
    for chunk in fresh:
        position = next((position for position, other in enumerate(chunks) if _overlaps(other, chunk)), None)
        if position is None:
            chunks.append(chunk)
        else:
            other = chunks[position]
            chunks[position] = replace(chunk, start=min(chunk.start, other.start), end=max(chunk.end, other.end))
    return chunks


def _overlaps(left: FetchRequest, right: FetchRequest) -> bool:
    same = (left.tickers, left.series, left.records) == (right.tickers, right.series, right.records)
    return same and not left.universe and not right.universe and left.start <= right.end and right.start <= left.end


def _delete(db: Database, keys: Sequence[str]) -> None:
    for key in keys:
        key_value.forget(db, key)


def _record_success(db: Database, run_key: str, at: str, left_key: str) -> None:
    key_value.put(db, run_key, at)
    key_value.forget(db, left_key)


def _arrivals_to_json(arrivals: Mapping[date, Arrival]) -> str:
    instants = {
        session.isoformat(): [at.isoformat() for at in (arrival.asked_at, arrival.came_at) if at is not None]
        for session, arrival in arrivals.items()
    }
    return json.dumps(instants)


def _arrivals_from_json(text: str) -> dict[date, Arrival]:
    return {
        date.fromisoformat(session): Arrival(*map(datetime.fromisoformat, instants))
        for session, instants in json.loads(text).items()
    }


def _to_json(unfinished: Unfinished) -> str:
    chunks = [
        [chunk.start.isoformat(), chunk.end.isoformat(), chunk.tickers, chunk.series, chunk.records]
        for chunk in unfinished.chunks
    ]
    return json.dumps([unfinished.begun.isoformat(), chunks])


def _from_json(text: str) -> Unfinished:
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
