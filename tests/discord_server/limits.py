"""Discord's rate limits: 50 requests a second in all, 5 messages in 5 seconds and channel."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Limits:
    """None switches a limit off. `global_per_second` counts in any window of one second, `per_channel` in windows of five."""

    global_per_second: int | None = 50
    per_channel: int | None = 5
    elapsed: Callable[[], float] = time.monotonic
    window_seconds: float = 5.0
    _recent: deque[float] = field(default_factory=deque)
    _windows: dict[str, tuple[float, int]] = field(default_factory=dict)

    def over_global(self) -> float:
        """Count one request; seconds to wait when it is one too many, else 0. One too many counts for nothing more."""
        now = self.elapsed()
        while self._recent and now - self._recent[0] >= 1.0:
            self._recent.popleft()
        if self.global_per_second is None:
            return 0.0
        if len(self._recent) >= self.global_per_second:
            return max(1.0 - (now - self._recent[0]), 0.001)
        self._recent.append(now)
        return 0.0

    def over_channel(self, channel: str) -> tuple[float, dict[str, str]]:
        """Count one message; (seconds to wait or 0, the headers that tell the bucket's state)."""
        if self.per_channel is None:
            return 0.0, {}
        now = self.elapsed()
        started, used = self._windows.get(channel, (now, 0))
        if now - started >= self.window_seconds:
            started, used = now, 0
        left = started + self.window_seconds - now
        over = used >= self.per_channel
        self._windows[channel] = (started, used if over else used + 1)
        headers = {
            "X-RateLimit-Limit": str(self.per_channel),
            "X-RateLimit-Remaining": str(0 if over else self.per_channel - used - 1),
            "X-RateLimit-Reset": f"{time.time() + left:.3f}",
            "X-RateLimit-Reset-After": f"{left:.3f}",
            "X-RateLimit-Bucket": "messages",
        }
        return (left if over else 0.0), headers
