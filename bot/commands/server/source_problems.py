"""What is old and why, in plain words: one sentence a source, the worst first, and a title that says it at one glance."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.commands.context import SOURCES, Core
from bot.domain.fetched import HealthState
from bot.formatting import formats
from bot.ingest.freshness import is_old
from bot.ingest.status import SourceStatus
from bot.sources.factory import SPECS

GIVES = {spec.name: spec.gives for spec in SPECS}
"""What a source gives, in the words of a reader."""

_IN_A_TITLE = 3
"""Names or facts that one glance takes in."""

_SENTENCES = 5
_SOON = timedelta(hours=20)
_DOWN = (HealthState.FAILING, HealthState.RESTING)


def gives(source: SourceStatus) -> str:
    """`fund flows`; for a source without a name `figures`."""
    return GIVES.get(source.name, "figures")


def called(source: SourceStatus) -> str:
    """`State Street`."""
    return SOURCES.get(source.name, source.name.capitalize())


def is_down(source: SourceStatus) -> bool:
    """Whether it was asked and did not answer."""
    return source.health.state in _DOWN


def sessions_old(core: Core, source: SourceStatus) -> int:
    """Sessions that are missing, at least 1 for a source that is old; 0 for one that is not."""
    if source.newest is None or source.expected is None or not is_old(source):
        return 0
    return max(1, len(core.calendar.between(source.newest, source.expected)) - 1)


def behind(core: Core, source: SourceStatus) -> str:
    """`3 sessions old`, and which part when it is not all: `3 sessions old (SKEW)`."""
    count = f"{formats.counted(sessions_old(core, source), 'session')} old"
    return f"{count} ({formats.listed(list(source.lacking))})" if source.lacking else count


def title(core: Core) -> str | None:
    """`Fund flows 3 sessions old; Yahoo does not answer`, or None while nothing is old and all answer."""
    troubled = _troubled(core)
    old: dict[str, int] = {}
    for source in troubled:
        if count := sessions_old(core, source):
            old.setdefault(gives(source), count)
    parts = [f"{what} {formats.counted(count, 'session')} old" for what, count in old.items()]
    silent = [called(source) for source in troubled if not is_old(source)]
    if len(silent) > _IN_A_TITLE:
        silent = [formats.counted(len(silent), "source")]
        parts.append(f"{silent[0]} do not answer")
    elif silent:
        parts.append(f"{formats.listed(silent)} {'does' if len(silent) == 1 else 'do'} not answer")
    if not parts:
        return None
    rest = len(parts) - _IN_A_TITLE
    text = "; ".join(parts[:_IN_A_TITLE]) + (f"; and {rest} more" if rest > 0 else "")
    return text[:1].upper() + text[1:]


def sentences(core: Core) -> list[str]:
    """Why, for each source in trouble: `**Fund flows** 3 sessions old: State Street has not answered since ..., next try ...`."""
    troubled = _troubled(core)
    lines = [_sentence(core, source) for source in troubled[:_SENTENCES]]
    rest = len(troubled) - _SENTENCES
    return [*lines, f"And {formats.counted(rest, 'other source')}: /sources tells."] if rest > 0 else lines


def next_asked(core: Core, source: SourceStatus) -> str:
    """`next try in 4 min`, `next 22:22`, `being asked now`; empty when nobody knows."""
    known = [instant for instant in (source.next_run, source.health.next_try) if instant is not None]
    if not known:
        return ""
    following = max(known)
    if is_down(source):
        return f"next try {ago(core, following)}" if following > core.now() else "next try in a moment"
    return f"next {when(core, following)}" if following > core.now() else "being asked now"


def ago(core: Core, instant: datetime) -> str:
    """Reckoned by the core's clock, because a replayed market lives in another year than its reader."""
    seconds = (core.now() - instant).total_seconds()
    words = formats.age(abs(seconds))
    if words == "just now":
        return words if seconds >= 0 else "in a moment"
    return f"{words} ago" if seconds >= 0 else f"in {words}"


def when(core: Core, instant: datetime) -> str:
    """The time alone when it is near, with its day when it is not."""
    return formats.stamp(instant.timestamp(), "t" if abs(instant - core.now()) < _SOON else "f")


def _troubled(core: Core) -> list[SourceStatus]:
    """Sources that are old or do not answer, the oldest first."""
    found = [source for source in core.ingest.sources if is_old(source) or is_down(source)]
    return sorted(found, key=lambda source: -sessions_old(core, source))


def _sentence(core: Core, source: SourceStatus) -> str:
    health, name = source.health, called(source)
    what = gives(source)
    head = f"**{what[:1].upper()}{what[1:]}** {behind(core, source)}: " if is_old(source) else ""
    if is_down(source):
        since = f"since {when(core, health.last_success)}" if health.last_success else "yet"
        reason = f" ({health.reason.rstrip('.')})" if health.reason else ""
        why = f"{name} has not answered {since}{reason}"
    elif health.state is HealthState.UNKNOWN:
        why = f"{name} has not been asked since the start"
    else:
        why = f"{name} answers and has nothing newer"
    return f"{head}{', '.join(part for part in (why, next_asked(core, source)) if part)}."
