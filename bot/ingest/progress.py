"""How much of the first download of a job is there: "120 of 606 tickers"."""

from __future__ import annotations

from bot.domain.job import Job
from bot.ingest import planner
from bot.ingest.gaps.inventory import PRICES
from bot.ingest.status import BackfillProgress
from bot.ingest.worker_tasks import ArchiveInventory


def noun(job: Job) -> str:
    """What a job brings, as people read it."""
    return "tickers" if job.name == PRICES else f"series of {job.name}"


def of_job(job: Job, inventory: ArchiveInventory) -> BackfillProgress:
    """How many of the histories of a job are stored."""
    prices = job.name == PRICES
    stored, names = (
        (inventory.tickers, planner.tickers(inventory)) if prices else (inventory.series, planner.series_of(job))
    )
    return BackfillProgress(noun(job), sum(name in stored for name in names), len(names))
