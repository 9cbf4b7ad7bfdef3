"""`/status`: a verdict with reasons, a line for each source, checks, alerts and messages."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from bot import outbox
from bot.calendar.discord_clock import APART
from bot.commands.context import SOURCES, Core, loading
from bot.commands.reply import Field, Reply, Tone
from bot.commands.server import doubts, source_problems
from bot.database import Database
from bot.database.alerts import alerts
from bot.database.full_disk import FULL
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
    """The state of the bot. Does not raise without data, because the reply reports missing data."""
    counts = await core.store.read(_counts)
    title, tone = verdict(core)
    sources = [*(_source(core, source) for source in core.ingest.sources), *_off(core)]
    fields = [Field("Sources", "\n".join(sources or unfetched(core)) or "None is set up.")]
    if missing := _missing(core):
        fields.append(Field("Missing", "\n".join(missing)))
    fields.append(Field("Checks", _checks(core)))
    delivery = [
        f"{formats.counted(counts.alerts, 'alert')} stored",
        f"{formats.counted(counts.waiting, 'message')} waiting",
    ]
    if counts.retrying:
        delivery.append(f"{formats.counted(counts.retrying, 'message')} tried again")
    if counts.dead:
        delivery.append(f"{counts.dead:,} refused by Discord")
    fields.append(Field("Alerts and messages", " · ".join(delivery)))
    return Reply(
        title=title,
        lines=(
            *_own_problems(core),
            *clock_lines(core),
            *progress(core),
            *source_problems.sentences(core),
            *doubts.lines(core),
        ),
        fields=tuple(fields),
        tone=tone,
        footer=core.footer(f"Version {core.version}"),
    )


def _counts(db: Database) -> _DeliveryCounts:
    pending = outbox.pending(db)
    return _DeliveryCounts(alerts.count(db), pending.waiting, pending.retrying, pending.dead)


def verdict(core: Core) -> tuple[str, Tone]:
    """The title and its tone.

    A wrong clock, loading, problems, doubts and sources that were never requested give ATTENTION, failure of all sources
    CONCENTRATING, fresh sources BROADENING, and an installation that fetches nothing NEUTRAL.
    """
    sources = core.ingest.sources
    if core.store.disk_full:
        return "The disk is full", Tone.ATTENTION
    if core.ingest.archive is not None:
        return "Market data are fetched again", Tone.ATTENTION
    if clock_lines(core):
        return "The clock of this machine is wrong", Tone.ATTENTION
    if loading(core):
        return (
            "Still loading history" if core.readings.snapshot is None else "Working, history still loading",
            Tone.ATTENTION,
        )
    if problem := source_problems.title(core):
        return problem, Tone.CONCENTRATING if all(map(source_problems.is_down, sources)) else Tone.ATTENTION
    if sources and all(source.health.state is HealthState.UNKNOWN and source.newest is None for source in sources):
        return "No source has been asked yet", Tone.ATTENTION
    if sources and (words := doubts.count_words(core)):
        return f"All sources are up to date; {words}", Tone.ATTENTION
    return ("Everything is up to date", Tone.BROADENING) if sources else (_nothing_fetched(core), Tone.NEUTRAL)


def _own_problems(core: Core) -> list[str]:
    """What is wrong with the bot's own disk and archive, and what it does about it."""
    return [*([FULL] if core.store.disk_full else ()), *filter(None, (core.ingest.archive,))]


def clock_lines(core: Core) -> list[str]:
    """A sentence where the machine's clock and Discord's disagree so that everything waits."""
    ahead = core.clock_ahead()
    if abs(ahead) <= APART:
        return []
    side = "ahead of" if ahead > timedelta(0) else "behind"
    return [
        f"This machine's clock is {formats.counted(round(abs(ahead) / timedelta(minutes=1)), 'minute')} {side} Discord's. "
        "Nothing is fetched, judged or summarized until it is right; then what was missed is caught up."
    ]


def _nothing_fetched(core: Core) -> str:
    if core.simulated:
        return "Simulated market: no source is asked"
    return "Stored figures only: no source is asked" if core.readings.snapshot else "No source is set up"


def unfetched(core: Core) -> list[str]:
    """Lines on the origin of figures that are not fetched: a simulated market, a market pack.

    Empty where there are sources.
    """
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
    """A progress bar for each part that is still loading; empty where all is loaded."""
    lines = []
    for part in core.ingest.progress:
        if part.done < part.total:
            percent = 100 * part.done / part.total
            lines.append(f"`{formats.bar(percent)}` {part.done:,} of {part.total:,} {part.what}")
    if lines:
        lines.insert(0, "Loading history; signals appear as soon as what they need is there.")
    return lines


def _source(core: Core, source: SourceStatus) -> str:
    parts = [f"**{source_problems.source_name(source)}** {_WORDS[source.health.state]}"]
    if source.newest is not None:
        late = f" ({source_problems.age_words(core, source)})" if is_old(source) else ""
        parts.append(f"to {formats.day(source.newest, today=core.today())}{late}")
    if source.health.last_success is not None:
        parts.append(f"asked {source_problems.relative_time(core, source.health.last_success)}")
    return " · ".join(parts)


def _off(core: Core) -> list[str]:
    source_names = [SOURCES.get(name, name.capitalize()) for name in core.ingest.off]
    return [f"Off: {formats.listed(source_names)}; /sources says why."] if source_names else []


def _missing(core: Core) -> list[str]:
    """How many expected figures are missing, and the newest closure that prices have shown."""
    lines = []
    if count := sum(source.gaps.count for source in core.ingest.sources):
        verb = "is" if count == 1 else "are"
        lines.append(f"{formats.counted(count, 'expected figure')} {verb} missing and requested again; /sources tells.")
    if core.ingest.closures:
        newest = formats.day(core.ingest.closures[-1], today=core.today())
        lines.append(
            f"{newest} counts as a day without trading: there is no price of it. The calendar has it as a session."
        )
    return lines


def _checks(core: Core) -> str:
    last, following = core.readings.last_check, core.ingest.next_check
    parts = [f"last {source_problems.relative_time(core, last)}" if last else "none yet"]
    if following:
        parts.append(f"next {source_problems.relative_time(core, following)}")
    snapshot = core.readings.snapshot
    if snapshot is not None:
        built_in = [snapshot.readings[id] for id in core.signals if id in snapshot.readings]
        value_count = sum(reading.value is not None for reading in built_in)
        session = formats.day(snapshot.session, today=core.today())
        parts.append(f"{value_count} of {len(core.signals)} signals of {session}")
    return " · ".join(parts)
