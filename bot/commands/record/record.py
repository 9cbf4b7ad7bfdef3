"""`/record`: every alert ever sent, judged after its horizon, the evidence lines that came with it, and states undone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.commands.context import ADVICE, Core
from bot.commands.reply import Field, Reply
from bot.database import records as stored
from bot.database.records import SentRecord
from bot.domain.model import ConditionKey
from bot.formatting import formats
from bot.formatting.verdict import interval_words, verdict_words
from signals.event_study import FEWEST, newcombe, wilson
from signals.event_study.intervals import p_value

DAY, MONTH = stored.HORIZONS
_CLAUSES = {DAY: "the Nasdaq rose the next day", MONTH: f"equal weight beat the S&P 500 over {MONTH} sessions"}


async def show(core: Core) -> Reply:
    """Hit rates with intervals, how many evidence lines held, how many states were undone, and what waits."""
    day, month = [await core.store.read(stored.judged, horizon) for horizon in stored.HORIZONS]
    waiting, due = await core.store.read(stored.waiting)
    fields = [
        Field("What followed alerts", "\n".join([outcome_line(day, DAY), outcome_line(month, MONTH)])),
        Field("Evidence lines", evidence_line(day, month)),
        Field("States", states_line(month)),
    ]
    if waiting and due is not None:
        words = formats.counted(waiting, "outcome")
        fields.append(Field("Waiting", f"{words} not known yet; the next is due from {formats.day(due)}"))
    first = min((record.session for record in (*day, *month)), default=None)
    since = "" if first is None else f"Since {formats.day(first)}"
    return Reply(
        title="Track record of everything that was sent",
        fields=tuple(fields),
        footer=core.footer(since, "Alerts of one session share one outcome", ADVICE),
    )


def outcome_line(records: Sequence[SentRecord], horizon: int) -> str:
    """`After 20 sessions with an alert the Nasdaq rose the next day 60% of the time (95% CI ...), vs 54% on all days: ...`.

    Sessions whose windows overlap with those of an earlier one are left out.
    """
    clause = _CLAUSES[horizon]
    apart = _apart({record.session: record for record in reversed(records)}, horizon)
    hits, n = sum(record.outcome > 0 for record in apart), len(apart)
    if not n:
        return f"No alert has been followed long enough to say how often {clause}"
    if n < FEWEST:
        sessions = formats.counted(n, "session")
        return f"After {sessions} with an alert: too few to say how often {clause}"
    rate = wilson(hits, n)
    based = [record.counts for record in apart if record.counts is not None and record.counts[2]]
    start = (
        f"After {n} sessions with an alert {clause} {_share(rate.value)} of the time (95% CI {interval_words(rate)})"
    )
    if not based:
        return f"{start}; the share on all days is not known"
    base_n, base_hits = based[-1][2], based[-1][3]
    base = wilson(base_hits, base_n)
    p = p_value(rate, n, base, max(base_n / horizon, 1.0))
    return f"{start}, vs {_share(base.value)} on all days: {verdict_words(p, more=rate.value > base.value)}"


def evidence_line(day: Sequence[SentRecord], month: Sequence[SentRecord]) -> str:
    """`3 of 4 of the 95% intervals held ...`: the share that followed does not differ from the one that was said first."""
    held = [
        outcome for records, horizon in ((day, DAY), (month, MONTH)) for outcome in held_by_condition(records, horizon)
    ]
    if not held:
        return f"None can be judged yet: each needs {FEWEST} outcomes since it was first sent"
    rate = wilson(sum(held), len(held))
    verdict = "no evidence that they are too narrow" if rate.high >= 0.95 else "too few; the intervals are too narrow"
    return (
        f"{sum(held)} of {len(held)} of the 95% intervals held ({_share(rate.value)}, 95% CI {interval_words(rate)}): "
        f"{verdict}"
    )


def held_by_condition(records: Sequence[SentRecord], horizon: int) -> list[bool]:
    """For each condition with enough later outcomes whether their share agrees with the line that was sent first."""
    by_key: dict[ConditionKey, dict[date, SentRecord]] = {}
    for record in records:
        by_key.setdefault(record.key, {})[record.session] = record
    held = []
    for own in by_key.values():
        first = own[min(own)]
        later = _apart(own, horizon)
        if first.counts is None or first.counts[0] < FEWEST or len(later) < FEWEST:
            continue
        followed = wilson(sum(record.outcome > 0 for record in later), len(later))
        gap = newcombe(wilson(first.counts[1], first.counts[0]), followed)
        held.append(gap.low <= 0 <= gap.high)
    return held


def states_line(month: Sequence[SentRecord]) -> str:
    """`1 of 6 changes of a state was undone within 21 sessions (17%, 95% CI 3–56%)`."""
    changes = {(record.key.signal, record.session): record.undone for record in month if record.undone is not None}
    undone, n = sum(map(bool, changes.values())), len(changes)
    if not n:
        return f"No change of a state is {MONTH} sessions old yet"
    rate = wilson(undone, n)
    were = "was" if 1 in (undone, n) else "were"
    words = formats.counted(n, "change")
    return (
        f"{undone} of {words} of a state {were} undone within {MONTH} sessions "
        f"({_share(rate.value)}, 95% CI {interval_words(rate)})"
    )


def _apart(by_session: dict[date, SentRecord], horizon: int) -> list[SentRecord]:
    """One record a session, oldest first, without those whose outcome overlaps with that of the one before."""
    kept: list[SentRecord] = []
    for session in sorted(by_session):
        if not kept or (session - kept[-1].session).days >= horizon * 7 // 5:
            kept.append(by_session[session])
    return kept


def _share(value: float) -> str:
    return formats.share(100 * value)
