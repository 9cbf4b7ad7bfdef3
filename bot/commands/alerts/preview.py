"""The preview of an alert before it is saved: terms, backtest, and a better level if needed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from bot.alerts.level_suggestion import backtest, suggest_level
from bot.calendar.delivery_times import AT_ONCE, DeliveryTimes
from bot.commands.alerts.draft import AlertDraft, pack_draft
from bot.commands.alerts.texts.describe import (
    backtest_words,
    current_words,
    describe,
    levels_words,
    suggestion_words,
    terms,
)
from bot.commands.alerts.texts.place_words import beside, times_of_dm
from bot.commands.context import Caller, Core, loading, source_problem
from bot.commands.market import study, track_record_lines
from bot.commands.market.signal_history import newest_value, with_band
from bot.commands.reply import Button, Reply, Weight
from bot.domain.model import AlertSpec
from bot.event_study.track_record import of_few_prices
from bot.formatting.conditions import any_turn, has_level

log = logging.getLogger(__name__)

COUNTING_TIMEOUT_SECONDS = 1.0
"""How long a preview waits for its track record; the worker process may be busy with a check."""


async def with_track_record(core: Core, caller: Caller, draft: AlertDraft) -> Reply:
    """`preview` with the track record where it is counted in time. Raises as `preview` does."""
    times = await times_of_dm(core, caller)
    return preview(core, caller, draft, record_lines=await _counted(core, draft), times=times)


async def _counted(core: Core, draft: AlertDraft) -> Sequence[str]:
    """Track record lines for a condition that is at no preset level.

    None for signals computed from members, which would take seconds.
    """
    conditions = track_record_lines.conditions_of(draft.spec, draft.validated.signal)
    counted = track_record_lines.counted(core.readings)
    uncounted = set(conditions) - counted.keys()
    if core.track_records is None or not counted or not uncounted or len(of_few_prices(uncounted)[0]) < len(uncounted):
        return ()
    session = track_record_lines.newest(core.readings)
    try:
        async with asyncio.timeout(COUNTING_TIMEOUT_SECONDS):
            track_records = (await core.track_records.count(uncounted, {session})).get(session, {})
    except Exception as error:
        log.info("a preview has no track record of %s (%s)", draft.spec.signal, type(error).__name__)
        return ()
    return track_record_lines.of_conditions(draft.validated.signal, conditions, {**counted, **track_records})


def preview(
    core: Core,
    caller: Caller,
    draft: AlertDraft,
    *,
    record_lines: Sequence[str] = (),
    times: DeliveryTimes = AT_ONCE,
) -> Reply:
    """The alert before it is saved: today's value, how often it would have fired, when it re-arms.

    Where it would have fired never or nearly always, another level is offered, with a preview of
    its own. `record_lines`: the track record, for conditions at no preset level. `times`: when the
    caller wants their DMs. Raises UserError where the caller may not post to the channel.
    """
    core = core.seen_by(caller)
    if draft.channel_id is not None:
        caller.need_manager()
    spec, signal = with_band(core, draft.spec), draft.validated.signal
    value, session = newest_value(core, spec)
    lines = [f"{terms(core, spec)}, {beside(draft.channel_id, times).rstrip('.')}."]
    lines += current_words(core, spec, value, session)
    series = core.readings.series(spec.signal, spec.measure)
    past = backtest(series, spec)
    lines += backtest_words(core, spec, past)
    leveled = has_level(spec.measure) and not any_turn(spec, signal)
    better = suggest_level(series, spec, signal) if leveled and (past.is_never or past.is_noise) else None
    if better is not None:
        lines.append(suggestion_words(core, better, past))
    conditions = track_record_lines.conditions_of(spec, signal)
    lines += (
        track_record_lines.of_conditions(signal, conditions, track_record_lines.counted(core.readings)) or record_lines
    )
    reading = core.readings.reading(spec.signal)
    missing = source_problem(core, reading.sources) if reading is not None else None
    lines += [remark for remark in (loading(core), missing) if remark]
    return Reply(
        title=describe(core, spec),
        lines=tuple(lines),
        buttons=_buttons(core, draft, spec, leveled=leveled, better=None if better is None else better.spec),
        footer=core.footer("Nothing is saved before you confirm"),
        private=True,
    )


def _buttons(
    core: Core, draft: AlertDraft, spec: AlertSpec, *, leveled: bool, better: AlertSpec | None
) -> tuple[Button, ...]:
    """The buttons of a preview; each carries the whole draft."""
    packed = pack_draft(draft.spec, draft.channel_id, draft.role_id)
    buttons = [Button("ok", "Confirm", packed, Weight.MAIN)]
    if better is not None:
        level = f"Use {levels_words(core, better)}"
        buttons.append(Button("us", level, pack_draft(better, draft.channel_id, draft.role_id)))
    if leveled:
        buttons.append(Button("lv", "Change level", packed))
    return (*buttons, study.button(spec), Button("md", "More", packed), Button("no", "Cancel"))
