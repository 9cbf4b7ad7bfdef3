"""How often one person may ask for what costs: studies, comparisons, charts."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime

from bot.errors import UserError

BURST = 3
A_MINUTE = 6

_SECONDS_EACH = 60 / A_MINUTE


@dataclass
class CostlyCommands:
    """A token bucket for each person: `BURST` at once, then `A_MINUTE`."""

    _full_at: dict[int, float] = field(default_factory=dict)

    def spend(self, person: int, now: datetime) -> None:
        """Take one of the person's tokens. Raises UserError with the seconds to wait when there is none."""
        at = now.timestamp()
        if len(self._full_at) > 1000:
            self._full_at = {account: full for account, full in self._full_at.items() if full > at}
        # The bucket is full at an instant; each token taken moves it on. A clock that was set back
        # must not make anybody wait for longer than an empty bucket takes.
        full_at = min(max(self._full_at.get(person, at), at), at + BURST * _SECONDS_EACH)
        wait = full_at + _SECONDS_EACH - at - BURST * _SECONDS_EACH
        if wait > 0:
            raise UserError(
                f"That is a lot to compute in a short time. Ask again in {math.ceil(wait)} s: "
                f"{BURST} at once, then {A_MINUTE} a minute."
            )
        self._full_at[person] = full_at + _SECONDS_EACH
