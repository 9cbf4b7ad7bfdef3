"""`/summary`: the newest final session in short, the same text that channels get every day."""

from __future__ import annotations

from datetime import date

from bot.alerts.topics import TOPICS
from bot.commands import formats
from bot.commands.core import ADVICE, Core, loading, trouble
from bot.commands.digest import Digest, crossing_words, digest, digest_table
from bot.commands.reply import Button, Field, Reply, Tone
from bot.commands.scenario_words import standing_words
from bot.commands.stories import topic_name
from bot.errors import UserError


def newest(core: Core) -> Reply:
    """The summary of the newest final session. Raises UserError while there is none."""
    snapshot = core.board.snapshot
    if snapshot is None or not len(snapshot.history):
        raise UserError(f"No data yet. {loading(core) or ''}".strip())
    return of_session(core, snapshot.history.index[-1].date())


def digest_of(core: Core, session: date) -> Digest:
    """The digest of a session from the history in memory."""
    snapshot = core.board.snapshot
    if snapshot is None:
        return Digest(session, "", Tone.NEUTRAL, (), (), 0, len(core.signals))
    return digest(core.signals, snapshot.history, session, topics={topic.key: topic.specs for topic in TOPICS})


def of_session(core: Core, session: date) -> Reply:
    """The summary of one session; one that memory does not hold any more says so instead of showing another day."""
    found = digest_of(core, session)
    title = f"Market summary, {formats.day(session)}"
    if not found.known:
        text = "The readings of that session are not in memory, so there is nothing to show for it."
        return Reply(title=title, lines=(text,), tone=Tone.ATTENTION, footer=core.footer(ADVICE))
    fields = []
    if found.standings:
        fields.append(Field("Scenario", "\n".join(standing_words(each) for each in found.standings)))
    if found.movers:
        fields.append(Field("Moved most for what is usual for them", f"```\n{digest_table(found.movers)}\n```"))
    if found.crossings:
        words = [f"**{topic_name(each.topic)}** · {crossing_words(each)}" for each in found.crossings]
        fields.append(Field("Crossed today", "\n".join(words)))
    else:
        fields.append(Field("Crossed today", "No level of the house was crossed."))
    remarks = [remark for remark in (loading(core), trouble(core)) if remark]
    return Reply(
        title=title,
        lines=(f"**{found.headline or 'Nothing moved much.'}**", *tone_words(found.tone), *remarks),
        fields=tuple(fields),
        tone=found.tone,
        buttons=(Button("families", "All signals"),),
        footer=core.footer(
            f"As of the close of {formats.day(session)}", f"{found.known} of {found.listed} signals", ADVICE
        ),
    )


def tone_words(tone: Tone) -> tuple[str, ...]:
    """The colour in words."""
    return {
        Tone.BROADENING: ("The day was broadening.",),
        Tone.CONCENTRATING: ("The day was concentrating.",),
    }.get(tone, ())
