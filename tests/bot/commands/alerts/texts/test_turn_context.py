"""What the first line of a turn says in brackets."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.commands.alerts.texts import first_line
from bot.commands.alerts.texts.turn_context import regime_of, turn_context
from bot.domain.model import Direction, ItemEvent, ItemKind, OutboxItem
from signals.catalogue import SIGNALS
from signals.core.model import Measure
from tests.support import sample_readings


def turned(signal: str, session: date, *, now: float, change: float) -> OutboxItem:
    return OutboxItem(
        id=1,
        key="k",
        kind=ItemKind.ALERT,
        destination_id=1,
        session=session,
        created_at=datetime(2026, 1, 13, 21, 30, tzinfo=UTC),
        signal=signal,
        measure=Measure.CHANGE_1D,
        direction=Direction.ABOVE if change > 0 else Direction.BELOW,
        level=0.5,
        value=change,
        reading={"value": now},
    )


def words(item: OutboxItem) -> str:
    return turn_context(sample_readings.snapshot(), item, SIGNALS[str(item.signal)])


@pytest.mark.parametrize(
    ("item", "context"),
    [
        (
            turned("rotation.state", date(2025, 11, 11), now=-1, change=-2),
            "it had been rotating out since May 29, 115 sessions",
        ),
        (
            turned("rotation.state", date(2025, 5, 29), now=1, change=2),
            "it had been rotating back since Oct 10, 2024, 157 sessions",
        ),
        (turned("tech.state", date(2025, 12, 26), now=1, change=2), "it had been falling since Jul 7, 121 sessions"),
    ],
)
def test_a_turn_of_a_clock_says_what_it_came_from_and_for_how_long(item: OutboxItem, context: str) -> None:
    assert words(item) == context


def test_nothing_is_said_of_a_session_on_which_the_clock_did_not_turn() -> None:
    assert words(turned("rotation.state", date(2025, 11, 12), now=-1, change=-2)) == ""


def test_a_yardstick_says_its_move_and_threshold() -> None:
    item = turned("rotation.small_caps.direction", sample_readings.SESSION, now=-1, change=-2)
    assert words(item) == "-9.7% since Oct 6, 2025; threshold 6%"
    assert words(replace(item, event=ItemEvent.BACK)) == ""


def test_the_recovery_says_its_score_and_thresholds() -> None:
    item = turned("scenario.recovery_state", sample_readings.SESSION, now=-1, change=-1)
    assert words(item) == "-23.1; bull from +33, bear from -33"
    assert words(replace(item, session=date(2025, 11, 12))) == ""


@pytest.mark.parametrize(
    ("regime", "line"),
    [
        (1, "Money has begun to rotate out of big tech"),
        (2, "Two thirds of the yardsticks now point out of big tech"),
        (None, "Two thirds of the yardsticks now point out of big tech"),
    ],
)
def test_while_tech_falls_or_in_doubt_a_turn_is_said_of_the_yardsticks_and_not_of_money(
    regime: int | None, line: str
) -> None:
    """On October 9, 2008 an alert said that money had begun to rotate, and the answer of that day that nothing had."""
    item = turned("rotation.state", date(2025, 11, 11), now=1, change=2)
    rotation = SIGNALS["rotation.state"]
    assert first_line.event_line(item, rotation, regime=regime) == line
    assert first_line.short_name(item, rotation, regime) == line


def test_the_regime_of_an_item_is_that_of_its_session() -> None:
    snapshot = sample_readings.snapshot()
    item = turned("rotation.state", sample_readings.SESSION, now=-1, change=-2)
    assert snapshot.rotation is not None
    assert regime_of(snapshot, item) == snapshot.rotation.reading.regime
    assert regime_of(None, item) is None


def test_a_regime_that_stands_on_a_turning_clock_says_so() -> None:
    """On April 9, 2025 tech turned up while half of the rotation's yardsticks had turned back."""
    snapshot = sample_readings.snapshot()
    assert snapshot.rotation is not None
    reading = snapshot.rotation.reading
    half = replace(reading.rotation, turning=True, up=3, known=6)
    held = replace(snapshot, rotation=replace(snapshot.rotation, reading=replace(reading, rotation=half)))
    item = turned("rotation.regime", sample_readings.SESSION, now=1, change=-1)
    said = turn_context(held, item, SIGNALS["rotation.regime"])
    assert said.startswith("the rotation is turning: 3 of 6 yardsticks out")
