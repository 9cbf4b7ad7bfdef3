"""What goes wrong with Discord, at random by a seed: errors, lost answers, rate limits, slow answers."""

from __future__ import annotations

import fnmatch
import random
from collections import Counter
from dataclasses import dataclass, field

from tests.discord_server.faults import Answer, DropAfter, DropBefore, Fault, Faults, Slow

SHARE = 0.06
HTML = "<html>Bad gateway</html>"
LIMITED = Answer(
    429,
    {"message": "You are being rate limited.", "retry_after": 0.3, "global": False},
    {"Retry-After": "0.300", "Via": "1.1 google"},
)
KINDS: dict[str, Fault] = {
    "500": Answer(500, {"message": "500: Internal Server Error", "code": 0}),
    "502 of a proxy": Answer(502, HTML),
    "503": Answer(503, HTML),
    "413 of a proxy": Answer(413, HTML),
    "429": LIMITED,
    "dropped before": DropBefore(),
    "dropped after": DropAfter(),
    "slow": Slow(0.5),
}
ROUTES = (
    ("POST", "/channels/*/messages"),
    ("PATCH", "/channels/*/messages/*"),
    ("GET", "/channels/*/messages"),
)


@dataclass
class RandomFaults(Faults):
    """Every request of the bot to a channel meets a fault with a chance of `share`; `met` counts them."""

    chance: random.Random = field(default_factory=random.Random)
    share: float = 0.0
    met: Counter[str] = field(default_factory=Counter)

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that this request meets."""
        known = any(method == of and fnmatch.fnmatchcase(path, pattern) for of, pattern in ROUTES)
        if not known or self.chance.random() >= self.share:
            return super().take(method, path)
        name = self.chance.choice([*KINDS])
        self.met[name] += 1
        return KINDS[name]
