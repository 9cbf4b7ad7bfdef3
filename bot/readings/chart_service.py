"""Chart service: draws pictures in the worker process and caches the newest ones.

Only the worker process imports matplotlib, so drawing blocks neither the event loop nor takes
memory of the bot. In the worker a drawing waits for a check that is under way, so callers should
limit how long they wait.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import OrderedDict
from dataclasses import dataclass, field, replace

import pandas as pd

from bot.charts import worker_tasks
from bot.charts.inputs import ChartInputs, needs
from bot.domain.chart_request import ChartKind, ChartRequest, Picture
from bot.domain.ports import ClosingPrices, TaskRunner
from bot.readings.state import ReadingState, Snapshot
from bot.sources.simulated import SIMULATED_MARKET
from signals.core.model import State

log = logging.getLogger(__name__)

MOST_PICTURES = 64
MOST_BYTES = 16 * 2**20
MOST_WAITING = 12
"""Different pictures under way at once.

At a quarter of a second each they delay a check by three seconds at most; when many messages are
sent at once, the others have no picture."""

LONGEST_SECONDS = 60.0
"""The timeout of one drawing, the wait for the worker process included."""


@dataclass
class ChartService:
    """Draws in the worker process from the history of signals and from closes.

    Requests for the same picture share one drawing.
    """

    worker: TaskRunner
    readings: ReadingState
    prices: ClosingPrices
    _kept: OrderedDict[str, Picture] = field(default_factory=OrderedDict)
    _under_way: dict[str, asyncio.Task[Picture | None]] = field(default_factory=dict)
    _logged: set[str] = field(default_factory=set)

    async def draw(self, request: ChartRequest) -> Picture | None:
        """The picture of a request from what is known now.

        None when too little is known, when too many pictures are under way, and when drawing
        failed.
        """
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
                self._log_once("too many pictures are requested at once; some messages are sent without theirs")
                return None
            inputs = ChartInputs(
                values, pd.DataFrame(), provisional, _earlier(snapshot, values), simulated=_is_simulated(snapshot)
            )
            drawing = self._draw(request, inputs, key)
            task = asyncio.create_task(drawing, name=f"picture {request.file}")
            self._under_way[key] = task
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
        # Shielded: when this caller gives up, others may wait for the same picture, and the next
        # caller finds it in the cache.
        return await asyncio.shield(task)

    async def warm_up(self, request: ChartRequest, values: pd.DataFrame) -> None:
        """Draw a request of signals from `values` (sessions x signal ids) and discard the picture.

        Never raises.

        With its first drawing the worker process imports matplotlib, which takes seconds; the next
        drawing is fast.
        """
        await self._drawn(request, ChartInputs(values, pd.DataFrame(), earlier=values.iloc[:0]))

    def drawn_by(self, worker: TaskRunner, prices: ClosingPrices) -> ChartService:
        """A service that draws in another process and shares the cache of pictures with this one."""
        return replace(self, worker=worker, prices=prices, _under_way={})

    async def close(self) -> None:
        """Cancel the drawings under way."""
        under_way = list(self._under_way.values())
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    async def _draw(self, request: ChartRequest, inputs: ChartInputs, key: str) -> Picture | None:
        picture = await self._drawn(request, inputs)
        if picture is not None:
            self._keep(key, picture)
        return picture

    async def _drawn(self, request: ChartRequest, inputs: ChartInputs) -> Picture | None:
        """The picture of a request from these inputs and the closes that it needs."""
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                closes = await self.prices.closes(needs(request).tickers, pd.DatetimeIndex(inputs.values.index))
                return await self.worker.run(worker_tasks.draw, request, replace(inputs, closes=closes))
        except Exception as error:
            self._log_once(f"a picture of the kind {request.kind} could not be drawn: {error!r}")
            return None

    def _keep(self, key: str, picture: Picture) -> None:
        self._kept[key] = picture
        while len(self._kept) > MOST_PICTURES or sum(len(kept.content) for kept in self._kept.values()) > MOST_BYTES:
            self._kept.popitem(last=False)

    def _log_once(self, sentence: str) -> None:
        """Log each message once: what fails for one picture may fail for a thousand."""
        if sentence not in self._logged and len(self._logged) < MOST_PICTURES:
            self._logged.add(sentence)
            log.warning("%s", sentence)


def _values(snapshot: Snapshot, request: ChartRequest) -> tuple[pd.DataFrame, bool]:
    """Final values of the signals that the request needs and that are known, up to its session.

    Returns the values, and whether a row of provisional values follows them: for a request of one
    signal whose session still runs, such as that of a live alert.
    """
    names = [name for name in sorted(needs(request).signals) if name in snapshot.history]
    values, session = snapshot.history.loc[: pd.Timestamp(request.session), names], pd.Timestamp(request.session)
    readings = {name: snapshot.readings.get(name) for name in names}
    running = {
        name: float(reading.value)
        for name, reading in readings.items()
        if reading is not None
        and reading.session == request.session
        and reading.state is State.PROVISIONAL
        and reading.value is not None
    }
    if request.kind is not ChartKind.SIGNAL or session in values.index or not running.keys() & set(request.names):
        return values, False
    return pd.concat([values, pd.DataFrame(running, index=pd.DatetimeIndex([session]), columns=names)]), True


def _is_simulated(snapshot: Snapshot) -> bool:
    return any(SIMULATED_MARKET.name in reading.sources for reading in snapshot.readings.values())


def _earlier(snapshot: Snapshot, values: pd.DataFrame) -> pd.DataFrame:
    """The values of the same signals on the sessions before those of `values`."""
    return snapshot.earlier.reindex(columns=values.columns)


def _key(request: ChartRequest, values: pd.DataFrame, snapshot: Snapshot, *, provisional: bool) -> str:
    """A digest of everything that the picture depends on.

    That is the request, the values, and for closes, which are read later, the instant of the check.
    """
    digest = hashlib.blake2b(request.to_json().encode(), digest_size=16)
    ends = values.index[:1].tolist(), values.index[-1:].tolist()
    digest.update(repr((list(values.columns), *ends, provisional)).encode())
    digest.update(values.to_numpy(dtype=float).tobytes())
    if needs(request).tickers:
        digest.update(snapshot.made_at.isoformat().encode())
    return digest.hexdigest()
