"""What was counted for people's own conditions joins the snapshot, and stays as long as its sessions do."""

from __future__ import annotations

from dataclasses import replace

from bot.event_study.model import Noted
from bot.readings.state import Snapshot


def with_noted(snapshot: Snapshot, found: Noted) -> Snapshot:
    """The same snapshot with more evidence for its own sessions; others are left out, so it does not grow."""
    evidence = {session: {**found.get(session, {}), **known} for session, known in snapshot.evidence.items()}
    return replace(snapshot, evidence=evidence)


def with_older(snapshot: Snapshot, before: Snapshot | None) -> Snapshot:
    """The same snapshot with what was counted beside the one before: a message may be sent later than the next check."""
    return snapshot if before is None else with_noted(snapshot, before.evidence)
