"""What Prometheus reads: the state of the program, of its sources, and the signals themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from bot.calendar.clock import new_york_date
from bot.courier import DeliveryCounts
from bot.domain.fetched import HealthState
from bot.ingest.status import IngestStatus
from bot.readings.state import ReadingState
from signals.scenario.score import ROTATION_STATE


@dataclass(frozen=True, slots=True)
class HealthSnapshot:
    """The state of the program at one instant.

    Attributes:
        counts: How attempts to send have ended since the start.
        check_seconds: How long the stages of the newest check took.
        lag_seconds: How late the newest tick of the timer came.
    """

    now: datetime
    ticked_at: datetime
    connected: bool
    waiting: int
    alerts: int
    dead: int = 0
    counts: DeliveryCounts = field(default_factory=DeliveryCounts)
    check_seconds: Mapping[str, float] = field(default_factory=dict)
    lag_seconds: float = 0.0


class TickLag:
    """How late the ticks of the timer come, which is how long something held up the event loop.

    `every_seconds`: their distance. `elapsed`: seconds of a clock that nobody sets.
    """

    def __init__(self, every_seconds: float, elapsed: Callable[[], float]) -> None:
        self._every_seconds, self._elapsed = every_seconds, elapsed
        self._ticked_at: float | None = None
        self.seconds = 0.0

    def ticked(self) -> None:
        """A tick has come now."""
        now = self._elapsed()
        if self._ticked_at is not None:
            self.seconds = max(0.0, now - self._ticked_at - self._every_seconds)
        self._ticked_at = now


def metrics_text(readings: ReadingState, ingest: IngestStatus, health: HealthSnapshot) -> bytes:
    """The page for Prometheus."""
    registry = CollectorRegistry()

    def gauge(name: str, text: str, value: float) -> None:
        Gauge(name, text, registry=registry).set(value)

    gauge("rotation_bot_connected", "1 while the gateway connection stands", health.connected)
    gauge("rotation_bot_alerts", "Stored alerts", health.alerts)
    gauge("rotation_bot_messages_waiting", "Messages that are enqueued and not delivered yet", health.waiting)
    gauge("rotation_bot_messages_dead", "Messages that Discord refused and nobody has discarded", health.dead)
    gauge("rotation_bot_loop_lag_seconds", "How late the newest tick of the timer came", health.lag_seconds)
    ended = Counter("rotation_bot_deliveries", "Attempts to send, by how they ended", ["outcome"], registry=registry)
    for outcome, count in asdict(health.counts).items():
        ended.labels(outcome).inc(count)
    if readings.last_check is not None:
        at = readings.last_check.timestamp()
        gauge("rotation_bot_last_check_seconds", "When signals were last checked, epoch seconds", at)
    stages = Gauge("rotation_bot_check_seconds", "Seconds of the newest check, by stage", ["stage"], registry=registry)
    for stage, seconds in health.check_seconds.items():
        stages.labels(stage).set(seconds)
    _sources(registry, ingest, health.now)
    _signals(registry, readings)
    return generate_latest(registry)


def _sources(registry: CollectorRegistry, ingest: IngestStatus, now: datetime) -> None:
    up = Gauge("rotation_bot_source_up", "0 while a source fails or rests", ["source"], registry=registry)
    age = Gauge("rotation_bot_source_age_days", "Days since its newest figures", ["source"], registry=registry)
    gaps = Gauge("rotation_bot_source_gaps", "Figures that are expected and missing", ["source"], registry=registry)
    for source in ingest.sources:
        up.labels(source.name).set(source.health.state not in (HealthState.FAILING, HealthState.RESTING))
        gaps.labels(source.name).set(source.gaps.count)
        if source.newest is not None:
            age.labels(source.name).set((new_york_date(now) - source.newest).days)


def _signals(registry: CollectorRegistry, readings: ReadingState) -> None:
    if readings.snapshot is None:
        return
    values = Gauge("rotation_signal", "The newest value of a signal, in its own unit", ["id"], registry=registry)
    for name, reading in readings.snapshot.readings.items():
        if reading.value is not None:
            values.labels(name).set(reading.value)
    state = readings.snapshot.readings.get(ROTATION_STATE)
    if state is not None and state.value is not None:
        text = "1 while money rotates out of big tech, -1 while it rotates back, 0 while neither is clear"
        Gauge("rotation_state", text, registry=registry).set(state.value)
