"""How often topics have fired, in words, and which of them are rare."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bot.alerts.level_suggestion import Backtest
from bot.alerts.topics import TOPICS
from bot.commands.context import Core, loading
from bot.errors import UserError
from bot.event_study.topic_past import LEAST_YEARS, is_rare
from bot.formatting import formats
from bot.formatting.signal_values import span

COUNTING_SECONDS = 10.0
"""How long a reply waits for the count of a session; it is there at once when asked for again."""


async def pasts(core: Core) -> Mapping[str, Backtest]:
    """The past of each topic by its key, up to the newest final session.

    Empty while history is still loading and where it is not counted in time.
    """
    session = core.readings.snapshot.newest_final if core.readings.snapshot is not None else None
    if core.topic_pasts is None or session is None or loading(core):
        return {}
    return await core.topic_pasts.after(session, seconds=COUNTING_SECONDS)


def remark(core: Core, counted: Mapping[str, Backtest]) -> str | None:
    """The sentence on a count that is not there yet; None where it is, and where nothing counts."""
    if counted or core.topic_pasts is None:
        return None
    return "How often each has fired is still being counted; ask again in a minute."


async def rare_topics(core: Core) -> list[str]:
    """The keys of the rare topics. Raises UserError where that is not known yet, and where there is none."""
    counted = await pasts(core)
    if not counted:
        raise UserError("Rare topics are still being counted. Try again in a minute, or choose a topic.")
    keys = [topic.key for topic in TOPICS if topic.key in counted and is_rare(counted[topic.key])]
    if not keys:
        raise UserError("No topic is rare in the years that are known. /topics says how often each has fired.")
    return keys


def past_words(past: Backtest, *, today: date) -> str:
    """`Fired 8 times in 21 years, 0.4 a year, last on Fri, Jan 11, 2019`.

    Without a rate below one year of readings, and without readings only that.
    """
    if not past.readings:
        return "No past yet: it has had no reading."
    years = span(past.years)
    if not past.fired:
        times = f"Never fired in {years}"
    else:
        count = "once" if len(past.fired) == 1 else f"{len(past.fired):,} times"
        rate = f", {len(past.fired) / past.years:.1f} a year" if past.years >= LEAST_YEARS else ""
        times = f"Fired {count} in {years}{rate}, last on {formats.day(past.fired[-1], today=today)}"
    return times if past.years >= LEAST_YEARS else f"{times}; too short a past to say how often"
