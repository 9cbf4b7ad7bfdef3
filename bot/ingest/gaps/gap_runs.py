"""Whether a job runs now, and what for: everything as planned, or only its gaps; and what readings wait for. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum

from bot.calendar.clock import Calendar
from bot.domain.gap import Gap
from bot.domain.job import Job
from bot.ingest.gaps import gaps
from bot.ingest.gaps.inventory import PRICES
from bot.ingest.schedule import LastRun, asked_all, due, paused
from bot.ingest.worker_tasks import ArchiveState


class RunKind(StrEnum):
    """What a run of a job requests."""

    NONE = "nothing now"
    PLANNED = "everything"
    GAPS = "gaps that are due"


def kind(
    job: Job, run: LastRun, known: Iterable[Gap], gap_run_at: datetime | None, calendar: Calendar, now: datetime
) -> RunKind:
    """What a job requests at `now`.

    Everything goes before gaps, and a pause after a failure holds for both. Once everything has
    been requested and answered, what did not come is a matter of its gaps.

    Args:
        job: The job.
        run: Its last run.
        known: The gaps of all jobs.
        gap_run_at: When a run for gaps alone last began.
        calendar: The sessions.
        now: The present.
    """
    everything = asked_all(job, run, calendar, now)
    if not everything and due(job, run, calendar, now):
        return RunKind.PLANNED
    if paused(job, run, calendar, now):
        return RunKind.NONE
    if gap_run_at is not None and gap_run_at <= now < gap_run_at + gaps.BETWEEN_RUNS:
        return RunKind.NONE
    ready = any(gap.missing.job == job.name and not gaps.waits(gap, now) for gap in known)
    return RunKind.GAPS if ready else RunKind.NONE


def members_awaited(state: ArchiveState, session: date, now: datetime) -> bool:
    """Whether closes of members of the indices are missing that are requested again within minutes (`gaps.awaited`)."""
    prices = (gap for gap in state.gaps if gap.missing.job == PRICES)
    return not gaps.awaited(prices, session, now).isdisjoint(state.inventory.members)
