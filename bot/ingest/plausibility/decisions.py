"""An operator's word on a doubt: the figure is believed after all, or never."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pandas as pd

from bot.archive.archive import Archive
from bot.calendar.clock import Calendar
from bot.domain.doubt import Decision, Doubt, DoubtKind, DoubtState
from bot.domain.fetched import Fetched
from bot.errors import UserError
from bot.ingest.plausibility.bars import frame_of
from bot.ingest.plausibility.ticker_answer import Decided


def decide(archive: Archive, number: int, decision: Decision, calendar: Calendar, now: datetime) -> tuple[Doubt, bool]:
    """Accept or reject the figure of a doubt. The decision holds whenever the source gives it again.

    Returns the doubt as it is now, and whether its figure is stored with it; an accepted figure
    that was not kept, or whose ticker was split since, is stored when it comes again.

    Raises:
        UserError: There is no open doubt of this number.
    """
    doubt = next((stored.doubt for stored in archive.doubts() if stored.id == number), None)
    if doubt is None:
        numbers = ", ".join(str(stored.id) for stored in archive.doubts()) or "none"
        raise UserError(f"There is no open doubt {number}; open are: {numbers}.")
    decided = replace(doubt, state=decision, evidence="the operator decided", held=())
    fetched = Fetched(doubt.source, now)
    if decision is DoubtState.ACCEPTED and doubt.held and still_follows(archive, doubt):
        fetched = replace(fetched, bars={doubt.subject: frame_of(doubt.held)})
    elif decision is DoubtState.ACCEPTED and doubt.kind is DoubtKind.SERIES:
        index = pd.DatetimeIndex([pd.Timestamp(doubt.day)], name="observed")
        known_at = pd.DatetimeIndex([pd.NaT]).tz_localize("UTC")
        observed = pd.DataFrame({"value": [doubt.value], "known_at": known_at}, index=index)
        fetched = replace(fetched, observations={doubt.subject: observed})
    archive.store(fetched, calendar, doubts=[decided])
    return decided, bool(fetched.bars or fetched.observations)


def still_follows(archive: Archive, doubt: Doubt) -> bool:
    """Whether the close that a doubted bar was held against is stored as it was: a split since then has changed its scale,
    and the bar that was kept would lie beside closes on another.
    """
    if doubt.before is None or doubt.before_day is None:
        return True
    stored = archive.closes_on(doubt.before_day).get(doubt.subject)
    return stored is not None and Decided(doubt.before, doubt.source, doubt.state).is_about(stored)
