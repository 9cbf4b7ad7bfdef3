"""How patient the courier is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """How patient the courier is.

    `nonce_seconds`: how long Discord is trusted to remember a nonce ("the past few minutes"). `lease_seconds` must exceed what
    one attempt can take. `dm_seconds` lie between two openings of DM channels: many new ones get a bot quarantined.
    `picture_seconds`: how long a message waits for its pictures, which are drawn behind a check that lasts some two seconds.
    """

    in_flight: int = 64
    lease_seconds: int = 180
    nonce_seconds: int = 180
    first_backoff_seconds: float = 2.0
    longest_backoff_seconds: float = 300.0
    dm_seconds: float = 15.0
    idle_seconds: float = 30.0
    picture_seconds: float = 5.0

    def backoff(self, attempts: int, chance: float) -> float:
        """Seconds to wait after so many attempts: doubling, shortened by up to half so that many do not come back at once.

        `chance` is a random number 0-1.
        """
        pause = min(self.first_backoff_seconds * 2.0 ** min(attempts, 20), self.longest_backoff_seconds)
        return pause * (1 + chance) / 2
