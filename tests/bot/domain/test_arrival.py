"""When the prices of sessions were requested, and when they came."""

from __future__ import annotations

from datetime import UTC, date, datetime

from bot.domain.arrival import Arrival, complete, requested

FIRST, SECOND = datetime(2026, 1, 29, 21, 22, tzinfo=UTC), datetime(2026, 1, 30, 21, 22, tzinfo=UTC)


def test_a_first_request_is_kept_beside_those_of_twenty_days() -> None:
    arrivals = {date(2026, 1, 9): Arrival(FIRST), date(2026, 1, 12): Arrival(FIRST), date(2026, 1, 29): Arrival(FIRST)}
    assert requested(arrivals, date(2026, 1, 30), SECOND) == {
        date(2026, 1, 12): Arrival(FIRST),
        date(2026, 1, 29): Arrival(FIRST),
        date(2026, 1, 30): Arrival(SECOND),
    }
    assert date(2026, 1, 10) not in requested({date(2026, 1, 10): Arrival(FIRST)}, date(2026, 1, 30), SECOND)


def test_what_has_come_keeps_its_instant_and_what_is_awaited_has_come_now() -> None:
    arrivals = {date(2026, 1, 29): Arrival(FIRST, FIRST), date(2026, 1, 30): Arrival(FIRST)}
    assert complete(arrivals, SECOND) == {
        date(2026, 1, 29): Arrival(FIRST, FIRST),
        date(2026, 1, 30): Arrival(FIRST, SECOND),
    }
