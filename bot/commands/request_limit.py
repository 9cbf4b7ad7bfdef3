"""How often one person may ask for what costs: studies, comparisons, charts."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.errors import UserError

BURST = 3
A_MINUTE = 6

_SECONDS_EACH = 60 / A_MINUTE


@dataclass
class CostlyCommands:
    """A token bucket for each person: `BURST` at once, then `A_MINUTE`.

    `now`: seconds of the machine's monotonic clock, because the processor is what is shared out: the clock of a simulated
    market stands still between sessions, and that of a wall may be set back.
    """

    now: Callable[[], float] = time.monotonic
    _full_at: dict[int, float] = field(default_factory=dict)

    def spend(self, person: int) -> None:
        """Take one of the person's tokens. Raises UserError with the seconds to wait when there is none."""
        at = self.now()
        if len(self._full_at) > 1000:
            self._full_at = {account: full for account, full in self._full_at.items() if full > at}
        # The bucket is full at an instant; each token taken moves it on.
        full_at = max(self._full_at.get(person, at), at)
        wait = full_at + _SECONDS_EACH - at - BURST * _SECONDS_EACH
        if wait > 0:
            raise UserError(
                f"That is a lot to compute in a short time. Ask again in {math.ceil(wait)} s: "
                f"{BURST} at once, then {A_MINUTE} a minute."
            )
        self._full_at[person] = full_at + _SECONDS_EACH
