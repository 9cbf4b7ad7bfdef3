"""`/summary`: the newest final session, in the text that summary channels get every day."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date

from bot.alerts.topics import TOPICS
from bot.calendar.clock import Calendar
from bot.commands.alerts.texts.first_line import topic_name
from bot.commands.context import ADVICE, Core, loading, no_data, source_problem
from bot.commands.market import rotation
from bot.commands.reply import Button, Field, Reply, Tone
from bot.commands.summary.contents import SummaryContents, movers_table, summary_contents
from bot.commands.summary.crossings import crossing_words
from bot.commands.summary.headline.index_moves import NAMES
from bot.commands.summary.headline.rules_market import LONG_YIELD
from bot.commands.summary.upcoming import due_lines
from bot.domain.chart_request import ChartKind, ChartRequest
from bot.formatting import formats
from bot.formatting.scenario_words import recovery_state_words
from bot.readings.state import Snapshot
from signals.core.model import Axis, Signal

CROSSINGS = 4
"""Crossings that are listed.

Further ones are only counted, so that the summary stays short on a phone.
"""


def newest(core: Core) -> Reply:
    """The summary of the newest final session. Raises UserError while there is none."""
    snapshot = core.readings.snapshot
    if snapshot is None or not len(snapshot.history):
        raise no_data(core)
    return of_session(core, snapshot.history.index[-1].date())


def contents_of(core: Core, session: date) -> SummaryContents:
    """The contents of a summary from the readings in memory, computed once for a snapshot."""
    return core.readings.once(("summary contents", session), lambda: _contents_of(core, session))


def _contents_of(core: Core, session: date) -> SummaryContents:
    snapshot = core.readings.snapshot
    if snapshot is None:
        return SummaryContents(session, "", Tone.NEUTRAL, (), (), 0, len(core.signals))
    return contents_from(core.signals, snapshot, core.calendar, session)


def contents_from(
    signals: Mapping[str, Signal], snapshot: Snapshot, calendar: Calendar, session: date
) -> SummaryContents:
    """The contents of a summary from the readings of a snapshot."""
    yields = snapshot.finals.get(session, {}).get(LONG_YIELD)
    return summary_contents(
        signals,
        snapshot.history,
        session,
        topics={topic.key: topic.specs for topic in TOPICS},
        closes=snapshot.closes,
        all_years=snapshot.all_years,
        calendar=calendar,
        agenda=snapshot.agenda.get(session, ()),
        yields_of=yields.observed if yields is not None else None,
    )


def of_session(core: Core, session: date) -> Reply:
    """The summary of one session.

    For a session that is no longer in memory a reply that says so.
    """
    contents = contents_of(core, session)
    title = title_of(session)
    if not contents.reading_count:
        text = "The readings of that session are not in memory, so there is nothing to show for it."
        return Reply(title=title, lines=(text,), tone=Tone.ATTENTION, footer=core.footer(ADVICE))
    remarks = [remark for remark in (loading(core), source_problem(core)) if remark]
    return Reply(
        title=title,
        lines=(f"**{contents.headline or 'Nothing moved much.'}**", *index_moves_lines(contents), *remarks),
        fields=fields_of(contents, core.calendar, rotation.brief(core.readings.snapshot, session)),
        tone=contents.tone,
        buttons=(Button("families", "Signals by family"),),
        footer=core.footer(*as_of(contents), ADVICE),
        picture=ChartRequest(ChartKind.DASHBOARD, session),
    )


def title_of(session: date) -> str:
    """`Market summary, Wed, Dec 31, 2025`."""
    return f"Market summary, {formats.day(session)}"


def index_moves_lines(contents: SummaryContents) -> tuple[str, ...]:
    """`S&P 500 +0.4% · Nasdaq +0.7% · ...` with the meaning of the colour.

    Empty where no index is known.
    """
    parts = [
        f"{name} {formats.plain(contents.moves[ticker].percent, 1, signed=True)}%"
        for ticker, name in NAMES.items()
        if ticker in contents.moves
    ]
    if math.isfinite(contents.spread):
        parts.append(f"equal weight vs. S&P 500 {formats.plain(contents.spread, 2, signed=True)} points")
    colour = _COLOURS.get(contents.tone, "")
    return (" · ".join((*parts, colour) if colour else parts),) if parts else ()


_COLOURS = {
    Tone.BROADENING: "today: out of big tech",
    Tone.CONCENTRATING: "today: back into big tech",
    Tone.ATTENTION: "today: a sharp fall",
}


def fields_of(contents: SummaryContents, calendar: Calendar, answer: Sequence[str]) -> tuple[Field, ...]:
    """The answer, movers, crossings and coming events as fields with headings.

    Empty ones but crossings are left out.
    """
    fields = []
    recovery = [
        recovery_state_words(state, contents.turns) for state in contents.axis_states if state.axis is Axis.RECOVERY
    ]
    if answer or recovery:
        fields.append(Field("The answer", "\n".join([*answer, *recovery])))
    if contents.movers:
        fields.append(Field("Biggest moves vs. their own history", f"```\n{movers_table(contents.movers)}\n```"))
    fields.append(Field("Levels crossed today", "\n".join(_crossed(contents))))
    if due := due_lines(contents.due, calendar, contents.session):
        fields.append(Field("Coming up", "\n".join(due)))
    return tuple(fields)


def _crossed(contents: SummaryContents) -> list[str]:
    if not contents.crossings:
        return ["No preset level was crossed."]
    lines = [
        f"**{topic_name(crossing.topic)}** · {crossing_words(crossing)}" for crossing in contents.crossings[:CROSSINGS]
    ]
    more = len(contents.crossings) - CROSSINGS
    return [*lines, f"and {more} more"] if more > 0 else lines


def as_of(contents: SummaryContents) -> tuple[str, str]:
    """Footer parts: the session of the figures, and how many signals have a reading."""
    yields_of = (
        "the session before" if contents.yields_of is None else formats.day(contents.yields_of, today=contents.session)
    )
    return (
        f"As of the close of {formats.day(contents.session)}, yields of {yields_of}",
        f"{contents.reading_count} of {contents.signal_count} signals",
    )
