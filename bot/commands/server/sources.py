"""`/sources`: the newest data of each source, what is old and why, and its next request.

From memory.
"""

from __future__ import annotations

from bot.commands.context import SOURCES, Core
from bot.commands.market.family import older_lines, withheld_lines
from bot.commands.reply import Field, Reply
from bot.commands.server import doubts, source_problems, status
from bot.domain.fetched import HealthState
from bot.domain.foreign_text import ForeignText
from bot.formatting import formats
from bot.ingest.freshness import is_old
from bot.ingest.status import SourceStatus

_NAMES = 4


def show(core: Core) -> Reply:
    """A verdict, a line for each source, and the figures that are old or withheld.

    Does not raise without data.
    """
    lines = [_line(core, source) for source in core.ingest.sources] + _off(core) + status.unfetched(core)
    title, tone = status.verdict(core)
    return Reply(
        title=title,
        lines=(*status.progress(core), *(lines or ["No source is set up."])),
        fields=tuple(_fields(core)),
        tone=tone,
        footer=core.footer("/status: alerts and messages as well", f"Version {core.version}"),
    )


def _line(core: Core, source: SourceStatus) -> str:
    """`**Yahoo**: fresh, prices of Thu, Jan 8, next 22:22`."""
    parts = (
        _health(core, source),
        *_newest(core, source),
        source_problems.gap_words(core, source),
        source_problems.next_request_words(core, source),
    )
    return f"**{source_problems.source_name(source)}**: {', '.join(part for part in parts if part)}"


def _health(core: Core, source: SourceStatus) -> str:
    health = source.health
    match health.state:
        case HealthState.UNKNOWN:
            return "not asked since the start"
        case HealthState.OK:
            return "answers, but is behind" if is_old(source) else "fresh"
    since = f", no answer since {source_problems.time_stamp(core, health.last_success)}" if health.last_success else ""
    reason = f" ({ForeignText(health.reason.rstrip('.'))})" if health.reason else ""
    return f"{'resting' if health.state is HealthState.RESTING else 'failing'}{since}{reason}"


def _newest(core: Core, source: SourceStatus) -> list[str]:
    if source.newest is None:
        return []
    has_problem = source.health.state is not HealthState.OK or is_old(source)
    content = f"{'newest ' if has_problem else ''}{source_problems.content_of(source)}"
    text = f"{content} of {formats.day(source.newest, today=core.today())}"
    return [f"{text}, {source_problems.age_words(core, source)}" if is_old(source) else text]


def _off(core: Core) -> list[str]:
    return [f"**{SOURCES.get(name, name.capitalize())}**: {reason}" for name, reason in core.ingest.off.items()]


def _fields(core: Core) -> list[Field]:
    snapshot = core.readings.snapshot
    fields = [Field("Not believed", "\n".join(lines))] if (lines := doubts.lines(core)) else []
    if snapshot is None:
        return fields
    labels = {id: signal.label for id, signal in core.signals.items()}
    readings = {id: reading for id, reading in snapshot.readings.items() if id in labels}
    if older := older_lines(core, snapshot.session, labels, readings, _NAMES):
        fields.append(Field("Figures of an earlier day", "\n".join(older)))
    missing = sum(1 for reading in readings.values() if reading.value is None)
    if withheld := withheld_lines(labels, readings, _NAMES):
        fields.append(Field(f"Withheld: {formats.counted(missing, 'signal')}", "\n".join(withheld)))
    return fields
