"""`/summary`: the newest final session as one reads it first in the morning, the same text that channels get every day."""

from __future__ import annotations

import math
from datetime import date

from bot.alerts.topics import TOPICS
from bot.calendar.clock import Calendar
from bot.commands.alerts.first_line import topic_name
from bot.commands.context import ADVICE, Core, loading, source_problem
from bot.commands.reply import Button, Field, Reply, Tone
from bot.commands.summary.digest import Digest, crossing_words, digest, digest_table
from bot.commands.summary.headline.index_moves import NAMES
from bot.commands.summary.upcoming import due_lines
from bot.domain.chart_request import ChartKind, ChartRequest
from bot.errors import UserError
from bot.formatting import formats
from bot.formatting.scenario import brief_words, moved_words

CROSSINGS = 4
"""Crossings that are named; more are counted, so that the summary stays on a phone's screen and a half."""


def newest(core: Core) -> Reply:
    """The summary of the newest final session. Raises UserError while there is none."""
    snapshot = core.readings.snapshot
    if snapshot is None or not len(snapshot.history):
        raise UserError(f"No data yet. {loading(core) or ''}".strip())
    return of_session(core, snapshot.history.index[-1].date())


def digest_of(core: Core, session: date) -> Digest:
    """The digest of a session from what is in memory."""
    return core.readings.once(("digest", session), lambda: _digest_of(core, session))


def _digest_of(core: Core, session: date) -> Digest:
    snapshot = core.readings.snapshot
    if snapshot is None:
        return Digest(session, "", Tone.NEUTRAL, (), (), 0, len(core.signals))
    return digest(
        core.signals,
        snapshot.history,
        session,
        topics={topic.key: topic.specs for topic in TOPICS},
        closes=snapshot.closes,
        calendar=core.calendar,
        agenda=snapshot.agenda.get(session, ()),
    )


def of_session(core: Core, session: date) -> Reply:
    """The summary of one session; one that memory does not hold any more says so instead of showing another day."""
    found = digest_of(core, session)
    title = title_of(session)
    if not found.known:
        text = "The readings of that session are not in memory, so there is nothing to show for it."
        return Reply(title=title, lines=(text,), tone=Tone.ATTENTION, footer=core.footer(ADVICE))
    remarks = [remark for remark in (loading(core), source_problem(core)) if remark]
    return Reply(
        title=title,
        lines=(f"**{found.headline or 'Nothing moved much.'}**", *index_moves_lines(found), *remarks),
        fields=fields_of(found, core.calendar),
        tone=found.tone,
        buttons=(Button("families", "All signals"),),
        footer=core.footer(*as_of(found), ADVICE),
        picture=ChartRequest(ChartKind.DASHBOARD, session),
    )


def title_of(session: date) -> str:
    """`Market summary, Wed 31 Dec 2025`."""
    return f"Market summary, {formats.day(session)}"


def index_moves_lines(found: Digest) -> tuple[str, ...]:
    """`S&P 500 +0.4 % · Nasdaq +0.7 % · ...` with what the colour says; nothing where no index is known."""
    parts = [
        f"{name} {formats.plain(found.moves[ticker].percent, 1, signed=True)}{formats.THIN}%"
        for ticker, name in NAMES.items()
        if ticker in found.moves
    ]
    if math.isfinite(found.spread):
        parts.append(f"equal weight less index {formats.plain(found.spread, 2, signed=True)} points")
    colour = _COLOURS.get(found.tone, "")
    return (" · ".join((*parts, colour) if colour else parts),) if parts else ()


_COLOURS = {Tone.BROADENING: "broadening", Tone.CONCENTRATING: "concentrating", Tone.ATTENTION: "a sharp fall"}


def fields_of(found: Digest, calendar: Calendar) -> tuple[Field, ...]:
    """Scenario, movers, crossings and what is due: each with its heading, those without anything left out."""
    fields = []
    if found.standings:
        words = [f"{brief_words(each)}\n{moved_words(each, found.turns)}" for each in found.standings]
        fields.append(Field("Scenario", "\n".join(words)))
    if found.movers:
        fields.append(Field("Moved most for what is usual for them", f"```\n{digest_table(found.movers)}\n```"))
    fields.append(Field("Crossed today", "\n".join(_crossed(found))))
    if due := due_lines(found.due, calendar, found.session):
        fields.append(Field("Due next, New York time", "\n".join(due)))
    return tuple(fields)


def _crossed(found: Digest) -> list[str]:
    if not found.crossings:
        return ["No level of the house was crossed."]
    lines = [f"**{topic_name(each.topic)}** · {crossing_words(each)}" for each in found.crossings[:CROSSINGS]]
    rest = len(found.crossings) - CROSSINGS
    return [*lines, f"and {rest} more"] if rest > 0 else lines


def as_of(found: Digest) -> tuple[str, str]:
    """Of when the figures are, and how many there are."""
    return (
        f"As of the close of {formats.day(found.session)}, yields of the session before",
        f"{found.known} of {found.listed} signals",
    )
