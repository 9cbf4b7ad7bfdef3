"""When the prices of a session came: what decides whether its summary is late or has waited for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Arrival:
    """`asked_at`: when prices of a session were first requested. `came_at`: when they were complete, or None."""

    asked_at: datetime
    came_at: datetime | None = None
