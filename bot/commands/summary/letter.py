"""The weekly letter: what the market did in a week, what fired in it, what followed last week's alerts, what is next.

Made of the readings in memory, as the daily summary is, so that everybody reads the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from bot.alerts.topics import TOPICS
from bot.commands.alerts.texts.first_line import topic_name
from bot.commands.context import ADVICE, Core
from bot.commands.market import rotation
from bot.commands.reply import Button, Field, Reply, Tone
from bot.commands.summary import letter_alerts
from bot.commands.summary.contents import Mover, largest_moves
from bot.commands.summary.crossings import Crossing, crossing_words, crossings_since
from bot.commands.summary.headline.index_moves import NAMES, NASDAQ, SP500
from bot.commands.summary.letter_alerts import PlaceFacts
from bot.commands.summary.upcoming import due_lines
from bot.domain.chart_request import ChartKind, ChartRequest
from bot.domain.model import AlertSpec, Destination, OutboxItem
from bot.formatting import formats
from signals.core.model import Signal
from signals.core.units import Unit

_LISTED = 6
"""Crossings that are listed of a week; further ones are counted."""

_NOTHING = PlaceFacts()


@dataclass(frozen=True, slots=True)
class Week:
    """One week up to a session, in figures.

    `moves`: per cent since the last close of the week before, by index. `fired` and `fired_before`: crossings of
    topics' levels in this week and in the one before, with their sessions. `since`: per cent of each index from a
    session of the week before to the end of this week. `shown`: the signals whose values are named.
    """

    session: date
    moves: Mapping[str, float]
    movers: tuple[Mover, ...]
    fired: tuple[tuple[date, Crossing], ...]
    fired_before: tuple[tuple[date, Crossing], ...]
    since: Mapping[date, Mapping[str, float]]

    @property
    def shown(self) -> frozenset[str]:
        """Ids of the signals whose values the letter shows."""
        crossings = (*self.fired, *self.fired_before)
        return frozenset(
            (*(mover.signal.id for mover in self.movers), *(crossing.signal.id for _, crossing in crossings))
        )


def week(
    signals: Mapping[str, Signal],
    history: pd.DataFrame,
    closes: pd.DataFrame,
    session: date,
    topics: Mapping[str, Sequence[AlertSpec]],
) -> Week:
    """The week that ends with a session, from final values and the closes of the indices up to it."""
    monday = session - timedelta(days=session.weekday())
    past = history.loc[: pd.Timestamp(session), [name for name in history.columns if name in signals]]
    levels = closes.loc[: pd.Timestamp(session)]
    count = max(1, int((past.index >= pd.Timestamp(monday)).sum()))
    crossings = crossings_since(signals, past, topics, monday - timedelta(days=7))
    before = tuple(pair for pair in crossings if pair[0] < monday)
    return Week(
        session=session,
        moves=_changes(levels, monday - timedelta(days=1)),
        movers=largest_moves(signals, past, sessions=count),
        fired=tuple(pair for pair in crossings if pair[0] >= monday),
        fired_before=before,
        since={day: _changes(levels, day) for day in dict.fromkeys(day for day, _ in before)},
    )


def _changes(levels: pd.DataFrame, since: date) -> dict[str, float]:
    """Per cent from the last close up to a day to the last one; without what is not known."""
    changes = {}
    for ticker in NAMES:
        known = levels[ticker].dropna() if ticker in levels else pd.Series(dtype=float)
        before = known.loc[: pd.Timestamp(since)]
        if len(before) and len(known) > len(before):
            changes[ticker] = 100.0 * (float(known.iloc[-1]) / float(before.iloc[-1]) - 1.0)
    return {ticker: change for ticker, change in changes.items() if math.isfinite(change)}


def week_of(core: Core, session: date) -> Week:
    """The week that ends with a session, from memory, computed once for a snapshot."""
    return core.readings.once(("week", session), lambda: _week_of(core, session))


def _week_of(core: Core, session: date) -> Week:
    snapshot = core.readings.snapshot
    if snapshot is None:
        return Week(session, {}, (), (), (), {})
    topics = {topic.key: topic.specs for topic in TOPICS}
    return week(core.signals, snapshot.history, snapshot.closes, session, topics)


def first_line(core: Core, session: date) -> str:
    """`Week to Fri, Jan 9: S&P 500 +1.2%, Nasdaq −0.4%. Money is rotating out of big tech ...`."""
    moves = week_of(core, session).moves
    parts = [f"{NAMES[ticker]} {_percent(moves[ticker])}" for ticker in (SP500, NASDAQ) if ticker in moves]
    regime = rotation.regime_words(core.readings.snapshot, session)
    start = f"Week to {formats.day(session, today=core.today())}"
    return ". ".join(part for part in (f"{start}: {', '.join(parts)}" if parts else start, regime) if part)


def of_week(core: Core, session: date, own: PlaceFacts = _NOTHING, *, guild_id: int | None = None) -> Reply:
    """The letter of the week that ends with a session; one that is no longer in memory says so.

    `own`: what the alerts of its place did, and the topics that it follows, of which alone it then tells; `guild_id`: the
    server of that, None for a DM.
    """
    snapshot = core.readings.snapshot
    title = f"Weekly letter, week to {formats.day(session)}"
    if snapshot is None or pd.Timestamp(session) not in snapshot.history.index:
        text = "The readings of that week are not in memory, so there is nothing to show for it."
        return Reply(title=title, lines=(text,), tone=Tone.ATTENTION, footer=core.footer(ADVICE))
    figures = week_of(core, session)
    moves = [f"{NAMES[ticker]} {_percent(change)}" for ticker, change in figures.moves.items()]
    agenda = [event for event in snapshot.agenda.get(session, ()) if event.last > session]
    upcoming = due_lines(agenda, core.calendar, session, until=_next_sunday(session))
    this_week, week_before = letter_alerts.of_week(own.fired, session)
    whose = ("Your alerts this week", "Since your alerts of last week")
    if guild_id is not None:
        whose = ("Alerts in this channel this week", "Since last week's alerts in this channel")
    levels = snapshot.closes.loc[: pd.Timestamp(session)]

    def since(day: date) -> dict[str, str]:
        changes = _changes(levels, day)
        return {NAMES[ticker]: _percent(changes[ticker]) for ticker in (SP500, NASDAQ) if ticker in changes}

    fields = (
        Field("The answer", "\n".join(rotation.with_legs(snapshot, session))),
        Field("Biggest moves of the week vs. their own history", "\n".join(map(_mover_line, figures.movers))),
        Field(whose[0], "\n".join(letter_alerts.fired_lines(core, this_week))),
        Field(whose[1], "\n".join(letter_alerts.followed_lines(core, week_before, since))),
        *_levels(core, figures, own.topics, guild_id),
        Field("Next week (ET)", "\n".join(upcoming or ["Nothing is announced."])),
    )
    return Reply(
        title=title,
        lines=(" · ".join(moves),) if moves else (),
        fields=tuple(field for field in fields if field.value),
        buttons=(Button("families", "Signals by family"),),
        footer=core.footer(f"As of the close of {formats.day(session)}", ADVICE),
        picture=ChartRequest(ChartKind.DASHBOARD, session),
    )


def of_item(core: Core, destination: Destination, item: OutboxItem) -> Reply:
    """The letter of a row of the outbox, with what the alerts of its place did, which its row carries."""
    seen = core.seen_at(destination.user_id, destination.guild_id)
    return of_week(seen, item.session, letter_alerts.read(item.fired), guild_id=destination.guild_id)


def _fired(core: Core, crossings: Sequence[tuple[date, Crossing]]) -> list[str]:
    lines = [
        f"{formats.day(day, today=core.today())}: **{topic_name(crossing.topic)}** · {crossing_words(crossing)}"
        for day, crossing in crossings[:_LISTED]
    ]
    return [*lines, *_more(crossings)]


def _levels(core: Core, figures: Week, topics: frozenset[str], guild_id: int | None) -> tuple[Field, Field]:
    """The preset levels of the week and what followed last week's: of the topics that are followed, else of all."""
    fired, before = (
        [pair for pair in pairs if not topics or pair[1].topic in topics]
        for pairs in (figures.fired, figures.fired_before)
    )
    heading, nothing = "Levels crossed this week", "No preset level was crossed."
    if topics:
        whose = "you follow" if guild_id is None else "this channel follows"
        heading, nothing = f"Topics {whose}, this week", f"No topic that {whose} has fired."
    return (
        Field(heading, "\n".join(_fired(core, fired) or [nothing])),
        Field("Since last week's crossings", "\n".join(followed(core, before, figures.since))),
    )


