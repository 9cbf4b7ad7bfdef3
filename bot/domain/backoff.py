"""Backoff: how long to wait before the next try after a number of failures in a row."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits that grow by a factor from `first` to `most`.

    It neither sleeps nor counts failures: the caller does.

    `jitter`: each wait is multiplied by a random number from this range, so that what failed
    together is not retried together. Raises ValueError for waits that would not grow.
    """

    first: timedelta
    most: timedelta
    factor: float = 2.0
    jitter: tuple[float, float] = (1.0, 1.0)

    def __post_init__(self) -> None:
        if not timedelta(0) < self.first <= self.most or not self.factor > 1:
            raise ValueError(f"waits from {self.first} to {self.most} by a factor of {self.factor:g} do not grow")
        if not 0 <= self.jitter[0] <= self.jitter[1]:
            raise ValueError(f"{self.jitter} is no range of factors")

    def after(self, failures: int, *, chance: float = 0.5) -> timedelta:
        """The wait after so many failures in a row; fewer than one count as one.

        `chance`: a random number 0-1 that chooses from `jitter`.
        """
        # After so many failures the longest wait is reached; the power of many more would not fit
        # into a float.
        enough = math.ceil(math.log(self.most / self.first, self.factor))
        growth = self.factor ** max(0, min(failures - 1, enough))
        low, high = self.jitter
        return min(self.first * growth, self.most) * (low + (high - low) * chance)
