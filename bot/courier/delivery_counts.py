"""How attempts to send have ended, for the metrics."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class DeliveryCounts:
    """How attempts to send have ended since the program started.

    Attributes:
        sent: Messages that are there.
        retried: Attempts that are made again.
        parked: Attempts that a place refused, for now or for good.
        failed: Messages that Discord or the renderer refused.
    """

    sent: int = 0
    retried: int = 0
    parked: int = 0
    failed: int = 0
