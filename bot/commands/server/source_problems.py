"""Sources that are old or fail, in words: a title, and a sentence for each, the worst first."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.commands.context import SOURCES, Core
from bot.domain.fetched import HealthState
from bot.domain.foreign_text import ForeignText
from bot.formatting import formats
from bot.ingest.freshness import is_old
from bot.ingest.status import SourceStatus
from bot.sources.factory import SPECS

CONTENTS = {spec.name: spec.gives for spec in SPECS}
"""The content of a source in words, by its name."""

_MAX_TITLE_PARTS = 3
"""Most names or facts in a title."""

_SENTENCES = 5

_GAP_NAMES = 4
"""How many of the names with missing figures a line shows."""

_SOON = timedelta(hours=20)
_DOWN = (HealthState.FAILING, HealthState.RESTING)


def content_of(source: SourceStatus) -> str:
    """The content of a source: `fund flows`; for an unknown source `figures`."""
    return CONTENTS.get(source.name, "figures")


def source_name(source: SourceStatus) -> str:
    """The display name of a source: `State Street`."""
    return SOURCES.get(source.name, source.name.capitalize())


def is_down(source: SourceStatus) -> bool:
    """Whether its last requests failed."""
    return source.health.state in _DOWN


def sessions_old(core: Core, source: SourceStatus) -> int:
    """Missing sessions of a source: at least 1 where it is old, else 0."""
    if source.newest is None or source.expected is None or not is_old(source):
        return 0
    return max(1, len(core.calendar.between(source.newest, source.expected)) - 1)


def age_words(core: Core, source: SourceStatus) -> str:
    """`3 sessions old`, with the old part where it is not all: `3 sessions old (SKEW)`."""
    count = f"{formats.counted(sessions_old(core, source), 'session')} old"
    return f"{count} ({formats.listed(list(source.lacking))})" if source.lacking else count


def title(core: Core) -> str | None:
    """`Fund flows 3 sessions old; Yahoo does not answer`, or None while no source has a problem."""
    sources = _problem_sources(core)
    ages: dict[str, int] = {}
    for source in sources:
        if count := sessions_old(core, source):
            ages.setdefault(content_of(source), count)
    parts = [f"{what} {formats.counted(count, 'session')} old" for what, count in ages.items()]
    not_answering = [source_name(source) for source in sources if not is_old(source)]
    if len(not_answering) > _MAX_TITLE_PARTS:
        not_answering = [formats.counted(len(not_answering), "source")]
        parts.append(f"{not_answering[0]} do not answer")
    elif not_answering:
        parts.append(f"{formats.listed(not_answering)} {'does' if len(not_answering) == 1 else 'do'} not answer")
    if not parts:
        return None
    left_out = len(parts) - _MAX_TITLE_PARTS
    text = "; ".join(parts[:_MAX_TITLE_PARTS]) + (f"; and {left_out} more" if left_out > 0 else "")
    return formats.capitalised(text)


def sentences(core: Core) -> list[str]:
    """A sentence with the reason for each source that has a problem, for at most five sources.

    `**Fund flows** 3 sessions old: State Street has not answered since ..., next try ...`
    """
    sources = _problem_sources(core)
    lines = [_sentence(core, source) for source in sources[:_SENTENCES]]
    left_out = len(sources) - _SENTENCES
    return [*lines, f"And {formats.counted(left_out, 'other source')}: /sources tells."] if left_out > 0 else lines


def next_request_words(core: Core, source: SourceStatus) -> str:
    """`next try in 4 min`, `next 22:22`, `being asked now`.

    Empty where the next request is not known.
    """
    instants = [instant for instant in (source.next_run, source.health.next_try) if instant is not None]
    if not instants:
        return ""
    following = max(instants)
    if is_down(source):
        return (
            f"next try {relative_time(core, following)}" if following > core.machine_now() else "next try in a moment"
        )
    return f"next {time_stamp(core, following)}" if following > core.machine_now() else "being asked now"


def gap_words(core: Core, source: SourceStatus) -> str:
    """`3 figures missing since Wed, Aug 6 (SPY and XLK; next try in 4 min)`; empty without gaps."""
    gaps = source.gaps
    if gaps.oldest is None or gaps.next_try is None:
        return ""
    names = [
        *gaps.names[:_GAP_NAMES],
        *([f"{len(gaps.names) - _GAP_NAMES} more"] if len(gaps.names) > _GAP_NAMES else []),
    ]
    words = f"{formats.counted(gaps.count, 'figure')} missing since {formats.day(gaps.oldest, today=core.today())}"
    following = relative_time(core, gaps.next_try) if gaps.next_try > core.machine_now() else "in a moment"
    return f"{words} ({formats.listed(names)}; next try {following})"


def relative_time(core: Core, instant: datetime) -> str:
    """`4 min ago` or `in 4 min`, by the core's clock: a replayed market is in another year."""
    seconds = (core.machine_now() - instant).total_seconds()
    words = formats.age(abs(seconds))
    if words == "just now":
        return words if seconds >= 0 else "in a moment"
    return f"{words} ago" if seconds >= 0 else f"in {words}"


def time_stamp(core: Core, instant: datetime) -> str:
    """An instant as a time, with its day where it is 20 hours or more away."""
    return formats.stamp(instant.timestamp(), "t" if abs(instant - core.machine_now()) < _SOON else "f")


def _problem_sources(core: Core) -> list[SourceStatus]:
    """Sources that are old or do not answer, the oldest first."""
    sources = [source for source in core.ingest.sources if is_old(source) or is_down(source)]
    return sorted(sources, key=lambda source: -sessions_old(core, source))


def _sentence(core: Core, source: SourceStatus) -> str:
    health, name = source.health, source_name(source)
    what = content_of(source)
    head = f"**{formats.capitalised(what)}** {age_words(core, source)}: " if is_old(source) else ""
    if is_down(source):
        since = f"since {time_stamp(core, health.last_success)}" if health.last_success else "yet"
        reason = f" ({ForeignText(health.reason.rstrip('.'))})" if health.reason else ""
        why = f"{name} has not answered {since}{reason}"
    elif health.state is HealthState.UNKNOWN:
        why = f"{name} has not been asked since the start"
    else:
        why = f"{name} answers and has nothing newer"
    return f"{head}{', '.join(part for part in (why, next_request_words(core, source)) if part)}."
