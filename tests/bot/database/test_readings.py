"""Readings as they are stored."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

from bot.database import readings
from signals.core.model import Coverage, Measures, Reading, State
from tests.bot.database.outbox_items import DAY

READING = Reading(
    "havens.silver",
    DAY,
    91.9,
    State.FINAL,
    coverage=Coverage(497, 503),
    observed=date(2026, 1, 12),
    known_at=datetime(2026, 1, 13, 21, 0, tzinfo=UTC),
    sources=("Yahoo", "FRED"),
    measures=Measures(1.5, None, -2.25, 99.5, 3.0),
    notes=("today's members",),
)


def test_facts_of_a_reading_are_plain_json() -> None:
    facts = readings.facts_of(READING)
    assert json.loads(json.dumps(facts)) == facts
    assert facts["measures"] == {
        "change_1d": 1.5,
        "change_5d": None,
        "change_21d": -2.25,
        "percentile_1y": 99.5,
        "z_1y": 3.0,
    }
    assert (facts["session"], facts["state"], facts["coverage"]) == (
        "2026-01-13",
        "final",
        {"counted": 497, "listed": 503},
    )
