"""What Prometheus reads."""

from __future__ import annotations

from datetime import date

from bot.courier import DeliveryCounts
from bot.domain.fetched import Health, HealthState
from bot.ingest.status import GapSummary, IngestStatus, SourceStatus
from bot.ops.metrics import HealthSnapshot, TickLag, metrics_text
from bot.readings.state import ReadingState
from tests.helpers import utc
from tests.support import sample_readings

NOW = utc("2026-01-13 21:30")


def lines(readings: ReadingState, ingest: IngestStatus, health: HealthSnapshot) -> list[str]:
    return metrics_text(readings, ingest, health).decode().splitlines()


def test_it_tells_messages_stages_ages_gaps_and_the_signals() -> None:
    readings = ReadingState(last_check=NOW)
    readings.put(sample_readings.snapshot())
    gaps = GapSummary(count=4)
    source = SourceStatus("fred", Health(HealthState.RESTING), date(2026, 1, 9), date(2026, 1, 13), gaps=gaps)
    health = HealthSnapshot(
        *(NOW, NOW, True, 2, 7),
        dead=1,
        counts=DeliveryCounts(sent=12, retried=3, parked=2, failed=1),
        check_seconds={"compute": 3.5, "judge": 0.25},
        lag_seconds=0.125,
    )
    shown = lines(readings, IngestStatus(sources=(source,)), health)
    for line in (
        "rotation_bot_messages_waiting 2.0",
        "rotation_bot_messages_dead 1.0",
        "rotation_bot_loop_lag_seconds 0.125",
        'rotation_bot_deliveries_total{outcome="sent"} 12.0',
        'rotation_bot_deliveries_total{outcome="retried"} 3.0',
        'rotation_bot_deliveries_total{outcome="parked"} 2.0',
        'rotation_bot_deliveries_total{outcome="failed"} 1.0',
        'rotation_bot_check_seconds{stage="compute"} 3.5',
        'rotation_bot_source_up{source="fred"} 0.0',
        'rotation_bot_source_age_days{source="fred"} 4.0',
        'rotation_bot_source_gaps{source="fred"} 4.0',
    ):
        assert line in shown
    snapshot = readings.snapshot
    assert snapshot is not None
    spread = snapshot.readings[sample_readings.SPREAD].value
    assert f'rotation_signal{{id="{sample_readings.SPREAD}"}} {spread}' in shown
    assert f"rotation_state {snapshot.readings['rotation.state'].value}" in shown


def test_before_the_first_check_there_are_no_signals() -> None:
    shown = lines(ReadingState(), IngestStatus(), HealthSnapshot(NOW, NOW, False, 0, 0))
    assert not [line for line in shown if line.startswith(("rotation_signal", "rotation_state"))]


def test_the_lag_is_what_a_tick_came_later_than_it_should() -> None:
    times = iter([100.0, 105.0, 110.5, 114.0])
    lag = TickLag(5, lambda: next(times))
    seen = []
    for _ in range(4):
        lag.ticked()
        seen.append(lag.seconds)
    assert seen == [0.0, 0.0, 0.5, 0.0]
