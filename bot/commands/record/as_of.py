"""`/asof`: the answer and the summary of a session as they were known on its evening, and what it reads today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from bot.commands.context import ADVICE, Caller, Core
from bot.commands.record.as_of_model import AsOfAnswer, Difference
from bot.commands.reply import Field, Reply
from bot.database import readings as stored
from bot.errors import UserError
from bot.formatting import formats
from bot.formatting.signal_values import with_days
from signals.core.model import Measure

DIFFERENCES = 8
"""Differences that are listed; further ones are counted."""


async def show(core: Core, caller: Caller, session: date) -> Reply:
    """What was known on the evening of a session, and where it reads another value today or was shown another one.

    Raises UserError for who asks for too much, and where nothing was known.
    """
    if core.as_of is None:
        raise UserError("Past sessions are switched off in this installation.")
    core.costly.spend(caller.user_id)
    shown = await core.store.read(stored.shown, session)
    today = today_of(core, session)
    answer = await core.as_of.read(session, shown, today)
    return Reply(
        title=f"As known on the evening of {formats.day(answer.session)}",
        lines=(f"**{answer.headline}**", *answer.lines),
        fields=(*answer.fields, Field("Since then", "\n".join(_since_lines(core, answer, compared=bool(today))))),
        tone=answer.tone,
        footer=core.footer(*answer.footer, ADVICE),
    )


def today_of(core: Core, session: date) -> dict[str, float]:
    """What a session reads today, by signal; empty for a session that is not in memory."""
    snapshot, day = core.readings.snapshot, pd.Timestamp(session)
    if snapshot is None or day not in snapshot.history.index:
        return {}
    row = snapshot.history.loc[[day]].iloc[0].dropna()
    return {str(name): float(value) for name, value in row.items()}


def _since_lines(core: Core, answer: AsOfAnswer, *, compared: bool) -> list[str]:
    now = [difference for difference in answer.differences if not difference.shown]
    shown = [difference for difference in answer.differences if difference.shown]
    lines = []
    if not compared:
        lines.append(
            "The session is older than the readings in memory, so it is not compared with what it reads today."
        )
    elif now:
        lines += _listed([_line(core, difference, "reads", "today") for difference in now])
    else:
        lines.append("Every value shown here reads the same today.")
    if shown:
        lines += _listed([_line(core, difference, "was shown as", "then") for difference in shown])
    elif answer.shown_count:
        were = "was" if answer.shown_count == 1 else "were"
        lines.append(f"{formats.counted(answer.shown_count, 'value')} {were} shown to people then, and no other one.")
    return lines


def _line(core: Core, difference: Difference, verb: str, when: str) -> str:
    """`**10-year real yield**: 1.93% as known that evening, reads 1.95% today: ...`."""
    signal = core.signals[difference.signal]
    then, other = (formats.measured(value, signal, Measure.VALUE) for value in (difference.then, difference.other))
    return f"**{signal.label}**: {then} as known that evening, {verb} {other} {when}: {with_days(difference.reason)}"


def _listed(lines: Sequence[str]) -> list[str]:
    more = len(lines) - DIFFERENCES
    return [*lines[:DIFFERENCES], *([f"and {more} more"] if more > 0 else [])]
