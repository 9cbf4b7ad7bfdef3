"""`/status`: first in words whether all is well, then a line for each source and what waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlite_utils import Database

from bot.board import SourceStatus
from bot.commands import formats
from bot.commands.core import SOURCES, Core, loading
from bot.commands.reply import Field, Reply, Tone
from bot.sources.base import HealthState
from bot.store import alerts, outbox

_WORDS = {
    HealthState.OK: "fresh",
    HealthState.UNKNOWN: "not asked yet",
    HealthState.FAILING: "failing",
    HealthState.RESTING: "resting",
}


@dataclass(frozen=True, slots=True)
class _Counts:
    alerts: int
    waiting: int
    retrying: int
    dead: int


async def status(core: Core) -> Reply:
    """How the bot is. Never fails for lack of data: that is what it tells."""
    counts = await core.store.read(_counts)
    title, tone = verdict(core)
    fields = [Field("Sources", "\n".join(_source(core, each) for each in core.board.sources) or "None is set up.")]
    fields.append(Field("Checks", _checks(core)))
    delivery = [
        f"{formats.counted(counts.alerts, 'alert')} stored",
        f"{formats.counted(counts.waiting, 'message')} waiting",
    ]
    if counts.retrying:
        delivery.append(f"{formats.counted(counts.retrying, 'message')} tried again")
    if counts.dead:
        delivery.append(f"{counts.dead:,} refused by Discord")
    fields.append(Field("Alerts", " · ".join(delivery)))
    return Reply(
        title=title,
        lines=tuple(progress(core)),
        fields=tuple(fields),
        tone=tone,
        footer=core.footer(f"Version {core.version}"),
    )


def _counts(db: Database) -> _Counts:
    pending = outbox.pending(db)
    return _Counts(alerts.count(db), pending.waiting, pending.retrying, pending.dead)


def verdict(core: Core) -> tuple[str, Tone]:
    """Red, amber or green in words: nothing known, something late, all fresh."""
    sources = core.board.sources
    failing = [each for each in sources if each.health.state in (HealthState.FAILING, HealthState.RESTING)]
    late = [each for each in sources if is_late(core, each)]
    if loading(core):
        return (
            "Still loading history" if core.board.snapshot is None else "Working, history still loading",
            Tone.ATTENTION,
        )
    if failing:
        names = formats.listed([SOURCES.get(each.name, each.name) for each in failing])
        tone = Tone.CONCENTRATING if len(failing) == len(sources) else Tone.ATTENTION
        others = [f"; {_named(core, each)}" for each in late if each not in failing]
        return f"{names} {'does' if len(failing) == 1 else 'do'} not answer{''.join(others)}", tone
    if sources and all(each.health.state is HealthState.UNKNOWN and each.newest is None for each in sources):
        return "No source has been asked yet", Tone.ATTENTION
    if late:
        return formats.listed([_named(core, each) for each in late]), Tone.ATTENTION
    return "All sources fresh", Tone.BROADENING


def _named(core: Core, source: SourceStatus) -> str:
    return f"{SOURCES.get(source.name, source.name)} {behind(core, source)}"


def is_late(core: Core, source: SourceStatus) -> bool:
    """Whether a source lacks a day that it should have given by now."""
    due = _due(core, source)
    return source.newest is not None and due is not None and source.newest < due


def _due(core: Core, source: SourceStatus) -> date | None:
    """The day that a source should have given: never one whose session has no final figures yet."""
    # Cboe is asked in the morning for the day before, and at 20:00 in New York, which is the next day in UTC.
    return None if source.expected is None else min(source.expected, core.calendar.last_final(core.now()))


def behind(core: Core, source: SourceStatus) -> str:
    """`3 sessions old`, counted to the day that it should have given."""
    due = _due(core, source)
    if source.newest is None or due is None:
        return "has nothing yet"
    count = len(core.calendar.between(source.newest, due)) - 1
    return f"{formats.counted(max(1, count), 'session')} old"


def progress(core: Core) -> list[str]:
    """How far loading is, a bar for each part; empty when all is there."""
    lines = []
    for part in core.board.progress:
        if part.done < part.total:
            percent = 100 * part.done / part.total
            lines.append(f"`{formats.bar(percent)}` {part.done:,} of {part.total:,} {part.what}")
    if lines:
        lines.insert(0, "Loading history; signals appear as soon as what they need is there.")
    return lines


def _source(core: Core, source: SourceStatus) -> str:
    name = SOURCES.get(source.name, source.name)
    parts = [f"**{name}** {_WORDS[source.health.state]}"]
    if source.newest is not None:
        late = f" ({behind(core, source)})" if is_late(core, source) else ""
        parts.append(f"to {formats.day(source.newest, today=core.today())}{late}")
    if source.health.last_success is not None:
        parts.append(f"asked {ago(core, source.health.last_success)}")
    if source.health.next_try is not None and source.health.state is not HealthState.OK:
        parts.append(f"next try {ago(core, source.health.next_try)}")
    if source.health.reason and source.health.state in (HealthState.FAILING, HealthState.RESTING):
        parts.append(source.health.reason)
    return " · ".join(parts)


def ago(core: Core, instant: datetime) -> str:
    """Reckoned by the core's clock, because a replayed market lives in another year than its reader."""
    seconds = (core.now() - instant).total_seconds()
    words = formats.age(abs(seconds))
    if words == "just now":
        return words if seconds >= 0 else "in a moment"
    return f"{words} ago" if seconds >= 0 else f"in {words}"


def _checks(core: Core) -> str:
    last, following = core.board.last_check, core.board.next_check
    parts = [f"last {ago(core, last)}" if last else "none yet"]
    if following:
        parts.append(f"next {ago(core, following)}")
    snapshot = core.board.snapshot
    if snapshot is not None:
        known = sum(reading.value is not None for reading in snapshot.readings.values())
        session = formats.day(snapshot.session, today=core.today())
        parts.append(f"{known} of {len(core.signals)} signals of {session}")
    return " · ".join(parts)
