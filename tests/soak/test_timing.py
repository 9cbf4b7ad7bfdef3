"""What comes within quiet hours, or a digest at another time, is found."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from tests.soak.timing import Hours, untimely

QUIET, DIGEST = Hours(time(16), time(19), told=False), Hours(time(8), time(9), told=True)


def message(at: str, title: str = "Silver: $85.88") -> dict[str, Any]:
    return {"channel_id": "5", "timestamp": at, "flags": 0, "content": "Silver", "embeds": [{"title": title}]}


@pytest.mark.parametrize(
    ("hours", "at", "allowed"),
    [
        (QUIET, "2026-02-03T20:59:00+00:00", True),  # 15:59 in New York
        (QUIET, "2026-02-03T21:00:00+00:00", False),
        (QUIET, "2026-02-04T00:00:00+00:00", True),
        (QUIET, "2026-04-15T20:26:00+00:00", False),  # 16:26 in summer
        (DIGEST, "2026-02-04T13:50:00+00:00", True),  # 8:50
        (DIGEST, "2026-02-03T21:26:00+00:00", False),
    ],
)
def test_alerts_come_outside_quiet_hours_and_within_those_of_a_digest(hours: Hours, at: str, allowed: bool) -> None:
    assert (untimely([message(at)], {5: hours}) == []) is allowed
    assert untimely([message(at)], {6: hours}) == []


def test_a_summary_may_come_at_any_hour() -> None:
    assert untimely([message("2026-02-03T22:00:00+00:00", "Market summary, Tue, Feb 3")], {5: QUIET}) == []
