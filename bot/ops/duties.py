"""The duties of a tick, each by itself: one that fails keeps no other from being done."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FailingDuty:
    """A duty that did not succeed the last time.

    Attributes:
        name: What is attempted, as after "to": "fetch figures".
        since: When the first attempt failed of those since it last succeeded.
        reason: Why the last one did.
    """

    name: str
    since: datetime
    reason: str


@dataclass
class Duties:
    """Does duties and keeps which of them fail, by name."""

    failing: dict[str, FailingDuty] = field(default_factory=dict)

    async def attempt(self, name: str, work: Callable[[], Awaitable[object]], now: datetime) -> None:
        """Do the work of a duty; what it raises is logged where it is not what the last attempt has raised."""
        before = self.failing.get(name)
        try:
            await work()
        except Exception as error:
            reason = str(error) or type(error).__name__
            self.failing[name] = replace(before, reason=reason) if before else FailingDuty(name, now, reason)
            if before is None or before.reason != reason:
                log.exception("could not %s", name)
            return
        if before is not None:
            del self.failing[name]
            log.info("could %s again", name)
