"""`/sources`: what each source gave, what is old and why, and when it is asked again. From memory."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from bot.board import SourceStatus
from bot.commands import formats, status
from bot.commands.core import SOURCES, Core
from bot.commands.family import older_lines, withheld_lines
from bot.commands.reply import Field, Reply, Tone
from bot.sources.base import HealthState

_GIVES = {
    "yahoo": "prices",
    "fred": "yields and macro figures",
    "treasury": "yields",
    "cboe": "volatility indexes",
    "universe": "members",
    "fed": "meetings",
    "cboe-chains": "option chains",
    "estimates": "estimates",
    "edgar": "filings",
    "statestreet": "shares of funds",
    "ishares": "shares of funds",
    "invesco": "shares of funds",
}
_NAMES = 4
_SOON = timedelta(hours=20)


def show(core: Core) -> Reply:
    """A verdict, a line a source, and which figures are older than the session or withheld. Never fails for lack of data."""
    lines = [_line(core, each) for each in core.board.sources] + _unfetched(core)
    title, tone = status.verdict(core) if core.board.sources else _nothing_fetched(core)
    return Reply(
        title=title,
        lines=(*status.progress(core), *(lines or ["No source is set up."])),
        fields=tuple(_fields(core)),
        tone=tone,
        footer=core.footer("/status: alerts and messages as well", f"Version {core.version}"),
    )


def _nothing_fetched(core: Core) -> tuple[str, Tone]:
    if core.board.simulated:
        return "Simulated market: nothing is fetched", Tone.NEUTRAL
    return ("Stored figures: nothing is fetched" if core.board.snapshot else "No source is set up"), Tone.NEUTRAL


def _line(core: Core, source: SourceStatus) -> str:
    """`**Yahoo**: fresh, prices of Thu 8 Jan, next 22:22`."""
    name = SOURCES.get(source.name, source.name.capitalize())
    parts = (_health(core, source), *_newest(core, source), _next(core, source))
    return f"**{name}**: {', '.join(part for part in parts if part)}"


def _health(core: Core, source: SourceStatus) -> str:
    health = source.health
    match health.state:
        case HealthState.UNKNOWN:
            return "not asked since the start"
        case HealthState.OK:
            return "answers, but is behind" if status.is_late(core, source) else "fresh"
    since = f", no answer since {_when(core, health.last_success)}" if health.last_success else ""
    reason = f" ({health.reason.rstrip('.')})" if health.reason else ""
    return f"{'resting' if health.state is HealthState.RESTING else 'failing'}{since}{reason}"


def _newest(core: Core, source: SourceStatus) -> list[str]:
    what = _GIVES.get(source.name, "figures")
    if source.newest is None:
        return []
    troubled = source.health.state is not HealthState.OK or status.is_late(core, source)
    text = f"{'newest ' if troubled else ''}{what} of {formats.day(source.newest, today=core.today())}"
    return [f"{text}, {status.behind(core, source)}" if status.is_late(core, source) else text]


def _next(core: Core, source: SourceStatus) -> str:
    known = [instant for instant in (source.next_run, source.health.next_try) if instant is not None]
    if not known:
        return ""
    following = max(known)
    if source.health.state in (HealthState.FAILING, HealthState.RESTING):
        return f"next try {status.ago(core, following)}" if following > core.now() else "next try in a moment"
    return f"next {_when(core, following)}" if following > core.now() else "being asked now"


def _when(core: Core, instant: datetime) -> str:
    """The time alone when it is near, with its day when it is not."""
    return formats.stamp(instant.timestamp(), "t" if abs(instant - core.now()) < _SOON else "f")


def _unfetched(core: Core) -> list[str]:
    """Where figures come from when there is nothing to fetch: a simulated market, a market pack."""
    snapshot = core.board.snapshot
    if snapshot is None or core.board.sources:
        return []
    counts = Counter(name for reading in snapshot.readings.values() for name in reading.sources)
    session = formats.day(snapshot.session, today=core.today())
    return [
        f"**{SOURCES.get(name, name.capitalize())}**: {formats.counted(count, 'signal')} of {session}, nothing to fetch"
        for name, count in counts.items()
    ]


def _fields(core: Core) -> list[Field]:
    snapshot = core.board.snapshot
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
