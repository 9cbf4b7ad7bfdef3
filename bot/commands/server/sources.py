"""`/sources`: what each source gave, what is old and why, and when it is asked again. From memory."""

from __future__ import annotations

from bot.commands.context import SOURCES, Core
from bot.commands.market.family import older_lines, withheld_lines
from bot.commands.reply import Field, Reply
from bot.commands.server import source_problems, status
from bot.domain.fetched import HealthState
from bot.formatting import formats
from bot.ingest.freshness import is_old
from bot.ingest.status import SourceStatus

_NAMES = 4


def show(core: Core) -> Reply:
    """A verdict, a line a source, and which figures are older than the session or withheld. Never fails for lack of data."""
    lines = [_line(core, each) for each in core.ingest.sources] + _off(core) + status.unfetched(core)
    title, tone = status.verdict(core)
    return Reply(
        title=title,
        lines=(*status.progress(core), *(lines or ["No source is set up."])),
        fields=tuple(_fields(core)),
        tone=tone,
        footer=core.footer("/status: alerts and messages as well", f"Version {core.version}"),
    )


def _line(core: Core, source: SourceStatus) -> str:
    """`**Yahoo**: fresh, prices of Thu 8 Jan, next 22:22`."""
    parts = (_health(core, source), *_newest(core, source), source_problems.next_asked(core, source))
    return f"**{source_problems.called(source)}**: {', '.join(part for part in parts if part)}"


def _health(core: Core, source: SourceStatus) -> str:
    health = source.health
    match health.state:
        case HealthState.UNKNOWN:
            return "not asked since the start"
        case HealthState.OK:
            return "answers, but is behind" if is_old(source) else "fresh"
    since = f", no answer since {source_problems.when(core, health.last_success)}" if health.last_success else ""
    reason = f" ({health.reason.rstrip('.')})" if health.reason else ""
    return f"{'resting' if health.state is HealthState.RESTING else 'failing'}{since}{reason}"


def _newest(core: Core, source: SourceStatus) -> list[str]:
    if source.newest is None:
        return []
    troubled = source.health.state is not HealthState.OK or is_old(source)
    text = f"{'newest ' if troubled else ''}{source_problems.gives(source)} of {formats.day(source.newest, today=core.today())}"
    return [f"{text}, {source_problems.behind(core, source)}" if is_old(source) else text]


def _off(core: Core) -> list[str]:
    return [f"**{SOURCES.get(name, name.capitalize())}**: {reason}" for name, reason in core.ingest.off.items()]


def _fields(core: Core) -> list[Field]:
    snapshot = core.readings.snapshot
    if snapshot is None:
        return []
    names = {id: signal.label for id, signal in core.signals.items()}
    fields = []
    if older := older_lines(core, snapshot.session, names, snapshot.readings, _NAMES):
        fields.append(Field("Figures of an earlier day", "\n".join(older)))
    missing = sum(1 for reading in snapshot.readings.values() if reading.value is None)
    if withheld := withheld_lines(names, snapshot.readings, _NAMES):
        fields.append(Field(f"Withheld: {formats.counted(missing, 'signal')}", "\n".join(withheld)))
    return fields
