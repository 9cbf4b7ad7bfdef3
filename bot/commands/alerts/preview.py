"""An alert before it is saved: what it would be, what it would have done, and a better level where that makes no sense."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from bot.alerts.level_suggestion import backtest, suggest_level
from bot.commands.alerts.describe import (
    backtest_words,
    current_words,
    describe,
    levels_words,
    suggestion_words,
    terms,
)
from bot.commands.alerts.draft import AlertDraft, pack_draft
from bot.commands.context import Caller, Core, loading, source_problem
from bot.commands.market import study, track_record_lines
from bot.commands.market.signal_history import newest_value, with_band
from bot.commands.reply import Button, Reply, Weight
from bot.domain.model import AlertSpec
from bot.event_study.track_record import of_few_prices

log = logging.getLogger(__name__)

COUNTING_SECONDS = 0.25
"""How long somebody who sets an alert waits for what followed such days; the worker process may be busy with a check."""


async def with_track_record(core: Core, caller: Caller, draft: AlertDraft) -> Reply:
    """`preview` with what followed such days where that can be counted in time. Raises as `preview` does."""
    return preview(core, caller, draft, evidence=await _counted(core, draft.spec))


async def _counted(core: Core, spec: AlertSpec) -> Sequence[str]:
    """Lines for a condition with one side at no preset level; none for signals of members, which take seconds."""
    watched = track_record_lines.uncounted_condition(core.readings, spec)
    if core.track_records is None or watched is None or not of_few_prices([watched])[0]:
        return ()
    session = track_record_lines.newest(core.readings)
    try:
        async with asyncio.timeout(COUNTING_SECONDS):
            counted = (await core.track_records.count({watched}, {session})).get(session, {})
    except Exception as error:
        log.info("what followed %s in the past was not counted for a preview: %r", watched, error)
        return ()
    return track_record_lines.lines(counted[watched]) if watched in counted else ()


def preview(core: Core, caller: Caller, draft: AlertDraft, *, evidence: Sequence[str] = ()) -> Reply:
    """What would be saved, before it is: today's value, how often it would have fired, when it watches again.

    Where it would never have fired or all the time, another level is offered, which leads to its own preview. `evidence`: lines
    about what followed such days, for conditions at no preset level.

    Raises UserError where the caller may not post to the channel.
    """
    if draft.channel_id is not None:
        caller.need_manager()
    spec = with_band(core, draft.spec)
    words = pack_draft(draft.spec, draft.channel_id, draft.role_id)
    place = f"in <#{draft.channel_id}>" if draft.channel_id is not None else "by DM"
    first = terms(spec)
    value, session = newest_value(core, spec)
    lines = [f"{first[:1].upper()}{first[1:]}, {place}."]
    lines += current_words(core, spec, value, session)
    series = core.readings.series(spec.signal, spec.measure)
    past = backtest(series, spec)
    lines += backtest_words(core, spec, past)
    better = suggest_level(series, spec, draft.validated.signal) if past.is_never or past.is_noise else None
    if better is not None:
        lines.append(suggestion_words(core, better, past))
    lines += track_record_lines.of_spec(core.readings, spec) or evidence
    reading = core.readings.reading(spec.signal)
    missing = source_problem(core, reading.sources) if reading is not None else None
    lines += [remark for remark in (loading(core), missing) if remark]
    return Reply(
        title=describe(core, spec),
        lines=tuple(lines),
        buttons=(
            Button("ok", "Confirm", words, Weight.MAIN),
            *([_use(core, draft, better.spec)] if better is not None else []),
            Button("lv", "Change level", words),
            study.button(spec),
            Button("no", "Cancel"),
        ),
        footer=core.footer("Nothing is saved before you confirm"),
        private=True,
    )


def _use(core: Core, draft: AlertDraft, spec: AlertSpec) -> Button:
    return Button("us", f"Use {levels_words(core, spec)}", pack_draft(spec, draft.channel_id, draft.role_id))
