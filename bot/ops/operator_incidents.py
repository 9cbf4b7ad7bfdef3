"""What whoever runs the installation has to know: pure functions from its state to incidents."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta

from bot.calendar.discord_clock import APART
from bot.commands.context import Core
from bot.commands.server import source_problems
from bot.database.incidents import Incident
from bot.formatting import formats
from bot.ingest.status import SourceStatus
from bot.ops.duties import FailingDuty
from bot.readings.pipeline import UnfinishedCheck

SESSIONS_DOWN = 2
"""A source that lacks this many sessions gave nothing for a whole one: the newest may still come."""

SESSIONS_MISSING = 5
"""Figures that are still missing after so many sessions are not merely late."""

LATE = timedelta(minutes=15)
"""Checks take seconds, on a small machine a minute; by then what failed has been repeated several times."""

_LONGEST_REASON = 200

FEW_BYTES, ENOUGH_BYTES = 500_000_000, 700_000_000
"""A disk with less than the first fills up; it does so until it has the second."""


@dataclass(frozen=True, slots=True)
class InstallationState:
    """The state of the installation beside what a `Core` has.

    Attributes:
        free_bytes: What the disk of the home has left, None where that cannot be told.
        dead: Messages that Discord refused.
        backup: Why there is no copy of today, None where there is one.
        importing: Whether the first download is under way.
        check: The check that has not ended yet.
        failing: The duties that fail.
    """

    free_bytes: int | None = None
    dead: int = 0
    backup: str | None = None
    importing: bool = False
    check: UnfinishedCheck | None = None
    failing: Collection[FailingDuty] = ()


def incidents(core: Core, condition: InstallationState, known: frozenset[str]) -> list[Incident]:
    """Everything that is wrong now; `known` are the keys of what was wrong before."""
    return [
        *_clock(core),
        *_check(core, condition.check),
        *_duties(core, condition.failing),
        *_disk(condition, known),
        *_backup(condition),
        *_dead(condition),
        *_sources(core, condition),
    ]


def _clock(core: Core) -> Iterator[Incident]:
    ahead = core.clock_ahead()
    if abs(ahead) > APART:
        side = "ahead of" if ahead > timedelta(0) else "behind"
        minutes = formats.counted(round(abs(ahead) / timedelta(minutes=1)), "minute")
        yield Incident(
            "clock",
            f"The clock of the bot's machine is {minutes} {side} Discord's. Nothing is fetched, judged or summarized until "
            "it is right.",
            "The clock of the bot's machine is right again.",
        )


def _check(core: Core, check: UnfinishedCheck | None) -> Iterator[Incident]:
    if check is not None and core.now() - check.since > LATE:
        since = formats.instant(check.since, today=core.today())
        state = f"The check of {since} is still running."
        if check.reason:
            state = f"Every check since {since} has failed: {_shortened(check.reason)}."
        yield Incident(
            "check", f"{state} Alerts, summaries and boards wait. The log says more.", "Checks succeed again."
        )


def _duties(core: Core, failing: Collection[FailingDuty]) -> Iterator[Incident]:
    for duty in failing:
        if core.now() - duty.since > LATE:
            since = formats.instant(duty.since, today=core.today())
            yield Incident(
                f"duty:{duty.name}",
                f"Every attempt to {duty.name} since {since} has failed: {_shortened(duty.reason)}. The log says more.",
                f"Attempts to {duty.name} succeed again.",
            )


def _shortened(reason: str) -> str:
    return reason[:_LONGEST_REASON].rstrip(".")


def _disk(condition: InstallationState, known: frozenset[str]) -> Iterator[Incident]:
    limit = ENOUGH_BYTES if "disk" in known else FEW_BYTES
    if condition.free_bytes is not None and condition.free_bytes < limit:
        yield Incident(
            "disk",
            f"The disk of the bot's home folder has {condition.free_bytes / 1e6:,.0f} MB left. When it is full, alerts are "
            "kept in memory only.",
            "The disk of the bot's home folder has room again.",
        )


def _backup(condition: InstallationState) -> Iterator[Incident]:
    if condition.backup is not None:
        yield Incident(
            "backup",
            f"No copy of bot.db was made today: {condition.backup}. Older copies stay.",
            "A copy of bot.db was made again.",
        )


def _dead(condition: InstallationState) -> Iterator[Incident]:
    if condition.dead:
        count = formats.counted(condition.dead, "message")
        yield Incident(
            "dead-letters",
            f"Discord refused {count}. `rotation-bot outbox list` gives the reasons, `retry` sends again, `discard` gives up.",
            "No refused messages remain.",
        )


def _sources(core: Core, condition: InstallationState) -> Iterator[Incident]:
    if condition.importing:
        return
    for source in core.ingest.sources:
        name = source_problems.source_name(source)
        count = source_problems.sessions_old(core, source)
        if count >= SESSIONS_DOWN and source.newest is not None:
            newest = formats.day(source.newest, today=core.today())
            reason = f" Its last answer: {source.health.reason}." if source_problems.is_down(source) else ""
            yield Incident(
                f"source:{source.name}",
                f"{name}: no {source_problems.content_of(source)} since {newest} "
                f"({formats.counted(count, 'session')}).{reason} Signals that need them are withheld.",
                f"{name}: {source_problems.content_of(source)} are up to date again.",
            )
        if _stays_missing(core, source):
            verb = "is" if source.gaps.count == 1 else "are"
            figures = formats.counted(source.gaps.count, "figure")
            yield Incident(
                f"gaps:{source.name}",
                f"{name}: {figures} {verb} still missing after {SESSIONS_MISSING} sessions. /sources names them.",
                f"{name}: the missing figures have come.",
            )


def _stays_missing(core: Core, source: SourceStatus) -> bool:
    newest, oldest = source.expected or source.newest, source.gaps.oldest
    return oldest is not None and newest is not None and len(core.calendar.between(oldest, newest)) > SESSIONS_MISSING
