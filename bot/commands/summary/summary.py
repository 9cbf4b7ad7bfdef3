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
from bot.commands.summary.crossings import crossing_words
from bot.commands.summary.digest import Digest, digest, digest_table
from bot.commands.summary.headline.index_moves import NAMES
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


def digest_of(core: Core, session: date) -> Digest:
    """The digest of a session from the readings in memory, computed once for a snapshot."""
    return core.readings.once(("digest", session), lambda: _digest_of(core, session))


def _digest_of(core: Core, session: date) -> Digest:
    snapshot = core.readings.snapshot
    if snapshot is None:
        return Digest(session, "", Tone.NEUTRAL, (), (), 0, len(core.signals))
    return digest_from(core.signals, snapshot, core.calendar, session)


def digest_from(signals: Mapping[str, Signal], snapshot: Snapshot, calendar: Calendar, session: date) -> Digest:
    """The digest of a session from the readings of a snapshot."""
    return digest(
        signals,
        snapshot.history,
        session,
        topics={topic.key: topic.specs for topic in TOPICS},
        closes=snapshot.closes,
        all_years=snapshot.all_years,
        calendar=calendar,
        agenda=snapshot.agenda.get(session, ()),
    )


def of_session(core: Core, session: date) -> Reply:
    """The summary of one session.

    For a session that is no longer in memory a reply that says so.
    """
    day_digest = digest_of(core, session)
    title = title_of(session)
    if not day_digest.reading_count:
        text = "The readings of that session are not in memory, so there is nothing to show for it."
        return Reply(title=title, lines=(text,), tone=Tone.ATTENTION, footer=core.footer(ADVICE))
    remarks = [remark for remark in (loading(core), source_problem(core)) if remark]
    return Reply(
        title=title,
        lines=(f"**{day_digest.headline or 'Nothing moved much.'}**", *index_moves_lines(day_digest), *remarks),
        fields=fields_of(day_digest, core.calendar, rotation.brief(core.readings.snapshot, session)),
        tone=day_digest.tone,
        buttons=(Button("families", "Signals by family"),),
        footer=core.footer(*as_of(day_digest), ADVICE),
        picture=ChartRequest(ChartKind.DASHBOARD, session),
    )


def title_of(session: date) -> str:
    """`Market summary, Wed, Dec 31, 2025`."""
    return f"Market summary, {formats.day(session)}"


def index_moves_lines(day_digest: Digest) -> tuple[str, ...]:
    """`S&P 500 +0.4% · Nasdaq +0.7% · ...` with the meaning of the colour.

    Empty where no index is known.
    """
    parts = [
        f"{name} {formats.plain(day_digest.moves[ticker].percent, 1, signed=True)}%"
        for ticker, name in NAMES.items()
        if ticker in day_digest.moves
    ]
    if math.isfinite(day_digest.spread):
        parts.append(f"equal weight vs. S&P 500 {formats.plain(day_digest.spread, 2, signed=True)} points")
    colour = _COLOURS.get(day_digest.tone, "")
    return (" · ".join((*parts, colour) if colour else parts),) if parts else ()


_COLOURS = {
    Tone.BROADENING: "today: out of big tech",
    Tone.CONCENTRATING: "today: back into big tech",
    Tone.ATTENTION: "today: a sharp fall",
}


def fields_of(day_digest: Digest, calendar: Calendar, answer: Sequence[str]) -> tuple[Field, ...]:
    """The answer, movers, crossings and coming events as fields with headings.

    Empty ones but crossings are left out.
    """
    fields = []
    recovery = [
        recovery_state_words(state, day_digest.turns) for state in day_digest.axis_states if state.axis is Axis.RECOVERY
    ]
    if answer or recovery:
        fields.append(Field("The answer", "\n".join([*answer, *recovery])))
    if day_digest.movers:
        fields.append(Field("Biggest moves vs. their own history", f"```\n{digest_table(day_digest.movers)}\n```"))
    fields.append(Field("Levels crossed today", "\n".join(_crossed(day_digest))))
    if due := due_lines(day_digest.due, calendar, day_digest.session):
        fields.append(Field("Coming up", "\n".join(due)))
    return tuple(fields)


def _crossed(day_digest: Digest) -> list[str]:
    if not day_digest.crossings:
        return ["No preset level was crossed."]
    lines = [
        f"**{topic_name(crossing.topic)}** · {crossing_words(crossing)}"
        for crossing in day_digest.crossings[:CROSSINGS]
    ]
    more = len(day_digest.crossings) - CROSSINGS
    return [*lines, f"and {more} more"] if more > 0 else lines


def as_of(day_digest: Digest) -> tuple[str, str]:
    """Footer parts: the session of the figures, and how many signals have a reading."""
    return (
        f"As of the close of {formats.day(day_digest.session)}, yields of the session before",
        f"{day_digest.reading_count} of {day_digest.signal_count} signals",
    )
