"""Watches whether the machine's clock and Discord's agree, and says so once when that changes."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from bot.calendar.discord_clock import DiscordClock

log = logging.getLogger(__name__)


@dataclass
class ClockWatch:
    """Over the clock of one process."""

    clock: DiscordClock
    agreed: bool = True

    def agrees(self) -> bool:
        """Whether the clocks agree now."""
        agreed, self.agreed = self.agreed, self.clock.agrees()
        if agreed and not self.agreed:
            ahead = self.clock.disagreement().total_seconds()
            log.error(
                "the machine's clock is %.0f s %s Discord's: nothing is fetched, judged or summarized until it is right",
                abs(ahead),
                "ahead of" if ahead > 0 else "behind",
            )
        elif self.agreed and not agreed:
            log.info("the machine's clock agrees with Discord's again")
        return self.agreed
