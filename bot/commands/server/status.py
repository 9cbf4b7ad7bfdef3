"""`/status`: first in words whether all is well and if not why, then a line for each source and what waits."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from bot import outbox
from bot.commands.context import SOURCES, Core, loading
from bot.commands.reply import Field, Reply, Tone
from bot.commands.server import source_problems
from bot.database import Database, alerts
from bot.domain.fetched import HealthState
from bot.formatting import formats
from bot.ingest.freshness import is_old
from bot.ingest.status import SourceStatus

_WORDS = {
    HealthState.OK: "fresh",
    HealthState.UNKNOWN: "not asked yet",
    HealthState.FAILING: "failing",
    HealthState.RESTING: "resting",
}


@dataclass(frozen=True, slots=True)
class _DeliveryCounts:
    alerts: int
    waiting: int
    retrying: int
    dead: int


async def status(core: Core) -> Reply:
    """How the bot is. Never fails for lack of data: that is what it tells."""
    counts = await core.store.read(_counts)
    title, tone = verdict(core)
    sources = [*(_source(core, each) for each in core.ingest.sources), *_off(core)]
    fields = [Field("Sources", "\n".join(sources or unfetched(core)) or "None is set up.")]
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
        lines=(*progress(core), *source_problems.sentences(core)),
        fields=tuple(fields),
        tone=tone,
        footer=core.footer(f"Version {core.version}"),
    )


def _counts(db: Database) -> _DeliveryCounts:
    pending = outbox.pending(db)
    return _DeliveryCounts(alerts.count(db), pending.waiting, pending.retrying, pending.dead)


def verdict(core: Core) -> tuple[str, Tone]:
    """Red, amber or green in words: nothing known, something old, all fresh; grey where nothing is ever fetched."""
    sources = core.ingest.sources
    if loading(core):
        return (
            "Still loading history" if core.readings.snapshot is None else "Working, history still loading",
            Tone.ATTENTION,
        )
    if trouble := source_problems.title(core):
        return trouble, Tone.CONCENTRATING if all(map(source_problems.is_down, sources)) else Tone.ATTENTION
    if sources and all(each.health.state is HealthState.UNKNOWN and each.newest is None for each in sources):
        return "No source has been asked yet", Tone.ATTENTION
    return ("All sources fresh", Tone.BROADENING) if sources else (_nothing_fetched(core), Tone.NEUTRAL)


def _nothing_fetched(core: Core) -> str:
    if core.simulated:
        return "Simulated market: nothing is fetched"
    return "Stored figures: nothing is fetched" if core.readings.snapshot else "No source is set up"


def unfetched(core: Core) -> list[str]:
    """Where figures come from when there is nothing to fetch: a simulated market, a market pack. Empty where sources are."""
    snapshot = core.readings.snapshot
    if snapshot is None or core.ingest.sources:
        return []
    counts = Counter(name for reading in snapshot.readings.values() for name in reading.sources)
    session = formats.day(snapshot.session, today=core.today())
    return [
        f"**{SOURCES.get(name, name.capitalize())}**: {formats.counted(count, 'signal')} of {session}, nothing to fetch"
        for name, count in counts.items()
    ]


def progress(core: Core) -> list[str]:
    """How far loading is, a bar for each part; empty when all is there."""
    lines = []
    for part in core.ingest.progress:
        if part.done < part.total:
            percent = 100 * part.done / part.total
            lines.append(f"`{formats.bar(percent)}` {part.done:,} of {part.total:,} {part.what}")
    if lines:
        lines.insert(0, "Loading history; signals appear as soon as what they need is there.")
    return lines


def _source(core: Core, source: SourceStatus) -> str:
    parts = [f"**{source_problems.called(source)}** {_WORDS[source.health.state]}"]
    if source.newest is not None:
        late = f" ({source_problems.behind(core, source)})" if is_old(source) else ""
        parts.append(f"to {formats.day(source.newest, today=core.today())}{late}")
    if source.health.last_success is not None:
        parts.append(f"asked {source_problems.ago(core, source.health.last_success)}")
    return " · ".join(parts)


def _off(core: Core) -> list[str]:
    names = [SOURCES.get(name, name.capitalize()) for name in core.ingest.off]
    return [f"Off: {formats.listed(names)}; /sources says why."] if names else []


def _checks(core: Core) -> str:
    last, following = core.readings.last_check, core.ingest.next_check
    parts = [f"last {source_problems.ago(core, last)}" if last else "none yet"]
    if following:
        parts.append(f"next {source_problems.ago(core, following)}")
    snapshot = core.readings.snapshot
    if snapshot is not None:
        known = sum(reading.value is not None for reading in snapshot.readings.values())
        session = formats.day(snapshot.session, today=core.today())
        parts.append(f"{known} of {len(core.signals)} signals of {session}")
    return " · ".join(parts)