def followed(
    core: Core, crossings: Sequence[tuple[date, Crossing]], moved: Mapping[date, Mapping[str, float]]
) -> list[str]:
    """For each topic of the week before, once a session: what the indices have done since its close."""
    lines = []
    once = list({(day, crossing.topic): (day, crossing) for day, crossing in crossings}.values())
    for day, crossing in once[:_LISTED]:
        since = moved.get(day, {})
        moves = [f"{NAMES[ticker]} {_percent(since[ticker])}" for ticker in (SP500, NASDAQ) if ticker in since]
        words = f"{', '.join(moves)} since" if moves else "what followed is not known"
        lines.append(f"{formats.day(day, today=core.today())}: **{topic_name(crossing.topic)}** · {words}")
    return [*lines, *_more(once)]


def _more(crossings: Sequence[tuple[date, Crossing]]) -> list[str]:
    return [f"and {len(crossings) - _LISTED} more"] if len(crossings) > _LISTED else []


def _mover_line(mover: Mover) -> str:
    signal = mover.signal
    percent = signal.unit in (Unit.PERCENT, Unit.POINTS_PERCENT) and not formats.in_basis_points(signal)
    now = formats.number(mover.value, signal.unit, 1 if percent else signal.decimals)
    return (
        f"{signal.label}: {now} ({formats.change(mover.change, signal, decimals=1 if percent else None)} on the week)"
    )


def _percent(change: float) -> str:
    return f"{formats.plain(change, 1, signed=True)}%"


def _next_sunday(session: date) -> date:
    return session + timedelta(days=13 - session.weekday())
