"""Artist: gathers what a picture needs, has the worker process draw it, and keeps the newest pictures.

Drawing holds up neither the event loop nor the program's memory: only the worker process knows matplotlib. There it waits
behind a check that is under way, so whoever asks should say for how long they can wait.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import OrderedDict
from dataclasses import dataclass, field

import pandas as pd

from bot.charts import worker_tasks
from bot.charts.inputs import ChartInputs, needs
from bot.domain.chart_request import ChartKind, ChartRequest, Picture
from bot.domain.ports import ClosingPrices
from bot.readings.state import ReadingState, Snapshot
from bot.worker.process import Worker
from signals.core.model import State

log = logging.getLogger(__name__)

MOST_PICTURES = 64
MOST_BYTES = 16 * 2**20
MOST_WAITING = 12
"""Different pictures under way at once. At a quarter of a second each they hold up a check by three seconds at most; in a storm
of messages the others go without."""

LONGEST_SECONDS = 60.0
"""After this a drawing is given up, whatever the worker process is doing."""


@dataclass
class ChartService:
    """Draws in the worker process from the board's history and from closes. One drawing at a time of each request."""

    worker: Worker
    readings: ReadingState
    prices: ClosingPrices
    _kept: OrderedDict[str, Picture] = field(default_factory=OrderedDict)
    _under_way: dict[str, asyncio.Task[Picture | None]] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)

    async def draw(self, request: ChartRequest) -> Picture | None:
        """The picture of a request from what is known now. None: too little is, too much is being drawn, or it failed."""
        snapshot = self.readings.snapshot
        if snapshot is None:
            return None
        values, provisional = _values(snapshot, request)
        key = _key(request, values, snapshot, provisional=provisional)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        task = self._under_way.get(key)
        if task is None:
            if len(self._under_way) >= MOST_WAITING:
                self._tell("too many pictures are wanted at once; some messages go without theirs")
                return None
            drawing = self._draw(request, values, key, provisional=provisional)
            task = asyncio.create_task(drawing, name=f"picture {request.file}")
            self._under_way[key] = task
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
        # Shielded, because others may wait for the same picture, and because somebody may ask again.
        return await asyncio.shield(task)

    async def warm_up(self, request: ChartRequest, values: pd.DataFrame) -> None:
        """Draw a request of signals from `values` (sessions x signal ids) for nobody, so that the next drawing takes no longer
        than those after it: with its first one the worker process imports what draws, which takes seconds. Never raises."""
        await self._drawn(request, values, provisional=False)

    async def close(self) -> None:
        """Give up what is under way."""
        under_way = list(self._under_way.values())
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    async def _draw(
        self, request: ChartRequest, values: pd.DataFrame, key: str, *, provisional: bool
    ) -> Picture | None:
        picture = await self._drawn(request, values, provisional=provisional)
        if picture is not None:
            self._keep(key, picture)
        return picture

    async def _drawn(self, request: ChartRequest, values: pd.DataFrame, *, provisional: bool) -> Picture | None:
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                closes = await self.prices.closes(needs(request).tickers, pd.DatetimeIndex(values.index))
                return await self.worker.run(worker_tasks.draw, request, ChartInputs(values, closes, provisional))
        except Exception as error:
            self._tell(f"a picture of the kind {request.kind} could not be drawn: {error!r}")
            return None

    def _keep(self, key: str, picture: Picture) -> None:
        self._kept[key] = picture
        while len(self._kept) > MOST_PICTURES or sum(len(each.content) for each in self._kept.values()) > MOST_BYTES:
            self._kept.popitem(last=False)

    def _tell(self, sentence: str) -> None:
        """Log each sentence once: what fails for one message may fail for a thousand."""
        if sentence not in self._told and len(self._told) < MOST_PICTURES:
            self._told.add(sentence)
            log.warning("%s", sentence)


def _values(snapshot: Snapshot, request: ChartRequest) -> tuple[pd.DataFrame, bool]:
    """Final values of the signals that the request needs and that are known, up to its session.

    A request of one signal whose session still runs, such as that of a live alert, has the provisional values after them: True.
    """
    names = [name for name in sorted(needs(request).signals) if name in snapshot.history]
    values, session = snapshot.history.loc[: pd.Timestamp(request.session), names], pd.Timestamp(request.session)
    now = {name: snapshot.readings.get(name) for name in names}
    running = {
        name: float(reading.value)
        for name, reading in now.items()
        if reading is not None
        and reading.session == request.session
        and reading.state is State.PROVISIONAL
        and reading.value is not None
    }
    if request.kind is not ChartKind.SIGNAL or session in values.index or not running.keys() & set(request.names):
        return values, False
    return pd.concat([values, pd.DataFrame(running, index=pd.DatetimeIndex([session]), columns=names)]), True


def _key(request: ChartRequest, values: pd.DataFrame, snapshot: Snapshot, *, provisional: bool) -> str:
    """What the picture depends on: the request, the values, and of closes, which are read later, the check that saw them."""
    digest = hashlib.blake2b(request.to_json().encode(), digest_size=16)
    ends = values.index[:1].tolist(), values.index[-1:].tolist()
    digest.update(repr((list(values.columns), *ends, provisional)).encode())
    digest.update(values.to_numpy(dtype=float).tobytes())
    if needs(request).tickers:
        digest.update(snapshot.made_at.isoformat().encode())
    return digest.hexdigest()
